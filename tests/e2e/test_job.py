"""A job that is stopped gives the terminal back, takes it again with what it should show, and says how long it was stopped."""

import os
import re
import shutil
import signal
import time

import psutil
import pytest

from tests.e2e.walking import COCKPIT, NARROW, Home, Walk
from tests.pseudo_terminal import PATIENCE

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control (bash)"),
]
PROMPT = re.compile(rb"ready (\d+)>>")
"""With the number of the command: what is only painted again is no new one."""


class Shell(Walk):
    """A person's shell; the cockpit is a job in it."""

    def __init__(self, home: Home) -> None:
        home.env |= {"PS1": r"ready \#>>", "INPUTRC": "/dev/null", "BASH_SILENCE_DEPRECATION_WARNING": "1"}
        super().__init__(home, ("bash", "--noprofile", "--norc", "-i"), NARROW)
        self._prompts = 0

    def __enter__(self) -> "Shell":
        return self

    def at_prompt(self) -> None:
        """Wait until the shell waits for a line."""
        self.wait_until(lambda: max(map(int, PROMPT.findall(self.raw)), default=0) > self._prompts)
        self._prompts = max(map(int, PROMPT.findall(self.raw)))

    def command(self, line: str) -> None:
        """Type a line; what a terminal answered to a program that is stopped now stands before it and is struck out."""
        self.type_ahead("\x15", line, "enter")

    def start(self, *args: str) -> psutil.Process:
        """The cockpit, once it stands."""
        self.at_prompt()
        self.command(" ".join((*COCKPIT, *args)))
        self.see("rev 1")
        (found,) = psutil.Process(self.pid).children()
        return found

    def stop(self, job: psutil.Process, number: signal.Signals) -> None:
        """Stop it; the shell is back."""
        job.send_signal(number)
        self.at_prompt()
        self.wait_for_status(job, psutil.STATUS_STOPPED)

    def wait_for_status(self, job: psutil.Process, status: str) -> None:
        self.wait_until(lambda: job.status() == status)


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_a_stopped_job_goes_on_in_a_terminal_of_another_size(number: signal.Signals, home: Home) -> None:
    with Shell(home) as shell:
        job = shell.start("--driver", "difference")
        begun = len(shell.raw)
        shell.stop(job, number)
        if number == signal.SIGTSTP:
            for mode in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?7h", b"\x1b[<u"):
                assert mode in shell.raw[begun:], f"{mode!r} gives the terminal back to the shell"
        shell.resize(100, 30)
        shell.screen.reset()
        shell.command("fg")
        shell.see("NAV 100,000.00", "rev 1")
        shell.wait_until(lambda: "help" in shell.text.splitlines()[29])
        shell.press_until("7", "opened")
        shell.press("q")
        shell.at_prompt()
        assert not job.is_running() or job.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_how_long_it_was_stopped_is_told(number: signal.Signals, home: Home) -> None:
    """Also where it was stopped without a word: by what ticks once a second, so that second is all that may be missing."""
    with Shell(home) as shell:
        began = time.monotonic()
        job = shell.start("--driver", "difference")
        earliest = time.monotonic()
        shell.stop(job, number)
        stopped = time.monotonic()
        while time.monotonic() - stopped < 4:
            shell.pump(0.1)
        least = int(time.monotonic() - stopped)
        shell.command("fg")
        if number == signal.SIGSTOP:  # its last tick before may have been late
            least, earliest = least - 1, began

        def told() -> bool:
            found = re.search(r"The cockpit was stopped for (\d+) s: nothing was watched", shell.flat)
            return found is not None and least <= int(found[1]) <= time.monotonic() - earliest

        shell.wait_until(told)


def test_in_the_background_it_waits_without_work_until_it_is_in_front(home: Home) -> None:
    with Shell(home) as shell:
        job = shell.start("--driver", "difference")
        shell.stop(job, signal.SIGTSTP)
        stopped = time.monotonic()
        shell.command("bg")
        shell.at_prompt()
        shell.wait_for_status(job, psutil.STATUS_STOPPED)
        shell.wait_until(lambda: all(psutil.Process(thread.id).status() == psutil.STATUS_STOPPED for thread in job.threads()))
        used = sum(job.cpu_times()[:2])
        while time.monotonic() - stopped < 2:
            shell.pump(0.1)
        assert sum(job.cpu_times()[:2]) == used
        shell.screen.reset()
        shell.command("fg")
        shell.see("NAV 100,000.00", "The cockpit was stopped for")


def test_a_stopped_job_that_is_told_to_end_ends_when_it_goes_on(home: Home) -> None:
    with Shell(home) as shell:
        job = shell.start("--driver", "difference")
        shell.stop(job, signal.SIGTSTP)
        shell.command("kill %1")
        shell.wait_until(lambda: not job.is_running() or job.status() == psutil.STATUS_ZOMBIE)


def test_where_nobody_could_let_it_go_on_it_is_not_stopped(home: Home) -> None:
    """The terminal has no shell: a stopped cockpit would be a dead one."""
    with home.open("--driver", "difference", size=NARROW) as cockpit:
        cockpit.see("rev 1")
        begun = len(cockpit.raw)
        os.kill(cockpit.pid, signal.SIGTSTP)
        cockpit.wait_until(lambda: b"\x1b[?1049h" in cockpit.raw[begun:])
        cockpit.press_until("7", "opened")
        cockpit.quit()


def test_a_storm_of_sizes_ends_with_the_last_one(home: Home) -> None:
    """From one cell to a wall; what is on the screen then is what a fresh start shows there."""
    with home.open("--driver", "difference", size=NARROW) as cockpit:
        cockpit.see("rev 1", "B DeFi Alpha Hunt")
        begun = len(cockpit.raw)
        for number in range(200):  # without a look at what comes: whoever is slow would have every size painted
            cockpit.tell_size(1 + number * 7 % 250, 1 + number * 3 % 80)
        cockpit.resize(120, 40)
        limit = time.monotonic() + PATIENCE
        cockpit.press_until("7", "opened")
        cockpit.press_until("1", "weight %")
        cockpit.settle()
        assert time.monotonic() < limit
        assert len(cockpit.raw) - begun < 600_000, "not every size is painted"
        stormed = cockpit.text
        cockpit.quit()
    with home.open("--driver", "difference", size=(120, 40)) as fresh:
        fresh.see("rev 1", "B DeFi Alpha Hunt")
        fresh.press_until("7", "opened")
        fresh.press_until("1", "weight %")
        fresh.settle()
        assert [line[:60] for line in stormed.splitlines() if "NAV" in line][:1] == [
            line[:60] for line in fresh.text.splitlines() if "NAV" in line
        ][:1]
        assert stormed.splitlines()[-1] == fresh.text.splitlines()[-1]
        fresh.quit()


def test_ctrl_z_stops_it_and_fg_brings_it_back(home: Home) -> None:
    with Shell(home) as shell:
        job = shell.start()
        shell.type_ahead("\x1a")
        shell.at_prompt()
        shell.wait_for_status(job, psutil.STATUS_STOPPED)
        shell.command("fg")
        shell.see("NAV 100,000.00", "rev 1")
        shell.press_until("7", "opened")
        shell.press("q")
        shell.at_prompt()
