"""What an order would fill at: walking the order book level by level, never beyond what it shows."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from cockpit.model.instruments import Instrument
from cockpit.model.market import Quote
from cockpit.model.money import ZERO, ceil_to, floor_to
from cockpit.rotation.protection import significant

BPS = 10_000
PRICE_DIGITS = 12
"""Significant digits of an expected fill."""


class NoDepth(Exception):
    """The order book shows less than the order asks for."""


class Walk(Struct, frozen=True, kw_only=True):
    """An order's expected fill.

    `average` is its volume-weighted price, `worst` the last level reached, `limit` the price to send, on a tick. `slippage_bps`
    compares the average with mark; positive is worse.
    """

    quantity: Decimal
    average: Decimal
    worst: Decimal
    limit: Decimal
    slippage_bps: Decimal


def walk_levels(levels: Iterable[tuple[Decimal, Decimal]], quantity: Decimal) -> list[tuple[Decimal, Decimal]]:
    """The fills (price, size) of `quantity` over levels from best to worst; NoDepth where they do not suffice."""
    fills = []
    left = quantity
    for price, size in levels:
        taken = min(size, left)
        if taken > 0:
            fills.append((price, taken))
            left -= taken
        if left <= 0:
            return fills
    raise NoDepth(f"the book shows {quantity - left} of {quantity}")


def average_price(fills: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The volume-weighted average price of fills (price, size)."""
    rows = list(fills)
    return sum((p * s for p, s in rows), ZERO) / sum((s for _, s in rows), ZERO)


def slippage_bps(buys: bool, price: Decimal, reference: Decimal) -> Decimal:
    """How much worse than `reference` a price is, in basis points; a better price is negative."""
    return (price / reference - 1) * BPS * (1 if buys else -1)


def walk(quote: Quote, instrument: Instrument, buys: bool, quantity: Decimal, allowance_bps: Decimal = ZERO) -> Walk:
    """The expected fill of an order.

    The limit reaches the worst level that the walk needs, and beyond it as far as `allowance_bps` from mark, so that a small move
    between preview and order does not leave the order behind. A pinned quote fills any size at mark, and its limit is mark.
    NoDepth where the book does not show enough.
    """
    if quote.pinned:
        return Walk(quantity=quantity, average=quote.mark, worst=quote.mark, limit=quote.mark, slippage_bps=ZERO)
    levels = quote.asks if buys else quote.bids
    fills = walk_levels(((level.price, level.size) for level in levels), quantity)
    average = significant(average_price(fills), PRICE_DIGITS)
    worst = fills[-1][0]
    allowance = quote.mark * allowance_bps / BPS
    if buys:
        limit = max(instrument.buy_price(worst), floor_to(quote.mark + allowance, instrument.tick))
    else:
        limit = min(instrument.sell_price(worst), ceil_to(quote.mark - allowance, instrument.tick))
    return Walk(
        quantity=quantity,
        average=average,
        worst=worst,
        limit=limit,
        slippage_bps=slippage_bps(buys, average, quote.mark),
    )
