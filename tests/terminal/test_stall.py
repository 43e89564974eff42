"""The driver never waits for its terminal: the app goes on, what was not shown is merged, and the newest is shown in the end."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pseudo_terminal import ANSWERS, PATIENCE, Terminal

pytestmark = pytest.mark.terminal

QUESTION = b"\x1b[5n"
COPIED = b"\x1b]52;c;Y29waWVk\x07"
SCREENS = 60_000
"""Bytes that a pseudo-terminal and a window of unanswered paints hold at most; two hundred screens are several times as much."""


class Counter(Terminal):
    """The counting app, and what it wrote down."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.raw = bytearray()
        env = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        super().__init__([sys.executable, "-m", "tests.terminal.counting", str(file)], columns=80, rows=24, env=env)

    def __enter__(self) -> Counter:
        return self

    def receive(self, seconds: float) -> bytes:
        data = super().receive(seconds)
        self.raw += data
        return data

    @property
    def notes(self) -> list[str]:
        """What it did and heard so far."""
        return self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []

    @property
    def counted(self) -> int:
        """How far it has counted."""
        return sum(note.startswith("count ") for note in self.notes)

    @property
    def shown(self) -> int:
        """The count on the screen."""
        found = re.search(r"count (\d+)\.", self.text)
        return int(found[1]) if found else 0

    def until(self, holds: Callable[[], bool], *, reading: bool = True) -> None:
        """Wait until something holds, reading the terminal meanwhile or not."""
        limit = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < limit, f"it did not come about; the screen shows:\n{self.text}"
            if reading:
                self.pump(0.01)
            else:
                time.sleep(0.01)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """The app, counting on the screen."""
    with Counter(tmp_path / "notes") as terminal:
        terminal.until(lambda: terminal.shown > 5)
        yield terminal


def test_while_nobody_reads_timers_and_keys_go_on_and_then_the_newest_is_shown(counter: Counter) -> None:
    begun = counter.counted
    counter.until(lambda: counter.counted > begun + 100, reading=False)
    counter.type_ahead("k")
    counter.until(lambda: "key" in counter.notes, reading=False)
    counter.until(lambda: counter.counted > begun + 200, reading=False)
    sent = counter.bytes_read
    counter.until(lambda: counter.shown > begun + 200)
    assert counter.bytes_read - sent < SCREENS, "what was on its way, and the newest"


def test_into_a_line_that_does_not_answer_no_more_is_painted_and_its_return_is_told(counter: Counter) -> None:
    counter.answers = {}
    counter.until(lambda: counter.raw.endswith(2 * QUESTION))  # the one at the end of a paint, and one without a paint
    begun, sent = counter.counted, counter.bytes_read
    counter.until(lambda: counter.counted > begun + 50)
    assert counter.bytes_read - sent < 100, "at most a question now and then"
    counter.until(lambda: counter.raw.endswith(2 * QUESTION))  # it asks once more: by now the line stands still
    assert not any(note.startswith("returned") for note in counter.notes)
    counter.answers = dict(ANSWERS)
    counter.type_ahead(ANSWERS[QUESTION].decode())
    counter.until(lambda: "returned True" in counter.notes)
    counter.until(lambda: counter.shown > begun + 50)


def test_what_is_no_paint_goes_through_untouched_and_in_order(counter: Counter) -> None:
    begun = len(counter.raw)
    counter.type_ahead("c")
    counter.until(lambda: COPIED in counter.raw)
    assert counter.raw.find(b"\x07", begun) < counter.raw.index(COPIED), "the bell came first"


def test_in_a_stall_too_what_is_no_paint_arrives_once(counter: Counter) -> None:
    begun = counter.counted
    counter.until(lambda: counter.counted > begun + 100, reading=False)
    counter.type_ahead("c", "k")
    counter.until(lambda: "key" in counter.notes, reading=False)
    counter.until(lambda: COPIED in counter.raw)
    counter.until(lambda: counter.shown > begun + 100)
    assert counter.raw.count(COPIED) == 1
