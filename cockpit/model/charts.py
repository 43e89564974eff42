"""What is drawn over time: an indicator's history, an asset's closes, the trails of the rotation map. Floats: for eyes only."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

from cockpit.model.assets import Sector


class Series(Struct, frozen=True, kw_only=True):
    """One indicator of one subject over days, oldest first; None where it is missing. `scores` run from -1 to +1."""

    subject: str
    indicator: str
    label: str
    unit: str
    days: tuple[date, ...]
    raws: tuple[float | None, ...]
    scores: tuple[float | None, ...]


class PriceHistory(Struct, frozen=True, kw_only=True):
    """An asset's daily closes in quote units, oldest first; None where there is none."""

    asset: str
    source: str
    days: tuple[date, ...]
    closes: tuple[float | None, ...]


class Quadrant(StrEnum):
    """Where a subject stands on the rotation map."""

    LEADING = "leading"
    WEAKENING = "weakening"
    LAGGING = "lagging"
    IMPROVING = "improving"


class TrailPoint(Struct, frozen=True):
    """A subject at the close of one day: strength and momentum against its benchmark, both around 100."""

    day: date
    strength: float
    momentum: float


class Trail(Struct, frozen=True, kw_only=True):
    """The way of a sector or an asset over the rotation map, oldest point first, at least one.

    `sector` is the asset's; a sector itself has `is_sector`.
    """

    subject: str
    sector: Sector
    is_sector: bool
    points: tuple[TrailPoint, ...]

    @property
    def quadrant(self) -> Quadrant:
        """Strength at 100 or above leads while momentum is at 100 or above, weakens below; under 100 it improves or lags."""
        now = self.points[-1]
        if now.strength >= 100:
            return Quadrant.LEADING if now.momentum >= 100 else Quadrant.WEAKENING
        return Quadrant.IMPROVING if now.momentum >= 100 else Quadrant.LAGGING


class IndicatorNote(Struct, frozen=True, kw_only=True):
    """How an indicator comes about, with the numbers of the settings in force: one line each."""

    indicator: str
    label: str
    unit: str
    formula: str
    inputs: str
    score: str
    """How the raw number becomes a score; "" where it is not scored."""
    reference: str
    """Where the formula is from."""
