"""Every position: sorted, filtered, and all about the row under the cursor."""

from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.blocks.detail_place import Place, detail_place
from cockpit.ui.blocks.holdings import Holding, Kind, holdings, matching
from cockpit.ui.blocks.position_grid import Order, fields, grid_rows, heads, ordered, sorting
from cockpit.ui.blocks.positions import remarks, wallets
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import key_of
from cockpit.ui.lines import Line, clip, line, width_of
from cockpit.ui.panes.pane import View
from cockpit.ui.port import Host
from cockpit.ui.widgets.filter_line import FilterLine
from cockpit.ui.widgets.key_lines import NAME, KeyLines
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.position_detail import PositionDetail
from cockpit.ui.widgets.table_view import TableView

AROUND = 3
"""The lines of the view that are neither table nor detail: wallets and status."""
SECTOR_ROOM = 8
"""The column that a flat list has and a grouped one has not."""


class PositionsView(View):
    """The wallets, the table with its filter, and the detail of the row under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.POSITIONS)]

    def __init__(self) -> None:
        super().__init__(id="positions")
        self._picture: Picture | None = None
        self._rows: list[Holding] = []
        self._shown: list[Holding] = []
        self._order = Order()
        self._words = ""
        self._asked = False
        self._place = Place()
        self._columns = 0
        """The cells that every column of the table needs, filtered or not."""

    def _host(self) -> Host:
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        yield LinesView(id="positions-wallets")
        yield FilterLine(id="positions-filter")
        with Container(id="positions-body"):
            with Container(id="positions-master"):
                yield TableView(id="positions-table")
            yield PositionDetail()
        yield KeyLines("positions", id="positions-status")

    def on_mount(self) -> None:
        self._wallets.can_focus = False

    @property
    def table(self) -> TableView:
        """The table."""
        return self.query_one(TableView)

    @property
    def detail(self) -> PositionDetail:
        """The detail, shown or not."""
        return self.query_one(PositionDetail)

    @property
    def _status(self) -> KeyLines:
        return self.query_one("#positions-status", KeyLines)

    @property
    def _wallets(self) -> LinesView:
        return self.query_one("#positions-wallets", LinesView)

    def take_focus(self) -> None:
        """The arrows move over the table, or over the detail where it stands in its place."""
        (self.detail if self._place.where == "instead" else self.table).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        self._picture = picture
        self._rebuild()

    def on_resize(self) -> None:
        if self.resized():
            self._rebuild()

    def on_descendant_focus(self) -> None:
        """What the status says of the detail depends on who has the keys."""
        if self._picture is not None and self._picture.exposure is not None:
            self._rebuild_status()

    # What stands in it

    def _rebuild(self) -> None:
        picture, width = self._picture, self.size.width - 3
        if picture is None or width < 20 or not self.is_mounted:
            return
        self.set_class(picture.exposure is None, "waiting")
        if picture.exposure is None:
            self._wallets.show_lines(waiting(picture.book_progress, "the book", width))
            self._status.show_lines([])
            return
        told = remarks(picture, width, self._host().keymap, whole=True)
        self._wallets.show_lines([*wallets(picture.exposure, width), *told])
        self._rows = holdings(picture)
        sectors = {row.sector: row for row in self._rows if row.kind is Kind.SECTOR}
        self._shown = ordered(matching(self._rows, self._words), self._order, sectors)
        columns = fields(self._order, picture, filtered=bool(self._words))
        self.table.show_table(heads(columns), grid_rows(self._shown, columns, picture), sorting(columns, self._order))
        self._place_detail()
        self._rebuild_status()
        self._rebuild_detail()

    def _rebuild_status(self) -> None:
        """How many rows, in which order, what is not in view: as much of it as finds room."""
        width, keymap = self.size.width - 3, self._host().keymap
        ends = f"{key_of('positions.close', keymap)} ends the filter"
        assets = [row for row in self._rows if row.kind is Kind.ASSET]
        shown = [row for row in self._shown if row.kind is Kind.ASSET]
        if self._words and not shown:
            told = line((f'Nothing contains "{clip(self._words, 30)}": {ends}.', "warn"))
            self._status.show_lines([told])
            return
        parts: list[Line] = [line((self._way_of_detail(), NAME))] if self._place.where else []
        if self._words:
            count = line((str(len(shown)), "strong", "book.holdings"), " of ", (str(len(assets)), "", "book.holdings"))
            parts += [(*count, *line(f' contain{"s" * (len(shown) == 1)} "{clip(self._words, 20)}"')), line((ends, NAME))]
        else:
            parts.append(line((str(len(assets)), "", "book.holdings"), f" holding{'s' if len(assets) != 1 else ''}"))
        parts.append(line(f"by {self._order.title}, {self._way}" if self._order.title else "by sector"))
        if not self._picture or not self._picture.positions:
            parts.append(line("No perpetual is open."))
        if len(self.table.columns_in_view) < len(self.table.heads):
            parts.append(line(f"{key_of('move.left', keymap)} {key_of('move.right', keymap)} more columns"))
        if self._order.title:
            parts.append(line((f"{key_of('positions.group', keymap)} by sector", NAME)))
        told = parts[0]
        for part in parts[1:]:
            if width_of(told) + 3 + width_of(part) <= width:
                told = (*told, *line((" · ", "dim")), *part)
        self._status.show_lines([told])

    def _way_of_detail(self) -> str:
        """Which key leads into the detail, out of it, or closes it."""
        keymap, place = self._host().keymap, self._place
        if self.detail.has_focus and place.where != "instead":
            return f"{key_of('positions.close', keymap)} goes back to the table"
        if place.standing:
            return f"{key_of('positions.detail', keymap)} scrolls the detail"
        return f"{key_of('positions.close', keymap)} closes the detail"

    @property
    def _way(self) -> str:
        """Which end of the order comes first; names have no size."""
        picture, title, down = self._picture, self._order.title, self._order.descending
        columns = fields(self._order, picture, filtered=bool(self._words)) if picture is not None else ()
        if any(isinstance(column.value(row), str) for column in columns if column.title == title for row in self._shown):
            return "Z to A" if down else "A to Z"
        return "largest first" if down else "smallest first"

    # The order

    def action_sort(self) -> None:
        """Sort by the marked column; once more turns it around."""
        picture = self._picture
        if picture is None or not self.table.heads:
            return
        field = fields(self._order, picture, filtered=bool(self._words))[self.table.marked]
        again = self._order.title == field.title
        self._order = Order(field.title, not self._order.descending if again else field.largest)
        self._rebuild()

    def action_group(self) -> None:
        """Back to the sectors."""
        self._order = Order()
        self._rebuild()

    def on_table_view_head_pressed(self) -> None:
        """A heading that is clicked is the marked one by now."""
        self.action_sort()

    def on_table_view_shifted(self) -> None:
        if self._picture is not None and self._picture.exposure is not None:
            self._rebuild_status()

    # The filter

    def action_filter(self) -> None:
        """Type words."""
        self.query_one(FilterLine).open()

    def on_filter_line_narrowed(self, event: FilterLine.Narrowed) -> None:
        self._words = event.words
        if event.done:
            self.take_focus()
        self._rebuild()

    def action_close(self) -> None:
        """From the detail back to the table; there close it where it was asked for, else end the filter."""
        if self.detail.has_focus and self._place.where != "instead":
            self.take_focus()
        elif self._place.where and not self._place.standing:
            self._asked = False
            self._place_detail()
            self.take_focus()
            self._rebuild_status()
        elif self._words:
            self.query_one(FilterLine).action_cancel()

    # The detail

    def action_detail(self) -> None:
        """Open the detail, which follows the cursor from then on; where it is open, take the keys there."""
        if not self.table.cursor:
            return
        if self.screen.maximized is not None:
            self.screen.minimize()
        if self._place.where:
            self.detail.focus()
            return
        self._asked = True
        self._place_detail()
        self.take_focus()
        self._rebuild_detail()
        self._rebuild_status()

    def on_table_view_chosen(self) -> None:
        self.action_detail()

    def on_table_view_moved(self) -> None:
        self._rebuild_detail()

    def _place_detail(self) -> None:
        """Where all rows and columns of the table find room beside it, it stands open; a filter or an order does not move it."""
        if self._order.title or self._words:
            self._columns = max(self._columns, self.table.least_width)
        else:
            self._columns = self.table.least_width + SECTOR_ROOM
        width, height = self.size.width, self.size.height - AROUND
        place = detail_place(width, height, self._columns, len(self._rows) + 1, asked=self._asked)
        if place == self._place:
            return
        focused, self._place = self.detail.has_focus, place
        for where in ("beside", "below", "instead"):
            self.set_class(place.where == where, f"drawer-{where}")
        master = self.query_one("#positions-master")
        master.styles.width = place.table if place.where == "beside" else None
        master.styles.height = place.table if place.where == "below" else None
        if focused and not place.where:
            self.take_focus()

    def _rebuild_detail(self) -> None:
        if self._picture is not None and self._place.where:
            row = next((row for row in self._shown if row.key == self.table.cursor), None)
            self.detail.show_row(row, self._rows, self._picture)
