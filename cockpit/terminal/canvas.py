"""What the terminal shows and what it should show: takes paints in, gives the difference out."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import split_graphemes

from cockpit.terminal.capabilities import FULL, Capabilities
from cockpit.terminal.difference import Row, Run, by_pen, changes, cheaper, commonest_ground, doubt, runs, tail
from cockpit.terminal.pen import PLAIN, Pen, applied, colourless, pen_of
from cockpit.terminal.writer import Writer

_TOKEN = re.compile(
    r"\x1b\[([0-9;]*)m([^\x00-\x1f\x7f-\x9f]*)(\x1b\[0m)?"  # a style, what is written in it, and its end
    r"|\x1b\[([0-9]*)(?:;([0-9]*))?H"  # the place to write at
    r"|([^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\]8;([^;\x07\x1b]*;[^\x07\x1b]*)(?:\x07|\x1b\\)"  # a link begins or ends
    r"|(\r?\n)"
    r"|\x1b\[\?2026([hl])"  # a paint begins or ends, for a terminal that shows it at once
    r"|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[PX^_][^\x1b]*\x1b\\|\x1b[ -/]*[0-~]|.",
    re.DOTALL,
)
_HARMLESS = re.compile(
    r"\x1b\[\?(?!(?:47|1047|1048|1049|3|5|6|69)[hl])[0-9]+(?:[hl]|\$p)|\x1b\[[<>=][0-9;]*u|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07"
)
"""What changes nothing that is shown: modes of the keyboard and the mouse, queries, titles, the clipboard, the bell."""


class Canvas:
    """A screen of `columns` x `rows` cells. It begins as one that shows nobody knows what."""

    def __init__(self, columns: int, rows: int, capabilities: Capabilities = FULL) -> None:
        self.synchronized = False
        """Whether the terminal has said that it shows paints at once."""
        self._columns, self._rows = columns, rows
        self._wanted = [Row.blank(columns) for _ in range(rows)]
        self._shown: list[Row] | None = None
        self._dirty: set[int] = set()
        self._x = self._y = 0
        self._pen = PLAIN
        self._writer = Writer(capabilities)

    @property
    def capabilities(self) -> Capabilities:
        """What is written for; more of them may become known."""
        return self._writer.can

    @capabilities.setter
    def capabilities(self, capabilities: Capabilities) -> None:
        self._writer.can = capabilities

    @property
    def dirty(self) -> bool:
        """Whether anything was painted since the last difference."""
        return bool(self._dirty) or self._shown is None

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has a new size; what it shows now is its own affair, so everything is painted again."""
        if (columns, rows) != (self._columns, self._rows):
            self._wanted = [row.cut(columns) for row in self._wanted[:rows]]
            self._wanted += [Row.blank(columns) for _ in range(rows - len(self._wanted))]
            self._columns, self._rows = columns, rows
        self.forget()

    def forget(self) -> None:
        """Nobody knows what the terminal shows: the next difference paints everything."""
        self._shown = None
        self._writer.forget()

    def feed(self, data: str) -> Iterator[str]:
        """Take what an app writes. What is not a plain paint is given back, in its place between the paints.

        Whoever takes a piece has to send the `difference` so far before it.
        """
        for token in _TOKEN.finditer(data):
            kind = token.lastindex
            if kind in (2, 3):
                self._pen = applied(self._pen, token[1])
                if not self.capabilities.colours:
                    self._pen = colourless(self._pen)
                if token[2]:
                    self._put(token[2])
                if kind == 3:
                    self._pen = applied(self._pen, "0")
            elif kind in (4, 5):
                self._y, self._x = int(token[4] or 1) - 1, int(token[5] or 1) - 1
            elif kind == 6:
                self._put(token[6])
            elif kind == 7:
                self._pen = self._linked("" if token[7].endswith(";") else token[7])
            elif kind == 8:
                self._y, self._x = self._y + 1, 0
            elif kind == 9:
                self.synchronized = True
            elif kind is None:
                yield token[0]
                if not _HARMLESS.fullmatch(token[0]):
                    self.forget()

    def _linked(self, link: str) -> Pen:
        return pen_of(self._pen.foreground, self._pen.background, self._pen.attributes, link)

    def _put(self, text: str) -> None:
        loose, cells, pens = _cells(text, self._pen)
        if 0 <= self._y < self._rows:
            row = self._wanted[self._y]
            if loose:
                row.join(self._x, loose)
            row.put(self._x, cells, pens)
            self._dirty.add(self._y)
        self._x += len(cells)

    def difference(self) -> str:
        """The sequences that make the terminal show what it should; from now on it counts as shown."""
        write = self._writer
        if self._shown is None:
            blank = write.clear(commonest_ground(self._wanted))
            self._shown = [Row.blank(self._columns, blank) for _ in range(self._rows)]
            self._dirty = set(range(self._rows))
        found: list[Run] = []
        after: list[Run] = []
        for y in sorted(self._dirty):
            wanted, shown = self._wanted[y], self._shown[y]
            changed = changes(wanted, shown)
            if changed:
                bare = tail(wanted) if self.capabilities.erases else self._columns
                if self.capabilities.erases and (cleared := cheaper(wanted, changed, bare)) is not None:
                    shown.copy(Row.blank(self._columns, cleared))
                    changed = changes(wanted, shown)
                    write.clear_line(y, cleared)
                first = doubt(wanted, shown, changed)
                if first is None:
                    found += runs(y, wanted, changed, bare)
                else:
                    changed[bisect_left(changed, first) :] = range(first, self._columns)
                    after += runs(y, wanted, changed, bare)
                shown.copy(wanted)
        self._dirty.clear()
        for run in by_pen(found, write.pen):
            write.run(run, self._wanted[run.y])
        for run in after:  # from left to right: what stands beside a character of doubtful width is written after it
            write.run(run, self._wanted[run.y])
        if (self._x, self._y) != (0, 0) and self._x < self._columns and self._y < self._rows:
            write.move(self._x, self._y)  # where a text is typed: input methods look there
        return write.taken()


@lru_cache(8192)
def _cells(text: str, pen: Pen) -> tuple[str, tuple[str, ...], tuple[Pen, ...]]:
    """What joins the character before, and one string and one pen a cell: a wide character is followed by an empty string."""
    loose = ""
    cells: list[str]
    if text.isascii():
        cells = list(text)
    else:
        cells = []
        spans, _ = split_graphemes(text)
        for start, end, width in spans:
            if width:
                cells.append(text[start:end])
                cells += [""] * (width - 1)
            elif cells:
                cells[-1 if cells[-1] else -2] += text[start:end]
            else:
                loose += text[start:end]
    blank = pen.ground
    return loose, tuple(cells), tuple(blank if cell == " " else pen for cell in cells)
