"""Which net exposure each sector should have, and by how much it misses it."""

from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.money import ZERO
from cockpit.model.strategy import RiskSettings, Weights
from cockpit.rotation.asked import RISK, drift_band, held_down
from cockpit.rotation.book_walk import BPS
from cockpit.rotation.path import Totals
from cockpit.rotation.request import Ask, Destination


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
    return held_down(ask.weights, ask.never_raise, present)


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
