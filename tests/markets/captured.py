"""What ccxt really sends to a venue: every request of an exchange goes to a server on the loopback that notes it and answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import ccxt.pro
from aiohttp import web
from msgspec import Struct

from cockpit.markets.live.http import through
from cockpit.model.instruments import Kind

Test = TypeVar("Test", bound=Callable[..., Any])
HELD: set[tuple[str, str]] = set()
"""(venue, trap) of every trap that a test walks into."""
ETH = {Kind.SPOT: "ETH/USDT", Kind.PERP: "ETH/USDT:USDT"}
IDS = {
    "binance": ("ETHUSDT", "ETHUSDT"),
    "bybit": ("ETHUSDT", "ETHUSDT"),
    "okx": ("ETH-USDT", "ETH-USDT-SWAP"),
    "bingx": ("ETH-USDT", "ETH-USDT"),
    "mexc": ("ETHUSDT", "ETH_USDT"),
    "weex": ("ETHUSDT", "ETHUSDT"),
}
"""How the venues write the pair and the perpetual."""
ORDER_TYPES = ["LIMIT", "MARKET", "LIMIT_MAKER", "STOP", "STOP_MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT"]
"""What Binance's listing allows."""
OPTIONS = {"bybit": {"enableUnifiedMargin": False, "enableUnifiedAccount": True}}
"""What ccxt would ask the venue of the account before an order."""
ACCEPTED: dict[str, Any] = {
    "bybit": {"retCode": 0, "retMsg": "OK", "result": {"orderId": "7", "orderLinkId": ""}, "retExtInfo": {}, "time": 1},
    "okx": {"code": "0", "msg": "", "data": [{"ordId": "7", "algoId": "7", "sCode": "0", "sMsg": ""}]},
}
"""The answer to an accepted order, where an empty object would be an error."""


class Sent(Struct, frozen=True, kw_only=True):
    """A request as it came: its fields are those of the query and of the body together."""

    method: str
    path: str
    fields: dict[str, Any]


class Capture:
    """The server's notes, and what it answers: JSON, or (status, text) where that is asked for."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answer: Any = {}

    @property
    def order(self) -> Sent:
        """The one request that changes something."""
        (sent,) = [sent for sent in self.sent if sent.method in ("POST", "DELETE", "PUT")]
        return sent

    async def handle(self, request: web.Request) -> web.Response:
        fields: dict[str, Any] = dict(request.query)
        text = await request.text()
        if text.startswith(("{", "[")):
            body = json.loads(text)
            first = body[0] if isinstance(body, list) else body
            fields.update(first if isinstance(first, dict) else {"": first})
        else:
            fields.update(parse_qsl(text))
        self.sent.append(Sent(method=request.method, path=request.path, fields=fields))
        if isinstance(self.answer, tuple):
            status, words = self.answer
            return web.Response(status=status, text=words, content_type="application/json")
        return web.json_response(self.answer)


def market(venue: str, kind: Kind, number: Callable[[str], Any] = Decimal) -> dict[str, Any]:
    """ETH against USDT as ccxt would have parsed it from the venue's listing."""
    perp = kind is Kind.PERP
    return {
        "id": IDS[venue][perp],
        "lowercaseId": IDS[venue][perp].lower(),
        "symbol": ETH[kind],
        "base": "ETH",
        "quote": "USDT",
        "settle": "USDT" if perp else None,
        "baseId": "ETH",
        "quoteId": "USDT",
        "settleId": "USDT" if perp else None,
        "type": "swap" if perp else "spot",
        "spot": not perp,
        "swap": perp,
        "future": False,
        "option": False,
        "margin": False,
        "active": True,
        "contract": perp,
        "linear": True if perp else None,
        "inverse": False if perp else None,
        "contractSize": number("1") if perp else None,
        "precision": {"amount": number("0.001"), "price": number("0.01")},
        "limits": {"amount": {"min": None}, "price": {"min": None}, "cost": {"min": None}, "leverage": {"max": None}},
        "info": {"symbol": IDS[venue][perp], "instFamily": "ETH-USDT", "orderTypes": ORDER_TYPES},
    }


def holds(trap: str, *venues: str) -> Callable[[Test], Test]:
    """Say of a test that it walks into this trap of these venues."""
    HELD.update((venue, trap) for venue in venues)
    return lambda test: test


@asynccontextmanager
async def exchange(venue: str, number: Callable[[str], Any] = Decimal, **config: Any) -> AsyncIterator[tuple[Any, Capture]]:
    """ccxt's class of a venue that knows ETH's two markets and has a key, and what it sends."""
    capture = Capture()
    capture.answer = ACCEPTED.get(venue, {})
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", capture.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway = f"http://127.0.0.1:{runner.addresses[0][1]}"
    keys = {"apiKey": "key", "secret": "c2VjcmV0", "password": "password"}
    client = getattr(ccxt.pro, venue)(
        {**keys, "number": number, "enableRateLimit": False, "timeout": 5000, "options": OPTIONS.get(venue, {}), **config}
    )
    client.urls["api"] = relayed(client.urls["api"], gateway, getattr(client, "hostname", None))
    client.set_markets([market(venue, kind, number) for kind in Kind])
    try:
        yield client, capture
    finally:
        await client.close()
        await runner.cleanup()


def relayed(urls: Any, gateway: str, hostname: str | None) -> Any:
    """Every address in ccxt's tree of them, by way of the gateway."""
    if isinstance(urls, dict):
        return {key: relayed(value, gateway, hostname) for key, value in urls.items()}
    return through(gateway, urls.replace("{hostname}", hostname or "")) if isinstance(urls, str) else urls
