"""Who leads and who follows: strength and momentum of sectors and assets in four named quadrants, with the way of ten days.

Read without colour: a name or a letter stands at the newest point, dots where it was before, and the legend says the rest.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.charts import Quadrant, Trail
from cockpit.model.picture import Picture, Stage
from cockpit.model.text import strip_unsafe
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.charts import Canvas
from cockpit.ui.charts.canvas import Range
from cockpit.ui.charts.spark import finite
from cockpit.ui.lines import EMPTY, Line, beside, clip, line, title, wrapped
from cockpit.ui.table import Column, Row, facts, table

STRENGTH, MOMENTUM, QUADRANT = "map.strength", "map.momentum", "map.quadrant"
NEUTRAL = 100.0
SECTOR_MARK, ASSET_MARK, TAIL = "◆", "●", "·"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
WAY_DAYS = 3
"""Over how many days the arrows look back."""
STILL = 0.1
"""Points that count as no movement."""
ROOM_FOR_TAIL = 60
"""Cells for each subject from which on all have a tail; below it only the sectors and the assets held."""
BESIDE_FROM = 104
LEGEND_WIDTH = 50
LEAST = (30, 7)
"""The smallest place in which a map says anything."""
ORDER = (Quadrant.LEADING, Quadrant.WEAKENING, Quadrant.LAGGING, Quadrant.IMPROVING)
ROLES = {Quadrant.LEADING: "good", Quadrant.WEAKENING: "warn", Quadrant.LAGGING: "bad", Quadrant.IMPROVING: "accent"}
LEGEND = (
    Column("", right=False),
    Column("", right=False, name=True, least=4, most=8),
    Column("quadrant", right=False, about=QUADRANT),
    Column("strength", about=STRENGTH),
    Column("momentum", about=MOMENTUM),
    Column("sector", right=False, drop=1),
)


class _Place(NamedTuple):
    """Where a subject's newest point is drawn, and what stands there."""

    trail: Trail
    column: int
    row: int
    start: int
    text: str
    key: str


def rotation_map(picture: Picture, width: int, height: int, assets: bool) -> list[Line]:
    """The whole map with its legend; the legend may need more lines than `height`, the drawing does not."""
    trails = _known(trail for trail in picture.trails if assets or trail.is_sector)
    if not trails:
        return _nothing(picture, width)
    head = _head(picture, width, assets)
    held = _held(picture)
    body = height - len(head)
    if width >= BESIDE_FROM:
        drawn, places = _draw(trails, held, width - LEGEND_WIDTH - 2, max(LEAST[1], body))
        return [*head, *beside(list(drawn), _legend(places, held, LEGEND_WIDTH), width - LEGEND_WIDTH - 2)]
    room = max(LEAST[1], body - min(len(trails) + 2, body // 3))
    drawn, places = _draw(trails, held, width, room)
    return [*head, *drawn, EMPTY, *_legend(places, held, width)]


def overview_map(picture: Picture, width: int, height: int) -> list[Line]:
    """The sectors and the assets held, in at most `height` lines, the legend in words below."""
    held = _held(picture)
    trails = _known(trail for trail in picture.trails if trail.is_sector or trail.subject in held)
    if not trails:
        return _nothing(picture, width)[:height]
    words = _words(trails, width)
    if height < LEAST[1] + 1 or width < LEAST[0]:
        return words[:height]
    words = words[: max(1, height // 4)]
    drawn, _ = _draw(trails, held, width, height - len(words))
    return [*drawn, *words]


def _nothing(picture: Picture, width: int) -> list[Line]:
    """Why there is no map."""
    if picture.signals_progress.stage is Stage.READY and picture.readings:
        return wrapped(TOO_SHORT, width, "dim")
    return waiting(picture.signals_progress, "the rotation map", width)


TOO_SHORT = "No rotation map: the history of prices is too short for strength and momentum."


def headline(picture: Picture) -> Line:
    """The sectors' quadrants in one line."""
    sectors = [trail for trail in picture.trails if trail.is_sector]
    if not sectors:
        return _nothing(picture, 60)[0]
    return line("  ".join(f"{trail.subject} {trail.quadrant} {_way(trail)}" for trail in sectors))


def _known(trails: Iterable[Trail]) -> tuple[Trail, ...]:
    """Those whose every point has a place."""
    return tuple(t for t in trails if all(finite(p.strength) is not None and finite(p.momentum) is not None for p in t.points))


def _held(picture: Picture) -> frozenset[str]:
    """The assets that the book has, spot or perpetual."""
    exposure = picture.exposure
    return frozenset() if exposure is None else frozenset(row.asset for row in exposure.assets if row.spot or row.futures)


def _benchmark(picture: Picture) -> str:
    return next((asset for asset, sector in picture.sectors.items() if sector is Sector.BENCHMARK), "the benchmark")


def _head(picture: Picture, width: int, assets: bool) -> list[Line]:
    counted = "a: sectors alone" if assets else "a: with assets"
    note = f"→ strength ↑ momentum against {_benchmark(picture)}   {TAIL} days before   {counted}"
    return [title("Rotation map", clip(note, width - 14))]


# The drawing


@lru_cache(maxsize=16)
def _draw(
    trails: tuple[Trail, ...], held: frozenset[str], width: int, height: int
) -> tuple[tuple[Line, ...], tuple[_Place, ...]]:
    """The map as lines, and what stands where on it."""
    across, up = _range(p.strength for t in trails for p in t.points), _range(p.momentum for t in trails for p in t.points)
    x_ticks, y_ticks = _ticks(across, max(2, width // 14)), _ticks(up, max(2, height // 4))
    canvas = Canvas(width, height, across, up, x_ticks=x_ticks, y_ticks=y_ticks)
    places = _places(trails, held, canvas)
    canvas.line((NEUTRAL, NEUTRAL), up, "dim", "│")
    canvas.line(across, (NEUTRAL, NEUTRAL), "dim", "─")
    canvas.dots([NEUTRAL], [NEUTRAL], "dim", "┼")
    roomy = canvas.rows * canvas.columns >= ROOM_FOR_TAIL * len(trails)
    for trail in trails[::-1]:
        if not (roomy or trail.is_sector or trail.subject in held):
            continue
        older = trail.points[:-1]
        role = ROLES[trail.quadrant] if trail.is_sector else "dim"
        canvas.dots([point.strength for point in older], [point.momentum for point in older], role, TAIL)
    for column, row, name in _corners(canvas):
        canvas.text(column, row, name, "head")
    for place in places:
        canvas.text(place.start, place.row, place.text, ROLES[place.trail.quadrant])
    return tuple(canvas.lines(MOMENTUM, STRENGTH)), tuple(places)


def _range(values: Iterable[float]) -> Range:
    """Around 100, with room for every point; the smaller side has at least four tenths of the larger."""
    known = [value for value in values if finite(value) is not None]
    below = max((NEUTRAL - value for value in known), default=0.0)
    above = max((value - NEUTRAL for value in known), default=0.0)
    most = max(below, above, 0.5)
    return Range(NEUTRAL - max(below, 0.4 * most) * 1.1, NEUTRAL + max(above, 0.4 * most) * 1.1)


def _ticks(span: Range, count: int) -> list[tuple[float, str]]:
    """Whole steps away from 100."""
    step = next(size for size in (0.5, 1, 2, 5, 10, 20, 50, 100, 1e3, 1e6, math.inf) if (span.high - span.low) / size <= count)
    if math.isinf(step):
        return [(NEUTRAL, "100")]
    first, last = int((span.low - NEUTRAL) / step), int((span.high - NEUTRAL) / step)
    labels = [fmt.fixed(NEUTRAL + step * index, 0 if step >= 1 else 1) for index in range(first, last + 1)]
    longest = max(map(len, labels))
    return [(NEUTRAL + step * index, label.rjust(longest)) for index, label in zip(range(first, last + 1), labels, strict=True)]


def _corners(canvas: Canvas) -> list[tuple[int, int, str]]:
    """The quadrants' names, each in its own corner."""
    last, right = canvas.rows - 1, canvas.columns
    return [
        (1, 0, Quadrant.IMPROVING),
        (right - len(Quadrant.LEADING) - 1, 0, Quadrant.LEADING),
        (1, last, Quadrant.LAGGING),
        (right - len(Quadrant.WEAKENING) - 1, last, Quadrant.WEAKENING),
    ]


def _places(trails: Sequence[Trail], held: frozenset[str], canvas: Canvas) -> list[_Place]:
    """A name at every newest point where there is room for it, else a letter that the legend explains."""
    taken = {(column + offset, row) for column, row, name in _corners(canvas) for offset in range(len(name))}
    letters = iter(LETTERS)
    found = []
    for trail in sorted(trails, key=lambda t: (not t.is_sector, t.subject not in held, -_distance(t))):
        now = trail.points[-1]
        column, row = canvas.column_of(now.strength), canvas.row_of(now.momentum)
        mark = SECTOR_MARK if trail.is_sector else ASSET_MARK
        name = strip_unsafe(trail.subject)
        sides = ((f"{mark}{name}", column, row), (f"{name}{mark}", column - len(name), row))
        # A name of wide letters would shift the rest of its row: it gets a letter.
        place = next((p for p in sides if cell_len(name) == len(name) and _free(p, taken, canvas)), None)
        key = mark
        if place is None:
            key = next(letters, "?")
            place = _nearest(key, column, row, taken, canvas)
        text, start, row = place
        taken |= {(start + offset, row) for offset in range(-1, len(text) + 1)} if len(text) > 1 else {(start, row)}
        found.append(_Place(trail, column, row, start, text, key))
    return found


def _distance(trail: Trail) -> float:
    now = trail.points[-1]
    return abs(now.strength - NEUTRAL) + abs(now.momentum - NEUTRAL)


def _free(place: tuple[str, int, int], taken: set[tuple[int, int]], canvas: Canvas) -> bool:
    text, start, row = place
    inside = start >= 0 and start + len(text) <= canvas.columns
    return inside and not any((start + offset, row) in taken for offset in range(len(text)))


def _nearest(key: str, column: int, row: int, taken: set[tuple[int, int]], canvas: Canvas) -> tuple[str, int, int]:
    """The letter at its point, or at the free cell that is nearest to it."""
    cells = [(column + dx, row + dy) for dy in range(-3, 4) for dx in range(-6, 7)]
    free = [c for c in cells if c not in taken and 0 <= c[0] < canvas.columns and 0 <= c[1] < canvas.rows]
    x, y = min(free, key=lambda c: (abs(c[0] - column) + 2 * abs(c[1] - row), c), default=(column, row))
    return key, x, y


# The legend


def _legend(places: Sequence[_Place], held: frozenset[str], width: int) -> list[Line]:
    """Every subject by quadrant: its mark on the map, its numbers, and where the last days led."""
    ordered = sorted(places, key=lambda p: (not p.trail.is_sector, ORDER.index(p.trail.quadrant), -p.trail.points[-1].strength))
    rows = []
    for place in ordered:
        trail, now = place.trail, place.trail.points[-1]
        rows.append(
            Row(
                (
                    place.key,
                    (trail.subject, "strong" if trail.is_sector else ""),
                    (trail.quadrant.value, ROLES[trail.quadrant]),
                    f"{_number(now.strength)} {_arrow(trail, _strength)}",
                    f"{_number(now.momentum)} {_arrow(trail, _momentum)}",
                    "" if trail.is_sector else (f"{trail.sector}{' held' if trail.subject in held else ''}", "dim"),
                )
            )
        )
    return [
        *table(LEGEND, rows, width),
        line((f"arrows: the last {WAY_DAYS} days; = is under {fmt.number(STILL)} points", "dim", QUADRANT)),
    ]


def _number(value: float) -> str:
    return fmt.fixed(value, 2)


def _words(trails: Sequence[Trail], width: int) -> list[Line]:
    """The legend in running words."""
    return facts(
        [
            (trail.subject, (f"{trail.quadrant} {_way(trail)}", ROLES[trail.quadrant], QUADRANT))
            for trail in sorted(trails, key=lambda t: not t.is_sector)
        ],
        width,
    )


def _way(trail: Trail) -> str:
    """Where the last days led: strength first, then momentum."""
    return _arrow(trail, _strength, "←", "→") + _arrow(trail, _momentum)


def _strength(trail: Trail, index: int) -> float:
    return trail.points[index].strength


def _momentum(trail: Trail, index: int) -> float:
    return trail.points[index].momentum


def _arrow(trail: Trail, of: Callable[[Trail, int], float], down: str = "↓", up: str = "↑") -> str:
    back = max(-len(trail.points), -1 - WAY_DAYS)
    moved = of(trail, -1) - of(trail, back)
    return "=" if abs(moved) < STILL else up if moved > 0 else down
