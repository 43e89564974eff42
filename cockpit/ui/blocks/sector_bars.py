"""A plan's sectors before and after: net weight in figures, spot and perpetuals as bars from one axis."""

from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector
from cockpit.model.money import ZERO
from cockpit.model.plan import Plan, State
from cockpit.model.plan_figures import weight
from cockpit.ui.lines import Line, title
from cockpit.ui.table import Column, Row, table

SECTORS = (
    Column("sector", right=False),
    Column("before", about="book.weight"),
    Column("", right=False, drop=2),
    Column("→ after", about="book.weight"),
    Column("", right=False, drop=2),
    Column("target", about="book.target"),
    Column("spot", drop=1, about="book.spot"),
    Column("perp", drop=1, about="book.perp"),
)
SPOT, PERP, AXIS = "▇", "░", "│"
FIGURES = 55
"""Cells that the columns beside the two bars take at most."""
LEAST_BAR, WIDEST_BAR = 8, 32
LEAST_RIGHT = 2
"""Cells right of the axis in which both spot and a long show."""


class Parts(NamedTuple):
    """A sector in a state, as fractions of the base; `perp` is signed."""

    spot: Decimal
    perp: Decimal


class Scale(NamedTuple):
    """How many cells the whole of the base would take, and how many stand left and right of the axis."""

    cells: Decimal
    left: int
    right: int


def sector_bars(plan: Plan, width: int) -> list[Line]:
    """One row a sector. The bars share one scale; a short stands to the left of the axis, so that net is right less left."""
    base = plan.target.base
    sectors = tuple(dict.fromkeys((*plan.start.sectors, *plan.end.sectors)))
    shown = [sector for sector in sectors if sector in ROTATING]
    parts = {(s, i): parts_of(state, s, base) for i, state in enumerate((plan.start, plan.end)) for s in shown}
    scale = scale_of(list(parts.values()), max(LEAST_BAR, min(WIDEST_BAR, (width - FIGURES) // 2)))
    targets = {Sector.L1: plan.target.L1, Sector.DEFI: plan.target.DEFI, Sector.STABLE: plan.target.STABLE}
    rows = []
    for sector in sectors:
        end, rotates = plan.end.sectors.get(sector), sector in ROTATING
        rows.append(
            Row(
                (
                    (sector.value, "strong"),
                    fmt.percent(weight(plan.start, sector), unit=False) if rotates else fmt.NONE,
                    (bar(parts[sector, 0], scale), "dim") if rotates else "",
                    (fmt.percent(weight(plan.end, sector), unit=False) if rotates else fmt.NONE, "strong"),
                    (bar(parts[sector, 1], scale), "accent") if rotates else "",
                    fmt.percent(targets.get(sector), unit=False),
                    fmt.whole(end.spot) if end else "0",
                    _perp(sector, plan.end),
                )
            )
        )
    note = f"net, % of the base; {SPOT} spot  {PERP} perp" + (f", shorts left of {AXIS}" if scale.left else "")
    return [title("Before → after", note), *table(SECTORS, rows, width)]


def _perp(sector: Sector, state: State) -> str:
    """Signed notional; STABLE has none: its net is what the others leave."""
    if sector is Sector.STABLE:
        return fmt.NONE
    found = state.sectors.get(sector)
    return fmt.whole(found.futures, signed=True) if found and found.futures else "0"


def parts_of(state: State, sector: Sector, base: Decimal) -> Parts:
    """A sector's spot value and signed notional over the base."""
    found = state.sectors.get(sector)
    return Parts(found.spot / base, found.futures / base) if found is not None and base > 0 else Parts(ZERO, ZERO)


def scale_of(parts: list[Parts], width: int) -> Scale:
    """The scale in which the longest bar fills `width` cells; without a short there is no axis and no room left of it."""
    left = max((max(ZERO, -part.perp) for part in parts), default=ZERO)
    right = max((part.spot + max(ZERO, part.perp) for part in parts), default=ZERO)
    whole = left + right
    if whole <= 0:
        return Scale(ZERO, 0, width)
    room = width - 1 if left else width
    short = min(room - LEAST_RIGHT, max(1, _rounded(left / whole * room))) if left else 0
    cells = min((room - short) / right, short / left) if left and right else Decimal(room) / whole
    return Scale(cells, short, room - short)


def bar(part: Parts, scale: Scale) -> str:
    """Spot as ▇, then a long as ░, to the right of the axis; a short as ░ to its left. What is there has a cell at least."""
    short, spot, long = (_cells(value, scale.cells) for value in (-part.perp, part.spot, part.perp))
    long = min(long, scale.right - min(spot, 1))
    drawn = SPOT * min(spot, scale.right - long) + PERP * long
    if not scale.left:
        return drawn.ljust(scale.right)
    return (PERP * min(short, scale.left)).rjust(scale.left) + AXIS + drawn.ljust(scale.right)


def _cells(share: Decimal, scale: Decimal) -> int:
    return max(1, _rounded(share * scale)) if share > 0 else 0


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
