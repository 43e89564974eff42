"""The update ids of order books, and what changed between two looks at one."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cockpit.model.market import Level, Quote
from cockpit.model.money import ZERO


class Sequence:
    """Update ids: they rise with every look at a book, so that an event never carries less than a later snapshot."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    def next(self, symbol: str, by: int = 3) -> int:
        """The id of the book as it is now."""
        self._ids[symbol] = self._ids.get(symbol, 40_000_000_000) + by
        return self._ids[symbol]


def changes(before: Quote, now: Quote) -> tuple[list[Level], list[Level]]:
    """The levels of bids and asks that are not what they were, size 0 where one is gone; a book that stands repeats its best."""
    bids, asks = _changed(before.bids, now.bids), _changed(before.asks, now.asks)
    return (bids, asks) if bids or asks else (list(now.bids[:1]), list(now.asks[:1]))


def _changed(before: Iterable[Level], now: Iterable[Level]) -> list[Level]:
    old, new = _sizes(before), _sizes(now)
    gone = [Level(price, ZERO) for price in old if price not in new]
    return gone + [Level(price, size) for price, size in new.items() if old.get(price) != size]


def _sizes(levels: Iterable[Level]) -> dict[Decimal, Decimal]:
    return {level.price: level.size for level in levels}
