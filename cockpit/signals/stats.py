"""The statistics that several indicators share, over all days at once; a row never sees a later row."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float64]
MAD_TO_Z = 0.6745
"""Iglewicz and Hoaglin's modified z-score: .6745 (x - median) / MAD."""
MEAN_DEVIATION_TO_Z = 1.253314
"""sqrt(pi / 2): the same for the mean absolute deviation, where the MAD is 0."""
MEDIAN_TO_SIGMA = 1.4826
NOISE = 1e-12
"""A spread below it is rounding, not a scale: what divides by it would show noise as a signal."""


def ema(values: Floats, span: int, gap: int) -> Floats:
    """Exponential mean of each column, a = 2 / (span + 1), seeded with the first value, hidden for `span` values.

    A missing value leaves the mean where it was and gives no output; more than `gap` missing in a row start it anew.
    Shape (days, columns).
    """
    out = np.full_like(values, np.nan)
    state = np.full(values.shape[1], np.nan)
    seen = np.zeros(values.shape[1], dtype=np.int64)
    missed = np.zeros(values.shape[1], dtype=np.int64)
    rate = 2.0 / (span + 1)
    for day, row in enumerate(values):
        known = ~np.isnan(row)
        missed = np.where(known, 0, missed + 1)
        anew = missed > gap
        seen = np.where(anew, 0, seen + known)
        state = np.where(anew, np.nan, state)
        moved = np.where(np.isnan(state), row, state + rate * (row - state))
        state = np.where(known, moved, state)
        out[day] = np.where(known & (seen >= span), state, np.nan)
    return out


def rolling_median(values: Floats, window: int, observations: int) -> Floats:
    """Median of the last `window` days of each column, NaN with fewer than `observations` values. Shape kept."""
    frame = pd.DataFrame(values)
    return frame.rolling(window, min_periods=min(observations, window)).median().to_numpy(dtype=np.float64)


def trailing(values: Floats, window: int) -> Floats:
    """The last `window` values of every day, oldest first, NaN before the first day. Shape (days, window)."""
    padded = np.concatenate([np.full(window - 1, np.nan), values])
    return sliding_window_view(padded, window)


def median(rows: Floats) -> Floats:
    """The median of each row's known values, NaN where none is known."""
    count = np.sum(~np.isnan(rows), axis=1)
    ordered = np.sort(rows, axis=1)  # NaN sorts last
    low = np.maximum(count - 1, 0) // 2
    high = np.minimum(count // 2, rows.shape[1] - 1)
    at = np.arange(len(rows))
    middle: Floats = 0.5 * (ordered[at, low] + ordered[at, high])
    return np.where(count > 0, middle, np.nan)


def robust_z(values: Floats, window: int, observations: int) -> tuple[Floats, Floats]:
    """(z, slope of z in x) of each value within its own last `window` days; NaN where it is not known.

    z = .6745 (x - median) / MAD; where the MAD is 0, (x - median) / (1.253314 mean |x - median|); where that is 0 too,
    there is no scale and no z. NaN with fewer than `observations` values.
    """
    rows = trailing(values, window)
    centre = median(rows)
    deviation = np.abs(rows - centre[:, None])
    mad = median(deviation)
    count = np.sum(~np.isnan(rows), axis=1)
    mean = np.nansum(deviation, axis=1) / np.maximum(count, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(mad > NOISE, MAD_TO_Z / mad, np.where(mean > NOISE, 1.0 / (MEAN_DEVIATION_TO_Z * mean), np.nan))
        slope = np.where((count >= observations) & ~np.isnan(values), slope, np.nan)
        return (values - centre) * slope, slope


def slope(values: Floats, window: int, points: float) -> Floats:
    """Least-squares slope a day over the last `window` days, NaN with less than the share `points` of them known.

    A day without a value has no slope.
    """
    rows = trailing(values, window)
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    day = np.arange(window, dtype=np.float64)
    safe = np.maximum(count, 1)
    offset = known * (day - (known @ day / safe)[:, None])
    centre = np.nansum(rows, axis=1) / safe
    spread = np.sum(offset * offset, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = np.sum(offset * np.where(known, rows - centre[:, None], 0.0), axis=1) / spread
    enough = (count >= max(2, int(np.ceil(points * window - 1e-9)))) & known[:, -1]
    return np.where(enough, fit, np.nan)


def carry(values: Floats) -> tuple[Floats, Floats]:
    """(last known value, days since it) of every day and column, NaN before the first. Shape kept."""
    days = np.arange(len(values), dtype=np.float64)[:, None]
    last = np.maximum.accumulate(np.where(np.isnan(values), -1.0, days), axis=0)
    index = np.maximum(last, 0).astype(np.int64)
    carried = np.take_along_axis(values, index, axis=0)
    return np.where(last >= 0, carried, np.nan), np.where(last >= 0, days - last, np.nan)


def freshness(age: Floats, stale: float) -> Floats:
    """1 up to `stale`, then down to 0 at three times as much; 0 where `age` is NaN. Same unit for both."""
    quality = np.clip((3.0 * stale - age) / (2.0 * stale), 0.0, 1.0)
    return np.where(np.isnan(age), 0.0, quality)


def streak(condition: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """How many days in a row, up to and with each day, the condition held."""
    day = np.arange(1, len(condition) + 1)
    broken = np.maximum.accumulate(np.where(condition, 0, day))
    run: npt.NDArray[np.int64] = day - broken
    return run
