"""Where the market goes: its distance from its mean, and from its high."""

import numpy as np
import pandas as pd

from cockpit.model.phase_settings import DrawdownSettings, TrendSettings
from cockpit.signals.stats import Floats


def market_index(l1: Floats, defi: Floats) -> Floats:
    """The index of half L1 and half DeFi, rebalanced daily; of one of them on days when the other has no return."""
    parts = np.column_stack([l1, defi])
    returns = np.full_like(parts, np.nan)
    returns[1:] = parts[1:] / parts[:-1] - 1.0
    known = ~np.isnan(returns)
    count = known.sum(axis=1)
    mean = np.where(known, returns, 0.0).sum(axis=1) / np.maximum(count, 1)
    level = 100.0 * np.cumprod(1.0 + mean)
    seen = count > 0
    if len(seen) > 1 and seen[1]:
        seen[0] = True
    return np.where(seen, level, np.nan)


def above_mean(market: Floats, settings: TrendSettings) -> Floats:
    """Market / mean of its last days - 1, with every day of the window known."""
    mean = pd.Series(market).rolling(settings.mean, min_periods=settings.mean).mean().to_numpy(dtype=np.float64)
    above: Floats = market / mean - 1.0
    return above


def trend_points(above: Floats, settings: TrendSettings) -> Floats:
    """The unclipped score: 1 where the log distance from the mean is `full`."""
    return np.log1p(above) / settings.full


def from_high(market: Floats, settings: DrawdownSettings) -> Floats:
    """Market / highest close of the window - 1: 0 at the high, negative below it."""
    window = pd.Series(market).rolling(settings.window, min_periods=settings.observations)
    below: Floats = market / window.max().to_numpy(dtype=np.float64) - 1.0
    return below


def drawdown_points(below: Floats, settings: DrawdownSettings) -> Floats:
    """The unclipped score: 0 at a fall of `neutral`, -1 at a fall of `full`; it counts from -1 to 0 only."""
    return (below + settings.neutral) / (settings.full - settings.neutral)
