"""What a strategy asks of a book as it stands: weights by sector, and how far each may stray before anything is traded."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import ROTATING, Sector
from cockpit.model.exposure import Exposure
from cockpit.model.money import ZERO
from cockpit.model.strategy import Drift, Strategy, Weights

RISK = (Sector.L1, Sector.DEFI)
"""The sectors with targets of their own; STABLE is what they leave."""


def held_down(asked: Weights, never_raise: Collection[Sector], present: Mapping[Sector, Decimal]) -> Weights:
    """The weights with the sectors of `never_raise` at most at their present one; STABLE takes the rest."""
    chosen = {}
    for sector in RISK:
        weight = asked.of(sector)
        if sector in never_raise and sector in present:
            weight = min(weight, max(ZERO, present[sector]))
        chosen[sector] = weight
    return Weights(L1=chosen[Sector.L1], DEFI=chosen[Sector.DEFI], STABLE=1 - chosen[Sector.L1] - chosen[Sector.DEFI])


class Standing(Struct, frozen=True, kw_only=True):
    """What a strategy asks of a book as it stands, as fractions of the base.

    `weights` by sector; `bands`, how far L1 and DEFI may stray from them before anything is traded (STABLE is what they leave).
    """

    weights: dict[Sector, Decimal] = {}
    bands: dict[Sector, Decimal] = {}


def standing(strategy: Strategy, exposure: Exposure | None, drift: Drift) -> Standing:
    """The targets that a plan of this strategy would start from; without an exposure those of the strategy's file."""
    present = {s: e.weight for s, e in exposure.sectors.items()} if exposure is not None and exposure.base > 0 else {}
    weights = held_down(strategy.weights, strategy.never_raise, present)
    return Standing(
        weights={sector: weights.of(sector) for sector in ROTATING},
        bands={sector: drift_band(weights.of(sector), drift) for sector in RISK},
    )


def drift_band(weight: Decimal, drift: Drift) -> Decimal:
    """How far a weight may stray before a trade is worth it: the smaller of points and share of target ("5/25")."""
    return min(drift.points, drift.share * weight)
