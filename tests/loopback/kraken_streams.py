"""Kraken's public stream of order books (ws.kraken.com/v2): a snapshot, then updates, with a checksum of the best ten levels.

Formats: docs.kraken.com/api, "Spot WebSocket v2: Book, Ping" and "Book checksum (v2)" (2026). Numbers are JSON numbers with all
their places; a level that falls out of the depth is not told; the symbol is the unified one.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import msgspec

from cockpit.model.instruments import Instrument, Kind
from cockpit.model.market import Level, Quote
from tests.loopback.markets import as_numbers, of_asset
from tests.loopback.pushing import Talk, Topic
from tests.loopback.sequence import changes
from tests.loopback.vendor import Vendor, socket
from tests.loopback.wire import Wire
from tests.loopback.world import World

DEPTHS = (10, 25, 100, 500, 1000)
SUMMED = 10
"""Levels of a side that the checksum is about."""
PLACES = 8
"""Places of a quantity."""
BANNER = {
    "channel": "status",
    "type": "update",
    "data": [{"version": "2.0.10", "system": "online", "api_version": "v2", "connection_id": 12345678901234567890}],
}


class KrakenStreams(Vendor):
    """Order books, pushed."""

    @socket("ws.kraken.com", "/v2")
    async def public(self, wire: Wire) -> None:
        """A connection: it says how the venue is, and at every beat that it lives."""
        await wire.send(BANNER)
        await Talk(wire).run(self.options.beat, _obey, _push, _live)


def checksum(book: Quote, one: Instrument, depth: int) -> int:
    """CRC32 of the digits of the best asks, then of the best bids, each price before its quantity."""
    best = [*book.asks[: min(SUMMED, depth)], *book.bids[: min(SUMMED, depth)]]
    numbers = [number for level in best for number in (level.price.quantize(one.tick), _quantity(level))]
    return zlib.crc32("".join(f"{number:f}".replace(".", "").lstrip("0") for number in numbers).encode())


async def _obey(talk: Talk, message: str) -> None:
    command = msgspec.json.decode(message)
    now = f"{talk.world.now().astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    told = {"method": command["method"], "time_in": now, "time_out": now}
    if "req_id" in command:
        told["req_id"] = command["req_id"]
    if command["method"] == "ping":
        await talk.wire.send(told | {"method": "pong"})
        return
    asked = command["params"]
    for symbol in asked["symbol"]:
        depth = asked.get("depth", 10)
        result = {"channel": "book", "depth": depth, "symbol": symbol}
        if command["method"] == "unsubscribe":
            gone = talk.topics.pop(symbol, None)
            refused = {"error": "Subscription Not Found", "success": False, "symbol": symbol}
            await talk.wire.send(told | (refused if gone is None else {"result": result, "success": True}))
            continue
        one = _find(talk.world, symbol)
        if one is None or depth not in DEPTHS:
            said = f"Currency pair not supported {symbol}" if one is None else "Subscription depth not supported"
            await talk.wire.send(told | {"error": said, "success": False, "symbol": symbol})
            continue
        await talk.wire.send(told | {"result": result | {"snapshot": True}, "success": True})
        talk.topics[symbol] = Topic(symbol, one, told={"depth": depth})
        await _push(talk, talk.topics[symbol])


async def _live(talk: Talk) -> None:
    await talk.wire.send({"channel": "heartbeat"})


async def _push(talk: Talk, topic: Topic) -> None:
    one, now, depth = topic.one, talk.world.quote(topic.one.symbol), topic.told["depth"]
    bids, asks = (now.bids[:depth], now.asks[:depth]) if topic.book is None else changes(topic.book, now)
    data: dict[str, Any] = {
        "symbol": topic.name,
        "bids": [_row(level, one) for level in bids],
        "asks": [_row(level, one) for level in asks],
        "checksum": checksum(now, one, depth),
        "timestamp": f"{datetime.fromtimestamp(talk.world.millis() / 1000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
    }
    kind = "snapshot" if topic.book is None else "update"
    topic.book = now
    await talk.wire.send(as_numbers({"channel": "book", "type": kind, "data": [data]}))


def _row(level: Level, one: Instrument) -> dict[str, Any]:
    return {"price": level.price.quantize(one.tick), "qty": _quantity(level)}


def _quantity(level: Level) -> Any:
    return round(level.size, PLACES)


def _find(world: World, symbol: str) -> Instrument | None:
    asset, _, quote = symbol.partition("/")
    return of_asset(world, Kind.SPOT, asset) if quote == "USDT" else None
