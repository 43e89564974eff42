"""Curves over time or over the steps of a path, with levels such as entry, stop and liquidation: told apart without colour."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.charts import PriceHistory
from cockpit.ui.charts.canvas import FINE, Canvas, Range
from cockpit.ui.charts.spark import Value, finite, sparkline
from cockpit.ui.lines import Line, Span, clip, line, width_of
from cockpit.ui.table import facts

CURVE_GLYPHS = (FINE, "+", "x", "o")
LEVEL_GLYPHS = {"entry": "─", "stop": "┄", "liquidation": "═"}
OTHER_LEVEL = "┈"
FINE_SAMPLE = "⠤"
"""How a fine curve is shown beside its name."""
ROOM = 4.0
"""How many times the range of the curves a chart may cover so that levels are inside."""
LEAST_WIDTH = 20
LEAST_HEIGHT = 4
MARGIN_FROM = 46
"""From this width on the names stand at the right of their curves and levels, below it under the chart."""
Write = Callable[[float], str]


class Curve(NamedTuple):
    """Numbers one after another, None where one is missing. A name stands at the curve's end with its last number."""

    name: str
    values: Sequence[Value]
    role: str = "accent"


class Level(NamedTuple):
    """A price that matters, as a horizontal line; entry, stop and liquidation have glyphs of their own.

    `text` is the price as it should be read ("" lets the chart write it).
    """

    name: str
    price: Decimal | float
    role: str = ""
    text: str = ""

    @property
    def glyph(self) -> str:
        """What its line is made of."""
        return LEVEL_GLYPHS.get(self.name, OTHER_LEVEL)

    @property
    def label(self) -> str:
        """Its name and price."""
        return f"{self.name} {self.text or fmt.price(Decimal(str(self.price)))}"


class _Name(NamedTuple):
    """A label of the margin and the row where it would like to stand."""

    row: int
    text: str
    role: str


def price_chart(
    history: PriceHistory, levels: Sequence[Level], width: int, height: int, *, about: str = "", tick: Decimal | None = None
) -> list[Line]:
    """An asset's closes with the prices that matter to a position, in quote units; a level far away is named with an arrow.

    `tick` is the instrument's, `about` the glossary's entry of the prices.
    """
    days = [day for day, close in zip(history.days, history.closes, strict=True) if finite(close) is not None]
    if not days:
        return [line((f"no data: no closes of {history.asset}", "dim"))]
    marks = list(dict.fromkeys(history.days[round(part * (len(history.days) - 1))] for part in (0, 0.25, 0.5, 0.75, 1)))

    def write(value: float) -> str:
        return fmt.price(Decimal(str(value)), tick)

    levels = [
        level if level.text or finite(level.price) is None else level._replace(text=write(float(level.price))) for level in levels
    ]
    curve = Curve("close", history.closes)
    return line_chart([curve], width, height, levels=levels, x_labels=[fmt.day(day) for day in marks], write=write, about=about)


def line_chart(
    curves: Sequence[Curve],
    width: int,
    height: int,
    *,
    levels: Sequence[Level] = (),
    x_labels: Sequence[str] = (),
    write: Write = fmt.number,
    about: str = "",
) -> list[Line]:
    """The curves over one axis, at most `height` lines of at most `width` cells.

    `write` writes a number, `about` is the glossary's entry of what the curves count. `x_labels` are spread evenly from the first
    number to the last: one for each, or fewer. Beyond the first, curves are drawn with a glyph of their own, which stands before
    their name. "no data" where there is no number at all.
    """
    known = [[finite(value) for value in curve.values] for curve in curves]
    points = [value for values in known for value in values if value is not None]
    usable = [level for level in levels if finite(level.price) is not None]
    if not points:
        return [line(("no data", "dim"))]
    across, inside = _range(points, usable)
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        small = [line((sparkline(values, width), curve.role)) for curve, values in zip(curves, known, strict=True)]
        return [*small, *_below(curves, known, usable, inside, across, write, width, about)][:height]
    count = max(len(values) for values in known)
    beside = width >= MARGIN_FROM
    texts = [*(_sample(level.glyph, level.label) for level in usable), *_curve_texts(curves, known, write)]
    rows = height - 1 - bool(x_labels)
    beside = beside and len(texts) <= rows
    margin = max(map(len, texts), default=-1) + 1 if beside else 0
    below = [] if beside else _below(curves, known, usable, inside, across, write, width, about)
    canvas = Canvas(
        width - margin,
        max(LEAST_HEIGHT - 1, height - len(below)),
        Range(0, count - 1) if count > 1 else Range(-1, 1),
        across,
        x_ticks=_x_ticks(x_labels, count),
        y_ticks=_y_ticks(across, rows - len(below)),
    )
    ends = (0, count - 1) if count > 1 else (-1, 1)
    for level in inside:
        canvas.line(ends, (float(level.price),) * 2, level.role, level.glyph)
    for index, (curve, values) in enumerate(zip(curves, known, strict=True)):
        for xs, ys in _runs(values):
            canvas.line(xs, ys, curve.role, CURVE_GLYPHS[index % len(CURVE_GLYPHS)])
    drawn = canvas.lines(about)
    if not beside:
        return (drawn + below)[:height]
    names = _names(canvas, curves, known, usable, inside, across, write)
    return [_with_name(row, names.get(index), width - margin, about) for index, row in enumerate(drawn)]


def _range(points: Sequence[float], levels: Sequence[Level]) -> tuple[Range, list[Level]]:
    """What the vertical axis covers, and which levels lie in it: the nearest join while the curves keep their share."""
    low, high = min(points), max(points)
    pad = (high - low) or abs(high) * 0.05 or 1.0
    most = pad * ROOM
    if high == low:
        low, high = low - pad / 2, high + pad / 2
    middle = (low + high) / 2
    inside: list[Level] = []
    for level in sorted(levels, key=lambda level: abs(float(level.price) - middle)):
        wider = Range(min(low, float(level.price)), max(high, float(level.price)))
        if wider.high - wider.low <= most:
            low, high = wider
            inside.append(level)
    return Range(low, high), inside


def _runs(values: Sequence[float | None]) -> list[tuple[list[float], list[float]]]:
    """The stretches without a gap, as places and numbers."""
    found = []
    for known, part in groupby(enumerate(values), key=lambda pair: pair[1] is not None):
        if known:
            pairs = list(part)
            found.append(([float(at) for at, _ in pairs], [value for _, value in pairs if value is not None]))
    return found


def _x_ticks(labels: Sequence[str], count: int) -> list[tuple[float, str]]:
    if count < 2 or len(labels) < 2:
        return [(0.0, label) for label in labels[:1]]
    return [((count - 1) * index / (len(labels) - 1), label) for index, label in enumerate(labels)]


def _y_ticks(across: Range, rows: int) -> list[tuple[float, str]]:
    """Round numbers, about one in three rows."""
    span = across.high - across.low
    wanted = span / max(1, min(5, rows // 3))
    size = 10.0 ** math.floor(math.log10(wanted))
    step = next(part * size for part in (1, 2, 5, 10) if part * size >= wanted * 0.999)
    first = math.ceil(across.low / step - 1e-9)
    last = math.floor(across.high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    places = [index * step for index in range(first, last + 1)] or [across.low]
    labels = [_tick(place, digits) for place in places]
    longest = max(map(len, labels))
    return [(place, label.rjust(longest)) for place, label in zip(places, labels, strict=True)]


def _tick(value: float, digits: int) -> str:
    return fmt.number(value) if abs(value) >= 100_000 else fmt.amount(Decimal(repr(value)), digits)


def _sample(glyph: str, text: str) -> str:
    return f"{(FINE_SAMPLE if glyph == FINE else glyph) * 2} {text}"


def _curve_texts(curves: Sequence[Curve], known: Sequence[Sequence[float | None]], write: Write) -> list[str]:
    """The names of the curves that have one, with glyph and last number; "" for the others is left out."""
    return [_curve_text(index, curve, known[index], write) for index, curve in enumerate(curves) if curve.name]


def _curve_text(index: int, curve: Curve, values: Sequence[float | None], write: Write) -> str:
    last = next((value for value in reversed(values) if value is not None), None)
    number = fmt.NONE if last is None else write(last)
    return _sample(CURVE_GLYPHS[index % len(CURVE_GLYPHS)], f"{curve.name} {number}")


def _level_text(level: Level, inside: Sequence[Level], across: Range) -> str:
    if level in inside:
        return _sample(level.glyph, level.label)
    return f"{'↑' if float(level.price) > across.high else '↓'}{level.glyph} {level.label}"


def _names(
    canvas: Canvas,
    curves: Sequence[Curve],
    known: Sequence[Sequence[float | None]],
    levels: Sequence[Level],
    inside: Sequence[Level],
    across: Range,
    write: Write,
) -> dict[int, _Name]:
    """What stands in the margin of each row: every name as near to its line as the others let it."""
    wanted = []
    for level in levels:
        price = min(across.high, max(across.low, float(level.price)))
        wanted.append(_Name(canvas.row_of(price), _level_text(level, inside, across), level.role))
    for index, curve in enumerate(curves):
        last = next((value for value in reversed(known[index]) if value is not None), None)
        if curve.name and last is not None:
            wanted.append(_Name(canvas.row_of(last), _curve_text(index, curve, known[index], write), curve.role))
    wanted.sort(key=lambda name: name.row)
    rows = [name.row for name in wanted]
    for index in range(1, len(rows)):
        rows[index] = max(rows[index], rows[index - 1] + 1)
    limit = canvas.rows
    for index in reversed(range(len(rows))):
        rows[index] = limit = min(rows[index], limit - 1)
    return dict(zip(rows, wanted, strict=True))


def _with_name(row: Line, name: _Name | None, width: int, about: str) -> Line:
    if name is None:
        return row
    return (*row, Span(" " * (width - width_of(row) + 1)), Span(name.text, name.role, about))


def _below(
    curves: Sequence[Curve],
    known: Sequence[Sequence[float | None]],
    levels: Sequence[Level],
    inside: Sequence[Level],
    across: Range,
    write: Write,
    width: int,
    about: str,
) -> list[Line]:
    """The names under a narrow chart."""
    pairs = [(_level_text(level, inside, across), level.role) for level in levels]
    pairs += [(_curve_text(index, curve, known[index], write), curve.role) for index, curve in enumerate(curves) if curve.name]
    parted = [(text.partition(" "), role) for text, role in pairs]
    return facts([(glyph, (clip(name, width - len(glyph) - 1), role), about) for (glyph, _, name), role in parted], width)
