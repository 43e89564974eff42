"""Whether money flows into DeFi: growth of total value locked with prices taken out."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cockpit.model.phase_settings import RobustSettings, TvlSettings
from cockpit.signals.history import TVL_LAG
from cockpit.signals.stats import Floats, robust_z, slope

ALL_OF_DEFI = "total"
NOT_PROTOCOLS = (ALL_OF_DEFI, "stablecoins")


@dataclass(frozen=True, eq=False)
class Flows:
    """Price-adjusted TVL of several subjects. Shapes (days, subjects).

    `usd` is the TVL at the close of each day, `level` ln T* (T* = the product of 1 + flow / TVL; only its changes mean
    anything), NaN on days without a snapshot; `quality` says how prices were taken out, over the long window.
    """

    usd: Floats
    level: Floats
    quality: Floats


@dataclass(frozen=True, eq=False)
class Acceleration:
    """Growth of T* a day over the short and the long window, and its robust z-scores. Shape (days,).

    `per_slope` is how much the mean z rises when the short slope rises by 1 and the long one stays.
    """

    short: Floats
    long: Floats
    z: Floats
    per_slope: Floats


def at_close(frame: pd.DataFrame, columns: list[str], days: pd.DatetimeIndex) -> Floats:
    """Snapshots by the close that they belong to: the stamp D + 1 for day D. Shape (days, columns)."""
    return frame.reindex(index=days + TVL_LAG, columns=columns).to_numpy(dtype=np.float64)


def defi_usd(total: Floats, protocols: Floats) -> Floats:
    """TVL of all of DeFi in USD (an arbitrary base while it is a basket): `total` from its first snapshot on.

    Before that, the basket of `protocols`, chained over those known on both days. Shape (days,).
    """
    protocols = np.where(protocols > 0, protocols, np.nan)
    both = ~np.isnan(protocols[1:]) & ~np.isnan(protocols[:-1])
    now = np.where(both, protocols[1:], 0.0).sum(axis=1)
    before = np.where(both, protocols[:-1], 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = np.r_[0.0, np.where(before > 0, np.log(now / before), 0.0)]
    known = ~np.isnan(protocols).all(axis=1)
    basket = np.where(known, np.exp(np.cumsum(growth)), np.nan)
    seen = np.flatnonzero(total > 0)
    if not seen.size:
        return basket
    first = int(seen[0])
    if np.isnan(basket[first]):
        basket[:] = np.nan
    usd = np.where(total > 0, total, np.nan)
    return np.where(np.arange(len(total)) < first, basket * (usd[first] / basket[first]), usd)


def flows(usd: Floats, eth: Floats, units: Floats | None, settings: TvlSettings) -> Flows:
    """Takes prices out of TVL: by token units where known, else by the elasticity to the ETH price, else not at all.

    `units` is the growth from `unit_growth`, `eth` the ETH price, shape (days,).
    """
    known = usd > 0
    before = _previous(known)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.log(np.where(known, usd, np.nan))
        price = np.where(known, np.log(eth)[:, None], np.nan)
    first = before < 0
    index = np.maximum(before, 0)
    raw = np.where(first, np.nan, size - np.take_along_axis(size, index, axis=0))
    in_eth = raw - settings.elasticity * (price - np.take_along_axis(price, index, axis=0))
    growth = np.where(np.isnan(in_eth), raw, in_eth)
    quality = np.where(np.isnan(in_eth), settings.quality_usd, settings.quality_elasticity)
    if units is not None:
        usable = known & ~np.isnan(units) & (before == np.arange(len(usd))[:, None] - 1)
        growth = np.where(usable, units, growth)
        quality = np.where(usable, settings.quality_units, quality)
    level = np.where(known, np.cumsum(np.nan_to_num(growth), axis=0), np.nan)
    graded = pd.DataFrame(np.where(known & ~np.isnan(growth), quality, np.nan))
    mean = graded.rolling(settings.long, min_periods=1).mean().to_numpy(dtype=np.float64)
    return Flows(usd=usd, level=level, quality=np.nan_to_num(mean))


def unit_growth(units: Floats, prices: Floats, usd: Floats, cover: float) -> Floats:
    """ln(1 + sum (u_t - u_{t-1}) p_{t-1} / TVL_{t-1}) of one subject; NaN where too little of its TVL is known.

    `units` and `prices` have shape (days, tokens), `usd` (days,); `cover` is the share of TVL that the tokens known on
    both days must make up.
    """
    growth = np.full(len(usd), np.nan)
    known = ~np.isnan(units[1:]) & ~np.isnan(units[:-1]) & ~np.isnan(prices[:-1])
    held = np.where(known, units[:-1] * prices[:-1], 0.0).sum(axis=1)
    flow = np.where(known, (units[1:] - units[:-1]) * prices[:-1], 0.0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        enough = (held > 0) & (held >= cover * usd[:-1]) & (held + flow > 0)
        growth[1:] = np.where(enough, np.log1p(flow / held), np.nan)
    return growth


def acceleration(level: Floats, settings: TvlSettings, robust: RobustSettings) -> Acceleration:
    """How fast T* grows and whether faster than before: least squares on ln T*, short slope less long slope."""
    short = slope(level, settings.short, settings.points)
    long = slope(level, settings.long, settings.points)
    pace, pace_per = robust_z(short, robust.window, robust.observations)
    gain, gain_per = robust_z(short - long, robust.window, robust.observations)
    return Acceleration(short=short, long=long, z=0.5 * (pace + gain), per_slope=0.5 * (pace_per + gain_per))


def growth_30d(slope_per_day: Floats) -> Floats:
    """A slope of ln T* a day as growth in 30 days: exp(30 slope) - 1."""
    return np.expm1(30.0 * slope_per_day)


def _previous(known: np.ndarray) -> np.ndarray:
    """The day of the last known value before each day, -1 where there is none. Shape kept."""
    days = np.arange(len(known))[:, None]
    last = np.maximum.accumulate(np.where(known, days, -1), axis=0)
    return np.vstack([np.full((1, known.shape[1]), -1), last[:-1]])
