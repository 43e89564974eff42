"""The update ids of order books, and what changed between two looks at one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from cockpit.model.market import Level, Quote
from cockpit.model.money import ZERO


class Sequence:
    """Update ids: they rise with every look at a book, so that an event never carries less than a later snapshot."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._told: dict[str, deque[tuple[int, Quote]]] = {}

    def next(self, symbol: str, by: int = 3) -> int:
        """The id of the book as it is now."""
        self._ids[symbol] = self._ids.get(symbol, 40_000_000_000) + by
        return self._ids[symbol]

    def snapshot(self, symbol: str, quote: Quote) -> int:
        """The id of a whole book that is told: the next event has all that changed from it, even what changed back."""
        self._told.setdefault(symbol, deque(maxlen=16)).append((self.next(symbol), quote))
        return self._ids[symbol]

    def told(self, symbol: str, since: int) -> list[Quote]:
        """The whole books that were told after an id."""
        return [quote for id, quote in self._told.get(symbol, ()) if id > since]


def changes(before: Quote, now: Quote, between: Iterable[Quote] = ()) -> tuple[list[Level], list[Level]]:
    """The levels of bids and asks that are not what they were, size 0 where one is gone; a book that stands repeats its best.

    `between` are other looks at the book since `before`.
    """
    olds = (before, *between)
    bids, asks = _changed([one.bids for one in olds], now.bids), _changed([one.asks for one in olds], now.asks)
    return (bids, asks) if bids or asks else (list(now.bids[:1]), list(now.asks[:1]))


def _changed(olds: Iterable[Iterable[Level]], now: Iterable[Level]) -> list[Level]:
    known, new = [_sizes(old) for old in olds], _sizes(now)
    gone = [Level(price, ZERO) for price in dict.fromkeys(price for old in known for price in old) if price not in new]
    return gone + [Level(price, size) for price, size in new.items() if any(old.get(price) != size for old in known)]


def _sizes(levels: Iterable[Level]) -> dict[Decimal, Decimal]:
    return {level.price: level.size for level in levels}
