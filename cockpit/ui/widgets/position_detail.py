"""All about the row of the positions under the cursor: what the picture knows at once, the rest when it is there."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, cast

from cockpit.model import format as fmt
from cockpit.model.charts import PriceHistory
from cockpit.model.inquiry import Dossier
from cockpit.model.picture import Picture
from cockpit.ui.blocks.asset import asset_drawer, column_width
from cockpit.ui.blocks.holdings import Holding, Kind
from cockpit.ui.blocks.sector_detail import sector_drawer, wallet_drawer
from cockpit.ui.latest import Latest
from cockpit.ui.lines import EMPTY, Line, line
from cockpit.ui.port import Host
from cockpit.ui.precision import asset_tick
from cockpit.ui.widgets.lines_view import LinesView

CHART_HEIGHT = 14
LARGE_CHART = 24
SMALL_CHART = 8
LARGE_FROM = 48
"""The height from which a chart in a single column is a large one."""
BELOW_CHART = 10
"""The lines that the signals take below a chart in two columns."""
RENEW_SECONDS = 10
"""How long a dossier on ticking prices may stand."""
Levels = tuple[tuple[str, Decimal, str, str], ...]
"""Name, price, role, and the price as it is read."""


class Question(NamedTuple):
    """What is asked of the desk and drawn for one row: the asset, and its chart in so many cells."""

    asset: str
    levels: Levels
    tick: Decimal | None
    width: int
    height: int


class Found(NamedTuple):
    """What answers it."""

    dossier: Dossier
    chart: list[Line]


def draw(history: PriceHistory, question: Question) -> list[Line]:
    """The chart; for a worker thread, where importing what draws holds up nobody."""
    from cockpit.ui.charts import Level, price_chart

    levels = [Level(*level) for level in question.levels]
    return price_chart(history, levels, question.width, question.height, about="book.close", tick=question.tick)


class PositionDetail(LinesView):
    """Follows the row that it is given. An answer for another row, or for a chart of another size, is never shown."""

    def __init__(self) -> None:
        super().__init__(id="drawer")
        self._row: Holding | None = None
        self._rows: Sequence[Holding] = ()
        self._picture: Picture | None = None
        self._asked_for: tuple[object, ...] = ()
        self._found: Latest[Question, Found] | None = None

    def on_mount(self) -> None:
        self._found = Latest("dossier", self._look, self._host, self._rebuild)

    def _host(self) -> Host:
        return cast(Host, self.app)

    def _look(self, question: Question) -> Found:
        dossier = self._host().desk.dossier(question.asset)
        return Found(dossier, draw(dossier.history, question))

    def show_row(self, row: Holding | None, rows: Sequence[Holding], picture: Picture) -> None:
        """Show this row; `rows` are all that there are. Another row than before is shown from its top."""
        if self.scroll_offset.y and (row is None or self._row is None or row.key != self._row.key):
            self.scroll_home(animate=False)
        self._row, self._rows, self._picture = row, rows, picture
        self._rebuild()

    def on_resize(self) -> None:
        """The first time it has a place only now, and then what stands beside it is painted before it is made."""
        self.call_after_refresh(self._rebuild)

    def _rebuild(self) -> None:
        width, height = self.scrollable_size
        if self._picture is None or not self.display or width < 20:
            return
        self.show_lines(self._about(self._row, self._picture, width, height))

    def _about(self, row: Holding | None, picture: Picture, width: int, height: int) -> list[Line]:
        if row is None:
            return [line(("Nothing is under the cursor.", "dim"))]
        if row.kind is Kind.WALLET:
            return wallet_drawer(picture, width)
        if row.kind is Kind.SECTOR:
            own = [other for other in self._rows if other.sector is row.sector and other.kind is not Kind.SECTOR]
            return sector_drawer(picture, row, own, width)
        rows = [other for other in self._rows if other.kind is Kind.ASSET and other.name == row.name]
        question = _question(row.name, rows, picture, width, height)
        found, failure = self._ask(question, picture)
        keymap = self._host().keymap
        if found is not None:
            return asset_drawer(picture, rows, found.dossier, found.chart, "", width, keymap)
        room: list[Line] = [line(("… the chart is on its way", "dim")), *[EMPTY] * (question.height - 1)]
        return asset_drawer(picture, rows, None, room, failure, width, keymap)

    def _ask(self, question: Question, picture: Picture) -> tuple[Found | None, str]:
        """The answer that is there; it is asked for anew when question or book changed, and every now and then."""
        if self._found is None:
            return None, ""
        wanted = (question, picture.revision, int(picture.now.timestamp()) // RENEW_SECONDS)
        if wanted != self._asked_for:
            self._asked_for = wanted
            self._found.put(question)
        return self._found.answer, self._found.failure


def _question(asset: str, rows: Sequence[Holding], picture: Picture, width: int, height: int) -> Question:
    tick = asset_tick(picture.market, asset)
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
    room = column_width(width)
    return Question(asset, tuple(levels), tick, room, _chart_height(height, two_columns=room < width))


def _chart_height(height: int, *, two_columns: bool) -> int:
    """In two columns what the signals below it leave; in one the drawing may be scrolled to."""
    if two_columns:
        return max(SMALL_CHART, min(LARGE_CHART, height - BELOW_CHART))
    return LARGE_CHART if height >= LARGE_FROM else CHART_HEIGHT
