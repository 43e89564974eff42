"""Where a weight stands against its target and the band around it: a bar that shows it, and the word that says it."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import OUTSIDE, Sector
from cockpit.model.exposure import Exposure
from cockpit.model.money import ZERO
from cockpit.ui.lines import Line, Span, span, wrapped

INSIDE_CELLS = 1
OUTSIDE_CELLS = 2
SCALE_WITHOUT_BAND = Decimal("0.05")
"""What the inner cells span on either side where no band says it."""
WORDS = {-1: "under", 0: "inside", 1: "over"}


def side_of_band(weight: Decimal, target: Decimal, band: Decimal) -> int:
    """0 inside the band, its edges included; -1 below it, +1 above it."""
    gap = weight - target
    return 0 if abs(gap) <= band else 1 if gap > 0 else -1


def drift_word(weight: Decimal, target: Decimal, band: Decimal | None) -> str:
    """inside, over or under; "" where there is no band, as STABLE has none: it is what the others leave."""
    return "" if band is None else WORDS[side_of_band(weight, target, band)]


def weight_of(exposure: Exposure, sector: Sector) -> Decimal:
    """A sector's weight of the base; nothing of it weighs nothing."""
    total = exposure.sectors.get(sector)
    return total.weight if total else ZERO


def share_to_move(targets: Mapping[Sector, Decimal], exposure: Exposure) -> Decimal:
    """What changes hands on the way to every target, as a fraction of the base: half the sum of the distances."""
    return sum((abs(target - weight_of(exposure, sector)) for sector, target in targets.items()), ZERO) / 2


def nothing_rotates(exposure: Exposure, width: int) -> list[Line]:
    """A book of which nothing can be rotated has no weights that could stand against targets."""
    if exposure.nav <= 0:
        return wrapped(f"Nothing to rotate: NAV is {fmt.amount(exposure.nav)}.", width, "warn")
    outside = [sector.value for sector in exposure.sectors if sector in OUTSIDE]
    words = f"Nothing to rotate: what is held stands outside the rotation ({', '.join(outside)}); no plan trades it."
    return wrapped(words, width, "warn")


def drift_bar(weight: Decimal, target: Decimal, band: Decimal | None) -> Span:
    """Nine cells: brackets at the edges of the band, │ the target, █ the weight, ◂ or ▸ where it is more than two bands off.

    A weight inside the band never stands outside of its brackets, and the other way round. Where there is no band there are none.
    """
    gap, scale = weight - target, band or SCALE_WITHOUT_BAND
    side = side_of_band(weight, target, scale if band is None else band)
    far = False
    if side == 0:
        place = _rounded(gap / scale * INSIDE_CELLS)
    else:
        steps = 1 + _rounded((abs(gap) - (band or 0)) / scale * OUTSIDE_CELLS / 2)
        far = steps > OUTSIDE_CELLS
        place = side * (INSIDE_CELLS + min(steps, OUTSIDE_CELLS))
    cells = {0: "│", place: ("▸" if side > 0 else "◂") if far else "█"}
    left, right = ("[", "]") if band is not None else ("·", "·")
    bar = (
        _cells(cells, -INSIDE_CELLS - OUTSIDE_CELLS, -INSIDE_CELLS)
        + left
        + _cells(cells, -INSIDE_CELLS, INSIDE_CELLS + 1)
        + right
        + _cells(cells, INSIDE_CELLS + 1, INSIDE_CELLS + OUTSIDE_CELLS + 1)
    )
    return span(bar, "warn" if side and band is not None else "accent", "book.drift")


def _cells(cells: dict[int, str], start: int, end: int) -> str:
    return "".join(cells.get(place, "·") for place in range(start, end))


def _rounded(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_EVEN))
