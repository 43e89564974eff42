"""What the venues say of funding: the rate of the running interval, the interval itself, the next payment, and past payments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from cockpit.markets.live.quoting import field, number
from cockpit.markets.venue_terms import Funding
from cockpit.model.market import FundingRate
from cockpit.model.money import ONE

INTERVALS = tuple(map(Decimal, (1, 2, 4, 8)))
"""Hours between two payments that venues use: another distance between two prints means that one is missing."""
LONGEST = Decimal(24)


class FundingPrint(Struct, frozen=True):
    """One payment of funding at `time` (UTC): `rate` is the fraction that longs paid shorts for the `interval_hours` before."""

    time: datetime
    rate: Decimal
    interval_hours: Decimal

    @property
    def per_8h(self) -> Decimal:
        """The rate in its 8-hour equivalent."""
        return self.rate * 8 / self.interval_hours


def moment(milliseconds: Any) -> datetime | None:
    """A venue's time stamp in UTC; None where there is none that can be."""
    value = number(milliseconds)
    if value is None or not 0 < value < 10**14:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value))


def hours(interval: Any) -> Decimal | None:
    """The hours that ccxt writes as "8h" or "30m"; None where it writes nothing that can be."""
    text = str(interval or "")
    value = number(text[:-1])
    if value is None or text[-1] not in "hm":
        return None
    found = value if text[-1] == "h" else value / 60
    return found if 0 < found <= LONGEST else None


def next_payment(stamps: Iterable[Any], interval: Decimal, now: datetime) -> datetime | None:
    """The first of a venue's time stamps that lies in the future.

    Where all have passed, the last one and an interval: a venue may need a moment to say the next one. None where that has
    passed too.
    """
    times = [found for found in map(moment, stamps) if found is not None]
    ahead = [time for time in times if time > now]
    if ahead:
        return min(ahead)
    after = max(times) + timedelta(hours=float(interval)) if times else now
    return after if after > now else None


def whole(interval: Decimal, now: datetime) -> datetime:
    """The next moment at which whole intervals of the UTC day have passed."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    step = timedelta(hours=float(interval))
    return midnight + ((now - midnight) // step + 1) * step


def rate_of(symbol: str, row: Mapping[str, Any], terms: Funding, interval: Decimal | None, now: datetime) -> FundingRate | None:
    """The funding of a perpetual from ccxt's row; None where rate, interval or next payment are not said, or cannot be."""
    rate = next((found for name in terms.rate if (found := number(field(row, name))) is not None), None)
    if rate is None or abs(rate) >= ONE or interval is None:
        return None
    stamps = [field(row, name) for name in terms.next_at]
    next_at = next_payment(stamps, interval, now) if stamps else whole(interval, now)
    if next_at is None:
        return None
    return FundingRate(symbol=symbol, rate=rate, interval_hours=interval, next_at=next_at)


def prints(rows: Sequence[Mapping[str, Any]], since: datetime, interval: Decimal) -> list[FundingPrint]:
    """Past payments from ccxt's rows, oldest first, each once. A print's interval is the time since the one before it, where
    that is an interval that venues use, else `interval`, today's."""
    told: dict[datetime, Decimal] = {}
    for row in rows:
        time, rate = moment(row.get("timestamp")), number(row.get("fundingRate"))
        if time is not None and rate is not None and abs(rate) < ONE and time >= since:
            told[time] = rate
    times = sorted(told)
    found = []
    for index, time in enumerate(times):
        gap = Decimal(round((time - times[index - 1]).total_seconds() / 3600)) if index else interval
        found.append(FundingPrint(time, told[time], gap if gap in INTERVALS else interval))
    return found
