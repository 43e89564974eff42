"""Who leads whom: relative strength of a pair and its momentum, about 100."""

import numpy as np

from cockpit.model.phase_settings import StrengthSettings
from cockpit.signals.stats import MEDIAN_TO_SIGMA, NOISE, Floats, ema, rolling_median

NEUTRAL = 100.0


def strength(of: Floats, against: Floats, settings: StrengthSettings) -> tuple[Floats, Floats]:
    """(RSR, RSM) of each column against the other side; above 100 it leads, or gains. NaN where not known.

    rs = ln(of / against), tr = fast EMA - slow EMA of rs; RSR = 100 + tr / (1.4826 median |tr|), RSM the same of the
    change of tr over the momentum days. A scale of 0 is no scale: missing, not 100. Shapes (days, columns).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.log(of / against)
    trend = ema(relative, settings.fast, settings.gap) - ema(relative, settings.slow, settings.gap)
    momentum = np.full_like(trend, np.nan)
    momentum[settings.momentum :] = trend[settings.momentum :] - trend[: -settings.momentum]
    return _about_100(trend, settings), _about_100(momentum, settings)


def strength_points(rsr: Floats, rsm: Floats, settings: StrengthSettings) -> Floats:
    """The unclipped score of a pair: level and momentum, weighted; 1 at `full` points above 100."""
    mixed = settings.level_weight * (rsr - NEUTRAL) + settings.momentum_weight * (rsm - NEUTRAL)
    return mixed / settings.full


def _about_100(values: Floats, settings: StrengthSettings) -> Floats:
    scale = MEDIAN_TO_SIGMA * rolling_median(np.abs(values), settings.scale, settings.observations)
    with np.errstate(divide="ignore", invalid="ignore"):
        return NEUTRAL + np.where(scale > NOISE, values / scale, np.nan)
