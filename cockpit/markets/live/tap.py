"""An instance of ccxt.pro that keeps order books: exact numbers, every change told, nothing told across a gap.

Imported by the network thread only: it loads ccxt.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, ClassVar

import ccxt
from ccxt.async_support.base.ws.order_book import OrderBook

PING_EVERY = 4.0
"""Seconds between two pings: a connection that lives says something at least as often."""
GOODBYE = 1.0
"""Seconds that a venue has to answer the end of a connection."""
FEW = 25
"""Levels of a side that are too few to show how deep a market is."""
AT_ONCE = 1000
"""Order books that one connection may have followed; ccxt counts those that it left too."""


log = logging.getLogger(__name__)


class Tap:
    """What an instance that streams does in the place of ccxt's own: mixed in before the venue's class.

    `told` hears the symbol whenever its order book has changed as a whole. `heard_at` is when anything came, on the loop's clock.
    `depth` is the levels of a side that are followed. `unwatched` are the parameters with which a subscription is ended, besides
    its symbol. `words` are the texts of the venue that are no JSON; `pings`: it answers pings, which go out as often as needed.
    `numbers`: prices and sizes are JSON numbers, which are read with every digit.
    A symbol whose book cannot be kept on has a ChecksumError in the future that waits for it.
    """

    told: Callable[[str], None]
    heard_at: float
    depth: int
    options: dict[str, Any]
    orderbooks: dict[str, Any]
    clients: dict[str, Any]
    unwatched: dict[str, Any]
    words: ClassVar[frozenset[str]] = frozenset()
    pings: ClassVar[bool] = True
    numbers: ClassVar[bool] = False

    def begin(self, told: Callable[[str], None], *, depth: int, rate: str) -> None:
        """Tell `told` from now on, of books of `depth` levels; `rate` is Binance's milliseconds between updates."""
        self.told, self.depth, self.unwatched = told, depth, {}
        self.heard_at = asyncio.get_running_loop().time()
        if self.pings:
            self.options["ws"] = {**self.options.get("ws", {}), "keepAlive": int(PING_EVERY * 1000)}

    def client(self, url: str) -> Any:
        """ccxt's connection to an address, with what comes there looked at."""
        client = super().client(url)  # type: ignore[misc]
        if "handle_message" in vars(client):
            return client
        handle, resolve, connect = client.handle_message, client.resolve, client.create_connection
        if self.numbers:
            client.handle_text_or_binary_message = lambda data: client.on_message_callback(client, _decimals(data))

        def heard(message: Any) -> None:
            self.heard_at = asyncio.get_running_loop().time()
            try:
                handle(message)
            except Exception as error:  # ccxt would go on with a connection that nobody reads any more
                log.info("a message that cannot be read", exc_info=True)
                client.on_error(ccxt.BadResponse(f"a message of another shape ({type(error).__name__})"))

        def resolved(result: Any, message_hash: str) -> Any:
            if not isinstance(result, OrderBook):
                return resolve(result, message_hash)
            symbol = result["symbol"]
            if self.orderbooks.get(symbol) is result:  # ccxt tells of books too that it has just thrown away
                self.told(symbol)
            return result

        async def connected(session: Any) -> Any:
            return await connect(session)  # ccxt's own begins before anybody awaits it, which may never come to pass

        client.handle_message, client.resolve, client.create_connection = heard, resolved, connected
        return client

    def spawn(self, method: Callable[..., Awaitable[Any]], *args: Any) -> asyncio.Future[Any]:
        """ccxt's, of tasks that end with the instance."""
        task = asyncio.ensure_future(method(*args))
        spawned = vars(self).setdefault("spawned", set())
        spawned.add(task)
        task.add_done_callback(spawned.discard)
        task.add_done_callback(_consume)
        return task

    def parse_order_book_bid_ask(self, row: Any, price: int = 0, amount: int = 1, count: int = 2) -> list[Decimal]:
        """A level of a snapshot; ccxt would make floats of it."""
        return [exact(row[price]), exact(row[amount])]

    def handle_delta(self, side: Any, row: Any) -> None:
        """A level of an update; ccxt would make floats of it."""
        side.storeArray([exact(row[0]), exact(row[1])])

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's, of messages that are JSON; a text of another kind ends the connection."""
        if not isinstance(message, dict | list) and message not in self.words:
            raise ccxt.BadResponse("a message that is no JSON")
        super().handle_message(client, message)  # type: ignore[misc]

    @property
    def asking(self) -> bool:
        """Whether snapshots are under way."""
        return bool(vars(self).get("spawned"))

    def known(self, symbol: str) -> Any:
        """The order book of a symbol as far as it is known to be whole; None where there is none."""
        return self.orderbooks.get(symbol)

    def short(self, symbol: str) -> bool:
        """Whether a new snapshot is needed, although nothing is missing."""
        return False

    def refresh(self, symbol: str) -> None:
        """Get one."""

    async def unwatch(self, symbol: str) -> None:
        """End the subscription of an order book and forget the book."""
        await self.un_watch_order_book(symbol, dict(self.unwatched))  # type: ignore[attr-defined]

    def refused(self, client: Any, id: Any, error: Exception) -> None:
        """Fail the subscriptions that were asked for under an id."""
        for message_hash, known in list(client.subscriptions.items()):
            if isinstance(known, dict) and str(known.get("id")) == str(id):
                self.refuse(client, message_hash, error)

    def tear(self, symbol: str, why: str) -> None:
        """Forget a book, as after a gap."""
        self.orderbooks.pop(symbol, None)
        for client in list(self.clients.values()):
            for message_hash in [known for known in client.futures if known.endswith((f":{symbol}", f"@{symbol}"))]:
                client.reject(ccxt.ChecksumError(why), message_hash)

    def refuse(self, client: Any, message_hash: str, error: Exception) -> None:
        """Fail one subscription, and none of the connection's others."""
        client.subscriptions.pop(message_hash, None)
        if message_hash in client.futures:
            client.reject(error, message_hash)

    async def end(self) -> None:
        """Close every connection and session, and end every task, whether the venue answers or not."""
        for task in list(vars(self).get("spawned", ())):
            task.cancel()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.close_ws_clients(), GOODBYE)  # type: ignore[attr-defined]
        if (session := self.session) is not None:  # type: ignore[attr-defined]
            await session.close()
        await self.close(True)  # type: ignore[attr-defined]


class EdgedTap(Tap):
    """Where a snapshot holds so many levels and the updates all of them, so that the book is whole between its edges only."""

    edges: dict[str, tuple[Decimal | None, Decimal | None]]

    async def fetch_rest_order_book_safe(self, symbol: str, limit: int | None = None, params: Any = None) -> Any:
        """The snapshot that the updates go on from. It is asked for once: who asked hears what went wrong."""
        book = await self.fetch_order_book(symbol, limit, params or {})  # type: ignore[attr-defined]
        edges = vars(self).setdefault("edges", {})
        edges[symbol] = tuple(rows[-1][0] if limit and len(rows) >= limit else None for rows in (book["bids"], book["asks"]))
        return book

    def known(self, symbol: str) -> Any:
        """The book between its edges; what lies beyond them is dropped."""
        book = self.orderbooks.get(symbol)
        if book is None:
            return None
        low, high = vars(self).get("edges", {}).get(symbol, (None, None))
        _cut(book["bids"], lambda price: low is not None and price < low)
        _cut(book["asks"], lambda price: high is not None and price > high)
        return book

    def short(self, symbol: str) -> bool:
        """Whether few levels are left between the best price and an edge."""
        edges = vars(self).get("edges", {}).get(symbol, (None, None))
        book = self.orderbooks[symbol]
        return any(edge is not None and len(book[side]) < FEW for edge, side in zip(edges, ("bids", "asks"), strict=True))


class BinanceTap(EdgedTap):
    """Binance: one connection whichever symbols are followed together, and a snapshot of each by REST."""

    def begin(self, told: Callable[[str], None], *, depth: int, rate: str) -> None:
        """The same, with ccxt told so."""
        super().begin(told, depth=depth, rate=rate)
        kinds = self.options["streamLimits"]
        self.options |= {
            "watchOrderBookRate": rate,
            "streamLimits": dict.fromkeys(kinds, 1),
            "subscriptionLimitByStream": dict.fromkeys(kinds, AT_ONCE),
        }

    def refresh(self, symbol: str) -> None:
        """Ask for a snapshot around the price of now, from which the updates go on."""
        for client in list(self.clients.values()):
            if (known := client.subscriptions.get(f"orderbook::{symbol}")) is not None:
                self.handle_order_book_subscription(client, {}, known)  # type: ignore[attr-defined]


class BybitTap(Tap):
    """Bybit: updates count up by one, which ccxt does not look at; one that is missing would leave a wrong book.

    A refused subscription fails alone; ccxt would fail all of the connection's.
    """

    def begin(self, told: Callable[[str], None], *, depth: int, rate: str) -> None:
        """The same; a subscription is ended by its depth."""
        super().begin(told, depth=depth, rate=rate)
        self.unwatched = {"limit": depth}

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's, of anything but a refused subscription."""
        if isinstance(message, dict) and message.get("success") is False and message.get("op") == "subscribe":
            said = str(message.get("ret_msg", ""))
            kind = ccxt.BadSymbol if "symbol" in said.lower() or "not found" in said else ccxt.ExchangeError
            self.refused(client, message.get("req_id"), kind(said))
            return
        super().handle_message(client, message)

    def handle_order_book(self, client: Any, message: Any) -> None:
        """ccxt's, of a snapshot and of updates that follow on it without a gap."""
        topic, data = message["topic"], message["data"]
        counts, count = vars(self).setdefault("counts", {}), int(data["u"])
        if message["type"] == "delta":
            if topic not in counts:
                return
            if count != counts[topic] + 1:
                del counts[topic]
                spot = "spot" if "spot" in client.url else "contract"
                market = self.safe_market(data["s"], None, None, spot)  # type: ignore[attr-defined]
                self.tear(market["symbol"], f"update {count} is out of turn")
                return
        counts[topic] = count
        super().handle_order_book(client, message)  # type: ignore[misc]


def exact(value: Any) -> Decimal:
    """A number of a venue as it was written. ValueError where it is none."""
    found = Decimal(value if isinstance(value, str | int | Decimal) else repr(value))
    if not found.is_finite():
        raise ValueError(value)
    return found


def _decimals(data: str | bytes) -> Any:
    """JSON with Decimals; what is none is left as it is."""
    try:
        return json.loads(data, parse_float=Decimal)
    except ValueError:
        return data


def _cut(side: Any, beyond: Callable[[Decimal], bool]) -> None:
    while side and beyond(side[-1][0]):
        side.remove_index(side.pop())
        side._index.pop()


def _consume(task: asyncio.Future[Any]) -> None:
    if not task.cancelled():
        task.exception()
