"""One collection of daily history: which days are lacking, what may be asked now, and what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from cockpit.markets.daily.kept import Asked, Kept
from cockpit.markets.daily.series import DAY, days, midnight
from cockpit.markets.daily.sift import SECOND_LOOK
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.assets import Universe

SETTLED = timedelta(hours=2)
"""So long after midnight every vendor has the day before; what it has not by then is asked for again the next day."""
AGAIN = timedelta(hours=1)
"""How long it takes until a vendor that did not have the newest day is asked again before that."""
RECENT = 3 * DAY
"""Which days a vendor may still complete."""


class FundingPrint(Protocol):
    """A settled funding of a venue: a fraction per interval."""

    @property
    def time(self) -> datetime: ...

    @property
    def rate(self) -> Decimal: ...

    @property
    def interval_hours(self) -> Decimal: ...


class VenueLike(Protocol):
    """What daily history needs of a venue. Both raise Fault, Kind.MISSING where the venue does not list the asset."""

    @property
    def id(self) -> str: ...

    async def candles(self, asset: str, first: date, last: date) -> dict[date, Decimal]:
        """Closes at 24:00 UTC of closed days."""
        ...

    async def funding_prints(self, asset: str, since: datetime) -> Sequence[FundingPrint]:
        """Settled prints, oldest first."""
        ...


@dataclass
class Run:
    """What every step of one collection shares."""

    universe: Universe
    kept: Kept
    now: datetime
    first: date
    prints_since: datetime
    tell: Callable[[str], None] = field(default=lambda _sentence: None)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day that is not over."""
        return self.now.date()

    @property
    def yesterday(self) -> date:
        """The last closed day."""
        return self.today - DAY

    @property
    def settled(self) -> date:
        """The last day of which every vendor has everything by now."""
        return (self.now - SETTLED).date() - DAY

    def failed(self, source: str, fault: Fault) -> None:
        """Tell that a source failed, once; that it does not have something is no failure."""
        if fault.kind is Kind.MISSING:
            return
        if source not in self.faults:
            self.tell(fault.sentence(source))
        self.faults[source] = fault.sentence(source)

    def lacking(self, table: str, column: str, newest: date) -> set[date]:
        """The days up to `newest` of which a column has no value."""
        known = self.kept.tables[table].get(column, {})
        return {day for day in days(self.first, newest) if day not in known}

    def due(self, table: str, source: str, column: str, newest: date) -> tuple[date, date] | None:
        """The span of days (both included) for which a source should be asked now; None where nothing is to be gained."""
        lacking = self.lacking(table, column, newest)
        asked = self.kept.notebook.asked.get(f"{table}/{source}/{column}")
        if asked is not None:
            fresh = self._again(asked.at)
            lacking = {day for day in lacking if not asked.first <= day <= asked.last or (fresh and day > newest - RECENT)}
        held = self.kept.held(table, column)
        lacking |= {day for day, one in held.items() if self.now - one.since >= SECOND_LOOK and day <= newest}
        return (min(lacking), max(lacking)) if lacking else None

    def asked(self, table: str, source: str, column: str, first: date, last: date) -> None:
        """A source answered for these days."""
        key = f"{table}/{source}/{column}"
        before = self.kept.notebook.asked.get(key)
        if before is not None and before.first <= last + DAY and first <= before.last + DAY:
            first, last = min(first, before.first), max(last, before.last)
        self.kept.notebook.asked[key] = Asked(self.now, first, last)

    async def save(self, *names: str) -> None:
        """Write tables, beside the loop, and tell of each what it gained."""
        await asyncio.to_thread(self.kept.save, *names)
        for name in names:
            added = self.kept.added.get(name, 0)
            self.tell(f"{name}: {f'{added} new values' if added else 'nothing new'}")

    def _again(self, at: datetime) -> bool:
        opened = midnight(self.today)
        return at < opened or (at < opened + SETTLED and self.now - at >= AGAIN)


async def all_of(steps: Iterable[Awaitable[None]]) -> None:
    """Run steps side by side to their ends, then raise the first error of any."""
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
