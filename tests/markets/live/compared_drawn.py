"""Holds what is drawn against the world's history: charts of closes, the rotation map, the little histories of indicators."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from cockpit.model.assets import Sector
from cockpit.model.charts import PriceHistory, Series, Trail
from cockpit.model.instruments import MarginTier
from cockpit.model.picture import Picture
from tests.markets.live.compared import Compared, Truth, near, whole
from tests.markets.live.painted import Block, agrees, number, within
from tests.markets.live.reckoned import Reckoned, liquidation

if TYPE_CHECKING:
    from cockpit.signals.engine import Signals

LEVEL = re.compile(r"(?:[═┄─┈⠤]{2}|[↑↓][═┄─┈]|[═┄─┈⠤]) (liquidation|stop|entry|close) ([\d,.]+)")
TICK = re.compile(r"([\d,.]+)┤")
DATE = re.compile(r"\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
MARK = re.compile(r"([◆●])([A-Z0-9]+)|([A-Z0-9]+)([◆●])")
WAY = re.compile(r"([A-Z0-9]+) (leading|weakening|lagging|improving) ([←→=])([↓↑=])")
ROW = re.compile(r"([A-Z0-9]+) +(leading|weakening|lagging|improving) +([\d.]+) ([↓↑=]) +([\d.]+) ([↓↑=])")
CELL = re.compile(r"^ ?([A-Z0-9/]+) (strength|momentum|funding|RSI)   value", re.MULTILINE)
SPARK = re.compile(r"history +(\d{1,2} \w{3}) ([▁▂▃▄▅▆▇█·]+) (\d{1,2} \w{3})   low ([+−]?[\d.]+)[^ ]*.*? high ([+−]?[\d.]+)")
STRIP = re.compile(r"(L1|DEFI|BENCHMARK|MARKET) ([a-zA-Z][a-zA-Z ]*?) ([+−]?\d[\d.,]*)(?: %)?(?=\s\s|$)", re.MULTILINE)
STILL = 0.1
"""Points that count as no movement, over so many days: what the map says of its arrows."""
WAY_DAYS = 3
LABEL = re.compile(r"(\d+(?:\.\d)?)(?=\s|$)")
QUARTERS = (0, 0.25, 0.5, 0.75, 1)
CELLS = 1
"""How many cells a mark may stand beside its place: a scale is read from labels that stand on whole cells."""


class Past(NamedTuple):
    """What is drawn, from the world's own history."""

    trails: Mapping[str, Trail]
    closes: Callable[[str], PriceHistory]
    series: Callable[[str, str, int], Series]


class Drawn:
    """One look at what is drawn."""

    def __init__(self, found: Compared, picture: Picture, truth: Truth, tiers: Callable[[str], Sequence[MarginTier]]) -> None:
        assert picture.book is not None
        self._found, self._truth, self._past, self._tiers = found, truth, truth.past, tiers
        self._sum = Reckoned(picture.book, {}, picture.sectors)
        self._whole = whole(picture, truth)

    def judge(self, blocks: Sequence[Block]) -> None:
        """All of it, where the screen rests on everything that the world knows."""
        for block in blocks if self._whole else ():
            self._strip(block)
            text = block.text
            opening = re.search(r"^ ?\s?([A-Z0-9]+)  (?:L1|DEFI)  price", text, re.MULTILINE)
            if opening is not None:
                self._chart(block, opening[1])
            elif "improving" in text and "weakening" in text:
                self._map(block)
            elif CELL.search(text) is not None:
                self._cell(text)

    def _strip(self, block: Block) -> None:
        """The readings that no heatmap has room for, in words above it."""
        for match in STRIP.finditer(block.text) if "breadth" in block.text else ():
            told = self._truth.readings.get((match[1], match[2]))
            if told is not None and told.raw is not None:
                right = number(match[3]) == number(told.text.replace("-", "−"))
                self._found.note("signals", right, f"{match[0]!r} is {told.text}")

    # Closes with the prices that matter

    def _chart(self, block: Block, asset: str) -> None:
        closes = self._past.closes(asset)
        known = [close for close in closes.closes if close is not None]
        counted = re.search(r"Price  (\d+) daily closes", block.text)
        if counted is None or not known:
            return
        self._found.note("charts", int(counted[1]) == len(known), f"{counted[0]!r} of {asset}: the world has {len(known)}")
        scale = scale_of([(y, TICK.search(row)) for y, row in enumerate(block.rows)])
        names = [(y, match) for y, row in enumerate(block.rows) for match in LEVEL.finditer(row)]
        for y, match in names:
            truths = self._levels(asset, match[1], known[-1])
            right = any(agrees(match[2], value) for value in truths)
            self._found.note("charts", right, f"{match[0]!r} of {asset} is {truths}")
            level = number(match[2])
            if scale is not None and level is not None and match[0][0] not in "↑↓" and match.start() > 0:
                place = scale(float(level))
                beside = abs(y - place) <= CELLS + len(names) - 1
                self._found.note("charts", beside, f"{match[0]!r} of {asset} stands in row {y}, its price in row {place:.1f}")
        marks = {day_text(closes.days[round(part * (len(closes.days) - 1))]) for part in QUARTERS}
        axis = next((y for y, row in enumerate(block.rows) if "└" in row), None)
        if axis is not None and axis + 1 < len(block.rows):
            for label in DATE.findall(block.rows[axis + 1]):
                self._found.note("charts", label in marks, f"{label} under the closes of {asset} is none of {marks}")

    def _levels(self, asset: str, name: str, close: float) -> list[Decimal]:
        if name == "close":
            return [Decimal(repr(close))]
        found = []
        for position in self._sum.positions(asset):
            ends = liquidation(position, self._tiers(position.symbol)) if name == "liquidation" else None
            value = {"entry": position.entry_price, "stop": position.stop_price}.get(name, ends)
            found += [] if value is None else [value]
        return found

    # The rotation map

    def _map(self, block: Block) -> None:
        self._places(block)
        for match in WAY.finditer(block.text):
            trail = self._past.trails.get(match[1])
            if trail is not None:
                right = (match[2], match[3].translate(UPRIGHT), match[4]) == (trail.quadrant.value, *arrows(trail))
                self._found.note("map", right, f"{match[0]!r} is {trail.quadrant} {arrows(trail)}")
        for match in ROW.finditer(block.text):
            trail = self._past.trails.get(match[1])
            if trail is not None:
                now = trail.points[-1]
                right = match[2] == trail.quadrant.value and (match[4], match[6]) == arrows(trail)
                right = right and near(match[3], now.strength) and near(match[5], now.momentum)
                self._found.note("map", right, f"{match[0]!r} is {trail.quadrant} {now} {arrows(trail)}")

    def _places(self, block: Block) -> None:
        """Every mark with a name stands where its numbers are on the scales of the axes."""
        rows = block.rows
        axis = next((y for y, row in enumerate(rows) if "└" in row), None)
        if axis is None or axis + 1 >= len(rows):
            return
        up = scale_of([(y, TICK.search(row)) for y, row in enumerate(rows)])
        below = [(round((label.start() + label.end() - 1) / 2), label) for label in LABEL.finditer(rows[axis + 1])]
        ticks = [x for x, glyph in enumerate(rows[axis]) if glyph == "┬"]
        across = scale_of([next(((x, label) for near, label in below if abs(x - near) <= 2), (x, None)) for x in ticks])
        for y, row in enumerate(rows[:axis]):
            for match in MARK.finditer(row):
                trail = self._past.trails.get(match[2] or match[3])
                if trail is None:
                    continue
                now = trail.points[-1]
                x = match.start() if match[1] else match.end() - 1
                for cell, scale, value in ((x, across, now.strength), (y, up, now.momentum)):
                    if scale is not None:
                        right = abs(cell - scale(value)) <= CELLS + 0.5
                        self._found.note("places", right, f"{match[0]!r} stands at {cell}, and belongs at {scale(value):.1f}")

    # The history of one indicator

    def _cell(self, text: str) -> None:
        match = SPARK.search(text)
        opening = CELL.search(text)
        if match is None or opening is None:
            return
        drawn = match[2]
        series = self._past.series(opening[2], opening[1], len(drawn))
        shown = [raw for raw in series.raws if raw is not None]
        if not shown:
            return
        name = f"{opening[1]} {opening[2]}"
        for word, painted, value in (("low", match[4], min(shown)), ("high", match[5], max(shown))):
            if opening[2] != "funding":  # painted in percent
                right = within(painted, Decimal(repr(value)) - SMALL, Decimal(repr(value)) + SMALL)
                self._found.note("histories", right, f"the {word} of {name} is {painted}: {value}")
        ends = day_text(series.days[0]), day_text(series.days[-1])
        self._found.note("histories", (match[1], match[3]) == ends, f"{name} runs from {match[1]} to {match[3]}: {ends}")
        highest = max(range(len(series.raws)), key=lambda at: -math.inf if (raw := series.raws[at]) is None else raw)
        self._found.note("histories", drawn[highest] == max(drawn.replace("·", "")), f"{name} is highest at {highest}: {drawn}")


SMALL = Decimal("0.000001")
UPRIGHT = str.maketrans("←→", "↓↑")


def past_of(found: Signals, sectors: Mapping[str, Sector], days: int) -> Past:
    """What is drawn of signals that were read in the world."""
    from cockpit.signals import charts

    names = {track.indicator.label: name for (name, _), track in found.board.tracks.items()}
    told = charts.trails(found, sectors)
    return Past(
        {trail.subject: trail for trail in told},
        lambda asset: charts.price_history(found, asset, days),
        lambda label, subject, count: charts.series(found, names[label], subject, count),
    )


def scale_of(ticks: Sequence[tuple[int, re.Match[str] | None]]) -> Callable[[float], float] | None:
    """Which row or column a number belongs to, by the labels of an axis; None without two of them."""
    known = [(at, float(match[1].replace(",", ""))) for at, match in ticks if match is not None]
    if len(known) < 2:
        return None
    (first, low), (last, high) = known[0], known[-1]
    return lambda value: first + (value - low) / (high - low) * (last - first)


def arrows(trail: Trail) -> tuple[str, str]:
    """Where strength and momentum went in the last days."""
    now, then = trail.points[-1], trail.points[max(-len(trail.points), -1 - WAY_DAYS)]
    moved = now.strength - then.strength, now.momentum - then.momentum
    first, second = ("=" if abs(by) < STILL else "↑" if by > 0 else "↓" for by in moved)
    return first, second


def day_text(day: object) -> str:
    """As charts write a day."""
    return f"{day:%d %b}".lstrip("0")
