"""However the cockpit has to end, it ends by itself, gives the terminal back, journals why, and says why by its exit code."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cockpit.terminal.flow import PATIENCE as NOTICED
from tests.e2e.walking import COCKPIT, NARROW, PATIENT, Home, Walk
from tests.pseudo_terminal import PATIENCE

pytestmark = pytest.mark.terminal
DRIVERS = ("difference", "textual")
FULL = 4000
"""Bytes that wait in a pseudo-terminal that nobody reads, and which then takes no more."""
LEFT = b"\x1b[?1049l"
CODES = {signal.SIGHUP: 129, signal.SIGINT: 130, signal.SIGTERM: 143}


def opened(home: Home, driver: str, *before: str, command: Sequence[str] = COCKPIT) -> Walk:
    """A cockpit that stands, with its store open; `before` is what starts it."""
    cockpit = Walk(home, (*before, *command, "--driver", driver), NARROW)
    cockpit.see("rev 1")
    return cockpit


def hanging(home: Home, place: str, driver: str) -> Walk:
    """A cockpit with a part that does not come back."""
    cockpit = Walk(home, (sys.executable, "-m", "tests.e2e.hanging", place, "--driver", driver), NARROW)
    cockpit.see("rev 1")
    cockpit.press("z")
    cockpit.settle()
    return cockpit


def stall(cockpit: Walk) -> None:
    """Nobody reads, and views are painted until the terminal is full; what the cockpit leaves of it is taken to the last byte."""
    end = time.monotonic() + 2 * NOTICED  # whoever paints slowly stops on its own before the terminal is full
    for key in itertools.cycle("7654321"):
        cockpit.type_ahead(key)
        time.sleep(0.02)
        if cockpit.unread >= FULL or time.monotonic() > end:
            break
    terminal = os.open(f"/proc/{cockpit.pid}/fd/2", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        taken = 0
        while taken or cockpit.unread < FULL:
            taken = 0
            with contextlib.suppress(BlockingIOError):
                taken = os.write(terminal, b"\0")
    finally:
        os.close(terminal)


def check_given_back(cockpit: Walk) -> None:
    """The terminal is as it was, with every setting of its line."""
    cockpit.settle()
    cockpit.check_restored()
    assert termios.tcgetattr(cockpit._fd) == cockpit._lines
    assert b"Traceback" not in cockpit.raw


def endings(home: Home) -> list[str]:
    """What the journal says of the ends of cockpits."""
    return [row["message"] for row in home.journal() if row["kind"] == "closed"]


def log(home: Home) -> Path:
    """What nobody expected stands there."""
    return Path(home.env["XDG_STATE_HOME"]) / "rotation-cockpit" / "cockpit.log"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_it_in_good_order(number: signal.Signals, driver: str, home: Home) -> None:
    with opened(home, driver, command=PATIENT) as cockpit:
        os.kill(cockpit.pid, number)
        assert cockpit.exit_code() == CODES[number]
        check_given_back(cockpit)
    (told,) = endings(home)
    assert number.name in told


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_vanishes_ends_it(ignored: bool, driver: str, home: Home) -> None:
    """Also where whoever started it ignores SIGHUP, as nohup does."""
    deaf = ("sh", "-c", "trap '' HUP; exec \"$@\"", "sh") if ignored else ()
    with opened(home, driver, *deaf, command=PATIENT) as cockpit:
        cockpit.vanish()
        assert cockpit.exit_code() == 129
    (told,) = endings(home)
    assert "terminal was closed" in told
    assert not log(home).read_text("utf-8"), "a terminal that is lost is no fault of the cockpit"


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_in_a_stall_a_signal_ends_it_and_the_terminal_is_given_back(number: signal.Signals, driver: str, home: Home) -> None:
    with opened(home, driver) as cockpit:
        stall(cockpit)
        os.kill(cockpit.pid, number)
        assert cockpit.end_unread() == CODES[number]
        check_given_back(cockpit)
    assert len(endings(home)) == 1


@pytest.mark.parametrize("driver", DRIVERS)
def test_in_a_stall_a_terminal_that_vanishes_ends_it(driver: str, home: Home) -> None:
    with opened(home, driver) as cockpit:
        stall(cockpit)
        cockpit.vanish()
        assert cockpit.exit_code() == 129


@pytest.mark.parametrize(
    ("place", "driver"),
    [
        *((place, "difference") for place in ("loop", "worker", "thread", "close", "leaving", "unmount")),
        *((place, "textual") for place in ("loop", "unmount")),
    ],
)
def test_whatever_hangs_it_ends(place: str, driver: str, home: Home) -> None:
    """The loop, a desk call, a thread that the interpreter waits for, the desk's end, the journal, the app's end."""
    with hanging(home, place, driver) as cockpit:
        for _ in range(5):
            os.kill(cockpit.pid, signal.SIGTERM)
            cockpit.pump(0.05)
        assert cockpit.exit_code() == 143
        check_given_back(cockpit)


def test_whoever_interrupts_what_hangs_at_the_end_gets_the_prompt_back(home: Home) -> None:
    """q has given the terminal back, and ctrl+c is a signal again."""
    with hanging(home, "close", "difference") as cockpit:
        cockpit.press("q")
        cockpit.wait_until(lambda: LEFT in cockpit.raw and termios.tcgetattr(cockpit._fd) == cockpit._lines)
        cockpit.press("\x03")
        assert cockpit.exit_code() == 130
        check_given_back(cockpit)


@pytest.mark.parametrize(
    ("painted", "number"),
    [(1, signal.SIGTERM), (500, signal.SIGHUP), (500, signal.SIGINT), (2000, signal.SIGTERM)],
)
def test_a_signal_at_any_moment_of_the_start_ends_it(painted: int, number: signal.Signals, home: Home) -> None:
    with Walk(home, COCKPIT, NARROW) as cockpit:
        cockpit.wait_until(lambda: len(cockpit.raw) >= painted)
        os.kill(cockpit.pid, number)
        assert cockpit.exit_code() == CODES[number]
        check_given_back(cockpit)


class Late(Walk):
    """A terminal at the end of a long line: once it is late, it answers one question after another only when it is left."""

    late = False

    def __init__(self, home: Home, command: tuple[str, ...], size: tuple[int, int]) -> None:
        self.due: list[bytes] = []
        super().__init__(home, command, size)

    def reply(self, answers: bytes) -> None:
        self.due.append(answers)

    def receive(self, seconds: float) -> bytes:
        data = super().receive(seconds)
        if self.due and (not self.late or LEFT in self.raw + data):
            os.write(self._fd, self.due.pop(0))
        return data


def test_late_answers_are_not_left_to_the_shell(home: Home) -> None:
    """Nor what was typed ahead: every answer is waited for, not the first of them."""
    with Late(home, (*PATIENT, "--driver", "difference"), NARROW) as cockpit:
        cockpit.see("rev 1")
        cockpit.settle(quiet=1)
        cockpit.late = True
        cockpit.press("7")
        cockpit.wait_until(lambda: bool(cockpit.due))
        cockpit.press("q", "typed ahead")
        assert cockpit.exit_code() == 0
        cockpit.settle(quiet=1)
        cockpit.check_restored()
        left = bytes(cockpit.raw.rpartition(LEFT)[2])
        assert not cockpit.due
        assert b"[0n" not in left
        assert b"typed" not in left


def without_terminal(command: Sequence[str], home: Home) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
        env={**os.environ, **home.env},
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.parametrize("driver", ["auto", *DRIVERS])
def test_without_a_terminal_one_sentence_says_so(driver: str, home: Home) -> None:
    done = without_terminal((*COCKPIT, "--driver", driver), home)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("cockpit: there is no terminal to paint on")
    assert done.stderr.count("\n") == 1


def test_keys_are_read_from_the_terminal_though_the_input_is_redirected(home: Home) -> None:
    with opened(home, "difference", "sh", "-c", 'exec "$@" < /dev/null', "sh") as cockpit:
        cockpit.press_until("7", "opened")
        cockpit.quit()


def test_where_the_driver_reads_only_its_input_that_must_be_a_terminal(home: Home) -> None:
    """Textual's own driver would read /dev/null for ever."""
    command = ("sh", "-c", 'exec "$@" < /dev/null', "sh", *COCKPIT, "--driver", "textual")
    with Walk(home, command, NARROW) as cockpit:
        assert cockpit.exit_code() == 2
        cockpit.settle()
        assert "its input is no terminal" in cockpit.flat
        assert b"\x1b[?1049h" not in cockpit.raw


def test_the_log_and_the_journal_are_whole_after_the_hardest_end(home: Home) -> None:
    with opened(home, "difference") as cockpit:
        os.kill(cockpit.pid, signal.SIGKILL)
        assert cockpit.exit_code() == -signal.SIGKILL
    assert [row["kind"] for row in home.journal()][:1] == ["opened"]
    assert "Traceback" not in log(home).read_text("utf-8")
