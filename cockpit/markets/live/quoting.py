"""What ccxt's tickers and order books say, as quotes; prices that cannot be never become one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.market import Level, Quote


def number(value: Any) -> Decimal | None:
    """A finite number; None where there is none."""
    if value is None or isinstance(value, bool):
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def positive(value: Any) -> Decimal | None:
    """A finite number above zero; None where there is none."""
    found = number(value)
    return found if found is not None and found > 0 else None


def field(row: Mapping[str, Any], path: str) -> Any:
    """The value under a dotted path, e.g. "info.fairPrice"; None where the path ends."""
    value: Any = row
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def quote(symbol: str, venue: str, at: datetime, bid: Any, ask: Any, mark: Any = None, *, marked: bool = False) -> Quote:
    """The quote of a symbol without depth. `marked` ones carry the venue's own mark price, the others the middle of the best.

    Fault(NONSENSE) where a price is missing, zero, negative or no number, or where the bid lies above the ask.
    """
    best_bid, best_ask = positive(bid), positive(ask)
    if best_bid is None or best_ask is None or best_bid > best_ask:
        raise Fault(Kind.NONSENSE, f"{symbol} has the bid {bid} and the ask {ask}")
    price = positive(mark) if marked else (best_bid + best_ask) / 2
    if price is None:
        raise Fault(Kind.NONSENSE, f"{symbol} has the mark price {mark}")
    return Quote(symbol=symbol, mark=price, bid=best_bid, ask=best_ask, at=at, venue=venue)


def book(
    symbol: str,
    venue: str,
    at: datetime,
    bids: Sequence[Any],
    asks: Sequence[Any],
    *,
    contract: Decimal,
    mark: Decimal | None = None,
) -> Quote:
    """The quote of a symbol with depth; `contract` is the base units of a contract, `mark` None: the middle of the best.

    Fault(NONSENSE) where a side is empty or out of order, where a price or size cannot be, or where the sides cross.
    """
    buying, selling = levels(bids, contract), levels(asks, contract)
    if not buying or not selling or buying[0].price >= selling[0].price:
        raise Fault(Kind.NONSENSE, f"the order book of {symbol} is empty or crossed")
    if not _falls(level.price for level in buying) or not _falls(-level.price for level in selling):
        raise Fault(Kind.NONSENSE, f"the order book of {symbol} is out of order")
    bid, ask = buying[0].price, selling[0].price
    price = (bid + ask) / 2 if mark is None else mark
    return Quote(symbol=symbol, mark=price, bid=bid, ask=ask, at=at, bids=buying, asks=selling, venue=venue)


def levels(rows: Sequence[Any], contract: Decimal) -> tuple[Level, ...]:
    """ccxt's levels [price, size, …] in base units; levels of no size are left out. Fault(NONSENSE) where one cannot be."""
    found = []
    for row in rows:
        price, size = positive(row[0]), number(row[1])
        if price is None or size is None or size < 0:
            raise Fault(Kind.NONSENSE, f"an order book has the level {row[0]} of {row[1]}")
        if size:
            found.append(Level(price, size * contract))
    return tuple(found)


def _falls(prices: Iterable[Decimal]) -> bool:
    before: Decimal | None = None
    for price in prices:
        if before is not None and price >= before:
            return False
        before = price
    return True
