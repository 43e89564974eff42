"""Which net exposure each sector should have, and by how much it misses it."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import ROTATING, Sector
from cockpit.model.exposure import Exposure
from cockpit.model.money import ZERO
from cockpit.model.strategy import Drift, RiskSettings, Strategy, Weights
from cockpit.rotation.book_walk import BPS
from cockpit.rotation.path import Totals
from cockpit.rotation.request import Ask, Destination

RISK = (Sector.L1, Sector.DEFI)
"""The sectors with targets of their own; STABLE is what they leave."""


class SectorTarget(Struct, frozen=True, kw_only=True):
    """One sector: its weight asked for, its net now and the net to reach, in quote units. `change` is 0 inside the drift band."""

    sector: Sector
    weight: Decimal
    net: Decimal
    target: Decimal
    change: Decimal


def asked_weights(ask: Ask, totals: Totals) -> Weights:
    """The strategy's weights, with sectors that it never raises held at most at their present net; STABLE takes the rest."""
    base = totals.base
    present = {sector: totals.net(sector) / base for sector in RISK} if base > 0 else {}
    return _held_down(ask.weights, ask.never_raise, present)


def _held_down(asked: Weights, never_raise: Collection[Sector], present: Mapping[Sector, Decimal]) -> Weights:
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
    weights = _held_down(strategy.weights, strategy.never_raise, present)
    return Standing(
        weights={sector: weights.of(sector) for sector in ROTATING},
        bands={sector: drift_band(weights.of(sector), drift) for sector in RISK},
    )


def drift_band(weight: Decimal, drift: Drift) -> Decimal:
    """How far a weight may stray before a trade is worth it: the smaller of points and share of target ("5/25")."""
    return min(drift.points, drift.share * weight)


def sector_targets(ask: Ask, weights: Weights, totals: Totals, settings: RiskSettings) -> tuple[SectorTarget, ...]:
    """L1 and DEFI with their changes; a sector within its drift band stays, one outside goes the tranche of its way."""
    return tuple(_sector_target(ask, sector, weights.of(sector), totals, settings) for sector in RISK)


def _sector_target(ask: Ask, sector: Sector, weight: Decimal, totals: Totals, settings: RiskSettings) -> SectorTarget:
    base, net = totals.base, totals.net(sector)
    gap = weight * base - net
    band = drift_band(weight, settings.drift) * base
    # What the plan itself may cost moves the weight: a sector so near to the edge would stand outside when the plan is done.
    edge = weight * base * (settings.fees.spot_taker + settings.limits.slippage_max_bps / BPS)
    change = ZERO
    if abs(gap) > band - edge:
        way = abs(gap) - (band / 2 if ask.destination is Destination.HALF_WAY else ZERO)
        change = way * ask.tranche * (1 if gap > 0 else -1)
    return SectorTarget(sector=sector, weight=weight, net=net, target=net + change, change=change)
