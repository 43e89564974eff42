"""Which venues there are, what each can do and which traps it has: the one table that everything about a venue is read from."""

from __future__ import annotations

from cockpit.markets import venue_sides as sides
from cockpit.markets.venue_terms import Capabilities

VENUES: dict[str, Capabilities] = {
    row.id: row
    for row in (
        Capabilities(
            id="binance",
            name="Binance",
            sides=sides.BINANCE,
            traps=(),
            options={"fetchMarkets": {"types": ["spot", "linear"]}},
            adjusts_clock=True,
        ),
        Capabilities(
            id="bybit",
            name="Bybit",
            sides=sides.BYBIT,
            traps=(),
            options={"fetchMarkets": {"types": ["spot", "linear"]}},
            adjusts_clock=True,
        ),
        Capabilities(
            id="okx",
            name="OKX",
            sides=sides.OKX,
            traps=(),
            options={"fetchMarkets": {"types": ["spot", "swap"]}},
            adjusts_clock=True,
        ),
        Capabilities(id="bingx", name="BingX", sides=sides.BINGX, traps=()),
        Capabilities(id="mexc", name="MEXC", sides=sides.MEXC, traps=(), adjusts_clock=True),
        Capabilities(id="weex", name="WEEX", sides=sides.WEEX, traps=(), adjusts_clock=True),
        Capabilities(
            id="hyperliquid",
            name="Hyperliquid",
            sides=sides.HYPERLIQUID,
            traps=(),
            options={"fetchMarkets": {"types": ["swap"]}},
        ),
        Capabilities(id="kraken", name="Kraken", sides=sides.KRAKEN, traps=()),
    )
}
"""Every venue by its id, in the order in which they are asked by default."""

COMMON_OPTIONS: dict[str, object] = {"maxRetriesOnFailure": 0, "warnOnFetchOpenOrdersWithoutSymbol": False}
"""Settings of ccxt for every venue: it repeats nothing by itself, for it would repeat orders too."""
