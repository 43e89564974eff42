"""How much of an order the market's depth carries, level by level, and at which prices."""

from collections.abc import Iterator
from decimal import Decimal

from cockpit.model.market import Level, Quote


def taken(quote: Quote, buys: bool, quantity: Decimal, limit: Decimal | None) -> Iterator[Level]:
    """The levels that an order of `quantity` base units takes, best first, none worse than `limit` (None: no limit).

    A pinned quote fills any size at its mark. What the depth does not carry is left over: nothing is extrapolated.
    The market is not moved by the order: the next one finds the depth of its own moment.
    """
    left = quantity
    levels = quote.asks if buys else quote.bids
    for level in (Level(quote.mark, quantity),) if quote.pinned else levels:
        worse = limit is not None and (level.price > limit if buys else level.price < limit)
        if left <= 0 or worse:
            return
        size = min(level.size, left)
        if size > 0:
            yield Level(level.price, size)
            left -= size
