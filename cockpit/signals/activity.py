"""How busy the networks are: fees, transactions and gas against their own recent past."""

import numpy as np
import pandas as pd

from cockpit.model.phase_settings import ActivitySettings, RobustSettings
from cockpit.signals.funding import sector_mean
from cockpit.signals.stats import Floats, robust_z

FEES = "fees_usd"


def metric(activity: pd.DataFrame, fees: pd.DataFrame, days: pd.DatetimeIndex, asset: str, name: str) -> Floats:
    """One metric of one asset on the given days; fees may come from either table. NaN where missing."""
    column = f"{asset}.{name}"
    values = activity.reindex(index=days, columns=[column]).to_numpy(dtype=np.float64)[:, 0]
    if name == FEES:
        paid = fees.reindex(index=days, columns=[asset]).to_numpy(dtype=np.float64)[:, 0]
        values = np.where(np.isnan(values), paid, values)
    return values


def activity_z(
    table: pd.DataFrame,
    fees: pd.DataFrame,
    days: pd.DatetimeIndex,
    assets: list[str],
    settings: ActivitySettings,
    robust: RobustSettings,
) -> Floats:
    """The robust z of each metric of each asset, NaN where missing. Shape (metrics, days, assets).

    The vendor's past before the first price steadies the z-scores.
    """
    begin = min([days[0], *(frame.index[0] for frame in (table, fees) if len(frame))])
    longer = pd.date_range(begin, days[-1], freq="D")
    z = np.full((len(settings.metrics), len(days), len(assets)), np.nan)
    for row, name in enumerate(settings.metrics):
        for column, asset in enumerate(assets):
            values = metric(table, fees, longer, asset, name)
            if not np.isnan(values).all():
                z[row, :, column] = robust_z(values, robust.window, robust.observations)[0][-len(days) :]
    return z


def activity(z: Floats) -> Floats:
    """The activity of a group: the mean over metrics of the mean over its assets, of what is known. Shape (days,).

    `z` has the shape of `activity_z`, for the group's assets only.
    """
    return sector_mean(np.column_stack([sector_mean(by_asset) for by_asset in z]))
