"""A cockpit in a real pseudo-terminal, with folders of its own, and the hands of someone who reads before pressing."""

import json
import os
import re
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from cockpit.desk import Desk, DeskOptions
from cockpit.files.shipped import sample_portfolios
from cockpit.ui.screens.gate import PAUSE
from tests.given_back import modes_left
from tests.pseudo_terminal import PATIENCE, Terminal
from tests.terminal.emulator import Emulator, EmulatorStream

WIDE = (120, 40)
NARROW = (80, 24)
SAMPLES = {path.stem: str(path) for path in sample_portfolios()}
COCKPIT = (sys.executable, "-m", "cockpit.cli")
PATIENT = (sys.executable, "-m", "tests.e2e.patient")
"""The same, for what a machine that stands still would bring too late."""
AGAIN = 20.0
"""Seconds after which a reader who sees no answer presses a key again: long, because a second answer is not always harmless."""
CONFIRM = "▸[ Confirm this step ]"


class Home:
    """The folders of one trader on one machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {name: str(folder / name.lower()) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
        self.work = folder / "work"
        self.work.mkdir()
        self.env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self.env["PYTHONUNBUFFERED"] = ""  # what is printed waits, as for everyone who does not ask Python otherwise

    def open(self, *args: str, size: tuple[int, int] = WIDE) -> "Walk":
        """The cockpit, just started."""
        return Walk(self, (*COCKPIT, *args), size)

    def journal(self) -> list[dict[str, Any]]:
        """Every event of the store, as another program reads it."""
        done = subprocess.run(
            [*COCKPIT, "journal", "--json"], capture_output=True, check=True, env={**os.environ, **self.env}, timeout=PATIENCE
        )
        return list(json.loads(done.stdout))

    def confirmed(self) -> list[int]:
        """The steps that were confirmed, in their order."""
        return [row["step"] for row in self.journal() if row["kind"] == "confirmed"]

    def desk(self, portfolio: str = "hundred_thousand") -> Desk:
        """A desk on the same store, when no cockpit is open on it."""
        store = Path(self.env["XDG_STATE_HOME"]) / "rotation-cockpit" / "store.db"
        return Desk(DeskOptions(portfolio=SAMPLES[portfolio], store=f"sqlite:///{store}"))


class _Kept(EmulatorStream):
    """A stream that keeps what goes through it."""

    def __init__(self, screen: Emulator, kept: bytearray) -> None:
        super().__init__(screen)
        self._kept = kept

    def feed(self, data: bytes) -> None:  # type: ignore[override]
        self._kept += data
        super().feed(data)


class Walk(Terminal):
    """A program on a terminal; it keeps every byte that came, and the terminal's settings from before."""

    def __init__(self, home: Home, command: tuple[str, ...], size: tuple[int, int]) -> None:
        here = Path.cwd()
        os.chdir(home.work)
        try:
            super().__init__(command, columns=size[0], rows=size[1], env=home.env)
        finally:
            os.chdir(here)
        self.raw = bytearray()
        self._stream = _Kept(self.screen, self.raw)

    def __enter__(self) -> Self:
        return self

    @property
    def flat(self) -> str:
        """The screen as one line, so that words are found wherever they wrap."""
        return " ".join(self.text.split())

    def see(self, *words: str) -> None:
        """Wait until all of these stand on the screen."""
        limit = time.monotonic() + PATIENCE
        while time.monotonic() < limit:
            if all(word in self.flat for word in words):
                return
            if self._last_came():
                break
        missing = [word for word in words if word not in self.flat]
        raise AssertionError(f"{missing} did not appear; {self._how_it_stands}")

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds, reading what the program writes meanwhile."""
        limit = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < limit, f"it did not come about; {self._how_it_stands}"
            if self._last_came():
                assert holds(), f"it did not come about; {self._how_it_stands}"
                return

    @property
    def over(self) -> bool:
        """Whether the program has ended: nothing more will come."""
        return self._ended()

    def _last_came(self) -> bool:
        """Read on; whether the program has ended and everything that it wrote has been read."""
        over = self.over
        return not self.pump(0.02) and over

    @property
    def _how_it_stands(self) -> str:
        ended = f"the program ended with {self.exit_code()}; " if self.over else ""
        return f"{ended}the screen shows:\n{self.text}"

    def press_until(self, key: str, words: str) -> None:
        """Press a key until `words` stand there: a key that came too early is ignored, so a reader presses it again."""
        limit = time.monotonic() + PATIENCE
        while words not in self.flat:
            assert time.monotonic() < limit, f"{key} did not bring {words!r}; {self._how_it_stands}"
            assert not self.over, f"{key} did not bring {words!r}; {self._how_it_stands}"
            self.settle(quiet=0.45)
            self.press(key)
            self._wait_for_answer(words)

    def _wait_for_answer(self, words: str) -> None:
        """Read until `words` stand there, for as long as a reader waits before pressing again."""
        seen = time.monotonic() + AGAIN
        while time.monotonic() < seen and words not in self.flat and not self._last_came():
            pass

    def rotation(self, words: str = "The path: 6 steps") -> None:
        """Go to the rotation with its plan worked out."""
        self.wait_until(lambda: any(phase in self.flat for phase in ("B DeFi Alpha Hunt", "B alpha")))
        self.see("rev ")
        self.press_until("r", words)

    def mark_confirm(self) -> None:
        """Move to Confirm, with the pause after it that hands make."""
        self.see("[ Confirm this step ]")
        self.press_until("right", CONFIRM)
        self.settle(quiet=2 * PAUSE)

    def confirm(self, number: int, of: int = 6) -> None:
        """Read the ticket of a step, move to Confirm, press it, and wait until the step is done.

        A cockpit that has just stood still confirms nothing until it has looked around: whoever sees no answer presses again.
        """
        self.see(f"Step {number} of {of}")
        done, limit = f"Step {number}: done", time.monotonic() + PATIENCE
        while done not in self.flat:
            assert time.monotonic() < limit, f"step {number} is not done; {self._how_it_stands}"
            self.wait_until(lambda: done in self.flat or "[ Confirm this step ]" in self.flat)
            if done not in self.flat:
                self.mark_confirm()
                self.press("enter")
                self._wait_for_answer(done)

    def wait_for_step(self) -> int:
        """The step of the ticket that can be confirmed, once it can be."""
        self.see("[ Confirm this step ]")
        asked = re.search(r"Step (\d+) of \d+", self.flat)
        assert asked is not None
        return int(asked[1])

    def quit(self) -> None:
        """Leave with q; the exit code is 0 and the terminal is as it was."""
        self.settle()
        self.press("q")
        assert self.exit_code() == 0
        self.settle()
        self.check_restored()

    def check_restored(self) -> None:
        """Every mode as a terminal has it at first, line settings as before."""
        assert b"\x1b[?1049h" in self.raw, "the cockpit draws on the alternate screen"
        left = modes_left(bytes(self.raw))
        assert not left, f"modes stay as the cockpit had them: {left}"
        assert termios.tcgetattr(self._fd)[:4] == self._lines[:4]
