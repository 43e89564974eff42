"""A table with a cursor: the heading stays, columns that find no room follow the mark, only changed lines are painted."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from cockpit.ui.lines import EMPTY, Line, Span, clip, padded
from cockpit.ui.table_rows import Head, Sorting, TableRow
from cockpit.ui.widgets.lines_view import LinesView

GAP = 2
WIDEST_NAME = 26
QUIET = ("strong", "dim")
"""Roles that blanks do not show: a gap between two such cells goes with them, which saves a change of colour on the line."""


class TableView(LinesView):
    """Shows rows that are sorted and filtered already; says where its cursor and its column mark are."""

    class Moved(Message):
        """The cursor stands on another row."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class Chosen(Message):
        """The row under the cursor was clicked."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    class HeadPressed(Message):
        """A heading was clicked."""

        def __init__(self, column: int) -> None:
            super().__init__()
            self.column = column

    class Shifted(Message):
        """The column mark moved, or other columns are in view."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heads: tuple[Head, ...] = ()
        self._rows: tuple[TableRow, ...] = ()
        self._sorting: Sorting | None = None
        self._widths: list[int] = []
        self._cursor = 0
        self._marked = 0
        self._first = 1

    # What stands in it

    @property
    def cursor(self) -> str:
        """The key of the row under the cursor; "" without rows."""
        return self._rows[self._cursor].key if self._rows else ""

    @property
    def heads(self) -> tuple[Head, ...]:
        """Every column's heading, in view or not."""
        return self._heads

    @property
    def marked(self) -> int:
        """The column that is marked."""
        return self._marked

    @property
    def columns_in_view(self) -> tuple[int, ...]:
        """The columns that find room, in their order; the first one always."""
        if not self._heads:
            return ()
        shown, room = [0], self.scrollable_size.width - 2 - self._widths[0]
        for column in range(self._first, len(self._heads)):
            room -= self._widths[column] + GAP
            if room < 0:
                break
            shown.append(column)
        return tuple(shown)

    @property
    def least_width(self) -> int:
        """The cells, its scrollbar with them, that every column together needs."""
        return sum(self._widths) + GAP * len(self._widths) + self.scrollbar_size_vertical

    def show_table(self, heads: Sequence[Head], rows: Sequence[TableRow], sorting: Sorting | None = None) -> None:
        """Show these rows instead; the cursor stays on its row, the mark on its column.

        Columns grow with their cells and shrink only with other headings, so that a ticking number moves nothing beside it.
        """
        key, marked = self.cursor, self._heads[self._marked] if self._heads else None
        if tuple(heads) != self._heads:
            self._heads, self._widths = tuple(heads), [0] * len(heads)
            self._marked = self._heads.index(marked) if marked in self._heads else min(self._marked, max(0, len(heads) - 1))
        self._rows, self._sorting = tuple(rows), sorting
        self._cursor = next((i for i, row in enumerate(self._rows) if row.key == key), self._clamped(self._cursor))
        self._widths = [
            max(before, cell_len(head.title), *(cell_len(row.cells[column].text) for row in self._rows), 0)
            for column, (before, head) in enumerate(zip(self._widths, self._heads, strict=True))
        ]
        if self._widths:
            self._widths[0] = min(self._widths[0], WIDEST_NAME)
        self._paint()

    def _clamped(self, row: int) -> int:
        return max(0, min(row, len(self._rows) - 1))

    def _paint(self) -> None:
        self._keep_mark_in_view()
        shown = self.columns_in_view
        before = self.lines[:1]
        self.show_lines([self._heading(shown), *(self._row(i, shown) for i in range(len(self._rows)))] if shown else [])
        if self.scroll_offset.y and before != self.lines[:1]:
            self.refresh(Region(0, 0, self.size.width, 1))

    def _keep_mark_in_view(self) -> None:
        self._first = max(1, min(self._first, len(self._heads) - 1))
        if 0 < self._marked < self._first:
            self._first = self._marked
        while self._marked and self._first < self._marked and self._marked not in self.columns_in_view:
            self._first += 1

    def _heading(self, shown: Sequence[int]) -> Line:
        """The titles; ▲ or ▼ stands before the sorted one, brackets around the marked one, all in the gaps beside the titles."""
        parts = [Span(" ", "head")]
        for place, column in enumerate(shown):
            head, width = self._heads[column], self._widths[column]
            text = padded(clip(head.title, width), width, right=head.right)
            title = text.strip()
            before, _, after = text.partition(title)
            before = parts.pop().text + before if place == 0 else parts.pop().text + " " * (GAP - 1) + before
            marked = column == self._marked
            first, last = ("[", "]") if marked else (" ", " ")
            if self._sorting is not None and self._sorting.column == column:
                first = "▼" if self._sorting.descending else "▲"
            parts += [
                Span(before[:-1] + first, "head"),
                Span(title, "title" if marked else "head", "" if marked else head.about),
                Span(last + after, "head"),
            ]
        return tuple(parts)

    def plain(self) -> str:
        """The whole table as bare text: every column, in view or not, without the marks of the cursor."""
        titles = [padded(head.title, width, right=head.right) for head, width in zip(self._heads, self._widths, strict=True)]
        rows = [
            [
                padded(cell.text, width, right=head.right)
                for cell, head, width in zip(row.cells, self._heads, self._widths, strict=True)
            ]
            for row in self._rows
        ]
        return "\n".join((" " * GAP).join(cells).rstrip() for cells in ([titles] if titles else []) + rows)

    def _row(self, index: int, shown: Sequence[int]) -> Line:
        """▸ stands before the row under the cursor; with the focus its name is reversed. The other cells keep their roles."""
        row, here = self._rows[index], index == self._cursor
        parts = [Span("▸" if here else " ", "key" if here else "")]
        for place, column in enumerate(shown):
            cell, head = row.cells[column], self._heads[column]
            text = padded(clip(cell.text, self._widths[0]) if not place else cell.text, self._widths[column], right=head.right)
            role = "cursor" if here and not place and self.has_focus else cell.role
            gap = role if role == parts[-1].role and role in QUIET else ""
            parts += [Span(" " * GAP if place else "", gap), Span(text, role, cell.about)]
        return tuple(part for part in parts if part.text)

    # Moving over it

    def _move(self, rows: int) -> None:
        before, self._cursor = self._cursor, self._clamped(self._cursor + rows)
        if before != self._cursor:
            self._paint()
            self._follow()
            self.post_message(self.Moved(self.cursor))

    def _follow(self) -> None:
        """Scroll so that the cursor is in view below the heading."""
        top, high = self.scroll_offset.y, max(1, self.size.height - 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + high:
            self.scroll_to(y=self._cursor - high + 1, animate=False, force=True)

    def _mark(self, column: int) -> None:
        before, self._marked = self._marked, max(0, min(column, len(self._heads) - 1))
        if before != self._marked:
            self._paint()
            self.post_message(self.Shifted())

    def action_go(self, dx: int, dy: int) -> None:
        """Rows up and down, the column mark left and right."""
        if dy:
            self._move(dy)
        if dx:
            self._mark(self._marked + dx)

    def action_page(self, by: int) -> None:
        """A screenful of rows."""
        self._move(by * max(1, self.size.height - 2))

    def action_end(self, way: int) -> None:
        """To the first or the last row."""
        self._move(way * len(self._rows))

    def on_click(self, event: events.Click) -> None:
        """A heading sorts, a row takes the cursor, the row under the cursor is chosen."""
        if event.y == 0:
            column = self._column_at(event.x)
            if column is not None:
                self._mark(column)
                self.post_message(self.HeadPressed(column))
            return
        index = event.y - 1 + self.scroll_offset.y
        if index == self._cursor and self._rows:
            self.post_message(self.Chosen(self.cursor))
        elif index < len(self._rows):
            self._move(index - self._cursor)

    def on_mouse_scroll_right(self) -> None:
        self._shift(1)

    def on_mouse_scroll_left(self) -> None:
        self._shift(-1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With shift or ctrl the wheel goes sideways, as everywhere."""
        if event.shift or event.ctrl:
            self._shift(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        if event.shift or event.ctrl:
            self._shift(-1)

    def _shift(self, by: int) -> None:
        """Bring the next columns into view, or those before; the mark stays on a column that is in view."""
        if by > 0 and len(self._heads) - 1 in self.columns_in_view:
            return
        self._first = max(1, self._first + by)
        shown = self.columns_in_view
        if self._marked and self._marked not in shown and len(shown) > 1:
            self._marked = shown[1] if by > 0 else shown[-1]
        self._paint()
        self.post_message(self.Shifted())

    def _column_at(self, x: int) -> int | None:
        end = 1
        for column in self.columns_in_view:
            end += self._widths[column] + GAP
            if x < end:
                return column
        return None

    # Painting

    def watch_has_focus(self, has_focus: bool) -> None:
        """The row under the cursor shows it."""
        super().watch_has_focus(has_focus)
        self._paint()

    def on_resize(self) -> None:
        self._paint()
        self._follow()
        self.post_message(self.Shifted())

    def render_line(self, y: int) -> Strip:
        """The heading at the top whatever is scrolled; the rows below it."""
        return self._strip(self._lines[0] if self._lines else EMPTY) if y == 0 else super().render_line(y)
