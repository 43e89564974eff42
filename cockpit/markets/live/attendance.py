"""Who is asked for what, and when: prices of the first venue that answers, depth of what is followed, the rest in turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from cockpit.markets.live.board import Board
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.stream import Streams
from cockpit.model.instruments import Kind as InstrumentKind
from cockpit.model.instruments import asset_of, kind_of, perp_symbol, spot_symbol
from cockpit.model.sources import Source

if TYPE_CHECKING:
    from cockpit.markets.live.tiers import Tiers
    from cockpit.markets.live.venue import Venue

PRICES = timedelta(seconds=3)
FUNDING = timedelta(seconds=60)
FOLLOWED_DEPTH = timedelta(seconds=4)
OTHER_DEPTH = timedelta(seconds=60)
INTEREST = timedelta(minutes=5)
MEANS = timedelta(minutes=30)
SKEW = timedelta(minutes=10)
"""How often each is asked for."""
AT_ONCE = 4
"""Order books asked for at the same time."""
PULSE = 0.25
LONGEST_SLEEP = 5.0
"""Seconds after which a job looks again whether there is something to do, at least and at most."""
SKEWED = timedelta(seconds=1)
MEAN_OVER = timedelta(days=3)
LONGEST_INTERVAL = timedelta(hours=8)

log = logging.getLogger(__name__)


class Attendance:
    """The venues in their order and what they are asked. Everything but `follow` runs on the network thread.

    A venue is asked while every one before it gives way, or while it gives something wanted that those before it do not; one
    that quotes nothing here is not asked.
    `wanted` are the assets that somebody asks for.
    """

    def __init__(
        self,
        venues: Sequence[Venue],
        board: Board,
        tiers: Tiers,
        clock: Callable[[], datetime],
        wanted: Iterable[str],
        through: str = "",
    ) -> None:
        self._to_close = venues
        self._venues = [venue for venue in venues if any(side.quoted for side in venue.row.sides)]
        self._board = board
        self._tiers = tiers
        self._clock = clock
        self._wanted = frozenset(wanted)
        self._followed: frozenset[str] = frozenset()
        self._opened: set[str] = set()
        self._done: dict[tuple[str, str], datetime] = {}
        self._clock_note = ""
        self._streams = {
            venue.id: Streams(venue, partial(board.book, venue.id), clock=clock, through=through) for venue in self._venues
        }

    def want(self, assets: Iterable[str]) -> None:
        """Read prices of these too, from any thread."""
        if not self._wanted.issuperset(assets := frozenset(assets)):
            self._wanted |= assets

    def follow(self, assets: Iterable[str]) -> None:
        """Look at these closely and at no others, from any thread."""
        self._followed = frozenset(assets)
        self.want(self._followed)

    def notes(self) -> tuple[str, ...]:
        """What is not as usual at the venues that are asked: a wrong clock, prices that cannot be."""
        asked = [venue for venue in self._venues if venue.id in self._opened and not venue.meter.gives_way]
        return (*filter(None, (self._clock_note,)), *(note for venue in asked for note in venue.notes or self._missing(venue)))

    def _missing(self, venue: Venue) -> tuple[str, ...]:
        listed = (symbol for symbol in self._symbols(self._followed) if self._board.lists(venue.id, symbol))
        symbols = [symbol for symbol in listed if not self._board.gives(venue.id, symbol)]
        return (f"{venue.meter.name} lists {', '.join(symbols)} and tells no price of it",) if symbols else ()

    def sources(self) -> tuple[Source, ...]:
        """The streams that are open."""
        return tuple(source for streams in self._streams.values() for source in streams.sources())

    async def run(self) -> None:
        """Ask, until cancelled."""
        async with asyncio.TaskGroup() as running:
            for place, venue in enumerate(self._venues):
                for job in (self._prices, self._funding, self._skew, self._depth, self._perpetuals):
                    running.create_task(self._attend(place, venue, job))
            running.create_task(self._guarded(lambda: self._tiers.run(lambda: self._followed)))
            running.create_task(self._guarded(self._stream))

    async def _guarded(self, job: Callable[[], Awaitable[None]]) -> None:
        """Run a job that ends nothing else where it breaks: it begins again."""
        while True:
            try:
                await job()
            except Exception:
                log.exception("a job of the live market failed")
            await asyncio.sleep(LONGEST_SLEEP)

    async def close(self) -> None:
        """Close what was opened."""
        await asyncio.gather(*(streams.close() for streams in self._streams.values()), return_exceptions=True)
        await asyncio.gather(*(venue.close() for venue in self._to_close), return_exceptions=True)

    async def _attend(self, place: int, venue: Venue, job: Callable[[int, Venue], Awaitable[None]]) -> None:
        """Do one job at one venue whenever it may be asked and is needed; what fails there ends nothing else."""
        while True:
            if not venue.meter.wait and self._needed(place):
                try:
                    await job(place, venue)
                except Fault as fault:
                    log.info("%s: %s", venue.id, fault)
                except Exception as error:
                    log.exception("%s could not be read", venue.id)
                    venue.meter.bad(Fault(Kind.NONSENSE, type(error).__name__))
                self._board.tell()
            await asyncio.sleep(max(PULSE, min(venue.meter.wait, LONGEST_SLEEP)))

    async def _stream(self) -> None:
        """Stream what is followed from the venue that serves it, and from no other."""
        while True:
            for place, venue in enumerate(self._venues):
                served = self._serves(place) if self._gives(venue) and self._needed(place) else ()
                self._streams[venue.id].follow(symbol for symbol in served if asset_of(symbol) in self._followed)
            await asyncio.sleep(PULSE)

    def _gives(self, venue: Venue) -> bool:
        return venue.id in self._opened and not venue.meter.failing

    def _needed(self, place: int) -> bool:
        before = [venue for venue in self._venues[:place] if not venue.meter.gives_way]
        if not before:
            return True
        if not all(self._board.listed(venue.id) for venue in before):
            return False
        return any(
            self._may_give(self._venues[place], symbol) and not any(self._board.gives(venue.id, symbol) for venue in before)
            for symbol in self._symbols(self._followed)
        )

    def _may_give(self, venue: Venue, symbol: str) -> bool:
        if self._board.listed(venue.id):
            return self._board.gives(venue.id, symbol)
        return any(side.quoted and side.kind is kind_of(symbol) for side in venue.row.sides)

    @staticmethod
    def _symbols(assets: Iterable[str]) -> list[str]:
        return [symbol for asset in sorted(assets) for symbol in (spot_symbol(asset), perp_symbol(asset))]

    async def _prices(self, place: int, venue: Venue) -> None:
        await venue.open()
        self._opened.add(venue.id)
        if self._due(venue, "prices", PRICES):
            wanted = self._wanted
            venue.follow(wanted)
            with venue.meter.awaited():
                quotes = await venue.tickers()
            self._offer(venue, wanted)
            self._board.quote(venue.id, quotes.values())

    async def _funding(self, place: int, venue: Venue) -> None:
        if venue.id in self._opened and self._due(venue, "funding", FUNDING):
            self._board.fund(venue.id, await venue.funding())

    async def _skew(self, place: int, venue: Venue) -> None:
        if venue.id in self._opened and self._due(venue, "skew", SKEW):
            self._note_clock(venue, await venue.skew())

    def _offer(self, venue: Venue, assets: frozenset[str]) -> None:
        listed = [venue.instruments(asset) for asset in sorted(assets)]
        self._board.offer(
            venue.id, {symbol: instrument for of_asset in listed for symbol, instrument in of_asset.items()}, assets
        )

    async def _depth(self, place: int, venue: Venue) -> None:
        if venue.id not in self._opened:
            return
        symbols = [symbol for symbol in self._serves(place) if self._wants_book(venue.id, symbol)]
        symbols.sort(key=lambda symbol: (asset_of(symbol) not in self._followed, symbol))
        asked = symbols[:AT_ONCE]
        self._done |= {(venue.id, symbol): self._clock() for symbol in asked}
        answers = await asyncio.gather(*(venue.book(symbol) for symbol in asked), return_exceptions=True)
        for symbol, answer in zip(asked, answers, strict=True):
            if isinstance(answer, Fault):
                log.info("%s: order book of %s: %s", venue.id, symbol, answer)
                self._board.no_book(venue.id, symbol)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                self._board.book(venue.id, answer)
                self._streams[venue.id].heard(answer)

    async def _perpetuals(self, place: int, venue: Venue) -> None:
        for symbol in self._serves(place):
            if kind_of(symbol) is InstrumentKind.PERP and asset_of(symbol) in self._followed:
                await self._of_perpetual(venue, symbol)

    def _serves(self, place: int) -> list[str]:
        """The symbols for which this venue is the first that answers."""
        before = [venue for venue in self._venues[:place] if not venue.meter.gives_way]
        here = self._venues[place].id
        return [
            symbol
            for symbol in self._symbols(self._wanted)
            if self._board.gives(here, symbol) and not any(self._board.gives(venue.id, symbol) for venue in before)
        ]

    def _wants_book(self, venue: str, symbol: str) -> bool:
        if self._streams[venue].healthy(symbol):
            return False
        every = FOLLOWED_DEPTH if asset_of(symbol) in self._followed else OTHER_DEPTH
        age, asked = self._board.age(venue, symbol), self._done.get((venue, symbol))
        return (age is None or age > every) and (asked is None or not timedelta(0) <= self._clock() - asked <= every)

    async def _of_perpetual(self, venue: Venue, symbol: str) -> None:
        """Open interest and the mean of funding, each when it is due."""
        if self._due(venue, f"interest {symbol}", INTEREST):
            self._board.interest(venue.id, symbol, await venue.open_interest(symbol))
        if self._due(venue, f"mean {symbol}", MEANS):
            since = self._clock() - MEAN_OVER
            # From one print earlier on: a print's interval is the time since the one before it.
            told = await venue.funding_prints(asset_of(symbol), since - LONGEST_INTERVAL)
            prints = [one for one in told if one.time > since]
            hours = sum((one.interval_hours for one in prints), Decimal(0))
            if hours:
                mean = 8 * sum((one.rate for one in prints), Decimal(0)) / hours
                self._board.mean({symbol: round(mean, 12)})

    def _due(self, venue: Venue, what: str, every: timedelta) -> bool:
        """Whether it is time, which is noted: a job that fails is asked for again when it is next due.

        It is time too where the clock was set back.
        """
        now, last = self._clock(), self._done.get((venue.id, what))
        if last is not None and timedelta(0) <= now - last < every:
            return False
        self._done[venue.id, what] = now
        return True

    def _note_clock(self, venue: Venue, skew: timedelta) -> None:
        seconds = skew.total_seconds()
        where = "ahead of" if seconds > 0 else "behind"
        self._clock_note = (
            f"the clock of this machine is {abs(seconds):.1f} s {where} that of {venue.meter.name}: set it by NTP"
            if abs(skew) > SKEWED
            else ""
        )
