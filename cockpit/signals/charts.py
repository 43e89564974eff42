"""What of a market's signals is drawn over time: slices of what was computed once, nothing is computed anew."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from cockpit.model.assets import Sector
from cockpit.model.charts import PriceHistory, Series, Trail, TrailPoint
from cockpit.model.errors import BadInput
from cockpit.model.phase_settings import INDICATORS
from cockpit.signals.board import DEFI, L1, MARKET
from cockpit.signals.engine import Signals
from cockpit.signals.indicators import TWINS, UNSCORED, Track
from cockpit.signals.notes import notes
from cockpit.signals.stats import Floats

TRAIL_DAYS = 10
SECTOR_DAYS = 90
PAIR = "DEFI/L1"
SECTORS = (MARKET, PAIR, L1, DEFI)


def drawn(found: Signals, sectors: Mapping[str, Sector]) -> dict[str, Any]:
    """The fields of the picture that are drawn, or explain what is drawn."""
    return {
        "trails": trails(found, sectors),
        "sector_days": sector_days(found),
        "notes": notes(found.board, found.settings),
    }


def series(found: Signals, indicator: str, subject: str, days: int) -> Series:
    """One indicator of one subject over the last days; BadInput where there is no such pair."""
    track = found.board.tracks.get((indicator, subject))
    if track is None:
        raise BadInput(f"there is no {indicator} of {subject}: choose a cell of the heatmap")
    return _series(found, track, days)


def sector_days(found: Signals, days: int = SECTOR_DAYS) -> tuple[Series, ...]:
    """Every scored indicator of the market, of DeFi against L1, of L1 and of DeFi over the last days: the evidence first.

    What has two names appears once: DeFi's RSI is its heat, the strength of DeFi against L1 is the rotation itself.
    """
    chosen = [
        track
        for (name, subject), track in found.board.tracks.items()
        if subject in SECTORS and name not in UNSCORED and name not in TWINS and (name, subject) != ("strength", PAIR)
    ]
    chosen.sort(key=lambda track: (SECTORS.index(track.subject), track.indicator.name not in INDICATORS))
    return tuple(_series(found, track, days) for track in chosen)


def trails(found: Signals, sectors: Mapping[str, Sector], days: int = TRAIL_DAYS) -> tuple[Trail, ...]:
    """The rotation map: strength and momentum against the benchmark at the last closes, sectors first, then assets.

    `sectors` gives the sector of every asset. A day counts where both are known; who has none of the days is left out.
    """
    known = {**{Sector(name).value: Sector(name) for name in (L1, DEFI)}, **sectors}
    made = []
    for (name, subject), strength in found.board.tracks.items():
        if name != "strength" or subject not in known:
            continue
        momentum = found.board.tracks["momentum", subject]
        points = tuple(
            TrailPoint(day=day, strength=level, momentum=gain)
            for day, level, gain in zip(_days(found, days), _tail(strength.raw, days), _tail(momentum.raw, days), strict=True)
            if level is not None and gain is not None
        )
        if points:
            made.append(Trail(subject=subject, sector=known[subject], is_sector=subject in (L1, DEFI), points=points))
    return tuple(sorted(made, key=lambda trail: not trail.is_sector))


def price_history(found: Signals, asset: str, days: int) -> PriceHistory:
    """An asset's closes over the last days; no day at all where the market has no such asset."""
    history = found.history
    if asset not in history.prices:
        return PriceHistory(asset=asset, source=history.name, days=(), closes=())
    closes = history.prices[asset].reindex(found.board.days).to_numpy(dtype=np.float64)
    return PriceHistory(
        asset=asset,
        source=history.name,
        days=_days(found, days),
        closes=_tail(np.where(closes > 0, closes, np.nan), days),
    )


def _series(found: Signals, track: Track, days: int) -> Series:
    return Series(
        subject=track.subject,
        indicator=track.indicator.name,
        label=track.indicator.label,
        unit=track.indicator.unit,
        days=_days(found, days),
        raws=_tail(track.raw, days),
        scores=_tail(track.score, days),
    )


def _days(found: Signals, count: int) -> tuple[date, ...]:
    """The last days, oldest first."""
    last = found.history.last_day
    some = min(count, len(found.board.days))
    return tuple(last - timedelta(days=back) for back in range(some - 1, -1, -1))


def _tail(values: Floats, count: int) -> tuple[float | None, ...]:
    return tuple(None if value != value else value for value in values[max(0, len(values) - count) :].tolist())
