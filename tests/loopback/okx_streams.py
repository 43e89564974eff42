"""OKX's public streams of order books (ws.okx.com/ws/v5/public): a snapshot, then updates that name the one before them.

Formats: okx.com/docs-v5, "WebSocket: Connect, Subscribe" and "WS / Order book channel" (2026). Ids jump; the checksum is 0; the
heartbeat is the text ping; sizes of perpetuals count contracts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from cockpit.model.market import Level
from tests.loopback.markets import plain
from tests.loopback.okx import contract, find
from tests.loopback.pushing import Talk, Topic
from tests.loopback.sequence import changes
from tests.loopback.vendor import Vendor, socket
from tests.loopback.wire import Wire

HOSTS = ("ws.okx.com:443", "ws.okx.com:8443")
DEPTHS = {"books": 400, "books5": 5, "bbo-tbt": 1}
MISSING = (
    "Subscribe failed, wrong URL or channel:{channel},instId:{instId} doesn't exist. "
    "Please use the correct URL, channel and parameters referring to API document."
)


class OkxStreams(Vendor):
    """Order books, pushed; one update has an id of seven more than the one before."""

    @socket(HOSTS, "/ws/v5/public")
    async def public(self, wire: Wire) -> None:
        """A connection."""
        await Talk(wire).run(self.options.beat, _obey, _push)


async def _obey(talk: Talk, message: str) -> None:
    if message == "ping":
        await talk.wire.send("pong")
        return
    command = msgspec.json.decode(message)
    for argument in command["args"]:
        name = f"{argument['channel']}:{argument['instId']}"
        if command["op"] == "unsubscribe":
            talk.topics.pop(name, None)
            await talk.wire.send({"event": "unsubscribe", "arg": argument, "connId": "a4d3ae55"})
            continue
        one = find(talk.world, argument["instId"])
        if one is None or argument["channel"] not in DEPTHS:
            said = MISSING.format_map(argument)
            await talk.wire.send({"event": "error", "msg": said, "code": "60018", "connId": "a4d3ae55"})
            continue
        await talk.wire.send({"event": "subscribe", "arg": argument, "connId": "a4d3ae55"})
        talk.topics[name] = Topic(name, one, told=argument)
        await _push(talk, talk.topics[name])


async def _push(talk: Talk, topic: Topic) -> None:
    one, now, unit = topic.one, talk.world.quote(topic.one.symbol), contract(topic.one)
    whole, depth = topic.book is None or topic.told["channel"] != "books", DEPTHS[topic.told["channel"]]
    bids, asks = (now.bids[:depth], now.asks[:depth]) if whole else changes(topic.book or now, now)
    before = -1 if topic.book is None else topic.update
    topic.book, topic.update = now, talk.world.millis() if before == -1 else topic.update + 7
    data = {
        "asks": [_row(level, one.tick, unit) for level in asks],
        "bids": [_row(level, one.tick, unit) for level in bids],
        "instId": topic.told["instId"],
        "ts": str(talk.world.millis()),
        "checksum": 0,
        "seqId": topic.update,
    }
    told: dict[str, Any] = {"arg": topic.told, "data": [data]}
    if topic.told["channel"] == "books":
        data["prevSeqId"] = before
        told["action"] = "snapshot" if whole else "update"
    await talk.wire.send(told)


def _row(level: Level, tick: Decimal, unit: Decimal) -> list[str]:
    return [f"{level.price.quantize(tick):f}", plain(level.size / unit), "0", "3" if level.size else "0"]
