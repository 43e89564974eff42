"""Whether price and RSI disagree at the turns: regular divergences, stamped when they are confirmed."""

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from cockpit.model.phase_settings import DivergenceSettings
from cockpit.signals.stats import Floats


def divergence(price: Floats, rsi: Floats, settings: DivergenceSettings) -> Floats:
    """The score of one series: bearish -1, bullish +1 on the day of confirmation, then fading. Shape (days,).

    A swing is a close strictly beyond the `swing` closes on both sides, so it is confirmed `swing` days later. Two
    consecutive swings at most `distance` days apart diverge when price makes a higher high and RSI a lower one
    (bearish), or price a lower low and RSI a higher one (bullish), by at least `price_move` average true ranges of
    closes and `rsi_move` points. The score adds up the events, halves every `half_life` days and stays within -1..+1;
    NaN before RSI is known.
    """
    true_range = np.abs(np.diff(price, prepend=np.nan))
    atr = pd.Series(true_range).rolling(settings.atr, min_periods=settings.atr).mean().to_numpy(dtype=np.float64)
    events = _events(price, rsi, atr, settings, high=True) + _events(-price, -rsi, atr, settings, high=False)
    decay = 2.0 ** (-1.0 / settings.half_life)
    score = np.empty_like(price)
    held = 0.0
    for day, event in enumerate(events):
        held = min(1.0, max(-1.0, held * decay + event))
        score[day] = held
    known = np.cumsum(~np.isnan(rsi)) > 0
    return np.where(known & ~np.isnan(price), score, np.nan)


def _events(price: Floats, rsi: Floats, atr: Floats, settings: DivergenceSettings, *, high: bool) -> Floats:
    out = np.zeros(len(price))
    swings = _swing_highs(price, settings.swing)
    for before, now in pairwise(swings):
        if now - before > settings.distance:
            continue
        rise = price[now] - price[before]
        fall = rsi[before] - rsi[now]
        if rise > 0 and rise >= settings.price_move * atr[now] and fall >= settings.rsi_move:
            out[now + settings.swing] = -1.0 if high else 1.0
    return out


def _swing_highs(price: Floats, swing: int) -> list[int]:
    """Days whose close is strictly above the `swing` closes before and after them."""
    if len(price) < 2 * swing + 1:
        return []
    window = sliding_window_view(price, 2 * swing + 1)
    others = np.delete(window, swing, axis=1)
    with np.errstate(invalid="ignore"):
        above = (window[:, swing][:, None] > others).all(axis=1)
    return [int(day) + swing for day in np.flatnonzero(above)]
