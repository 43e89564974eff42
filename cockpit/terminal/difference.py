"""Finds the cells that differ between what a terminal shows and what it should show, as runs that can be written in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from cockpit.terminal.pen import PLAIN, Pen, blanks, change, ground

BRIDGE = 4
"""So many cells that need no change are written again rather than jumped over: the jump is no shorter."""
JUMP = 5
"""Bytes of a usual jump to another run."""


class Row:
    """A line of cells: `text` has one string a cell ("" is the right half of a wide character), `pens` one pen a cell.

    Blanks have the pen that is their ground, so that rows that look the same are equal.
    """

    __slots__ = ("pens", "text")

    def __init__(self, text: list[str], pens: list[Pen]) -> None:
        self.text = text
        self.pens = pens

    @classmethod
    def blank(cls, columns: int, pen: Pen = PLAIN) -> Row:
        """A line of blanks on a ground."""
        return cls([" "] * columns, [pen] * columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Row) and self.text == other.text and self.pens == other.pens

    __hash__ = None  # type: ignore[assignment]

    def copy(self, other: Row) -> None:
        """Become the same as another."""
        self.text[:] = other.text
        self.pens[:] = other.pens

    def cut(self, columns: int) -> Row:
        """The same line in another width."""
        row = Row.blank(columns)
        row.put(0, self.text, self.pens)
        return row

    def put(self, x: int, text: Sequence[str], pens: Sequence[Pen]) -> None:
        """Write cells at a column; what does not fit is left out, and half a wide character becomes a blank."""
        room = len(self.text) - x
        if room <= 0 or not text:
            return
        if self.text[x] == "" and x:
            self._halve(x - 1)
        end = x + min(room, len(text))
        self.text[x:end] = text[:room]
        self.pens[x:end] = pens[:room]
        if end < len(self.text):
            if self.text[end] == "":
                self._halve(end)
        elif len(text) > room and text[room] == "":
            self._halve(end - 1)

    def join(self, x: int, text: str) -> None:
        """Add what has no width of its own to the character that ends before a column; a blank takes nothing on."""
        if 0 < x <= len(self.text):
            place = x - 1 if self.text[x - 1] or x == 1 else x - 2
            if self.text[place] != " ":
                self.text[place] += text

    def _halve(self, x: int) -> None:
        self.text[x] = " "
        self.pens[x] = ground(self.pens[x])


class Run(NamedTuple):
    """Cells from column `begin` to `end` of line `y` that one pen can write: the pen of its text, or the ground of its blanks.

    `erased` says that the rest of the line is blank: it may be erased.
    """

    y: int
    begin: int
    end: int
    pen: Pen
    erased: bool


def runs(y: int, wanted: Row, shown: Row) -> list[Run]:
    """The runs of a line that have to be written, from left to right."""
    text, pens = wanted.text, wanted.pens
    columns = len(text)
    tail = _tail(wanted)
    cells = enumerate(zip(text, shown.text, pens, shown.pens, strict=True))
    changed = [x for x, (new, old, new_pen, old_pen) in cells if new != old or (new_pen is not old_pen and new_pen != old_pen)]
    found: list[Run] = []
    begin = end = -1
    pen = PLAIN
    bare = False  # whether the run has nothing but blanks so far
    for x in changed:
        if x < end:
            continue
        cell, new_pen = text[x], pens[x]
        near = end >= 0 and (x == end or (x - end <= BRIDGE and _writes(pen, wanted, end, x)))
        if x >= tail:
            if not (near and blanks(pen, new_pen)):
                if end >= 0:
                    found.append(Run(y, begin, end, pen, False))
                begin, pen = x, new_pen
            found.append(Run(y, begin, columns, pen, True))
            return found
        if near and (new_pen == pen or (cell == " " and blanks(pen, new_pen))):
            end = x + 1
        elif near and bare and ground(new_pen) == pen:
            pen, end = new_pen, x + 1  # what were only blanks until here are written with the text
        else:
            if end >= 0:
                found.append(Run(y, begin, end, pen, False))
            begin, end, pen = x - (cell == ""), x + 1, new_pen
            bare = True
        bare = bare and cell == " "
        while end < columns and text[end] == "":
            end += 1
    if end >= 0:
        found.append(Run(y, begin, end, pen, False))
    return found


def _writes(pen: Pen, row: Row, begin: int, end: int) -> bool:
    """Whether a pen can write these cells of a row."""
    return all(row.pens[x] == pen or (row.text[x] == " " and blanks(pen, row.pens[x])) for x in range(begin, end))


def _tail(row: Row) -> int:
    """From which column on the line is blank on one ground."""
    columns = len(row.text)
    pen, x = row.pens[-1], columns
    if row.text[-1] != " " or not pen.erases:
        return columns
    while x and row.text[x - 1] == " " and row.pens[x - 1] == pen:
        x -= 1
    return x


def cost(found: Iterable[Run]) -> int:
    """Roughly the bytes of writing runs."""
    return sum(JUMP + (0 if run.erased else min(run.end - run.begin, 999)) for run in found)


def commonest_ground(rows: Iterable[Row]) -> Pen:
    """The ground of most of the blanks that can be erased: what rows are cleared with."""
    counts: Counter[Pen] = Counter()
    for row in rows:
        for (text, pen), cells in groupby(zip(row.text, row.pens, strict=True)):
            if text == " ":
                counts[pen] += sum(1 for _ in cells)
    return next((pen for pen, _ in counts.most_common() if pen.erases), PLAIN)


def by_pen(found: Iterable[Run], standing: Pen | None) -> Iterator[Run]:
    """All runs of one pen before those of the next, lines from the top; each pen is the one nearest to the one before."""
    groups: dict[Pen, list[Run]] = {}
    for run in found:
        groups.setdefault(run.pen, []).append(run)
    pen = standing
    while groups:
        pen = min(groups, key=lambda each: 0 if pen is not None and blanks(pen, each) else len(change(pen, each)))
        yield from groups.pop(pen)
