"""Writes runs of cells as the shortest sequences that a terminal understands: moves, changes of style, erasures, repeats."""

from __future__ import annotations

import re

from cockpit.terminal.capabilities import Capabilities
from cockpit.terminal.difference import Row, Run
from cockpit.terminal.pen import PLAIN, Pen, change

_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)
_SURE = re.compile("[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u25fc\u2800-\u28ff]*")
"""Characters that every terminal shows one column wide, as Textual reckons."""


class Writer:
    """Collects sequences, and knows where the terminal's cursor stands and what its pen is; None is what nobody knows."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.can = capabilities
        self._out: list[str] = []
        self._x: int | None = None
        self._y: int | None = None
        self.pen: Pen | None = None

    def forget(self) -> None:
        """The terminal may be in any state."""
        self._x = self._y = self.pen = None

    def taken(self) -> str:
        """What was written since the last time."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def clear(self, ground: Pen) -> Pen:
        """Blank the whole screen; comes back with the ground it has then."""
        if not self.can.erases:
            ground = PLAIN
        self._style(ground)
        self._out.append("\x1b[H\x1b[2J")
        self._x = self._y = 0
        return ground

    def clear_line(self, y: int, ground: Pen) -> None:
        """Blank a whole line, for a terminal that erases."""
        self.move(0, y)
        self._style(ground)
        self._out.append("\x1b[K")

    def run(self, run: Run, row: Row) -> None:
        """Write a run of cells."""
        y, begin, end, pen, erased = run
        columns = len(row.text)
        self.move(begin, y)
        self._style(pen)
        text = "".join(row.text[begin:end])
        blank = 0
        if erased:
            bare = text.rstrip(" ")
            if not bare or len(text) - len(bare) > 3:  # so many blanks are as short as the erasure
                blank = len(text) - len(bare)
                text = bare
        if _SURE.fullmatch(text):
            self._out.append(_REPEATED.sub(self._repeated, text))
            self._x = None if not blank and end == columns else end - blank
        else:
            self._apart(begin, end - blank, row)
        if blank:
            self._out.append("\x1b[K")

    def _repeated(self, found: re.Match[str]) -> str:
        """A character several times in a row, or once with how often it is repeated, which may be shorter."""
        text, character = found[0], found[1]
        if not self.can.repeats:
            return text
        repeat = f"\x1b[{len(text) - 1}b"
        return character + repeat if len(repeat) < (len(text) - 1) * len(character.encode()) else text

    def _apart(self, begin: int, end: int, row: Row) -> None:
        """Write cells of which terminals may differ over the width: what follows such a one is put at its own place."""
        for x in range(begin, end):
            cell = row.text[x]
            if cell:
                self.move(x, self._y or 0)
                self._out.append(cell)
                sure = _SURE.fullmatch(cell) and row.text[x + 1 : x + 2] != [""]
                self._x = x + 1 if sure and x + 1 < len(row.text) else None

    def _style(self, pen: Pen) -> None:
        if self.pen is None or not (pen is self.pen or pen is self.pen.ground):
            self._out.append(change(self.pen, pen, partial=self.can.ends_styles))
            self.pen = pen

    def move(self, x: int, y: int) -> None:
        """Put the cursor at a cell by the shortest way."""
        if x != self._x or y != self._y:
            self._out.append(self._way(x, y))
            self._x, self._y = x, y

    def _way(self, x: int, y: int) -> str:
        place = "\x1b[H" if x == 0 == y else f"\x1b[{y + 1}H" if x == 0 else f"\x1b[{y + 1};{x + 1}H"
        if self._y is None:
            return place
        down = self._vertical(y - self._y, y)
        if len(down) + 1 >= len(place):
            return place
        beside = "\r" + (self._horizontal(x, x) if x else "")
        if self._x is not None:
            beside = min(self._horizontal(x - self._x, x), beside, key=len)
        elif x and self.can.to_column:
            beside = f"\x1b[{x + 1}G"
        return min(place, down + beside, key=len)

    def _vertical(self, rows: int, y: int) -> str:
        if not rows:
            return ""
        if 0 < rows <= 3:
            return "\n" * rows  # the terminal's line is raw: a line feed keeps the column
        way = _steps(rows, "B", "A")
        return min(way, f"\x1b[{y + 1}d", key=len) if self.can.to_row else way

    def _horizontal(self, columns: int, x: int) -> str:
        if not columns:
            return ""
        if -3 <= columns < 0:
            return "\b" * -columns
        way = _steps(columns, "C", "D")
        return min(way, f"\x1b[{x + 1}G", key=len) if self.can.to_column else way


def _steps(count: int, forward: str, backward: str) -> str:
    number = abs(count)
    return f"\x1b[{number if number > 1 else ''}{forward if count > 0 else backward}"
