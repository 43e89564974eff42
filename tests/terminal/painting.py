"""Random paints as Textual writes them, and a screen that shows what they should leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from rich.color import Color
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tests.terminal.emulator import BLANK, Cell, Emulator, EmulatorStream

MARGIN = 24
"""Columns and rows that a paint may lie outside of the screen."""
CONSOLES = {name: Console(color_system=name) for name in ("truecolor", "256", "standard")}
PIECES = (
    "a",
    "1,234.50",
    " ",
    "    ",
    " " * 30,
    "-----------",
    "─",
    "──────",
    "·····",
    "▇▇▇▇",
    "│",
    "→",
    "−0.5 %",
    "漢",
    "漢字",
    "e\u0301",
    "\u0301",
    "❤\ufe0f",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f600",
    "\u200b",
    "עברית",
    "▶",
    "⚠",
)
_COLOURS = (None, "#e0e0e0", "#121212", "#1e1e1e", "#4ebf71", "color(7)", "color(200)", "red", "bright_blue", "default")
_FLAGS = ("bold", "dim", "italic", "underline", "underline2", "blink", "reverse", "conceal", "strike", "frame", "overline")


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """Colours of every kind, attributes, links."""
    flags: dict[str, Any] = dict.fromkeys(draw(st.lists(st.sampled_from(_FLAGS), max_size=2)), True)
    colours = st.sampled_from(_COLOURS)
    link = draw(st.sampled_from((None, None, None, "https://example.org", "https://example.org/?a=1;2")))
    front, back = draw(colours), draw(colours)
    return Style(
        color=None if front is None else Color.parse(front),
        bgcolor=None if back is None else Color.parse(back),
        link=link,
        **flags,
    )


@st.composite
def strips(draw: st.DrawFn, width: int) -> Strip:
    """Segments of exactly this many cells."""
    parts = draw(st.lists(st.tuples(st.sampled_from(PIECES), st.integers(1, 6), st.one_of(st.none(), styles())), max_size=6))
    segments = [Segment(text * times, style) for text, times, style in parts]
    fill = draw(st.one_of(st.none(), styles()))
    return Strip(segments).adjust_cell_length(width, fill)


@st.composite
def layouts(draw: st.DrawFn, columns: int, rows: int) -> str:
    """A rectangle that is painted whole; it may lie outside in part."""
    width, height = draw(st.integers(1, columns + MARGIN // 2)), draw(st.integers(1, rows + 2))
    x, y = draw(st.integers(0, columns)), draw(st.integers(0, rows))
    if draw(st.booleans()):
        x, y, width, height = 0, 0, columns, rows
    lines = [[draw(strips(width))] for _ in range(height)]
    update = LayoutUpdate(lines, Region(x, y, width, height))  # type: ignore[arg-type]
    return update.render_segments(CONSOLES[draw(st.sampled_from(sorted(CONSOLES)))])


@st.composite
def patches(draw: st.DrawFn, columns: int, rows: int) -> str:
    """Pieces of some lines."""
    chops: list[dict[int, Strip | None]] = []
    ends: list[list[int]] = []
    for _ in range(rows):
        cuts = sorted(draw(st.sets(st.integers(1, columns - 1), max_size=3)))
        begins = [0, *cuts]
        ends.append([*cuts, columns])
        chops.append(
            {begin: draw(st.one_of(st.none(), strips(end - begin))) for begin, end in zip(begins, ends[-1], strict=True)}
        )
    lines = sorted(draw(st.sets(st.integers(0, rows - 1), min_size=1, max_size=4)))
    spans = []
    for y in lines:
        begin = draw(st.integers(0, columns - 1))
        spans.append((y, begin, draw(st.integers(begin + 1, columns))))
    return ChopsUpdate(chops, spans, ends).render_segments(CONSOLES[draw(st.sampled_from(sorted(CONSOLES)))])


@dataclass
class Expected:
    """What paints leave on a screen: an emulator that is larger than it, so that what lies outside does no harm."""

    columns: int
    rows: int

    def __post_init__(self) -> None:
        self._screen = Emulator(self.columns + 4 * MARGIN, self.rows + 2 * MARGIN)
        self._stream = EmulatorStream(self._screen)
        self._stream.feed(b"\x1b[?7l")

    def paint(self, data: str) -> None:
        """Feed what Textual writes to a terminal whose line feeds return the carriage."""
        self._stream.feed(data.replace("\n", "\r\n").encode())

    def resize(self, columns: int, rows: int) -> None:
        """What was outside of the old size, or is outside of the new one, is gone."""
        left, top = min(columns, self.columns), min(rows, self.rows)
        cells = self.cells_within(left, top)
        self._screen.buffer.clear()
        for y, line in enumerate(cells):
            for x, cell in enumerate(line):
                self._screen.buffer[y][x] = cell
        self.columns, self.rows = columns, rows

    @property
    def cells(self) -> list[list[Cell]]:
        """What is to be seen of every cell."""
        return [[cell.visible for cell in line] for line in self.cells_within(self.columns, self.rows)]

    def cells_within(self, columns: int, rows: int) -> list[list[Cell]]:
        """The cells of the upper left part; of a wide character that does not fit in a blank is left."""
        buffer = self._screen.buffer
        found = [[buffer[y][x] for x in range(columns)] for y in range(rows)]
        for y, line in enumerate(found):
            if buffer[y][columns].data == "":
                line[-1] = line[-1]._replace(data=" ")
        return found


def garbled(screen: Emulator, stream: EmulatorStream) -> None:
    """Let a terminal show anything, with its cursor and its pen anywhere."""
    for y in range(screen.lines):
        for x in range(screen.columns):
            screen.buffer[y][x] = BLANK._replace(data="#", fg="red", bg="green", underscore=True)
    stream.feed(b"\x1b[2;3H\x1b[1;4;7;33m")
