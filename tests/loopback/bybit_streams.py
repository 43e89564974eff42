"""Bybit's public streams of spot and linear contracts (stream.bybit.com/v5/public).

Formats: bybit-exchange.github.io/docs/v5, "Websocket Stream: Connect, Orderbook, Ticker" (2026): a book is a snapshot and then
deltas whose update id rises by one; the spot market takes ten topics a request.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cockpit.model.instruments import Instrument
from cockpit.model.market import Quote
from tests.loopback.bybit import Bybit, named, one_id, sides, ticker
from tests.loopback.sequence import Sequence, changes
from tests.loopback.vendor import Vendor, socket
from tests.loopback.wire import Wire
from tests.loopback.world import World, text

HOSTS = ("stream.bybit.com", "stream.bytick.com")
DEPTHS = ("1", "50", "200", "1000")
TOPICS_A_REQUEST = 10
"""On the spot market."""


@dataclass
class _Topic:
    """One subscription: what was last said."""

    name: str
    one: Instrument
    book: Quote | None = None
    row: dict[str, Any] = field(default_factory=dict)
    update: int = 0


@dataclass
class _Talk:
    """One connection."""

    wire: Wire
    category: str
    sequence: Sequence
    topics: dict[str, _Topic] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.wire.world


class BybitStreams(Vendor):
    """Order books and tickers, pushed."""

    books: Bybit
    """Whose REST books share the update ids."""

    def meet(self, vendors: list[Vendor]) -> None:
        """Find it."""
        self.books = next(one for one in vendors if isinstance(one, Bybit))

    @socket(HOSTS, "/v5/public/(?P<category>spot|linear)")
    async def public(self, wire: Wire) -> None:
        """A connection."""
        talk = _Talk(wire, wire.asked.parts["category"], self.books.sequence)
        clock = asyncio.get_running_loop().time
        due = clock() + self.options.beat
        while True:
            message = await wire.hear(due - clock())
            if message is not None:
                await _obey(talk, message)
            if clock() >= due:
                for topic in list(talk.topics.values()):
                    await _push(talk, topic)
                due = clock() + self.options.beat


async def _obey(talk: _Talk, message: str) -> None:
    try:
        command = msgspec.json.decode(message)
        operation, names = command["op"], command.get("args") or []
    except (msgspec.DecodeError, KeyError, TypeError):
        await talk.wire.send({"success": False, "ret_msg": "error:invalid json", "conn_id": "loopback-1", "op": ""})
        return
    answer: dict[str, Any] = {"success": True, "ret_msg": "", "conn_id": "loopback-1", "op": operation}
    if "req_id" in command:
        answer["req_id"] = command["req_id"]
    if operation == "ping":
        await talk.wire.send(answer | {"ret_msg": "pong"})
        return
    if operation == "unsubscribe":
        for name in names:
            talk.topics.pop(name, None)
        await talk.wire.send(answer)
        return
    refusal = _refusal(talk, operation, names)
    if refusal:
        await talk.wire.send(answer | {"success": False, "ret_msg": refusal})
        return
    if talk.category == "spot":
        answer["ret_msg"] = "subscribe"
    await talk.wire.send(answer)
    for name in names:
        one = named(talk.world, talk.category, name.rpartition(".")[2])
        if one is not None:
            talk.topics[name] = _Topic(name, one)
            await _push(talk, talk.topics[name])


def _refusal(talk: _Talk, operation: str, names: list[str]) -> str:
    if operation != "subscribe":
        return f"error:invalid op {operation}"
    if talk.category == "spot" and len(names) > TOPICS_A_REQUEST:
        return "args size >10"
    for name in names:
        kind, *middle, symbol = name.split(".")
        known = (kind == "orderbook" and len(middle) == 1 and middle[0] in DEPTHS) or (kind == "tickers" and not middle)
        if not known or named(talk.world, talk.category, symbol) is None:
            return f"Invalid symbol :[{name}]" if talk.category == "spot" else f"error:handler not found,topic:{name}"
    return ""


async def _push(talk: _Talk, topic: _Topic) -> None:
    if topic.one.asset not in talk.world.assets:
        return
    message = _ticker(talk, topic) if topic.name.startswith("tickers") else _orderbook(talk, topic)
    await talk.wire.send({"topic": topic.name, "ts": talk.world.millis(), **message})


def _orderbook(talk: _Talk, topic: _Topic) -> dict[str, Any]:
    one, now = topic.one, talk.world.quote(topic.one.symbol)
    depth = int(topic.name.split(".")[1])
    whole = topic.book is None or depth == 1
    if whole:
        topic.update = talk.sequence.next(f"{one.symbol} {topic.name}", 1000) if topic.book is None else topic.update + 1
        book = sides(now, one, depth)
    else:
        bids, asks = changes(topic.book or now, now)
        topic.update += 1
        book = {
            "b": [[text(level.price, one.tick), text(level.size)] for level in bids],
            "a": [[text(level.price, one.tick), text(level.size)] for level in asks],
        }
    topic.book = now
    data = {"s": one_id(one), **book, "u": topic.update, "seq": talk.sequence.next(one.symbol)}
    return {"type": "snapshot" if whole else "delta", "data": data, "cts": talk.world.millis() - 3}


def _ticker(talk: _Talk, topic: _Topic) -> dict[str, Any]:
    row = ticker(talk.world, topic.one)
    if talk.category == "spot":
        row = {key: value for key, value in row.items() if not key.startswith(("bid", "ask"))}
    first = not topic.row
    news = row if first or talk.category == "spot" else {key: value for key, value in row.items() if topic.row.get(key) != value}
    topic.row = row
    data = {"symbol": row["symbol"], **news}
    return {"type": "snapshot" if first or talk.category == "spot" else "delta", "cs": talk.sequence.next("cs"), "data": data}
