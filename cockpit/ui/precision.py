"""Prices and quantities to the precision of their instrument: the places of its tick and of its lot, where it is listed.

A quantity in a column has the places of its lot; in the words of an order it has the digits that are sent, "2.5 ETH".
"""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import MarketSnapshot


def tick_of(market: MarketSnapshot | None, symbol: str | None) -> Decimal | None:
    """The price step of a symbol; None where no market lists it."""
    return None if market is None else market.tick(symbol)


def asset_tick(market: MarketSnapshot | None, asset: str) -> Decimal | None:
    """The price step of an asset: its perpetual's, or that of its spot pair where there is no perpetual."""
    return tick_of(market, perp_symbol(asset)) or tick_of(market, spot_symbol(asset))


def price_text(market: MarketSnapshot | None, symbol: str | None, value: Decimal | None) -> str:
    """A price of that symbol in quote units."""
    return fmt.price(value, tick_of(market, symbol))


def quantity_text(market: MarketSnapshot | None, symbol: str | None, value: Decimal | None) -> str:
    """A quantity of an order, a fill or a position in base units; what is no multiple of the lot keeps its digits."""
    instrument = market.instruments.get(symbol) if market is not None and symbol is not None else None
    if instrument is None or value is None or instrument.lot <= 0 or value % instrument.lot:
        return fmt.exact(value)
    return fmt.quantity(value, instrument.lot)
