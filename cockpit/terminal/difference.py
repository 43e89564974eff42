"""Writes a line of cells as the difference to what stands there: the shortest moves, changes of style, erasures and repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cockpit.terminal.capabilities import Capabilities
from cockpit.terminal.pen import PLAIN, Pen, change

GAP = 4
"""So many unchanged cells of the same pen are written again rather than jumped over: the jump is no shorter."""


class Row:
    """A line of cells: `text` has one string a cell ("" is the right half of a wide character), `pens` one pen a cell."""

    __slots__ = ("pens", "text")

    def __init__(self, text: list[str], pens: list[Pen]) -> None:
        self.text = text
        self.pens = pens

    @classmethod
    def blank(cls, columns: int, pen: Pen = PLAIN) -> Row:
        """A line of blanks."""
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
        row.put(0, self.text[:columns], PLAIN)
        row.pens[: len(self.pens)] = self.pens[:columns]
        return row

    def put(self, x: int, cells: Sequence[str], pen: Pen) -> None:
        """Write cells at a column; what does not fit is left out, and half a wide character becomes a blank."""
        room = len(self.text) - x
        if room <= 0 or not cells:
            return
        if self.text[x] == "" and x:
            self.text[x - 1] = " "
        end = x + min(room, len(cells))
        self.text[x:end] = cells[:room]
        self.pens[x:end] = [pen] * (end - x)
        if end < len(self.text):
            if self.text[end] == "":
                self.text[end] = " "
        elif len(cells) > room and cells[room] == "":
            self.text[end - 1] = " "


def commonest_blank(rows: Iterable[Row]) -> Pen:
    """The pen of most of the blanks that can be erased: what a screen is cleared with."""
    counts = Counter(pen for row in rows for text, pen in zip(row.text, row.pens, strict=True) if text == " ")
    return next((pen for pen, _ in counts.most_common() if pen.blank_is_plain), PLAIN)


class Writer:
    """Collects sequences, and knows where the terminal's cursor stands and what its pen is; None is what nobody knows."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._can = capabilities
        self._out: list[str] = []
        self._x: int | None = None
        self._y: int | None = None
        self._pen: Pen | None = None
        self.cleared = PLAIN

    def forget(self) -> None:
        """The terminal may be in any state."""
        self._x = self._y = self._pen = None

    def taken(self) -> str:
        """What was written since the last time."""
        text = "".join(self._out)
        self._out.clear()
        return text

    def clear(self, pen: Pen) -> None:
        """Blank the whole screen in the background of a pen."""
        self._style(pen)
        self._out.append("\x1b[H\x1b[2J")
        self._x = self._y = 0
        self.cleared = pen

    def line(self, y: int, wanted: Row, shown: Row) -> None:
        """Write the cells of a line that differ."""
        text, pens = wanted.text, wanted.pens
        columns = len(text)
        tail = self._tail(wanted)
        changed = [x for x in range(columns) if text[x] != shown.text[x] or pens[x] != shown.pens[x]]
        at = 0
        while at < len(changed):
            start = changed[at]
            if start >= tail and columns - start > 3:
                self.move(start, y)
                self._style(pens[start])
                self._out.append("\x1b[K")
                return
            end = start + 1
            at += 1
            while at < len(changed) and changed[at] - end <= GAP and (changed[at] < tail or columns - tail <= 3):
                if changed[at] > end and any(pens[x] != pens[end - 1] for x in range(end, changed[at])):
                    break
                end = changed[at] + 1
                at += 1
            self._run(start, end, y, wanted)

    def _tail(self, row: Row) -> int:
        """From which column on the line is blank in one pen and can be erased; its length where there is nothing to erase."""
        columns = len(row.text)
        if not self._can.erases or row.text[-1] != " " or not row.pens[-1].blank_is_plain:
            return columns
        pen, x = row.pens[-1], columns
        while x and row.text[x - 1] == " " and row.pens[x - 1] == pen:
            x -= 1
        return x

    def _run(self, start: int, end: int, y: int, row: Row) -> None:
        text, pens = row.text, row.pens
        if text[start] == "":
            start -= 1
        while end < len(text) and text[end] == "":
            end += 1
        self.move(start, y)
        x = start
        while x < end:
            pen, cell = pens[x], text[x]
            self._style(pen)
            stop = x + 1
            while stop < end and text[stop] == cell and pens[stop] == pen:
                stop += 1
            count = stop - x
            if self._can.repeats and len(cell) == 1 and (count - 1) * len(cell.encode()) > 3 + len(str(count - 1)):
                self._out.append(f"{cell}\x1b[{count - 1}b")
            else:
                self._out.append(cell * count)
            x = stop
            if len(cell) > 1 or not cell or not (cell.isascii() or "\u2500" <= cell <= "\u28ff"):
                # Terminals differ over how wide some characters are: what follows is put at its own place.
                while x < end and text[x] == "":
                    x += 1
                self._x = None
                if x < end:
                    self.move(x, y)
            else:
                self._x = x
        if end >= len(text):
            self._x = None  # at the edge terminals differ over where the cursor stands

    def _style(self, pen: Pen) -> None:
        if pen is not self._pen:
            self._out.append(change(self._pen, pen, partial=self._can.ends_styles))
            self._pen = pen

    def move(self, x: int, y: int) -> None:
        """Put the cursor at a cell by the shortest way."""
        if (x, y) != (self._x, self._y):
            self._out.append(self._way(x, y))
            self._x, self._y = x, y

    def _way(self, x: int, y: int) -> str:
        place = "\x1b[H" if x == 0 == y else f"\x1b[{y + 1}H" if x == 0 else f"\x1b[{y + 1};{x + 1}H"
        if self._y is None:
            return place
        ways = [place]
        down = self._vertical(y - self._y, y)
        if self._x is not None:
            ways.append(down + self._horizontal(x - self._x, x))
        ways.append(down + "\r" + (self._horizontal(x, x) if x else ""))
        if self._can.to_column:
            ways.append(down + f"\x1b[{x + 1}G")
        return min(ways, key=len)

    def _vertical(self, rows: int, y: int) -> str:
        if not rows:
            return ""
        if 0 < rows <= 3:
            return "\n" * rows  # the terminal's line is raw: a line feed keeps the column
        way = _steps(rows, "B", "A")
        return min(way, f"\x1b[{y + 1}d", key=len) if self._can.to_row else way

    def _horizontal(self, columns: int, x: int) -> str:
        if not columns:
            return ""
        if -3 <= columns < 0:
            return "\b" * -columns
        way = _steps(columns, "C", "D")
        return min(way, f"\x1b[{x + 1}G", key=len) if self._can.to_column else way


def _steps(count: int, forward: str, backward: str) -> str:
    number = abs(count)
    return f"\x1b[{number if number > 1 else ''}{forward if count > 0 else backward}"
