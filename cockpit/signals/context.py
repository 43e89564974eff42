"""What surrounds the call and never enters it: dominance, breadth, sentiment."""

import numpy as np

from cockpit.signals.stats import Floats


def dominance(caps: Floats, group: list[int]) -> Floats:
    """The share of a group in the capitalisation of all columns; NaN where the group or all have none. Shape (days,)."""
    known = np.nan_to_num(caps)
    total = known.sum(axis=1)
    part = known[:, group].sum(axis=1)
    share: Floats = np.divide(part, total, out=np.full(len(caps), np.nan), where=(total > 0) & (part > 0))
    return share


def breadth(prices: Floats, against: Floats, days: int) -> tuple[Floats, Floats]:
    """(share of the columns that beat `against` over so many days, how many were compared). Shape (days,)."""
    share, count = np.full(len(prices), np.nan), np.zeros(len(prices))
    if len(prices) <= days:
        return share, count
    own = prices[days:] / prices[:-days]
    other = (against[days:] / against[:-days])[:, None]
    known = ~np.isnan(own) & ~np.isnan(other)
    count[days:] = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        beaten = (known & (own > other)).sum(axis=1)
    share[days:] = np.divide(beaten, count[days:], out=np.full(len(own), np.nan), where=count[days:] > 0)
    return share, count
