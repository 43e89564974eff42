"""A grid of readings with a cursor: a number or a glyph in every cell, colour second, missing is "·" and never 0."""

from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from cockpit.ui import actions
from cockpit.ui.figures import Shown, figures_of, plain_of
from cockpit.ui.grid import HEAD, NOTHING, Grid
from cockpit.ui.lines import Line
from cockpit.ui.roles import role_styles


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
    def first(self) -> Offset:
        """The column and the row that stand first on the screen."""
        return self._first

    def show_grid(self, grid: Grid) -> None:
        """Show this grid; only cells that changed are painted again."""
        old, self._grid = self._grid, grid
        if old._replace(tiles=()) != grid._replace(tiles=()) or len(old.tiles) != len(grid.tiles):
            self._keep_cursor()
            self.refresh()
            return
        for row, (before, after) in enumerate(zip(old.tiles, grid.tiles, strict=True)):
            for column, pair in enumerate(zip(before, after, strict=True)):
                if pair[0] != pair[1]:
                    self._refresh_cell(row, column)

    def put_cursor(self, cursor: Offset) -> None:
        """The cursor on this cell, or the nearest that there is; nobody is told."""
        self.cursor = cursor
        self._keep_cursor()
        self.refresh()

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
        """As many rows up or down as there are on the screen."""
        self.move(0, max(1, self.size.height - HEAD - 1) * by)

    def action_end(self, way: int) -> None:
        """To the first or the last row."""
        self.move(0, way * len(self._grid.names))

    def _keep_cursor(self) -> None:
        """The cursor inside the grid, and the view around the cursor."""
        rows, columns = len(self._grid.names), len(self._grid.heads)
        self.cursor = Offset(max(0, min(self.cursor.x, columns - 1)), max(0, min(self.cursor.y, rows - 1)))
        wide = self._grid.columns_in(self.size.width)
        high = max(1, self.size.height - HEAD)
        first_x = min(max(self._first.x, self.cursor.x - wide + 1), self.cursor.x, max(0, columns - wide))
        first_y = min(max(self._first.y, self.cursor.y - high + 1), self.cursor.y, max(0, rows - high))
        self._first = Offset(max(0, first_x), max(0, first_y))

    def on_resize(self) -> None:
        first = self._first
        self._keep_cursor()
        if self._first != first:
            self.refresh()

    def on_focus(self) -> None:
        self._refresh_cell(self.cursor.y, self.cursor.x)

    def on_blur(self) -> None:
        self._refresh_cell(self.cursor.y, self.cursor.x)

    def on_click(self, event: events.Click) -> None:
        grid = self._grid
        column = (event.x - grid.name_width) // grid.cell_width(self.size.width) + self._first.x
        row = event.y - HEAD + self._first.y
        if event.x >= grid.name_width and event.y >= HEAD and row < len(grid.names) and column < len(grid.heads):
            self.move(column - self.cursor.x, row - self.cursor.y)

    def on_mouse_scroll_down(self) -> None:
        self.move(0, 3)

    def on_mouse_scroll_up(self) -> None:
        self.move(0, -3)

    def _refresh_cell(self, row: int, column: int) -> None:
        y = HEAD + row - self._first.y
        cell = self._grid.cell_width(self.size.width)
        x = self._grid.name_width + (column - self._first.x) * cell
        if HEAD <= y < self.size.height:
            self.refresh(Region(x, y, cell, 1))

    # What it shows

    def render_line(self, y: int) -> Strip:
        """A heading line or one subject's cells."""
        base = self.rich_style
        styles = role_styles(self.app.theme_variables)
        segments = [Segment(text, base + styles[role] if role else base) for text, role, _ in self._line(y)]
        return Strip(segments).crop_extend(0, self.size.width, base)

    def _line(self, y: int) -> Line:
        if y < HEAD:
            return self._grid.heading(y, self._first.x, self.size.width)
        row = y - HEAD + self._first.y
        marked = self.cursor.x if self.has_focus and row == self.cursor.y else None
        return self._grid.row(row, self._first.x, self.size.width, marked)

    def figures(self) -> list[Shown]:
        """The numbers that stand on the screen."""
        return figures_of(self._line(y) for y in range(self.size.height))

    def plain(self) -> str:
        """The whole grid as bare text."""
        grid = self._grid
        width = grid.name_width + grid.most * len(grid.heads)
        heads = [grid.heading(y, 0, width) for y in range(HEAD)]
        return plain_of([*heads, *(grid.row(row, 0, width) for row in range(len(grid.names)))])
