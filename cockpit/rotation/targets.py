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
    """L1 and DEFI with their changes; a sector within its drift band stays, one outside goes the tranche of its way.

    What a plan costs moves the weights. Where one sector is to be traded, another that is so near to the edge of its band that
    these costs could push it outside goes with it: the next plan finds nothing to do.
    """
    gaps = {sector: weights.of(sector) * totals.base - totals.net(sector) for sector in RISK}
    bands = {sector: drift_band(weights.of(sector), settings.drift) * totals.base for sector in RISK}
    if any(abs(gaps[sector]) > bands[sector] for sector in RISK):
        dearest = settings.fees.spot_taker + settings.limits.slippage_max_bps / BPS
        edges = {sector: bands[sector] - weights.of(sector) * totals.base * dearest for sector in RISK}
    else:
        edges = bands
    changes = {s: _change(ask, gaps[s], bands[s]) if abs(gaps[s]) > edges[s] else ZERO for s in RISK}
    return tuple(
        SectorTarget(
            sector=sector,
            weight=weights.of(sector),
            net=totals.net(sector),
            target=totals.net(sector) + changes[sector],
            change=changes[sector],
        )
        for sector in RISK
    )


def _change(ask: Ask, gap: Decimal, band: Decimal) -> Decimal:
    """The tranche of the way to the target, or to half-way into the band."""
    way = abs(gap) - (band / 2 if ask.destination is Destination.HALF_WAY else ZERO)
    return way * ask.tranche * (1 if gap > 0 else -1)
