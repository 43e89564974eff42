"""A plotext figure of its own for one drawing: what is drawn in a role comes back as lines with that role."""

import math
import re
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from cockpit.ui.lines import Line, Span, span

FINE = "braille"
"""The marker that draws eight points in a cell."""
_COLOUR = re.compile(r"\x1b\[([0-9;]*)m")
_TAG = "38;5;"
FRAME_ROLE = "dim"


class Range(NamedTuple):
    """From the lowest to the highest number of an axis; they differ."""

    low: float
    high: float

    def cell(self, value: float, cells: int) -> int:
        """Which of so many cells a value falls in, the lowest first; plotext rounds in this way."""
        return math.floor(0.5 + (cells - 1) * (value - self.low) / (self.high - self.low))


def prepare() -> None:
    """Import what draws, so that the first chart does not wait for it; for a worker thread."""
    import textual_plotext  # noqa: F401


def prepared() -> bool:
    """Whether a chart can be drawn at once."""
    return "textual_plotext" in sys.modules


class Canvas:
    """A drawing of `width` x `height` cells, the left and the lower axis with their labels included.

    `x_ticks` and `y_ticks` are (place, label) pairs; without any an axis has no labels. Without `framed` there are no axes
    either. `rows` and `columns` are the cells left to draw on, row 0 at the top.
    """

    def __init__(
        self,
        width: int,
        height: int,
        x: Range,
        y: Range,
        *,
        x_ticks: Sequence[tuple[float, str]] = (),
        y_ticks: Sequence[tuple[float, str]] = (),
        framed: bool = True,
    ) -> None:
        self._figure = _figure(width, height)
        self._x, self._y = x, y
        self._roles: list[str] = []
        self._framed = framed
        self.rows = height - (1 if framed else 0) - (1 if x_ticks else 0)
        self._label = max((len(label) for _, label in y_ticks), default=0)
        self.columns = width - (1 if framed else 0) - self._label
        self._figure.xaxes(framed, False)
        self._figure.yaxes(framed, False)
        self._figure.xlim(*x)
        self._figure.ylim(*y)
        self._figure.xticks([place for place, _ in x_ticks], [label for _, label in x_ticks])
        self._figure.yticks([place for place, _ in y_ticks], [label for _, label in y_ticks])

    def column_of(self, x: float) -> int:
        """The column of cells that a place falls in."""
        return self._x.cell(x, self.columns)

    def row_of(self, y: float) -> int:
        """The row of cells that a place falls in, counted from the top."""
        return self.rows - 1 - self._y.cell(y, self.rows)

    def line(self, xs: Sequence[float], ys: Sequence[float], role: str, glyph: str = FINE) -> None:
        """Connect these places; a single one is a point."""
        draw = self._figure.plot if len(xs) > 1 else self._figure.scatter
        draw(list(xs), list(ys), marker=glyph, color=self._tag(role))

    def dots(self, xs: Sequence[float], ys: Sequence[float], role: str, glyph: str = FINE) -> None:
        """Mark these places."""
        if xs:
            self._figure.scatter(list(xs), list(ys), marker=glyph, color=self._tag(role))

    def text(self, column: int, row: int, text: str, role: str) -> None:
        """Write from this cell on to the right; every letter is a cell of its own."""
        for offset, letter in enumerate(span(text).text):
            if letter != " " and 0 <= column + offset < self.columns and 0 <= row < self.rows:
                self.dots([self._x_at(column + offset)], [self._y_at(row)], role, letter)

    def lines(self, about: str = "", x_about: str = "") -> list[Line]:
        """The drawing, one line a row of cells; `about` and `x_about` are the glossary's entries of what the axes count."""
        drawn = [self._line(row) for row in self._figure.build().splitlines()]
        above = self.rows + self._framed
        return [self._told(row, about) for row in drawn[:above]] + [_whole(row, x_about) for row in drawn[above:]]

    def _told(self, row: Line, about: str) -> Line:
        """A row whose leading label says what it counts."""
        if not about or not row or not row[0].text[: self._label].strip():
            return row
        first, *rest = row
        return (Span(first.text[: self._label], first.role, about), Span(first.text[self._label :], first.role), *rest)

    def _x_at(self, column: int) -> float:
        return self._x.low + (self._x.high - self._x.low) * column / max(1, self.columns - 1)

    def _y_at(self, row: int) -> float:
        return self._y.low + (self._y.high - self._y.low) * (self.rows - 1 - row) / max(1, self.rows - 1)

    def _tag(self, role: str) -> int:
        """A colour number that stands for the role."""
        if role not in self._roles:
            self._roles.append(role)
        return self._roles.index(role) + 1

    def _line(self, text: str) -> Line:
        """A row of the figure, its colours read back as roles."""
        parts: list[Span] = []
        role = FRAME_ROLE
        for index, part in enumerate(_COLOUR.split(text)):
            if index % 2:
                role = self._roles[int(part.removeprefix(_TAG)) - 1] if part.startswith(_TAG) else FRAME_ROLE
            elif part:
                parts.append(span(part, role if part.strip() else ""))
        return tuple(parts)


def _whole(row: Line, about: str) -> Line:
    return tuple(Span(part.text, part.role, about if part.text.strip() else "") for part in row)


def _figure(width: int, height: int) -> Any:
    """A figure that shares nothing with any other one."""
    from textual_plotext import Plot

    figure: Any = Plot()
    # Left alone, a figure is cut to the terminal that the process was started in.
    figure._limit_size(False, False)
    figure.theme("clear")
    figure.plotsize(width, height)
    return figure
