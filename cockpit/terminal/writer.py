"""Writes runs of cells as the shortest sequences that a terminal understands: moves, changes of style, erasures, repeats."""

from __future__ import annotations

import re

from cockpit.terminal.capabilities import Capabilities
from cockpit.terminal.difference import SURE, Row, Run
from cockpit.terminal.pen import PLAIN, Pen, change

_REPEATED = re.compile(r"(.)\1{2,}", re.DOTALL)


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
        text = "".join(row.text[begin:end])
        self._style(pen, blank=not text.strip(" "))
        blank = 0
        if erased:
            bare = text.rstrip(" ")
            if not bare or len(text) - len(bare) > 3:  # so many blanks are as short as the erasure
                blank = len(text) - len(bare)
                text = bare
        if SURE.fullmatch(text):
            self._out.append(_REPEATED.sub(self._repeated, text))
            self._x = None if not blank and end == columns else end - blank
        else:
            self._apart(begin, end - blank, row)
        if blank:
            self.move(end - blank, y)
            self._out.append("\x1b[K")

    def _repeated(self, found: re.Match[str]) -> str:
        """A character several times in a row, or what is shorter: once and repeated, or blanks erased."""
        text, character = found[0], found[1]
        count = len(text)
        short = text
        if self.can.repeats:
            short = f"{character}\x1b[{count - 1}b"
        elif self.can.erases_some and character == " " and self.pen is not None and self.pen.erases:
            short = f"\x1b[{count}X\x1b[{count}C"
        return short if len(short.encode()) < len(text.encode()) else text

    def _apart(self, begin: int, end: int, row: Row) -> None:
        """Write cells of which terminals may differ over the width: what follows such a one is put at its own place.

        Under a wide one are blanks, for a terminal that draws it narrow.
        """
        y = self._y or 0
        for x in range(begin, end):
            cell = row.text[x]
            if cell:
                self.move(x, y)
                if row.text[x + 1 : x + 2] == [""]:
                    self._out.append("  ")
                    self._x = None
                    self.move(x, y)
                self._out.append(cell)
                self._x = x + 1 if SURE.fullmatch(cell) and x + 1 < len(row.text) else None

    def _style(self, pen: Pen, *, blank: bool = True) -> None:
        """Take a pen up; for blanks any will do that looks the same on them."""
        if self.pen is None or not (pen is self.pen or (blank and pen is self.pen.ground)):
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
