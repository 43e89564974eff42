"""Binance's market streams: spot (stream.binance.com) and USDⓈ-M futures (fstream.binance.com).

Formats: developers.binance.com, "WebSocket Streams" of spot and "Websocket Market Streams" of USDⓈ-M futures (2026): one stream
as /ws/NAME, several as /stream?streams=A/B, more by SUBSCRIBE; a local book is a REST snapshot and the diffs that follow it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cockpit.model.instruments import Instrument, Kind, perp_symbol, spot_symbol
from cockpit.model.market import Quote
from tests.loopback import binance
from tests.loopback.binance import FUTURES, SPOT, Binance, amount, eight, one_id, price
from tests.loopback.sequence import Sequence, changes
from tests.loopback.vendor import Asked, Vendor, socket
from tests.loopback.wire import Wire
from tests.loopback.world import World, millis

SPOT_STREAMS = ("stream.binance.com:9443", "stream.binance.com", "data-stream.binance.vision")
FUTURES_STREAMS = ("fstream.binance.com",)
SLOW = 5
"""A ticker comes every so many beats."""
MOST = 1024
"""Streams on one connection."""
NAME = re.compile(r"(?P<symbol>[^@!]+)@(?P<kind>depth|bookTicker|ticker|miniTicker|markPrice)(?P<rest>\d*(@\w+)?)")
QUICK = re.compile(r"@depth|@bookTicker|^!bookTicker")
"""Streams of the public route of futures."""
ALL = ("!ticker@arr", "!miniTicker@arr", "!markPrice@arr", "!markPrice@arr@1s", "!bookTicker")


@dataclass
class _Stream:
    """One subscription: what was last said, and the id of that book."""

    name: str
    kind: str
    one: Instrument | None
    last: Quote | None = None
    update: int = 0
    beats: int = 0


@dataclass
class _Talk:
    """One connection."""

    wire: Wire
    kind: Kind
    combined: bool
    sequence: Sequence
    route: str
    streams: dict[str, _Stream] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.wire.world

    def subscribe(self, name: str) -> None:
        """Take a stream up. One that does not exist, or not on this route, is acknowledged like any other and says nothing."""
        if self.kind is Kind.PERP and self.route != ("public" if QUICK.search(name) else "market"):
            return
        if name in ALL:
            self.streams[name] = _Stream(name, name, None)
            return
        match = NAME.fullmatch(name)
        asset = match["symbol"].upper().removesuffix("USDT") if match else ""
        if match is None or asset not in self.world.assets:
            return
        symbol = spot_symbol(asset) if self.kind is Kind.SPOT else perp_symbol(asset)
        one = self.world.look(asset).instruments.get(symbol)
        if one is not None:
            partial = match["kind"] == "depth" and match["rest"][:1].isdigit()
            stream = _Stream(name, "partial" if partial else match["kind"], one)
            stream.last, stream.update = self.world.quote(symbol), self.sequence.next(symbol)
            self.streams[name] = stream

    async def say(self, stream: _Stream, data: Any) -> None:
        """Send an event as this connection wants it."""
        await self.wire.send({"stream": stream.name, "data": data} if self.combined else data)


class BinanceStreams(Vendor):
    """Order books, best prices, tickers and mark prices, pushed."""

    books: Binance
    """Whose snapshots the diffs follow; set by the server, which knows all vendors."""

    def meet(self, vendors: list[Vendor]) -> None:
        """Find it."""
        self.books = next(one for one in vendors if isinstance(one, Binance))

    @socket(SPOT_STREAMS, r"/(?:ws|stream)(?:/.*)?")
    async def spot(self, wire: Wire) -> None:
        """A connection to the spot market."""
        await self._talk(wire, Kind.SPOT)

    @socket(FUTURES_STREAMS, r"/(?:(?P<route>public|market)/)?(?:ws|stream)(?:/.*)?")
    async def futures(self, wire: Wire) -> None:
        """A connection to futures: order books and best prices are on the public route, the rest on the market route."""
        await self._talk(wire, Kind.PERP)

    async def _talk(self, wire: Wire, kind: Kind) -> None:
        path = wire.asked.path
        combined = "/stream" in path
        talk = _Talk(wire, kind, combined, self.books.sequence, wire.asked.parts.get("route") or "")
        names = wire.asked.query.get("streams", "") if combined else path.partition("/ws")[2].strip("/")
        for name in names.split("/"):
            if "@" in name or name.startswith("!"):
                talk.subscribe(name)
        clock = asyncio.get_running_loop().time
        due = clock() + self.options.beat
        while True:
            text = await wire.hear(due - clock())
            if text is not None:
                await self._obey(talk, text)
            if clock() >= due:
                for stream in list(talk.streams.values()):
                    await self._push(talk, stream)
                due = clock() + self.options.beat

    async def _obey(self, talk: _Talk, text: str) -> None:
        try:
            command = msgspec.json.decode(text)
            method, names, number = command["method"], command.get("params", []), command.get("id")
        except (msgspec.DecodeError, KeyError, TypeError):
            await talk.wire.send({"error": {"code": 3, "msg": "Invalid JSON"}, "id": None})
            return
        if method == "SUBSCRIBE":
            if len(talk.streams) + len(names) > MOST:
                await talk.wire.send({"error": {"code": 1, "msg": "Too many subscriptions"}, "id": number})
                return
            for name in names:
                talk.subscribe(name)
        elif method == "UNSUBSCRIBE":
            for name in names:
                talk.streams.pop(name, None)
        await talk.wire.send({"result": list(talk.streams) if method == "LIST_SUBSCRIPTIONS" else None, "id": number})

    async def _push(self, talk: _Talk, stream: _Stream) -> None:
        stream.beats += 1
        quick = stream.kind in ("depth", "partial", "bookTicker", "!bookTicker")
        if not quick and stream.beats % SLOW != 1:
            return
        listed = [
            one
            for one in ([stream.one] if stream.one is not None else talk.world.instruments().values())
            if one.kind is talk.kind and one.asset in talk.world.assets
        ]
        said: Callable[[_Talk, _Stream, list[Instrument]], Awaitable[None]] = {
            "depth": _depth,
            "partial": _partial,
            "bookTicker": _best,
            "!bookTicker": _best,
        }.get(stream.kind, _array)
        await said(talk, stream, listed)


async def _depth(talk: _Talk, stream: _Stream, listed: list[Instrument]) -> None:
    for one in listed:
        now = talk.world.quote(one.symbol)
        bids, asks = changes(stream.last or now, now, talk.sequence.told(one.symbol, stream.update))
        update = talk.sequence.next(one.symbol)
        event: dict[str, Any] = {"e": "depthUpdate", "E": talk.world.millis(), "s": one_id(one)}
        if one.kind is Kind.PERP:
            event |= {"T": talk.world.millis() - 2, "pu": stream.update}
        event |= {
            "U": stream.update + 1,
            "u": update,
            "b": [[price(one, level.price), amount(one, level.size)] for level in bids],
            "a": [[price(one, level.price), amount(one, level.size)] for level in asks],
        }
        stream.last, stream.update = now, update
        await talk.say(stream, event)


async def _partial(talk: _Talk, stream: _Stream, listed: list[Instrument]) -> None:
    levels = int(re.findall(r"depth(\d+)", stream.name)[0])
    for one in listed:
        now, update = talk.world.quote(one.symbol), talk.sequence.next(one.symbol)
        bids = [[price(one, level.price), amount(one, level.size)] for level in now.bids[:levels]]
        asks = [[price(one, level.price), amount(one, level.size)] for level in now.asks[:levels]]
        if one.kind is Kind.SPOT:
            await talk.say(stream, {"lastUpdateId": update, "bids": bids, "asks": asks})
            continue
        time = talk.world.millis()
        event = {"e": "depthUpdate", "E": time, "T": time - 2, "s": one_id(one), "U": stream.update + 1, "u": update}
        await talk.say(stream, event | {"pu": stream.update, "b": bids, "a": asks})
        stream.update = update


async def _best(talk: _Talk, stream: _Stream, listed: list[Instrument]) -> None:
    for one in listed:
        now = talk.world.quote(one.symbol)
        bid, ask = now.bids[0], now.asks[0]
        event: dict[str, Any] = {"e": "bookTicker"} if one.kind is Kind.PERP else {}
        event |= {
            "u": talk.sequence.next(one.symbol),
            "s": one_id(one),
            "b": price(one, bid.price),
            "B": amount(one, bid.size),
            "a": price(one, ask.price),
            "A": amount(one, ask.size),
        }
        if one.kind is Kind.PERP:
            event |= {"T": talk.world.millis() - 2, "E": talk.world.millis()}
        await talk.say(stream, event)


async def _array(talk: _Talk, stream: _Stream, listed: list[Instrument]) -> None:
    row = _mark if "markPrice" in stream.kind else _mini if "mini" in stream.kind else _day
    events = [row(talk.world, one, talk.world.quote(one.symbol)) for one in listed]
    if stream.one is None:
        await talk.say(stream, events)
        return
    for event in events:
        await talk.say(stream, event)


def _mark(world: World, one: Instrument, quote: Quote) -> dict[str, Any]:
    funding, mark = world.funding(one.symbol), eight(quote.mark)
    return {
        "e": "markPriceUpdate",
        "E": world.millis(),
        "s": one_id(one),
        "p": mark,
        "P": mark,
        "i": mark,
        "r": eight(funding.rate),
        "T": millis(funding.next_at),
    }


def _mini(world: World, one: Instrument, quote: Quote) -> dict[str, Any]:
    return _day(world, one, quote, names="cohlvq") | {"e": "24hrMiniTicker", "E": world.millis(), "s": one_id(one)}


_SHORT = {
    "p": "priceChange",
    "P": "priceChangePercent",
    "w": "weightedAvgPrice",
    "x": "prevClosePrice",
    "c": "lastPrice",
    "Q": "lastQty",
    "b": "bidPrice",
    "B": "bidQty",
    "a": "askPrice",
    "A": "askQty",
    "o": "openPrice",
    "h": "highPrice",
    "l": "lowPrice",
    "v": "volume",
    "q": "quoteVolume",
    "O": "openTime",
    "C": "closeTime",
    "F": "firstId",
    "L": "lastId",
    "n": "count",
}
"""The letters of the streams for the names of REST."""


def _day(world: World, one: Instrument, quote: Quote, names: str = "") -> dict[str, Any]:
    asked = Asked("GET", SPOT if one.kind is Kind.SPOT else FUTURES, "", {}, {}, b"", world)
    row = binance.ticker_24h(asked, one, quote)
    short = {letter: row[name] for letter, name in _SHORT.items() if name in row and (not names or letter in names)}
    return {"e": "24hrTicker", "E": world.millis(), "s": one_id(one), **short}
