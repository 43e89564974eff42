"""How a sector moved: its daily index, without look-ahead."""

import numpy as np
import pandas as pd

from cockpit.model.phase_settings import IndexSettings
from cockpit.signals.stats import Floats

BASE = 100.0


def sector_index(prices: Floats, caps: Floats, days: pd.DatetimeIndex, settings: IndexSettings) -> Floats:
    """The index of a basket, 100 before its first return; NaN on days with too little weight. Shape (days,).

    I_t = I_{t-1} (1 + sum w_i r_i). The weights are those of the last close of the month before (in the first month:
    of the first close), among the assets that had a price then; the weight of an asset without a return today goes
    to the others. A return never spans a gap. `prices` and `caps` have shape (days, assets).
    """
    if not prices.shape[1]:
        return np.full(len(days), np.nan)
    returns = np.full_like(prices, np.nan)
    returns[1:] = prices[1:] / prices[:-1] - 1.0
    month = days.year * 12 + days.month
    starts = np.flatnonzero(np.r_[True, month[1:] != month[:-1]])
    fixing = np.maximum(starts - 1, 0)
    weights = _weights(prices[fixing], caps[fixing], settings)
    daily = np.repeat(weights, np.diff(np.r_[starts, len(days)]), axis=0)
    usable = np.where(np.isnan(returns), 0.0, daily)
    available = usable.sum(axis=1)
    enough = (available >= settings.available) & (available > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(np.where(usable > 0, usable * returns, 0.0), axis=1) / available
    level = BASE * np.cumprod(np.where(enough, 1.0 + mean, 1.0))
    started = np.cumsum(enough) > 0
    if len(days) > 1 and enough[1]:
        enough[0] = started[0] = True
    return np.where(enough & started, level, np.nan)


def _weights(prices: Floats, caps: Floats, settings: IndexSettings) -> Floats:
    listed = ~np.isnan(prices)
    size = np.where(listed, 1.0, 0.0) if settings.weighting == "equal" else np.where(listed, np.nan_to_num(caps), 0.0)
    total = size.sum(axis=1, keepdims=True)
    weights: Floats = np.divide(size, total, out=np.zeros_like(size), where=total > 0)
    return weights if settings.weighting == "equal" else np.array([capped(row, settings.cap) for row in weights])


def capped(weights: Floats, cap: float) -> Floats:
    """Weights that add up to 1 with none above `cap`; the excess goes to the others in proportion.

    With too few assets for the cap they become equal.
    """
    held = int(np.count_nonzero(weights))
    if held == 0:
        return weights
    cap = max(cap, 1.0 / held)
    out = weights.copy()
    full = np.zeros(len(out), dtype=bool)
    while (over := (out > cap + 1e-12) & ~full).any():
        full |= over
        out[full] = cap
        rest = ~full & (out > 0)
        free = weights[rest].sum()
        if free <= 0:
            break
        out[rest] = weights[rest] / free * (1.0 - cap * full.sum())
    return out
