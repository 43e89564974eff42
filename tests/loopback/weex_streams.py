"""WEEX's public streams of order books: spot (ws-spot.weex.com) and contracts (ws-contract.weex.com).

Formats: weex.com/api-doc, "Spot V3" and "Contract V3": "Websocket: Depth channel" (2026), as ccxt reads them. A snapshot, then
updates, each with the first and the last of its ids; the venue pings, and leaves who does not answer.
"""

from __future__ import annotations

import msgspec

from cockpit.model.instruments import Instrument, Kind
from cockpit.model.market import Level
from tests.loopback.markets import of_asset
from tests.loopback.pushing import Talk, Topic
from tests.loopback.sequence import changes
from tests.loopback.vendor import Vendor, socket
from tests.loopback.weex import one_id
from tests.loopback.wire import Gone, Wire
from tests.loopback.world import World, text

SPOT, CONTRACT = "ws-spot.weex.com", "ws-contract.weex.com"
KINDS = {SPOT: Kind.SPOT, CONTRACT: Kind.PERP}
DEPTHS = ("15", "200")
PING_EVERY = 10
"""Beats between two pings."""


class WeexStreams(Vendor):
    """Order books, pushed."""

    @socket((SPOT, CONTRACT), "/v3/ws/public")
    async def public(self, wire: Wire) -> None:
        """A connection; those who do not say who they are are turned away."""
        if not wire.asked.headers.get("User-Agent"):
            return
        beats, unanswered = 0, False

        async def obey(talk: Talk, message: str) -> None:
            nonlocal unanswered
            if '"PONG"' in message:
                unanswered = False
            else:
                await _obey(talk, message)

        async def ping(talk: Talk) -> None:
            nonlocal beats, unanswered
            beats += 1
            if beats % PING_EVERY == 0:
                if unanswered:
                    raise Gone
                unanswered = True
                await talk.wire.send({"event": "ping", "time": str(talk.world.millis())})

        await Talk(wire).run(self.options.beat, obey, _push, ping)


async def _obey(talk: Talk, message: str) -> None:
    command = msgspec.json.decode(message)
    if command["method"] == "UNSUBSCRIBE":
        for name in command["params"]:
            talk.topics.pop(name, None)
        await talk.wire.send({"result": True, "id": command["id"]})
        return
    found = {name: _find(talk.world, KINDS[talk.wire.asked.host], name) for name in command["params"]}
    for name, one in found.items():
        if one is None:
            said = f"INVALID_ARGUMENT: invalid symbol : {name.partition('@')[0]}"
            await talk.wire.send({"result": False, "id": command["id"], "msg": said})
            return
    await talk.wire.send({"result": True, "id": command["id"]})
    for name, one in found.items():
        if one is not None:
            talk.topics[name] = Topic(name, one)
            await _push(talk, talk.topics[name])


async def _push(talk: Talk, topic: Topic) -> None:
    one, now, whole = topic.one, talk.world.quote(topic.one.symbol), topic.book is None
    bids, asks = (list(now.bids), list(now.asks)) if topic.book is None else changes(topic.book, now)
    first = talk.world.millis() if whole else topic.update + 1
    topic.book, topic.update = now, first + len(bids) + len(asks)
    await talk.wire.send(
        {
            "e": "depthSnapshot" if whole else "depth",
            "E": talk.world.millis(),
            "s": one_id(one),
            "U": first,
            "u": topic.update,
            "l": int(topic.name.rpartition("depth")[2]),
            "d": "SNAPSHOT" if whole else "CHANGED",
            "b": [_row(level, one) for level in bids],
            "a": [_row(level, one) for level in asks],
        }
    )


def _row(level: Level, one: Instrument) -> list[str]:
    return [text(level.price, one.tick), text(level.size)]


def _find(world: World, kind: Kind, name: str) -> Instrument | None:
    market, _, channel = name.partition("@")
    known = market.endswith("USDT") and channel.removeprefix("depth") in DEPTHS
    return of_asset(world, kind, market.removesuffix("USDT")) if known else None
