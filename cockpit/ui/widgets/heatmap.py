"""A grid of readings, subjects by indicators: a number or a glyph in every cell, colour second, missing is "·" and never 0."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cockpit.ui import actions
from cockpit.ui.lines import clip, padded
from cockpit.ui.roles import role_styles

HEAD = 2
NAME_WIDTH = 9
LEAST_CELL = 8
WIDEST_CELL = 12


class Tile(NamedTuple):
    """One cell: what it says and the role that colours it."""

    text: str
    role: str


class Grid(NamedTuple):
    """The whole heatmap: `tiles[row][column]`; `heads` are the columns' labels, `names` the rows', with their roles."""

    heads: tuple[str, ...]
    names: tuple[Tile, ...]
    tiles: tuple[tuple[Tile, ...], ...]


NOTHING = Grid((), (), ())


class Heatmap(Widget, can_focus=True):
    """The grid with a cursor. The first column and the headings stay where they are; the rest follows the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.MOVES)]

    class Moved(Message):
        """The cursor stands on another cell."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = Offset(0, 0)
        self._grid = NOTHING
        self._first = Offset(0, 0)

    @property
    def cell_width(self) -> int:
        """Cells that a column takes."""
        columns = max(1, len(self._grid.heads))
        return max(LEAST_CELL, min(WIDEST_CELL, (self.size.width - NAME_WIDTH) // columns))

    def show_grid(self, grid: Grid) -> None:
        """Show this grid; only cells that changed are painted again."""
        old, self._grid = self._grid, grid
        if old.heads != grid.heads or old.names != grid.names:
            self._keep_cursor()
            self.refresh()
            return
        for row, (before, after) in enumerate(zip(old.tiles, grid.tiles, strict=True)):
            for column, pair in enumerate(zip(before, after, strict=True)):
                if pair[0] != pair[1]:
                    self._refresh_cell(row, column)

    def move(self, dx: int, dy: int) -> None:
        """Move the cursor by so many columns and rows, as far as there are any."""
        old, first = self.cursor, self._first
        self.cursor = self.cursor + Offset(dx, dy)
        self._keep_cursor()
        if self._first != first:
            self.refresh()
        else:
            self._refresh_cell(old.y, old.x)
            self._refresh_cell(self.cursor.y, self.cursor.x)
        self.post_message(self.Moved())

    def action_go(self, dx: int, dy: int) -> None:
        """Move the cursor by a key."""
        self.move(dx, dy)

    def action_page(self, by: int) -> None:
        """Ten rows up or down."""
        self.move(0, 10 * by)

    def action_end(self, way: int) -> None:
        """To the first or the last row."""
        self.move(0, way * len(self._grid.names))

    def _keep_cursor(self) -> None:
        """The cursor inside the grid, and the view around the cursor."""
        rows, columns = len(self._grid.names), len(self._grid.heads)
        self.cursor = Offset(max(0, min(self.cursor.x, columns - 1)), max(0, min(self.cursor.y, rows - 1)))
        wide = max(1, (self.size.width - NAME_WIDTH) // self.cell_width)
        high = max(1, self.size.height - HEAD)
        first_x = min(max(self._first.x, self.cursor.x - wide + 1), self.cursor.x, max(0, columns - 1))
        first_y = min(max(self._first.y, self.cursor.y - high + 1), self.cursor.y, max(0, rows - 1))
        self._first = Offset(first_x, first_y)

    def on_resize(self) -> None:
        self._keep_cursor()
        self.refresh()

    def on_focus(self) -> None:
        self._refresh_cell(self.cursor.y, self.cursor.x)

    def on_blur(self) -> None:
        self._refresh_cell(self.cursor.y, self.cursor.x)

    def on_click(self, event: events.Click) -> None:
        column = (event.x - NAME_WIDTH) // self.cell_width + self._first.x
        row = event.y - HEAD + self._first.y
        if event.x >= NAME_WIDTH and event.y >= HEAD and row < len(self._grid.names) and column < len(self._grid.heads):
            self.move(column - self.cursor.x, row - self.cursor.y)

    def on_mouse_scroll_down(self) -> None:
        self.move(0, 3)

    def on_mouse_scroll_up(self) -> None:
        self.move(0, -3)

    def _refresh_cell(self, row: int, column: int) -> None:
        y = HEAD + row - self._first.y
        x = NAME_WIDTH + (column - self._first.x) * self.cell_width
        if y >= HEAD:
            self.refresh(Region(x, y, self.cell_width, 1))

    def render_line(self, y: int) -> Strip:
        """A heading line or one subject's cells."""
        spans = self._heading(y) if y < HEAD else self._row(y - HEAD + self._first.y)
        base = self.rich_style
        styles = role_styles(self.app.theme_variables)
        segments = [Segment(text, base + styles[role] if role else base) for text, role in spans]
        return Strip(segments).crop_extend(0, self.size.width, base)

    def _heading(self, y: int) -> list[Tile]:
        width = self.cell_width
        spans = [Tile(" " * NAME_WIDTH, "")]
        for head in self._grid.heads[self._first.x :]:
            rows = _two_lines(head, width - 1)
            spans.append(Tile(padded(rows[y], width, right=True), "dim"))
        return spans

    def _row(self, row: int) -> list[Tile]:
        if row >= len(self._grid.names):
            return []
        width = self.cell_width
        name = self._grid.names[row]
        spans = [Tile(padded(clip(name.text, NAME_WIDTH - 1), NAME_WIDTH), name.role)]
        for column in range(self._first.x, len(self._grid.heads)):
            tile = self._grid.tiles[row][column]
            marked = self.has_focus and Offset(column, row) == self.cursor
            text = padded(clip(tile.text, width - 3), width - 2, right=True)
            spans.append(Tile(f"[{text}]" if marked else f" {text} ", "cursor" if marked else tile.role))
        return spans


def _two_lines(text: str, width: int) -> Sequence[str]:
    """A label over two lines, the lower one filled first."""
    words = text.split(" ")
    for cut in range(len(words)):
        if len(" ".join(words[cut:])) <= width:
            return clip(" ".join(words[:cut]), width), " ".join(words[cut:])
    return clip(" ".join(words[:-1]), width), clip(words[-1], width)
