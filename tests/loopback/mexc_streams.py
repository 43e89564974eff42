"""MEXC's public stream of order books of perpetuals (contract.mexc.com/edge): changes only, each with the next version.

Formats: mexc.com/api-docs/futures, "WebSocket API: Depth" (2026). The snapshot is asked for by REST; sizes count contracts;
numbers are JSON numbers. The streams of the spot market are in protobuf and are not played.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cockpit.model.instruments import Instrument, Kind
from cockpit.model.market import Level
from tests.loopback.markets import as_numbers
from tests.loopback.mexc import Mexc, contract, find
from tests.loopback.pushing import Talk, Topic
from tests.loopback.sequence import changes
from tests.loopback.vendor import Vendor, socket
from tests.loopback.wire import Wire


class MexcStreams(Vendor):
    """Order books, pushed."""

    books: Mexc
    """Whose REST books share the versions."""

    def meet(self, vendors: list[Vendor]) -> None:
        """Find it."""
        self.books = next(one for one in vendors if isinstance(one, Mexc))

    @socket("contract.mexc.com", "/edge")
    async def perpetuals(self, wire: Wire) -> None:
        """A connection."""
        await Talk(wire).run(self.options.beat, self._obey, self._push)

    async def _obey(self, talk: Talk, message: str) -> None:
        command = msgspec.json.decode(message)
        method, now = command["method"], talk.world.millis()
        if method == "ping":
            await talk.wire.send({"channel": "pong", "data": now})
            return
        name = command["param"]["symbol"]
        one = find(talk.world, Kind.PERP, name)
        if method not in ("sub.depth", "unsub.depth") or one is None:
            said = f"Contract [{name}] not exist" if one is None else "unsupported method"
            await talk.wire.send({"channel": "rs.error", "data": said, "ts": now})
            return
        await talk.wire.send({"channel": f"rs.{method}", "data": "success", "ts": now})
        if method == "unsub.depth":
            talk.topics.pop(name, None)
        elif command["param"].get("compress", True) is False:
            talk.topics[name] = Topic(name, one, update=self.books.seen(one, talk.world.quote(one.symbol)))

    async def _push(self, talk: Talk, topic: Topic) -> None:
        one, newest = topic.one, self.books.seen(topic.one, talk.world.quote(topic.one.symbol))
        while topic.update < newest:
            bids, asks = changes(self.books.version(one, topic.update), self.books.version(one, topic.update + 1))
            topic.update += 1
            data: dict[str, Any] = {
                "asks": [_row(level, one) for level in asks],
                "bids": [_row(level, one) for level in bids],
                "version": topic.update,
            }
            told = {"channel": "push.depth", "data": data, "symbol": topic.name, "ts": talk.world.millis()}
            await talk.wire.send(as_numbers(told))


def _row(level: Level, one: Instrument) -> list[Any]:
    return [level.price, level.size / contract(one), 1 if level.size else 0]
