"""Which of the values that a vendor gives are believed: a jump counts once a second observation agrees with it.

The second observation is the snapshot of the next day, or a fetch at least half an hour later, or another source.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from cockpit.markets.daily.series import Series
from cockpit.model.money import ONE, ZERO

SECOND_LOOK = timedelta(minutes=30)
SAME = Decimal("0.10")
"""Two observations agree within this fraction."""
RESTATED = Decimal("0.005")
"""A kept value that comes back further away than this fraction was restated."""
Drift = Callable[[date, date], Decimal]
"""By which factor prices alone moved a value between two days."""


class Held(Struct, frozen=True):
    """A value that waits for its second observation, and when it was seen first (UTC)."""

    value: Decimal
    since: datetime


class Rule(NamedTuple):
    """What is a jump: `factor` up or down in a day, nothing with None; `zero` tells whether 0 can be true at all."""

    factor: Decimal | None
    zero: bool


TVL = Rule(Decimal(2), zero=True)
PRICE = Rule(Decimal(10), zero=False)
FLOW = Rule(None, zero=True)
"""What happens on one day, fees or transactions, may be anything on the next."""


class Sifted(NamedTuple):
    """What became of a vendor's values: believed, waiting, contradicted, and (old, new) of those that were kept otherwise."""

    taken: Series
    held: dict[date, Held]
    dropped: Series
    restated: dict[date, tuple[Decimal, Decimal]]


def no_drift(_before: date, _after: date) -> Decimal:
    """Prices move nothing."""
    return ONE


def agree(one: Decimal, other: Decimal, within: Decimal = SAME) -> bool:
    """Whether two observations say the same."""
    if one <= 0 or other <= 0:
        return one <= 0 and other <= 0
    return abs(one - other) <= within * max(one, other)


def sift(
    points: Series,
    kept: Series,
    rule: Rule,
    now: datetime,
    waiting: dict[date, Held] | None = None,
    drift: Drift = no_drift,
    *,
    second_source: bool = False,
) -> Sifted:
    """Judge a vendor's `points` against what is `kept` and what is `waiting`.

    `second_source` tells that the points are another source's than those that wait: it may confirm at once.
    """
    waiting = waiting or {}
    taken: Series = {}
    held: dict[date, Held] = {}
    dropped: Series = {}
    restated: dict[date, tuple[Decimal, Decimal]] = {}
    order = sorted(day for day, value in points.items() if value > ZERO or (rule.zero and value == ZERO))
    last = _before(kept, order[0]) if order else None
    for position, day in enumerate(order):
        value, old = points[day], kept.get(day)
        seen = waiting.get(day)
        again = seen is not None and agree(seen.value, value) and (second_source or now - seen.since >= SECOND_LOOK)
        if old is not None:
            if agree(old, value, RESTATED):
                taken[day] = old
            elif again or rule.factor is None or _near(old, value, rule.factor):
                taken[day] = value
                restated[day] = (old, value)
            else:
                taken[day] = old
                held[day] = _since(seen, value, now)
        elif again or last is None or _follows(last, (day, value), rule, drift):
            taken[day] = value
        elif position + 1 < len(order):
            after = order[position + 1]
            if _follows((day, value), (after, points[after]), rule, drift) or value == points[after] == ZERO:
                taken[day] = value
            else:
                dropped[day] = value
        else:
            held[day] = _since(seen, value, now)
        if day in taken:
            last = (day, taken[day])
    return Sifted(taken, held, dropped, restated)


def _before(kept: Series, day: date) -> tuple[date, Decimal] | None:
    earlier = max((known for known in kept if known < day), default=None)
    return None if earlier is None else (earlier, kept[earlier])


def _near(one: Decimal, other: Decimal, factor: Decimal) -> bool:
    return one > 0 and other > 0 and one <= other * factor and other <= one * factor


def _follows(before: tuple[date, Decimal], after: tuple[date, Decimal], rule: Rule, drift: Drift) -> bool:
    """Whether a value is within reach of the one before, prices taken out."""
    (day, value), (later, next_value) = before, after
    if rule.factor is None:
        return True
    reach = rule.factor ** min((later - day).days, 30)
    return _near(value * drift(day, later), next_value, reach)


def _since(seen: Held | None, value: Decimal, now: datetime) -> Held:
    return seen if seen is not None and agree(seen.value, value) else Held(value, now)
