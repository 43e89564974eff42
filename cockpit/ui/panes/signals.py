"""What every indicator says of every sector and asset, today or day by day, the rotation map, and where a number comes from."""

from datetime import date
from functools import partial
from itertools import zip_longest
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Offset
from textual.message import Message

from cockpit.model.charts import Series
from cockpit.model.errors import CockpitError
from cockpit.model.picture import Picture
from cockpit.ui import actions, charts
from cockpit.ui.blocks import heat
from cockpit.ui.blocks.heat import Behind
from cockpit.ui.blocks.rotation_map import rotation_map
from cockpit.ui.blocks.signal_cell import cell_detail
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.grid import NOTHING
from cockpit.ui.keys import key_of
from cockpit.ui.lines import Line, line, width_of
from cockpit.ui.panes.pane import View
from cockpit.ui.port import Host
from cockpit.ui.widgets.heatmap import Heatmap
from cockpit.ui.widgets.lines_view import LinesView

HISTORY_DAYS = 120
BESIDE_FROM = 160
"""From this width on the map stands beside the heatmap."""
MOST_SINGLES = 2
MOST_KEPT = 400
"""Histories that are kept; a trader looks at few cells a day."""
Key = tuple[str, str, date | None]
"""Indicator, subject, and the day of the call: a new close makes a new history."""


class SizedLines(LinesView):
    """Lines that are made for their place: it tells when it has another one."""

    class Sized(Message):
        """The place has another size."""

    def on_resize(self) -> None:
        self.post_message(self.Sized())


class SignalsView(View):
    """Single indicators above, heatmap and map, and the cell under the cursor explained below."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.SIGNALS)]

    def __init__(self) -> None:
        super().__init__(id="signals")
        self._picture: Picture | None = None
        self._values = False
        self._by_day = False
        self._map_alone = False
        self._with_assets = True
        self._cursors: dict[bool, Offset] = {}
        self._behind: dict[tuple[int, int], Behind] = {}
        self._grid = NOTHING
        self._basis: tuple[object, ...] = ()
        """What the grid was made of: a tick that changes none of it makes no new one."""
        self._histories: dict[Key, Series | str] = {}
        self._asked: Key | None = None

    @property
    def cockpit(self) -> Host:
        """The app, with its desk and its workers."""
        return cast(Host, self.app)

    def compose(self) -> ComposeResult:
        yield LinesView(id="signal-singles")
        with Horizontal(id="signal-body"):
            yield Heatmap(id="heatmap")
            yield SizedLines(id="signal-map")
        yield SizedLines(id="signal-detail")

    def on_mount(self) -> None:
        self.query_one("#signal-singles", LinesView).can_focus = False
        if not charts.prepared():
            self.cockpit.ask("charts", charts.prepare, lambda _: self._rebuild())

    def take_focus(self) -> None:
        """The arrows move the cursor, or scroll the map where it stands alone."""
        if self._map_alone:
            self.query_one("#signal-map", LinesView).focus()
        else:
            self.query_one(Heatmap).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        self._picture = picture
        self._rebuild()

    def on_resize(self) -> None:
        if self.resized():
            self._rebuild()

    # What the keys do

    def action_toggle_values(self) -> None:
        """Scores or raw values."""
        self._values = not self._values
        self._rebuild()

    def action_toggle_days(self) -> None:
        """Assets by indicators, or sectors by days; each keeps its cursor."""
        heatmap = self.query_one(Heatmap)
        self._cursors[self._by_day] = heatmap.cursor
        self._by_day = not self._by_day
        self._map_alone = False
        self._rebuild()
        heatmap.put_cursor(self._cursors.get(self._by_day, Offset(0, 0)))
        self.take_focus()
        self._explain()

    def action_toggle_map(self) -> None:
        """The map in place of the heatmap."""
        self._map_alone = not self._map_alone
        self._rebuild()
        self.take_focus()

    def action_toggle_assets(self) -> None:
        """The map with the assets, or with the sectors alone."""
        self._with_assets = not self._with_assets
        self._draw_map()

    def on_sized_lines_sized(self) -> None:
        self._draw_map()
        self._explain()

    def on_heatmap_moved(self) -> None:
        self._explain()
        self._head()

    # What is shown

    def _rebuild(self) -> None:
        picture = self._picture
        if picture is None or self.size.width < 10 or not self.is_mounted:
            return
        heatmap, chart = self.query_one(Heatmap), self.query_one("#signal-map", LinesView)
        detail = self.query_one("#signal-detail", LinesView)
        beside = self.outer_size.width >= BESIDE_FROM
        known = bool(picture.readings)
        heatmap.display = known and not self._map_alone
        chart.display = known and (self._map_alone or beside)
        detail.display = known and not self._map_alone
        self.set_class(beside and not self._map_alone, "-beside")
        if not known:
            self._singles(waiting(picture.signals_progress, "the signals", self._width))
            return
        first = self._grid is NOTHING
        basis = (picture.readings, picture.sector_days, self._by_day, self._values)
        if any(new is not old for new, old in zip_longest(basis, self._basis)):
            make = heat.day_grid if self._by_day else heat.asset_grid
            self._grid, self._behind = make(picture, values=self._values)
            self._basis = basis
            heatmap.show_grid(self._grid)
        if first:
            heatmap.put_cursor(self._first_known())
        self._head()
        self._draw_map()
        self._explain()
        if self.display and self.screen.focused is None:
            self.take_focus()

    @property
    def _width(self) -> int:
        return self.size.width - 2

    def _first_known(self) -> Offset:
        """The first cell with a number."""
        for (row, column), cell in sorted(self._behind.items()):
            if cell.reading is not None and cell.reading.raw is not None:
                return Offset(column, row)
        return Offset(0, 0)

    def _head(self) -> None:
        """What the grid is of, and how its colours read."""
        picture = self._picture
        if picture is None or self._map_alone:
            self._singles([])
            return
        what = "Sectors by days" if self._by_day else "Assets by indicators"
        shown = "raw values" if self._values else "scores"
        rows = [] if self._by_day else heat.singles(picture, self._width)[:MOST_SINGLES]
        if self._by_day and not picture.sector_days:
            back = f"{key_of('signals.days', self.cockpit.keymap)} goes back to the assets"
            rows = [line((f"No days of the sectors are known; {back}.", "dim"))]
        key = heat.ramp(values=self._values)
        full = (*line((what, "title"), (f"  {shown}{self._more()}   ", "dim")), *key)
        short = line((what, "title"), (f"  {shown}{'' if self._values else ' −1 to +1'}{self._more()}", "dim"))
        self._singles([*rows, full if width_of(full) <= self._width else short])

    def _more(self) -> str:
        """Which columns and rows of how many are on the screen, where not all are."""
        heatmap, grid = self.query_one(Heatmap), self._grid
        wide = grid.columns_in(heatmap.size.width)
        if not heatmap.size.width or wide >= len(grid.heads):
            return ""
        first = heatmap.first.x
        return f", {first + 1} to {first + wide} of {len(grid.heads)}"

    def _singles(self, lines: list[Line]) -> None:
        top = self.query_one("#signal-singles", LinesView)
        top.display = bool(lines)
        top.styles.height = max(1, len(lines))
        top.show_lines(lines)

    def _draw_map(self) -> None:
        picture, chart = self._picture, self.query_one("#signal-map", LinesView)
        place = chart.scrollable_size
        if picture is None or not chart.display or place.width < 10 or place.height < 3:
            return
        if charts.prepared():
            chart.show_lines(rotation_map(picture, place.width, place.height, self._with_assets))
        else:
            chart.show_lines([line(("… drawing the rotation map", "dim"))])

    # The cell under the cursor

    def _explain(self) -> None:
        picture, detail = self._picture, self.query_one("#signal-detail", LinesView)
        cursor = self.query_one(Heatmap).cursor
        cell = self._behind.get((cursor.y, cursor.x))
        width = (detail.scrollable_size.width or self._width) - 1
        if picture is None or cell is None or width < 20:
            return
        key = self._key(cell)
        found = self._histories.get(key)
        detail.show_lines(cell_detail(cell, found, picture.notes.get(cell.indicator), picture.now, width))
        if found is None and self._defined(cell):
            self._ask(key)

    def _key(self, cell: Behind) -> Key:
        call = self._picture.call if self._picture else None
        return cell.indicator, cell.subject, call.day if call else None

    def _defined(self, cell: Behind) -> bool:
        return self._by_day or cell.reading is not None

    def _ask(self, key: Key) -> None:
        """The history of that cell. One question at a time: the cursor may run faster than the answers."""
        if self._asked is not None:
            return
        self._asked = key
        indicator, subject, _ = key
        self.cockpit.ask(
            "series",
            partial(self.cockpit.desk.series, indicator, subject, HISTORY_DAYS),
            partial(self._answered, key),
            partial(self._refused, key),
        )

    def _answered(self, key: Key, series: Series) -> None:
        self._keep(key, series)

    def _refused(self, key: Key, error: CockpitError) -> None:
        self._keep(key, str(error))

    def _keep(self, key: Key, found: Series | str) -> None:
        if len(self._histories) >= MOST_KEPT:
            self._histories.clear()
        self._histories[key] = found
        self._asked = None
        self._explain()
