"""Whether a live price can be of the same coin as the daily history: venues and vendors of history name coins by other words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from cockpit.markets.live.past import PRICES
from cockpit.markets.tables import read_table
from cockpit.model.errors import BadInput
from cockpit.model.instruments import spot_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import plain

APART = Decimal(5)
"""A price that many times the last close, or that part of it, is rather another coin's than this one's."""
RECENT = timedelta(days=3)
"""How old a close may be that a price is compared with."""


class Close(NamedTuple):
    """The last close of an asset, in quote units."""

    day: date
    price: Decimal


def last_closes(folder: Path) -> dict[str, Close]:
    """The last close of every asset of a recorded market; none where its prices cannot be read."""
    try:
        table = read_table(folder / PRICES, assets=True)
        closes: dict[str, Close] = {}
        for row, day in zip(table.rows[-RECENT.days :], table.days()[-RECENT.days :], strict=True):
            cells = zip(table.columns[1:], table.cells(row)[1:], strict=True)
            closes |= {asset: Close(day, Decimal(cell)) for asset, cell in cells if cell}
    except (BadInput, ArithmeticError):
        return {}
    return closes


def strangers(market: MarketSnapshot, closes: Mapping[str, Close]) -> Iterator[str]:
    """A sentence for every asset whose live price is far from its last close."""
    for asset, close in closes.items():
        quote = market.quotes.get(spot_symbol(asset))
        if quote is None or close.price <= 0 or market.as_of.date() - close.day > RECENT:
            continue
        if not close.price <= quote.mark * APART <= close.price * APART * APART:
            yield (
                f"{asset} stands at {plain(quote.mark)}, and closed at {plain(close.price)} on {close.day}: "
                "its ticker may be another coin's there; look before you trade it"
            )
