"""Every position: sorted, filtered, and all about the row under the cursor in a drawer."""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container

from cockpit.model import format as fmt
from cockpit.model.charts import PriceHistory
from cockpit.model.inquiry import Dossier
from cockpit.model.instruments import perp_symbol
from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.blocks.asset import asset_drawer, sector_drawer, wallet_drawer
from cockpit.ui.blocks.holdings import Holding, Kind, holdings, matching
from cockpit.ui.blocks.position_grid import Order, fields, grid_rows, heads, ordered, sorting
from cockpit.ui.blocks.positions import remarks, wallets
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import key_of
from cockpit.ui.latest import Latest
from cockpit.ui.lines import Line, clip, line, width_of, wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.port import Host
from cockpit.ui.precision import tick_of
from cockpit.ui.widgets.filter_line import FilterLine
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.table_view import TableView

BESIDE_FROM = 150
"""The width from which the drawer stands beside the table."""
BELOW_FROM = 30
"""The height from which it stands below; else it stands in place of the table."""
CHART_HEIGHT = 14
RENEW_SECONDS = 10
"""How long a dossier on ticking prices may stand."""


class Drawing(NamedTuple):
    """What a price chart is made from."""

    history: PriceHistory
    levels: tuple[tuple[str, Decimal, str, str], ...]
    """Name, price, role, and the price as it is read."""
    tick: Decimal | None
    width: int


def draw(drawing: Drawing) -> list[Line]:
    """The chart; for a worker thread, where importing what draws holds up nobody."""
    from cockpit.ui.charts import Level, price_chart

    levels = [Level(*level) for level in drawing.levels]
    return price_chart(drawing.history, levels, drawing.width, CHART_HEIGHT, about="book.close", tick=drawing.tick)


class PositionsView(View):
    """The wallets, the table with its filter, and the drawer."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.POSITIONS)]

    def __init__(self) -> None:
        super().__init__(id="positions")
        self._picture: Picture | None = None
        self._rows: list[Holding] = []
        self._shown: list[Holding] = []
        self._order = Order()
        self._words = ""
        self._open = False
        self._asked_for: tuple[object, ...] = ()
        self._dossier: Latest[str, Dossier] | None = None
        self._chart: Latest[Drawing, list[Line]] | None = None

    def _host(self) -> Host:
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        yield LinesView(id="positions-wallets")
        yield FilterLine(id="positions-filter")
        with Container(id="positions-body"):
            yield TableView(id="positions-table")
            yield LinesView(id="drawer")
        yield LinesView(id="positions-status")

    def on_mount(self) -> None:
        self._dossier = Latest("dossier", self._host().desk.dossier, self._host, self._rebuild_drawer)
        self._chart = Latest("price chart", draw, self._host, self._rebuild_drawer)
        self._status.can_focus = self._wallets.can_focus = False

    @property
    def table(self) -> TableView:
        """The table."""
        return self.query_one(TableView)

    @property
    def drawer(self) -> LinesView:
        """The drawer, shown or not."""
        return self.query_one("#drawer", LinesView)

    @property
    def _status(self) -> LinesView:
        return self.query_one("#positions-status", LinesView)

    @property
    def _wallets(self) -> LinesView:
        return self.query_one("#positions-wallets", LinesView)

    def take_focus(self) -> None:
        """The arrows move over the table, or over the drawer where it stands in its place."""
        (self.drawer if self.has_class("drawer-instead") else self.table).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        self._picture = picture
        self._rebuild()

    def on_resize(self) -> None:
        self._place_drawer()
        self._rebuild()

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
        self._wallets.show_lines([*wallets(picture.exposure, width), *remarks(picture, width, self._host().keymap)])
        self._rows = holdings(picture)
        sectors = {row.sector: row for row in self._rows if row.kind is Kind.SECTOR}
        self._shown = ordered(matching(self._rows, self._words), self._order, sectors)
        columns = fields(self._order, picture, filtered=bool(self._words))
        self.table.show_table(heads(columns), grid_rows(self._shown, columns, picture), sorting(columns, self._order))
        self._rebuild_status()
        self._rebuild_drawer()

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
        parts: list[Line] = [line(f"{key_of('positions.close', keymap)} closes the drawer")] if self._open else []
        if self._words:
            count = line((str(len(shown)), "strong", "book.holdings"), " of ", (str(len(assets)), "", "book.holdings"))
            parts += [(*count, *line(f' contain "{clip(self._words, 20)}"')), line(ends)]
        else:
            parts.append(line((str(len(assets)), "", "book.holdings"), " holdings"))
        parts.append(line(f"by {self._order.title}, {self._way}" if self._order.title else "by sector"))
        if not self._picture or not self._picture.positions:
            parts.append(line("No perpetual is open."))
        if len(self.table.columns_in_view) < len(self.table.heads):
            parts.append(line(f"{key_of('move.left', keymap)} {key_of('move.right', keymap)} more columns"))
        if self._order.title:
            parts.append(line(f"{key_of('positions.group', keymap)} by sector"))
        told = parts[0]
        for part in parts[1:]:
            if width_of(told) + 3 + width_of(part) <= width:
                told = (*told, *line((" · ", "dim")), *part)
        self._status.show_lines([told])

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
        """Close the drawer; without one end the filter."""
        if self._open:
            self._open = False
            self._place_drawer()
            self.take_focus()
            self._rebuild_status()
        elif self._words:
            self.query_one(FilterLine).action_cancel()

    # The drawer

    def action_detail(self) -> None:
        """Open the drawer; it follows the cursor from then on."""
        if self.table.cursor:
            if self.screen.maximized is not None:
                self.screen.minimize()
            self._open = True
            self._place_drawer()
            self.take_focus()
            self._rebuild_drawer()
            self._rebuild_status()

    def on_table_view_chosen(self) -> None:
        self.action_detail()

    def on_table_view_moved(self) -> None:
        self.drawer.scroll_home(animate=False)
        self._rebuild_drawer()

    def _place_drawer(self) -> None:
        """Beside the table where there is width, below it where there is height, else in its place."""
        beside = self.size.width >= BESIDE_FROM
        below = not beside and self.size.height >= BELOW_FROM
        self.set_class(self._open and beside, "drawer-beside")
        self.set_class(self._open and below, "drawer-below")
        self.set_class(self._open and not beside and not below, "drawer-instead")

    def _rebuild_drawer(self) -> None:
        picture = self._picture
        if not self._open or picture is None:
            return
        row = next((row for row in self._shown if row.key == self.table.cursor), None)
        if row is None:
            self.drawer.show_lines([line(("Nothing is under the cursor.", "dim"))])
            return
        width = max(30, self.drawer.scrollable_content_region.width or self.size.width - 4)
        self.drawer.show_lines(self._about(row, picture, width))

    def _about(self, row: Holding, picture: Picture, width: int) -> list[Line]:
        if row.kind is Kind.WALLET:
            return wallet_drawer(picture, width)
        if row.kind is Kind.SECTOR:
            own = [other for other in self._rows if other.sector is row.sector and other.kind is Kind.ASSET]
            return sector_drawer(picture, row, own, width)
        rows = [other for other in self._rows if other.kind is Kind.ASSET and other.name == row.name]
        dossier, failure = self._ask_dossier(row.name, picture)
        chart = [] if dossier is None else self._ask_chart(dossier, rows, picture, width)
        return asset_drawer(picture, rows, dossier, chart, failure, width, self._host().keymap)

    def _ask_dossier(self, asset: str, picture: Picture) -> tuple[Dossier | None, str]:
        """The dossier that is there; a new one is asked for when asset or book changed, and every now and then."""
        if self._dossier is None:
            return None, ""
        wanted = (asset, picture.revision, int(picture.now.timestamp()) // RENEW_SECONDS)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._dossier.put(asset)
        return self._dossier.answer, self._dossier.failure

    def _ask_chart(self, dossier: Dossier, rows: Sequence[Holding], picture: Picture, width: int) -> list[Line]:
        """The chart that is there, drawn off the loop."""
        if self._chart is None:
            return []
        tick = tick_of(picture.market, perp_symbol(dossier.asset))
        lines = [row.line for row in rows if row.line is not None]
        levels: list[tuple[str, Decimal, str, str]] = []
        for found in lines:
            position = found.position
            whose = f" {found.account}" if len(lines) > 1 else ""
            prices = (
                ("entry", position.entry_price, ""),
                ("stop", position.stop_price, "warn"),
                ("liquidation", found.liquidation_price, "bad"),
            )
            levels += [(name, price, role, fmt.price(price, tick) + whose) for name, price, role in prices if price is not None]
        drawing = Drawing(dossier.history, tuple(levels), tick, width)
        if drawing != self._chart.question:
            self._chart.put(drawing)
        if self._chart.failure:
            return wrapped(f"✗ {self._chart.failure}", width, "bad")
        return self._chart.answer or [line(("… the chart is being drawn", "dim"))]
