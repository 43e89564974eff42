"""A program in a pseudo-terminal, watched from outside: when each of its paints was complete, and how many bytes it took.

A paint ends with the question that follows each of the cockpit's, with the end of synchronized output, or where nothing more
comes: one of a few bytes has no frame and is shown as it comes, without waiting for the next. What arrives is only kept at first
and emulated afterwards, so that the emulator slows neither the program nor the clock.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from cockpit.terminal.flow import QUESTION
from tests.pseudo_terminal import KEYS, PATIENCE, Terminal

COLUMNS, ROWS = 120, 40
END_OF_PAINT = re.compile(rb"\x1b\[\?2026l|" + re.escape(QUESTION.encode()))
COCKPIT = (sys.executable, "-m", "cockpit.cli", "run")
BARE = (sys.executable, "-m", "tests.benchmarks.bare")
VIEWS: Mapping[str, str] = {
    "1": "─ 2 positions ─",
    "2": "[asset]",
    "3": "What would change it",
    "4": "Assets by indicators",
    "5": "The path:",
    "6": "Every scenario",
    "7": "Journal  ",
}
"""The key of each view, and words that only that view shows."""
Look = Callable[["Watched"], bool]


class Watched(Terminal):
    """A terminal that keeps what arrives, with the moment of its arrival, until it is emulated."""

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str] | None = None, quiet: float) -> None:
        super().__init__(command, columns=COLUMNS, rows=ROWS, env=env)
        self.pressed = self.started
        self.last = self.started
        self._quiet = quiet
        self._kept = bytearray()
        self._arrivals: list[tuple[int, float]] = []

    def __enter__(self) -> Watched:
        return self

    @property
    def pen(self) -> str:
        """Every cell with its style, as one text."""
        cells = self.screen.buffer
        return repr([[cells[row][column] for column in range(COLUMNS)] for row in range(ROWS)])

    def collect(self, seconds: float, *, quiet: float | None = None) -> None:
        """Keep what arrives within `seconds`, or until nothing has come for `quiet`."""
        begin = heard = time.perf_counter()
        while (now := time.perf_counter()) - begin < seconds and (quiet is None or now - heard < quiet):
            data = self.receive(min(0.05, max(0.0, seconds - (now - begin))))
            if data:
                heard = time.perf_counter()
                self._kept += data
                self._arrivals.append((len(self._kept), heard))

    def paints(self) -> Iterator[float]:
        """Emulate what was kept, a paint at a time; when the last byte of each arrived."""
        kept, arrivals = bytes(self._kept), self._arrivals
        self._kept, self._arrivals = bytearray(), []
        ends = [found.end() for found in END_OF_PAINT.finditer(kept)]
        if kept and (not ends or ends[-1] < len(kept)):
            ends.append(len(kept))
        begin = 0
        for end in ends:
            self._stream.feed(kept[begin:end])
            begin = end
            self.last = arrivals[bisect_left(arrivals, (end, 0.0))][1]
            yield self.last

    def until(self, *looks: Look) -> list[float]:
        """When the paint was complete that first brought each of `looks`, in seconds since the last key (or the start).

        Comes back when the program has fallen quiet after that, or when it goes on for long, as a market does.
        """
        seen: dict[int, float] = {}
        limit = time.perf_counter() + PATIENCE
        while len(seen) < len(looks):
            if time.perf_counter() > limit or (self._ended() and not self._kept):
                raise AssertionError(f"what was waited for did not come; the screen shows:\n{self.text}")
            self.collect(4 * self._quiet, quiet=self._quiet)
            for moment in self.paints():
                for index, look in enumerate(looks):
                    if index not in seen and look(self):
                        seen[index] = moment - self.pressed
        return [seen[index] for index in range(len(looks))]

    def calm(self, seconds: float = 1.0) -> None:
        """Until nothing has come for `seconds`, or for ten times as long as that on a screen that never rests."""
        self.collect(10 * seconds, quiet=seconds)
        for _ in self.paints():
            pass

    def key(self, key: str) -> None:
        """Type one key; the clock starts."""
        self.pressed = time.perf_counter()
        os.write(self._fd, KEYS.get(key, key).encode())

    def answer(self, key: str, look: Look) -> tuple[float, float]:
        """Type a key: seconds until the paint that shows `look` was complete, and until the last paint that followed was."""
        self.key(key)
        shown = self.until(look)[0]
        return shown, self.last - self.pressed


def words(text: str) -> Look:
    """Whether `text` stands on the screen."""
    return lambda terminal: text in terminal.text


def changed(terminal: Watched) -> Look:
    """Whether anything, be it a colour, looks other than now."""
    before = terminal.pen
    return lambda now: now.pen != before


@contextmanager
def home(bytecode: str = "") -> Iterator[dict[str, str]]:
    """The environment of a program with folders of its own; `bytecode` keeps compiled modules, as an installation has them."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "HOME": folder,
            "XDG_STATE_HOME": f"{folder}/state",
            "XDG_CONFIG_HOME": f"{folder}/config",
            "XDG_CACHE_HOME": f"{folder}/cache",
            "XDG_DATA_HOME": f"{folder}/data",
        }
        if bytecode:
            env |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": bytecode}
        yield env
