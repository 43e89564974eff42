"""The real ccxt, pointed at the loopback market."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cockpit.markets.live.http import through


def reach(name: str, gateway: str, **settings: Any) -> Any:
    """An instance of ccxt.pro whose every address is asked by way of the gateway; the caller closes it."""
    import ccxt.pro

    options = {"fetchMarkets": {"types": ["spot", "linear"]}} | settings.pop("options", {})
    exchange = getattr(ccxt.pro, name)({"number": Decimal, "enableRateLimit": False, "options": options} | settings)
    exchange.has["fetchCurrencies"] = False

    def redirected(urls: Any) -> Any:
        if isinstance(urls, dict):
            return {key: redirected(value) for key, value in urls.items()}
        return through(gateway, exchange.implode_hostname(urls)).removesuffix("/") if isinstance(urls, str) else urls

    exchange.urls["api"] = redirected(exchange.urls["api"])
    return exchange
