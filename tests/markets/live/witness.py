"""A market's world that remembers what it said, and when: what is shown later is held against that."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cockpit.markets.feed import MarketFeed
from cockpit.model.instruments import asset_of
from cockpit.model.market import Quote
from tests.loopback import Clock, World, simulated_world

START = datetime(2026, 8, 20, 23, 40, tzinfo=UTC)
MEMORY = 400
"""Books of a symbol that the world remembers; a quote that is older is held against none."""
HELD = ("ETH", "UNI", "AAVE")
"""What the book holds and the world remembers."""


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
    """A world that remembers what it said, and when."""

    def __init__(self, feed: MarketFeed, clock: Clock, assets: Collection[str]) -> None:
        super().__init__(feed, clock, assets)
        self.said: dict[str, _Said] = defaultdict(_Said)
        self.writing = threading.Lock()

    def quote(self, symbol: str) -> Quote:
        """The world's, remembered unless it is a lie."""
        quote = super().quote(symbol)
        if quote.mark > 0 and asset_of(symbol) in HELD:
            with self.writing:
                self.said[symbol].add(self.clock(), quote)
        return quote


def witness(seed: int, speed: float) -> Witness:
    """The simulated market over the shipped universe."""
    plain = simulated_world(seed, Clock(START, speed=speed))
    return Witness(plain.feed, plain.clock, plain.listed)
