"""BingX's public streams of order books: spot (open-api-ws.bingx.com) and perpetuals (open-api-swap.bingx.com).

Formats: bingx-api.github.io/docs, "Websocket Market Data: Market Depth" (2026). Everything is packed with gzip; each message is
the whole book, asks best last; who does not answer its pings is left.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.markets import of_asset, rows
from tests.loopback.pushing import Talk, Topic
from tests.loopback.vendor import Vendor, socket
from tests.loopback.wire import Gone, Wire
from tests.loopback.world import World

SPOT, SWAP = "open-api-ws.bingx.com", "open-api-swap.bingx.com"
DEPTHS = ("5", "10", "20", "50", "100")
PING_EVERY = 10
"""Beats between two pings, the second of which ends a connection that has not answered the first."""


class BingXStreams(Vendor):
    """Order books, pushed."""

    @socket(SPOT, "/market")
    async def pairs(self, wire: Wire) -> None:
        """A connection of the spot market."""
        await _Heart(wire, Kind.SPOT).run(self.options.beat)

    @socket(SWAP, "/swap-market")
    async def perpetuals(self, wire: Wire) -> None:
        """A connection of the perpetuals."""
        await _Heart(wire, Kind.PERP).run(self.options.beat)


class _Heart:
    """A connection that is pinged."""

    def __init__(self, wire: Wire, kind: Kind) -> None:
        self._talk = Talk(wire)
        self._kind = kind
        self._beats = 0
        self._unanswered = False

    async def run(self, beat: float) -> None:
        """Talk until the other side leaves, or until it stops answering."""
        await self._talk.run(beat, self._obey, self._push, self._ping)

    async def _obey(self, talk: Talk, message: str) -> None:
        if message == "Pong" or '"pong"' in message:
            self._unanswered = False
            return
        command = msgspec.json.decode(message)
        name = command["dataType"]
        answer = {"id": command["id"], "code": 0, "msg": "SUCCESS", "timestamp": talk.world.millis()}
        if command.get("reqType") == "unsub":
            talk.topics.pop(name, None)
            await talk.wire.send(answer, packed=True)
            return
        market, _, channel = name.partition("@")
        one = _find(talk.world, self._kind, market)
        if one is None or channel.removeprefix("depth") not in DEPTHS:
            refusal = {"code": 80015, "msg": f"dataType {name} is not supported"}
            await talk.wire.send(answer | refusal, packed=True)
            return
        await talk.wire.send(answer, packed=True)
        talk.topics[name] = Topic(name, one)
        await self._push(talk, talk.topics[name])

    async def _push(self, talk: Talk, topic: Topic) -> None:
        depth = int(topic.name.partition("@depth")[2])
        quote, now = talk.world.quote(topic.one.symbol), talk.world.millis()
        data: dict[str, Any] = {"bids": rows(quote.bids, depth), "asks": rows(quote.asks, depth)[::-1]}
        told = {"code": 0, "dataType": topic.name, "data": data}
        if self._kind is Kind.SPOT:
            data["lastUpdateId"] = now
            told |= {"success": True, "timestamp": now}
        else:
            told["ts"] = now
        await talk.wire.send(told, packed=True)

    async def _ping(self, talk: Talk) -> None:
        self._beats += 1
        if self._beats % PING_EVERY:
            return
        if self._unanswered:
            raise Gone
        self._unanswered = True
        at = f"{talk.world.now():%Y-%m-%dT%H:%M:%S.000+0000}"
        await talk.wire.send("Ping" if self._kind is Kind.PERP else {"ping": f"{self._beats:032x}", "time": at}, packed=True)


def _find(world: World, kind: Kind, market: str) -> Instrument | None:
    asset, _, quote = market.partition("-")
    return of_asset(world, kind, asset) if quote == "USDT" else None
