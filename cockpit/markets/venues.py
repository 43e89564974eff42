"""Which venues there are, what each can do and which traps it has: the one table that everything about a venue is read from."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from cockpit.markets import venue_orders as orders
from cockpit.markets import venue_sides as sides
from cockpit.markets import venue_traps as traps
from cockpit.markets.venue_terms import Capabilities
from cockpit.model.errors import BadInput
from cockpit.model.text import sanitise

VENUES: dict[str, Capabilities] = {
    row.id: row
    for row in (
        Capabilities(
            id="binance",
            name="Binance",
            sides=sides.BINANCE,
            traps=traps.BINANCE,
            orders=orders.BINANCE,
            options={"fetchMarkets": {"types": ["spot", "linear"]}},
            adjusts_clock=True,
        ),
        Capabilities(
            id="bybit",
            name="Bybit",
            sides=sides.BYBIT,
            traps=traps.BYBIT,
            orders=orders.BYBIT,
            options={"fetchMarkets": {"types": ["spot", "linear"]}},
            adjusts_clock=True,
        ),
        Capabilities(
            id="okx",
            name="OKX",
            sides=sides.OKX,
            traps=traps.OKX,
            orders=orders.OKX,
            options={"fetchMarkets": {"types": ["spot", "swap"]}},
            adjusts_clock=True,
        ),
        Capabilities(id="bingx", name="BingX", sides=sides.BINGX, traps=traps.BINGX, orders=orders.BINGX),
        Capabilities(id="mexc", name="MEXC", sides=sides.MEXC, traps=traps.MEXC, orders=orders.MEXC, adjusts_clock=True),
        Capabilities(id="weex", name="WEEX", sides=sides.WEEX, traps=traps.WEEX, orders=orders.WEEX, adjusts_clock=True),
        Capabilities(
            id="hyperliquid",
            name="Hyperliquid",
            sides=sides.HYPERLIQUID,
            traps=traps.HYPERLIQUID,
            options={"fetchMarkets": {"types": ["swap"]}},
        ),
        Capabilities(id="kraken", name="Kraken", sides=sides.KRAKEN, traps=traps.KRAKEN),
    )
}
"""Every venue by its id, in the order in which they are asked by default."""

COMMON_OPTIONS: dict[str, object] = {"maxRetriesOnFailure": 0}
"""Settings of ccxt for every venue: it repeats nothing by itself, for it would repeat orders too."""


def check_named(ids: Iterable[str]) -> None:
    """BadInput for a venue under [live] of the config file that there is not."""
    for place, id in enumerate(ids):
        if id not in VENUES:
            near = difflib.get_close_matches(id, VENUES, 1)
            hint = f"did you mean {near[0]}?" if near else f"it is one of {', '.join(VENUES)}"
            raise BadInput(f"live.venues[{place}]: there is no venue {sanitise(id)}; {hint}")
