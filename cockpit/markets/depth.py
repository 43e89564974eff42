"""What an order book around a price looks like where no recording of one exists."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from cockpit.markets.instruments import BookShape
from cockpit.model.instruments import Instrument
from cockpit.model.market import Level, Quote

REACH = (0.0, 0.0003, 0.0007, 0.0012, 0.002, 0.003, 0.0045, 0.0065, 0.009, 0.012, 0.016, 0.02)
"""Distances of the levels from the best price, as fractions of it."""
_NEXT = (*REACH[1:], 0.025)
_DEPTH_REACH = 0.01
EVEN = (1.0,) * len(REACH)


def quote(instrument: Instrument, mark: Decimal, shape: BookShape, at: datetime, ragged: Sequence[float] = EVEN) -> Quote:
    """A quote with a book of evenly dense depth on both sides of `mark`.

    Liquidity is `shape.depth` per 1 % of price; a level holds what lies between it and the next one, `ragged` scales the
    levels. The best prices are half the spread away from the mark, rounded outwards to the tick.
    """
    half = mark * shape.spread_bps / 20_000
    best_bid = max(1, int(((mark - half) / instrument.tick).to_integral_value(ROUND_FLOOR)))
    best_ask = max(best_bid + 1, int(((mark + half) / instrument.tick).to_integral_value(ROUND_CEILING)))
    lots = float(shape.depth / mark / instrument.lot) / _DEPTH_REACH
    sizes = [
        max(1, round(lots * (outer - inner) * factor)) * instrument.lot
        for inner, outer, factor in zip(REACH, _NEXT, ragged, strict=True)
    ]
    bids, asks = [], []
    bid, ask = best_bid + 1, best_ask - 1
    for distance, size in zip(REACH, sizes, strict=True):
        bid = min(bid - 1, round(best_bid * (1 - distance)))
        ask = max(ask + 1, round(best_ask * (1 + distance)))
        asks.append(Level(ask * instrument.tick, size))
        if bid > 0:
            bids.append(Level(bid * instrument.tick, size))
    return Quote(
        symbol=instrument.symbol,
        mark=mark,
        bid=best_bid * instrument.tick,
        ask=best_ask * instrument.tick,
        at=at,
        bids=tuple(bids),
        asks=tuple(asks),
    )
