"""What each indicator is called, counted in and scored between, and its value on every day."""

from collections.abc import Callable
from dataclasses import dataclass
from math import expm1, log1p

import numpy as np

from cockpit.model import format as fmt
from cockpit.signals.stats import Floats, carry, freshness

DAY_HOURS = 24.0
CONTEXT = ("dominance", "breadth", "compared", "sentiment")
"""Shown and never scored."""
UNSCORED = (*CONTEXT, "tvl_30d")
TWINS = {"heat": "rsi", "div": "divergence", "fund_defi": "funding", "fund_l1": "funding"}
"""What the evidence names by its sector and the heatmap shows of every subject: the same numbers."""


def _points(value: float, more: int) -> str:
    return fmt.fixed(value, 1 + more)


def _signed(value: float, more: int) -> str:
    return fmt.compact(value, 2 + more, signed=True)


def _percent(value: float, more: int) -> str:
    return fmt.percent(value, 1 + more, signed=True)


def _share(value: float, more: int) -> str:
    return fmt.percent(value, 1 + more)


def _month(value: float, more: int) -> str:
    return f"{fmt.growth(value, 1 + more, signed=True)}/30d"


def _rate(value: float, more: int) -> str:
    return f"{fmt.percent(value, 3 + more)}/8h"


def _count(value: float, more: int) -> str:
    return fmt.fixed(value, more)


def _same(value: float) -> float:
    return value


def _month_to_day(growth: float) -> float:
    return log1p(growth) / 30.0


def _day_to_month(slope: float) -> float:
    return expm1(30.0 * slope)


@dataclass(frozen=True)
class Indicator:
    """An indicator's words, and how its raw number turns into a score.

    The score is linear in `straighten(raw)`, clipped to [lowest, highest]; `bend` undoes `straighten`.
    `table` is the history table whose age counts.
    """

    name: str
    label: str
    unit: str
    table: str
    write: Callable[[float, int], str]
    lowest: float = -1.0
    highest: float = 1.0
    straighten: Callable[[float], float] = _same
    bend: Callable[[float], float] = _same

    def text(self, value: float, more: int = 0) -> str:
        """A raw number for a person in ASCII, rounded as on the screens, with so many digits more than usual."""
        return fmt.in_ascii(self.write(value, more))


ALL = {
    indicator.name: indicator
    for indicator in (
        Indicator("l1_rs", "L1/BTC rotation", "points", "prices", _points),
        Indicator("defi_rs", "DeFi/BTC rotation", "points", "prices", _points),
        Indicator("rot_rs", "DeFi/L1 rotation", "points", "prices", _points),
        Indicator("trend", "market against its mean", "fraction", "prices", _percent, straighten=log1p, bend=expm1),
        Indicator("drawdown", "market below its high", "fraction", "prices", _percent, highest=0.0),
        Indicator("tvl_acc", "DeFi TVL growth", "per 30 days", "tvl", _month, straighten=_month_to_day, bend=_day_to_month),
        Indicator("activity", "network activity", "z", "activity", _signed),
        Indicator("heat", "DeFi RSI", "points", "prices", _points, highest=0.0),
        Indicator("div", "DeFi price/RSI divergence", "score", "prices", _signed),
        Indicator("fund_defi", "DeFi funding", "per 8 h", "funding", _rate, highest=0.0),
        Indicator("fund_l1", "L1 funding", "per 8 h", "funding", _rate, highest=0.0),
        Indicator("strength", "strength", "points", "prices", _points),
        Indicator("momentum", "momentum", "points", "prices", _points),
        Indicator("funding", "funding", "per 8 h", "funding", _rate, highest=0.0),
        Indicator("rsi", "RSI", "points", "prices", _points, highest=0.0),
        Indicator("tvl_30d", "TVL 30d", "per 30 days", "tvl", _month),
        Indicator("divergence", "price/RSI divergence", "score", "prices", _signed),
        Indicator("dominance", "dominance", "fraction", "prices", _share),
        Indicator("breadth", "breadth against ETH", "fraction", "prices", _share),
        Indicator("compared", "tokens compared", "tokens", "prices", _count),
        Indicator("sentiment", "fear and greed", "0 to 100", "sentiment", _points),
    )
}


@dataclass(frozen=True, eq=False)
class Track:
    """One indicator of one subject on every day, the last known value carried forward while it counts.

    `score` and `linear` (the score before clipping) are NaN where there is none; `per` is how much `linear` rises when
    the straightened raw number rises by 1. `quality` is 0 and `raw` NaN where nothing is known; `age` is in hours.
    """

    indicator: Indicator
    subject: str
    raw: Floats
    linear: Floats
    per: Floats
    score: Floats
    quality: Floats
    age: Floats

    def raw_for(self, day: int, score: float) -> float:
        """The raw number that would score `score` on a day, everything else of that indicator staying as it is."""
        ahead = (score - self.linear[day]) / self.per[day]
        return self.indicator.bend(self.indicator.straighten(float(self.raw[day])) + float(ahead))

    def score_for(self, day: int, raw: float) -> float:
        """What `raw` would score on a day before clipping, everything else of that indicator staying as it is."""
        ahead = self.indicator.straighten(raw) - self.indicator.straighten(float(self.raw[day]))
        return float(self.linear[day] + self.per[day] * ahead)


def track(
    name: str,
    subject: str,
    raw: Floats,
    *,
    stale: float,
    linear: Floats | None = None,
    per: Floats | float = 1.0,
    grade: Floats | float = 1.0,
    age: Floats | None = None,
) -> Track:
    """Carries an indicator's values forward and grades them.

    `grade` is the quality of a fresh value; with `age` (hours) given the values are taken as they are, and otherwise
    they are carried forward from the last close that had one. Quality falls from `stale` hours to 0 at three times it.
    """
    indicator = ALL[name]
    size = len(raw)
    table = np.column_stack(
        [
            raw,
            np.full(size, np.nan) if linear is None else linear,
            np.broadcast_to(np.asarray(per, dtype=np.float64), size),
            np.broadcast_to(np.asarray(grade, dtype=np.float64), size),
        ]
    )
    if linear is not None:
        table[np.isnan(linear)] = np.nan
    table[np.isnan(raw)] = np.nan
    if age is None:
        table, since = carry(table)
        age = DAY_HOURS * since[:, 0]
    quality = np.nan_to_num(table[:, 3]) * freshness(age, stale)
    table[quality <= 0] = np.nan
    return Track(
        indicator=indicator,
        subject=subject,
        raw=table[:, 0],
        linear=table[:, 1],
        per=table[:, 2],
        score=np.clip(table[:, 1], indicator.lowest, indicator.highest),
        quality=quality,
        age=np.where(np.isnan(table[:, 0]), np.nan, age),
    )
