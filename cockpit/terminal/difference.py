"""Finds the cells that differ between what a terminal shows and what it should show, as runs that can be written in any order."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, repeat
from operator import eq, is_not, ne, or_
from typing import NamedTuple

from cockpit.terminal.pen import PLAIN, Pen, change

BRIDGE = 4
"""So many cells that need no change are written again rather than jumped over: the jump is no shorter."""
WORTH = 8
"""Bytes of clearing a line: so many blanks less have to be written for it."""
SURE = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u25fc\u2713\u2717\u2800-\u28ff]*")
"""Characters that every terminal shows one column wide, as Textual reckons."""


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
        self.pens[x] = self.pens[x].ground


class Run(NamedTuple):
    """Cells from column `begin` to `end` of line `y` that one pen can write: the pen of its text, or the ground of its blanks.

    `erased` says that the rest of the line is blank: it may be erased.
    """

    y: int
    begin: int
    end: int
    pen: Pen
    erased: bool


def changes(wanted: Row, shown: Row) -> list[int]:
    """The columns of the cells that differ."""
    other_text = map(ne, wanted.text, shown.text)
    other_pens = map(is_not, wanted.pens, shown.pens)
    return list(compress(range(len(wanted.text)), map(or_, other_text, other_pens)))


def doubt(wanted: Row, shown: Row, changed: Sequence[int]) -> int | None:
    """The first changed cell where a character comes or goes whose width terminals differ over, None if there is none.

    What stands to the right of it may not be what was written there.
    """
    if SURE.fullmatch("".join(wanted.text)) and SURE.fullmatch("".join(shown.text)):
        return None
    return next((x for x in changed if not (SURE.fullmatch(wanted.text[x]) and SURE.fullmatch(shown.text[x]))), None)


def tail(row: Row) -> int:
    """From which column on the line is blank on one ground, and so can be erased."""
    text, pens = row.text, row.pens
    x, pen = len(text), pens[-1]
    if pen.erases:
        while x and text[x - 1] == " " and pens[x - 1] is pen:
            x -= 1
    return x


def cheaper(wanted: Row, changed: Sequence[int], bare: int) -> Pen | None:
    """The ground on which a line is better cleared and written anew than changed, None if it is not."""
    cells = [wanted.text[x] for x in changed[: bisect_left(changed, bare)]]
    if cells.count(" ") <= WORTH:
        return None
    ground = commonest_ground([wanted])
    anew = changes(wanted, Row.blank(len(wanted.text), ground))
    return ground if bisect_left(anew, bare) + WORTH < len(cells) else None


def runs(y: int, wanted: Row, changed: Sequence[int], bare: int) -> Iterator[Run]:
    """The runs that write the changed cells of a line, from left to right; from column `bare` on it can be erased."""
    text, pens = wanted.text, wanted.pens
    cut = bisect_left(changed, bare)
    begin, end, pen = -1, -1, PLAIN
    empty = True  # whether the run has nothing but blanks so far
    for x in changed[:cut]:
        cell, new = text[x], pens[x]
        if begin >= 0 and (x == end or (x - end <= BRIDGE and _writes(pen, wanted, end, x))):
            if new is pen or (cell == " " and pen.ground is new):
                end = x + 1
                empty = empty and cell == " "
                continue
            if empty and new.ground is pen:  # what were only blanks until here are written with the text
                end, pen, empty = x + 1, new, False
                continue
        if begin >= 0:
            yield Run(y, begin, _whole(text, end), pen, False)
        begin, end, pen, empty = x - (cell == ""), x + 1, new, cell == " "
    erased = cut < len(changed)
    if erased:
        x = changed[cut]
        if begin >= 0 and not (pen.ground is pens[x] and (x == end or (x - end <= BRIDGE and _writes(pen, wanted, end, x)))):
            yield Run(y, begin, _whole(text, end), pen, False)
            begin = -1
        if begin < 0:
            begin, pen = x, pens[x]
        end = len(text)
    if begin >= 0:
        yield Run(y, begin, _whole(text, end), pen, erased)


def _writes(pen: Pen, row: Row, begin: int, end: int) -> bool:
    """Whether a pen can write these cells of a row."""
    return all(row.pens[x] is pen or (row.text[x] == " " and pen.ground is row.pens[x]) for x in range(begin, end))


def _whole(text: Sequence[str], end: int) -> int:
    """Where a run ends that is not to end in the middle of a wide character."""
    while end < len(text) and text[end] == "":
        end += 1
    return end


def commonest_ground(rows: Iterable[Row]) -> Pen:
    """The ground of most of the blanks that can be erased: what rows are cleared with."""
    counts: Counter[Pen] = Counter()
    for row in rows:
        counts.update(compress(row.pens, map(eq, row.text, repeat(" "))))
    return next((pen for pen, _ in counts.most_common() if pen.erases), PLAIN)


def by_pen(found: Iterable[Run], standing: Pen | None) -> Iterator[Run]:
    """All runs of one pen before those of the next, lines from the top; each pen is the one nearest to the one before."""
    groups: dict[Pen, list[Run]] = {}
    for run in found:
        groups.setdefault(run.pen, []).append(run)
    pen = standing
    while groups:
        pen = min(groups, key=lambda each: 0 if pen is not None and pen.ground is each else len(change(pen, each)))
        yield from groups.pop(pen)
