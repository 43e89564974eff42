"""A venue's streams on the loopback market, driven on one loop, and a world that remembers what it said."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

from msgspec.structs import replace

from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.stream import Streams
from cockpit.markets.live.venue import Venue
from cockpit.model.market import Level, Quote
from tests.loopback import Clock, Loopback, World, simulated_world
from tests.pseudo_terminal import PATIENCE

ASSETS = ("BTC", "ETH", "SOL", "UNI")
STREAM_HOST = {
    "binance": "stream.binance.com",
    "bybit": "stream.bybit.com",
    "okx": "ws.okx.com",
    "kraken": "ws.kraken.com",
    "bingx": r"open-api-\w+\.bingx.com",
    "weex": r"ws-\w+\.weex.com",
    "mexc": "contract.mexc.com",
}
BREATHING, TURNS = 7, 5
"""Levels of a side that breathe, and sizes that each has."""
Depth = tuple[tuple[Level, ...], tuple[Level, ...]]


class Remembering(World):
    """A world that keeps every book that anybody was told, by symbol."""

    said: dict[str, set[Depth]]

    def quote(self, symbol: str) -> Quote:
        """The world's, remembered."""
        quote = super().quote(symbol)
        self.said.setdefault(symbol, set()).add((quote.bids, quote.asks))
        return quote


class Breathing(Remembering):
    """One whose prices stand, while with every second another level has another size: who misses an update has a wrong book.

    The books never cross, whatever is missing.
    """

    first: dict[str, Quote]

    def quote(self, symbol: str) -> Quote:
        """The first that was told of the symbol, with the sizes of now."""
        true = self.first.setdefault(symbol, super().quote(symbol))
        second, lot = int(self.now().timestamp()), self.instruments()[symbol].lot

        def now(levels: tuple[Level, ...]) -> tuple[Level, ...]:
            count = min(len(levels), BREATHING)
            turns = ((second - place) // count % TURNS for place in range(count))
            moved = [Level(level.price, level.size + turn * lot) for level, turn in zip(levels, turns, strict=False)]
            return (*moved, *levels[count:])

        quote = replace(true, at=self.now(), bids=now(true.bids), asks=now(true.asks))
        self.said.setdefault(symbol, set()).add((quote.bids, quote.asks))
        return quote


def breathing(clock: Clock) -> Breathing:
    """The simulated market of a few assets, breathing."""
    plain = simulated_world(clock=clock, assets=ASSETS)
    world = Breathing(plain.feed, plain.clock, plain.listed)
    world.said, world.first = {}, {}
    return world


def remembering(clock: Clock | None = None) -> Remembering:
    """The simulated market of a few assets."""
    plain = simulated_world(clock=clock, assets=ASSETS)
    world = Remembering(plain.feed, plain.clock, plain.listed)
    world.said = {}
    return world


class Followed:
    """The streams of one venue and what came."""

    def __init__(self, loopback: Loopback, venue: Venue) -> None:
        self.loopback = loopback
        self.venue = venue
        self.quotes: list[Quote] = []
        self.times: list[float] = []
        self.late: list[Quote] = []
        self.streams = Streams(venue, self._hears, clock=loopback.world.now, random=Random(1))

    def _hears(self, quote: Quote) -> None:
        self.quotes.append(quote)
        self.times.append(asyncio.get_running_loop().time())
        if quote.at > self.loopback.world.now():
            self.late.append(quote)

    def of(self, symbol: str) -> list[Quote]:
        """What came of a symbol, oldest first."""
        return [quote for quote in self.quotes if quote.symbol == symbol]

    def messages(self, word: str) -> list[str]:
        """What was said to the venue on its WebSockets that contains a word."""
        return [one.message for one in self.loopback.asked() if one.method == "WS" and word in one.message]

    def unsubscribed(self) -> int:
        """How often a subscription was ended."""
        return len([one for one in self.messages("") if "unsub" in one.lower()])

    def dials(self) -> int:
        """How often a WebSocket of the venue was asked for."""
        host = re.compile(STREAM_HOST[self.venue.id])
        return len([one for one in self.loopback.asked() if one.method != "WS" and host.search(one.host)])

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.02)

    async def another(self, counted: Callable[[], int], done: Callable[[], object]) -> None:
        """Do something, and wait until that has been counted once more."""
        known = counted()
        done()
        await self.until(lambda: counted() > known)

    async def more(self, *symbols: str, count: int = 1) -> None:
        """Wait for so many more quotes of each symbol."""
        known = {symbol: len(self.of(symbol)) for symbol in symbols}
        await self.until(lambda: all(len(self.of(symbol)) >= known[symbol] + count for symbol in symbols))


def all_said(followed: Followed) -> bool:
    """Whether every book that was delivered is one that the world had, level by level."""
    world = followed.loopback.world
    assert isinstance(world, Remembering)
    return all((quote.bids, quote.asks) in world.said[quote.symbol] for quote in followed.quotes)


@contextlib.asynccontextmanager
async def following(loopback: Loopback, venue_id: str, folder: Path, *symbols: str) -> AsyncIterator[Followed]:
    """The streams of a venue, followed and closed at the end."""
    clock = loopback.world.now
    shelf = Shelf(folder, _write)
    universe = load_universe(shipped("universe.toml"))
    meter = Meter(venue_id, clock)
    venue = Venue(venue_id, meter, universe=universe, shelf=shelf, clock=clock, gateway=loopback.gateway)
    followed = Followed(loopback, venue)
    try:
        await venue.open()
        followed.streams.follow(symbols)
        yield followed
    finally:
        await followed.streams.close()
        await venue.close()


def _write(path: Path, text: str) -> None:
    path.write_text(text)
