"""What every indicator says of every sector and asset, and where the number under the cursor comes from."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.picture import Picture
from cockpit.model.readings import Reading
from cockpit.ui import actions
from cockpit.ui.blocks.market import heat_role
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import EMPTY, Line, line, wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.table import facts
from cockpit.ui.widgets.heatmap import Grid, Heatmap, Tile
from cockpit.ui.widgets.lines_view import LinesView

MISSING = Tile("·", "dim")
SECTOR_ROWS = ("MARKET", "DEFI/L1", "L1", "DEFI", "BTC")
HEADS = {"price/RSI divergence": "price vs RSI", "network activity": "network active"}
"""Shorter words for narrow columns; the lines below the grid have the full ones."""
SHARED_BY = 4
"""An indicator of at least so many subjects is a column; the rest are named above the grid."""


def columns_of(readings: Iterable[Reading]) -> tuple[str, ...]:
    """The indicators that many subjects have, in the order in which they come."""
    subjects: dict[str, set[str]] = {}
    for reading in readings:
        subjects.setdefault(reading.indicator, set()).add(reading.subject)
    return tuple(indicator for indicator, found in subjects.items() if len(found) >= SHARED_BY)


def subjects_of(readings: Iterable[Reading], columns: Iterable[str], sectors: dict[str, Sector]) -> tuple[str, ...]:
    """The rows: market and pair first, then each sector followed by its assets."""
    wanted = set(columns)
    found = list(dict.fromkeys(reading.subject for reading in readings if reading.indicator in wanted))
    rows: list[str] = [subject for subject in ("MARKET", "DEFI/L1", "BTC") if subject in found]
    for sector in ("L1", "DEFI"):
        rows += [subject for subject in found if subject == sector]
        rows += [subject for subject in found if subject not in SECTOR_ROWS and sectors.get(subject) == sector]
    return (*rows, *(subject for subject in found if subject not in rows))


def grid_of(picture: Picture, *, values: bool) -> tuple[Grid, dict[tuple[int, int], Reading]]:
    """The heatmap of a picture and the reading behind each cell, keyed (row, column); scores, or raw values."""
    columns = columns_of(picture.readings)
    subjects = subjects_of(picture.readings, columns, picture.sectors)
    by_key = {(reading.subject, reading.indicator): reading for reading in picture.readings}
    labels = {reading.indicator: reading.label for reading in picture.readings}
    behind = {
        (y, x): by_key[subject, indicator]
        for y, subject in enumerate(subjects)
        for x, indicator in enumerate(columns)
        if (subject, indicator) in by_key
    }
    tiles = tuple(tuple(_tile(behind.get((y, x)), values=values) for x in range(len(columns))) for y in range(len(subjects)))
    names = tuple(
        Tile(subject if subject in SECTOR_ROWS else f" {subject}", "strong" if subject in SECTOR_ROWS else "")
        for subject in subjects
    )
    heads = tuple(HEADS.get(labels[indicator], labels[indicator]) for indicator in columns)
    return Grid(heads, names, tiles), behind


def _tile(reading: Reading | None, *, values: bool) -> Tile:
    if reading is None or reading.raw is None:
        return MISSING
    if values or reading.score is None:
        number, _, unit = fmt.reading(reading).partition(" ")
        return Tile(number + ("%" if unit.startswith("%") and not values else ""), heat_role(reading.score))
    return Tile(fmt.score(reading.score), heat_role(reading.score))


def detail(reading: Reading | None, subject: str, label: str, now: datetime, width: int) -> list[Line]:
    """What one cell means, in at most four lines."""
    if reading is None:
        return [line((f"{subject} {label}", "strong"), "   not defined for this subject")]
    if reading.raw is None:
        head = line((f"{subject} {reading.label}", "strong"), "   no data")
    else:
        score = "not scored" if reading.score is None else f"score {fmt.score(reading.score)} of −1 … +1"
        head = line((f"{subject} {reading.label}", "strong"), f"   {fmt.reading(reading)}   ({reading.unit})   {score}")
    observed = f"observed {fmt.moment(reading.at)}, age {fmt.since(reading.at, now)}"
    where = f"source {reading.source or fmt.NONE}, {observed}, quality {reading.quality:.2f}"
    return [head, *wrapped(where, width, "dim"), *(wrapped(fmt.minus(reading.note), width, "dim") if reading.note else [])][:4]


def singles(picture: Picture, width: int) -> list[Line]:
    """The indicators that only a few subjects have and that the phase view does not show, with their values."""
    shown = {*columns_of(picture.readings), *(row.indicator for row in (picture.call.rows if picture.call else ()))}
    return facts(
        [
            (
                f"{reading.subject} {reading.label}"
                if not reading.label.casefold().startswith(reading.subject.casefold())
                else reading.label,
                (fmt.reading(reading), "dim" if reading.raw is None else ""),
            )
            for reading in picture.readings
            if reading.indicator not in shown
        ],
        width,
    )


class SignalsView(View):
    """Single indicators above, the heatmap, and the cell under the cursor explained below."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.SIGNALS)]

    def __init__(self) -> None:
        super().__init__(id="signals")
        self._picture: Picture | None = None
        self._values = False
        self._behind: dict[tuple[int, int], Reading] = {}
        self._grid = Grid((), (), ())

    def compose(self) -> ComposeResult:
        yield LinesView(id="signal-singles")
        yield Heatmap(id="heatmap")
        yield LinesView(id="signal-detail")

    def on_mount(self) -> None:
        for each in self.query(LinesView):
            each.can_focus = False

    def take_focus(self) -> None:
        """The arrows move the cursor."""
        self.query_one(Heatmap).focus()

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        self._picture = picture
        self._rebuild()

    def on_resize(self) -> None:
        self._rebuild()

    def _rebuild(self) -> None:
        picture, width = self._picture, self.size.width - 2
        if picture is None or width < 1 or not self.is_mounted:
            return
        heatmap = self.query_one(Heatmap)
        top = self.query_one("#signal-singles", LinesView)
        heatmap.display = bool(picture.readings)
        if not picture.readings:
            top.show_lines(waiting(picture.signals_progress, "the signals", width))
            self.query_one("#signal-detail", LinesView).show_lines([])
            return
        first = not self._grid.names
        self._grid, self._behind = grid_of(picture, values=self._values)
        shown = "raw values" if self._values else "scores"
        top.show_lines(
            [*singles(picture, width)[:5], EMPTY, line((shown, "title"), ("   −1 ", "dim"), *_ramp(), (" +1   · missing", "dim"))]
        )
        heatmap.show_grid(self._grid)
        if first and self._behind:
            row, column = min(self._behind)
            heatmap.move(column, row)
        self._explain()

    def _explain(self) -> None:
        cursor = self.query_one(Heatmap).cursor
        if self._picture is None or not self._grid.heads or not self._grid.names:
            return
        name = self._grid.names[cursor.y].text.strip()
        reading, head = self._behind.get((cursor.y, cursor.x)), self._grid.heads[cursor.x]
        lines = detail(reading, name, head, self._picture.now, self.size.width - 4)
        self.query_one("#signal-detail", LinesView).show_lines(lines)

    def on_heatmap_moved(self) -> None:
        self._explain()

    def action_toggle_values(self) -> None:
        """Scores or raw values."""
        self._values = not self._values
        self._rebuild()


def _ramp() -> Line:
    return tuple(
        span
        for role, text in (
            ("fall3", "−−−"),
            ("fall2", "−−"),
            ("fall1", "−"),
            ("level", "0"),
            ("rise1", "+"),
            ("rise2", "++"),
            ("rise3", "+++"),
        )
        for span in line((f" {text} ", role))
    )
