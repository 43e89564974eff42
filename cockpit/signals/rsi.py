"""How heated a price is: Wilder's relative strength index."""

import numpy as np

from cockpit.model.phase_settings import HeatSettings
from cockpit.signals.stats import Floats


def rsi(prices: Floats, window: int) -> Floats:
    """Wilder's RSI of each column, 0 to 100; NaN where it is flat or not yet known. Shape (days, columns).

    Seeded with the simple mean of the first `window` changes, then avg = (avg (n - 1) + x) / n, as Wilder (1978) and
    TA-Lib do. A missing price gives no value and leaves the averages; the change after a gap spans none, it is skipped.
    """
    days, columns = prices.shape
    out = np.full((days, columns), np.nan)
    change = np.full((days, columns), np.nan)
    change[1:] = np.diff(prices, axis=0)
    gain, loss = np.zeros(columns), np.zeros(columns)
    seen = np.zeros(columns, dtype=np.int64)
    for day in range(1, days):
        row = change[day]
        known = ~np.isnan(row)
        up, down = np.where(row > 0, row, 0.0), np.where(row < 0, -row, 0.0)
        seeding = known & (seen < window)
        running = known & (seen >= window)
        gain = np.where(seeding, gain + up / window, np.where(running, (gain * (window - 1) + up) / window, gain))
        loss = np.where(seeding, loss + down / window, np.where(running, (loss * (window - 1) + down) / window, loss))
        seen = seen + known
        total = gain + loss
        ready = known & (seen >= window) & (total > 0)
        out[day] = np.divide(100.0 * gain, total, out=np.full(columns, np.nan), where=ready)
    return out


def heat_points(index: Floats, settings: HeatSettings) -> Floats:
    """The unclipped score: 0 at `neutral`, -1 at `full`; it counts from -1 to 0 only, as only overheating does."""
    return (settings.neutral - index) / (settings.full - settings.neutral)
