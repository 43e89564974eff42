"""The cockpit is usable in every kind of terminal, or says in one sentence why not; the main job goes by keyboard in each."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.terminal.capabilities import FULL, REPEATED, REPEATS, Capabilities
from tests.e2e.walking import COCKPIT, PATIENT, Home, Walk
from tests.pseudo_terminal import PATIENCE
from tests.terminal.emulator import Emulator, EmulatorStream

pytestmark = pytest.mark.terminal

MOVES = Capabilities(to_column=True, to_row=True, ends_styles=True)
KINDS = {
    "xterm-256color": FULL,
    "screen-256color": MOVES,
    "tmux-256color": MOVES,
    "linux": Capabilities(erases=True, erases_some=True, to_column=True, to_row=True, ends_styles=True),
    "vt100": Capabilities(),
}
"""What each really can; what is sent to it beyond that is lost, as on the terminal itself."""
TRUE = "truecolor"


class Kind(Walk):
    """The cockpit in a terminal of some kind."""

    def __enter__(self) -> Kind:
        return self

    def __init__(self, home: Home, term: str, size: tuple[int, int], *args: str, **env: str) -> None:
        home.env |= {"TERM": term, **env}
        super().__init__(home, (*COCKPIT, *args), size)
        self.screen = Emulator(*size, KINDS.get(term, FULL))
        self._emulated = EmulatorStream(self.screen)

    def pump(self, seconds: float) -> bool:
        data = self.receive(seconds)
        self.raw += data
        self._emulated.feed(data)
        return bool(data)

    def main_job(self) -> None:
        """Positions, phase, the plan and its first ticket, and out again."""
        self.see("NAV 100,000")
        self.press_until("2", "free reserve")
        self.press_until("5", "strategy")
        self.wait_until(lambda: "B DeFi" in self.flat or "B alpha" in self.flat)
        self.press_until("enter", "Step 1 of 6")
        self.press_until("escape", "strategy")
        self.quit()


@pytest.mark.parametrize(
    ("term", "colorterm", "encoding", "size", "driver"),
    [
        ("xterm-256color", TRUE, "utf-8", (250, 80), "auto"),
        ("xterm-256color", "", "latin-1", (80, 24), "auto"),
        ("screen-256color", TRUE, "ascii", (120, 40), "auto"),
        ("tmux-256color", TRUE, "utf-8", (40, 12), "auto"),
        ("linux", "", "utf-8", (80, 25), "auto"),
        ("vt100", "", "utf-8", (80, 24), "auto"),
        ("xterm-256color", TRUE, "utf-8", (40, 12), "textual"),
    ],
)
def test_the_main_job_goes_in_every_terminal(
    home: Home, term: str, colorterm: str, encoding: str, size: tuple[int, int], driver: str
) -> None:
    env = {"COLORTERM": colorterm, "PYTHONIOENCODING": f"{encoding}:backslashreplace"}
    with Kind(home, term, size, "--driver", driver, **env) as cockpit:
        cockpit.main_job()
        raw = bytes(cockpit.raw)
    if encoding != "utf-8" or term in ("linux", "vt100"):
        assert raw.isascii(), "what it cannot show is not sent"
    if not colorterm:
        assert b"38;2;" not in raw
        assert b"48;2;" not in raw
    if term not in ("xterm-256color", "linux") and driver == "auto":
        assert not any(f"\x1b[{count}{final}".encode() in raw for count in range(2, 250) for final in "bX")


@pytest.mark.parametrize(("answer", "repeats"), [(REPEATED, True), ("\x1b[2;2R", False), ("", False)])
def test_repeats_are_sent_only_where_the_terminal_has_proven_them(home: Home, answer: str, repeats: bool) -> None:
    with Kind(home, "xterm-256color", (120, 40), COLORTERM=TRUE) as cockpit:
        cockpit.answers[REPEATS.encode()] = answer.encode()
        cockpit.screen.can = replace(FULL, repeats=repeats)
        cockpit.main_job()
        raw = bytes(cockpit.raw)
    assert raw.count(REPEATS.encode()) == 1
    painted = raw.replace(REPEATS.encode(), b"")
    assert bool(re.search(rb"\x1b\[[0-9]+b", painted)) is repeats


def test_a_terminal_that_terminfo_does_not_know_is_served_by_textual(home: Home) -> None:
    with Kind(home, "unheard-of", (80, 24), COLORTERM="") as cockpit:
        cockpit.main_job()


def test_a_dumb_terminal_gets_one_sentence(home: Home) -> None:
    with Kind(home, "dumb", (80, 24)) as cockpit:
        assert cockpit.exit_code() == 2
        cockpit.settle()
        assert cockpit.flat.startswith("cockpit: TERM=dumb says that this terminal cannot place its cursor")
        assert b"\x1b" not in cockpit.raw


def test_a_window_of_thirty_columns_gets_one_sentence_and_leaves_with_q(home: Home) -> None:
    with Kind(home, "xterm-256color", (30, 10)) as cockpit:
        cockpit.see("30x10 is too small", "40x12 is needed")
        cockpit.quit()


class Tmux:
    """A tmux server of its own with one window."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._base = ["tmux", "-S", str(folder / "socket"), "-f", "/dev/null"]
        self._env = {**os.environ, **env}

    def run(self, *args: str) -> str:
        """One command of tmux; what it prints."""
        done = subprocess.run([*self._base, *args], capture_output=True, text=True, env=self._env, check=True, timeout=PATIENCE)
        return done.stdout

    def see(self, *words: str) -> str:
        """Wait until these words stand in the window."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            shown = " ".join(self.run("capture-pane", "-p").split())
            if all(word in shown for word in words):
                return shown
            time.sleep(0.05)
        raise AssertionError(f"{words} did not appear; the window shows: {shown}")


@pytest.fixture
def tmux(home: Home) -> Iterator[Tmux]:
    """A real tmux, where there is one."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    server = Tmux(home.folder, home.env)
    try:
        yield server
    finally:
        subprocess.run([*server._base, "kill-server"], capture_output=True, check=False)


def test_inside_a_real_tmux_it_draws_follows_its_size_and_leaves_the_window_as_it_was(home: Home, tmux: Tmux) -> None:
    tmux.run("new-session", "-d", "-x", "120", "-y", "40", "sh")
    tmux.run("send-keys", f"echo before; {sys.executable} -m cockpit.cli; echo code $?", "Enter")
    tmux.see("rev ", "free reserve")
    tmux.run("send-keys", "5")
    tmux.see("The path: 6 steps")
    tmux.run("resize-window", "-x", "80", "-y", "24")
    tmux.see("s strategy")
    assert tmux.run("display-message", "-p", "#{alternate_on}").strip() == "1"
    tmux.run("send-keys", "q")
    shown = tmux.see("code 0")
    assert "before" in shown
    assert "s strategy" not in shown
    assert tmux.run("display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}").strip() == "0 0 1"


def test_inside_tmux_the_doctor_names_it(home: Home, tmux: Tmux) -> None:
    tmux.run("new-session", "-d", "-x", "120", "-y", "40", "sh")
    tmux.run("send-keys", " ".join((*PATIENT, "doctor", "--offline")), "Enter")
    tmux.see("over", "tmux", "driver difference", "round trip")
