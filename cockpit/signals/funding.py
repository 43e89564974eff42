"""What longs pay to stay long: funding in 8-hour equivalents, by asset and by sector."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cockpit.model.phase_settings import FundingSettings
from cockpit.signals.stats import Floats, carry

HOURS = 8.0
DAY_HOURS = 24.0


@dataclass(frozen=True, eq=False)
class Funding:
    """Funding by asset at every close, over the prints stamped on the last days. Shapes (days, assets).

    `mean` is per 8 h, weighted by the hours that a print covers, positive when longs pay; `prints` and `above` count
    8-hour equivalents of all prints and of those at or above the trigger's level; `age` is in hours since the last
    print. NaN where there is none.
    """

    mean: Floats
    prints: Floats
    above: Floats
    age: Floats


def funding(table: pd.DataFrame, assets: list[str], days: pd.DatetimeIndex, settings: FundingSettings, level: float) -> Funding:
    """Reads the prints of `assets`; those without a positive interval or a rate are left out."""
    position = {asset: column for column, asset in enumerate(assets)}
    column = table["asset"].map(position).to_numpy(dtype=np.float64)
    rate = table["rate"].to_numpy(dtype=np.float64)
    hours = table["interval_hours"].to_numpy(dtype=np.float64)
    since = (table["time"] - days[0]).dt.total_seconds().to_numpy(dtype=np.float64) / 3600.0
    day = np.floor(since / DAY_HOURS)
    with np.errstate(invalid="ignore"):
        lead = settings.days - 1
        usable = ~np.isnan(column) & ~np.isnan(rate) & (hours > 0) & (day >= -lead) & (day < len(days))
    shape = (len(days) + lead, len(assets))
    at = ((day[usable] + lead).astype(np.int64), column[usable].astype(np.int64))
    rate, hours, since = rate[usable], hours[usable], since[usable]

    def summed(values: Floats) -> Floats:
        daily = np.zeros(shape)
        np.add.at(daily, at, values)
        window = np.zeros((len(days), shape[1]))
        for start in range(settings.days):  # no running total: its rounding would carry every earlier print into the mean
            window += daily[start : start + len(days)]
        return window

    covered = summed(hours)
    some = summed(np.ones_like(rate)) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(some, HOURS * summed(rate) / covered, np.nan)
    high = HOURS * rate / hours >= level
    latest = np.full(shape, np.nan)
    np.fmax.at(latest, at, since)
    last = carry(latest)[0][lead:]
    close = DAY_HOURS * np.arange(1, len(days) + 1)[:, None]
    return Funding(
        mean=mean,
        prints=np.where(some, covered / HOURS, np.nan),
        above=np.where(some, summed(np.where(high, hours, 0.0)) / HOURS, np.nan),
        age=close - last,
    )


def crowding_points(mean: Floats, settings: FundingSettings) -> Floats:
    """The unclipped score: 0 at `neutral` per 8 h, -1 at `full`.

    It counts from -1 to 0 only: crowded longs are a warning, cheap funding is no buy signal.
    """
    return (settings.neutral - mean) / (settings.full - settings.neutral)


def sector_mean(values: Floats) -> Floats:
    """The equal-weight mean over the assets that have a value; NaN where none has. Shape (days,)."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    mean = np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan)
