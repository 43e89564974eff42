"""A market's world that remembers what it said, and when: what is shown later is held against that."""

from __future__ import annotations

import copy
import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from cockpit.markets.feed import MarketFeed
from cockpit.model.instruments import asset_of
from cockpit.model.market import Level, Quote
from tests.loopback import Clock, World, simulated_world

START = datetime(2026, 8, 20, 23, 40, tzinfo=UTC)
MEMORY = 400
"""Books of a symbol that the world remembers; a quote that is older is held against none."""
HELD = ("ETH", "UNI", "AAVE")
"""What the book holds and the world remembers."""
DEARER, BY = "bybit", Decimal("0.0008")
"""The venue at which everything costs more, and by which part."""


@dataclass
class _Said:
    """What the world said of one symbol: the quotes, and when each was last said."""

    lasts: list[datetime] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)

    def add(self, now: datetime, quote: Quote) -> None:
        """Remember it."""
        if self.quotes and self.quotes[-1].bids == quote.bids and self.quotes[-1].asks == quote.asks:
            self.lasts[-1] = now
            return
        self.lasts.append(now)
        self.quotes.append(quote)
        del self.lasts[:-MEMORY], self.quotes[:-MEMORY]

    def since(self, moment: datetime) -> list[Quote]:
        """What was said at a moment or after it."""
        return self.quotes[bisect_left(self.lasts, moment) :]


class Witness(World):
    """A world that remembers what it said, and when. One venue is dearer than the other: no price of it passes for theirs."""

    def __init__(self, feed: MarketFeed, clock: Clock, assets: Collection[str]) -> None:
        super().__init__(feed, clock, assets)
        self.venue = "binance"
        self.said: dict[tuple[str, str], _Said] = defaultdict(_Said)
        self.writing = threading.Lock()
        self._other: Witness | None = None
        self._priced: dict[str, tuple[Quote, Quote]] = {}

    def of(self, host: str) -> World:
        """At the hosts of the dearer venue its own prices."""
        if DEARER not in host:
            return self
        if self._other is None:
            self._other = copy.copy(self)
            self._other.venue = DEARER
        return self._other

    def quote(self, symbol: str) -> Quote:
        """The world's, remembered unless it is a lie."""
        quote = super().quote(symbol)
        if quote.mark <= 0:
            return quote
        if self.venue == DEARER:
            quote = self._dearer(quote)
        if asset_of(symbol) in HELD:
            with self.writing:
                self.said[self.venue, symbol].add(self.clock(), quote)
        return quote

    def since(self, symbol: str, moment: datetime, venue: str = "") -> list[Quote]:
        """What a venue, or any, said of a symbol at a moment or after it."""
        with self.writing:
            told = [said for (whose, what), said in self.said.items() if what == symbol and venue in ("", whose)]
            return [quote for said in told for quote in said.since(moment)]

    def _dearer(self, quote: Quote) -> Quote:
        known = self._priced.get(quote.symbol)
        if known is None or known[0] is not quote:
            tick = self.look(asset_of(quote.symbol)).instruments[quote.symbol].tick
            known = self._priced[quote.symbol] = (quote, dearer(quote, round(quote.mark * BY / tick) * tick))
        return known[1]


def dearer(quote: Quote, by: Decimal) -> Quote:
    """The same quote with every price that much higher."""
    bids, asks = (tuple(Level(level.price + by, level.size) for level in side) for side in (quote.bids, quote.asks))
    return replace(quote, mark=quote.mark + by, bid=quote.bid + by, ask=quote.ask + by, bids=bids, asks=asks)


def witness(seed: int, speed: float) -> Witness:
    """The simulated market over the shipped universe."""
    plain = simulated_world(seed, Clock(START, speed=speed))
    return Witness(plain.feed, plain.clock, plain.listed)
