"""A venue's order books as they change: followed by WebSocket where its row of the capability table says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from cockpit.markets.live.meter import Meter
from cockpit.model.instruments import Kind, kind_of
from cockpit.model.market import Quote
from cockpit.model.sources import Source

if TYPE_CHECKING:
    from cockpit.markets.live.lane import Lane
    from cockpit.markets.live.venue import Venue

HEALTHY = timedelta(seconds=5)
"""The age up to which what was streamed of a symbol needs no asking."""
SKEW_KEPT = timedelta(minutes=10)
"""For how long a measured difference of clocks holds."""


class Streams:
    """The streams of one venue, one connection a side. Used on the network loop only.

    `on_quote` gets quotes with depth, at most one a symbol and second. A quote's `at` is when the venue says that the book
    changed, by this machine's clock, and never later than it came.
    """

    def __init__(
        self,
        venue: Venue,
        on_quote: Callable[[Quote], None],
        *,
        clock: Callable[[], datetime],
        random: Random | None = None,
        through: str = "",
    ) -> None:
        self._venue = venue
        self._on_quote = on_quote
        self._clock = clock
        self._random = random or Random()
        self._through = through
        self._newest: dict[str, datetime] = {}
        self._skew = timedelta(0)
        self._skew_at: datetime | None = None
        self._lanes: dict[Kind, Lane] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._sides = {
            side.kind: side for side in venue.row.sides if side.quoted and side.stream is not None and side.stream.books
        }

    def streams(self, symbol: str) -> bool:
        """Whether the venue streams order books of this kind of symbol."""
        return kind_of(symbol) in self._sides

    def follow(self, symbols: Iterable[str]) -> None:
        """Follow these from now on, and no others; those that the venue does not stream are left out."""
        wanted: dict[Kind, set[str]] = {kind: set() for kind in self._sides}
        for symbol in symbols:
            if self.streams(symbol):
                wanted[kind_of(symbol)].add(symbol)
        for symbol in self._newest.keys() - set().union(*wanted.values()):
            del self._newest[symbol]
        for kind, followed in wanted.items():
            if followed or kind in self._lanes:
                self._lane(kind).follow(followed)

    def healthy(self, symbol: str) -> bool:
        """Whether its stream says what the book is now; where not, the venue has to be asked."""
        newest = self._newest.get(symbol)
        lane = self._lanes.get(kind_of(symbol))
        if newest is None or lane is None or not lane.alive(symbol):
            return False
        return timedelta(0) <= self._clock() - newest <= HEALTHY

    def heard(self, quote: Quote) -> None:
        """What the venue answered when it was asked for a book: a stream that keeps saying something else is opened anew."""
        lane = self._lanes.get(kind_of(quote.symbol))
        if lane is not None:
            lane.compare(quote)

    def sources(self) -> tuple[Source, ...]:
        """Each connection as it stands."""
        return tuple(lane.meter.line(("order books",) if lane.streaming else ()) for lane in self._lanes.values())

    async def close(self) -> None:
        """End every connection; following begins anew."""
        tasks, self._tasks, self._lanes = self._tasks, [], {}
        self._newest.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _lane(self, kind: Kind) -> Lane:
        if kind not in self._lanes:
            from cockpit.markets.live.lane import Lane

            side = "spot" if kind is Kind.SPOT else "perpetuals"
            meter = Meter(f"{self._venue.row.name}, stream of {side}", self._clock, through=self._through)
            lane = self._lanes[kind] = Lane(
                self._venue,
                self._sides[kind],
                meter,
                self._hears,
                clock=self._clock,
                random=self._random,
                skew=self._measured,
            )
            self._tasks.append(asyncio.create_task(lane.run()))
        return self._lanes[kind]

    def _hears(self, quote: Quote) -> None:
        self._newest[quote.symbol] = quote.at
        self._on_quote(quote)

    async def _measured(self) -> timedelta:
        """How far this machine's clock is ahead of the venue's; the one known where it cannot be asked."""
        now = self._clock()
        if self._skew_at is None or not timedelta(0) <= now - self._skew_at <= SKEW_KEPT:
            self._skew = await self._venue.skew()
            self._skew_at = now
        return self._skew
