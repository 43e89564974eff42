"""The venues whose order books are streamed, and what each needs in the place of ccxt's own.

Imported by the network thread only: it loads ccxt.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ccxt

from cockpit.markets.live.tap import BinanceTap, BybitTap, EdgedTap, Tap, exact

SUMMED = 10
"""Levels of each side that Kraken's checksum is about."""


class OkxTap(Tap):
    """OKX: updates name the one that they follow on, and ccxt looks; a refusal names the instrument in its text only."""

    words = frozenset({"pong"})

    def handle_error_message(self, client: Any, message: Any) -> Any:
        """ccxt's, of anything but a refused subscription; that one fails alone."""
        failed = isinstance(message, dict) and message.get("event") == "error"
        named = re.search(r"channel:([\w-]+),instId:([\w-]+)", str(message.get("msg"))) if failed else None
        if named is None:
            return super().handle_error_message(client, message)  # type: ignore[misc]
        channel, market_id = named.groups()
        symbol = self.safe_symbol(market_id)  # type: ignore[attr-defined]
        self.refuse(client, f"{channel}:{symbol}", ccxt.BadSymbol(str(message["msg"])))
        return False


class KrakenTap(Tap):
    """Kraken: every message has a checksum of the best levels, and no number; ccxt reads it of binary fractions, or not at all.

    ccxt cannot end a subscription here, and does not tell who asked when one is refused.
    """

    numbers = True

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's, of anything but the answer to a subscription and its end."""
        asked = message.get("method") if isinstance(message, dict) else None
        told = message.get("result", message) if asked in ("subscribe", "unsubscribe") else {}
        symbol = str(told.get("symbol", ""))
        if asked == "unsubscribe":
            self.orderbooks.pop(symbol, None)
            self.clean_unsubscription(client, f"orderbook@{symbol}", f"unsubscribe@{symbol}")  # type: ignore[attr-defined]
        elif asked == "subscribe" and message.get("success") is False:
            said = str(message.get("error", ""))
            kind = ccxt.BadSymbol if "pair" in said.lower() else ccxt.ExchangeError
            self.refuse(client, f"orderbook@{symbol}", kind(said))
        else:
            super().handle_message(client, message)

    def handle_order_book(self, client: Any, message: Any) -> None:
        """A snapshot, or an update; each must come to the checksum that it carries."""
        data = message["data"][0]
        symbol = data["symbol"]
        if f"orderbook@{symbol}" not in client.subscriptions:
            return
        if message["type"] == "snapshot":
            self.orderbooks[symbol] = self.order_book({}, self.depth)  # type: ignore[attr-defined]
            self.orderbooks[symbol]["symbol"] = symbol
        elif symbol not in self.orderbooks:
            return
        book = self.orderbooks[symbol]
        for side in ("bids", "asks"):
            for row in data[side]:
                book[side].storeArray([exact(row["price"]), exact(row["qty"])])
        book.limit()
        steps = self.market(symbol)["precision"]  # type: ignore[attr-defined]
        if not agrees(book, data["checksum"], _places(steps["price"]), _places(steps["amount"])):
            self.tear(symbol, "its checksum is another")
            return
        book["timestamp"] = self.parse8601(data.get("timestamp")) or book["timestamp"]  # type: ignore[attr-defined]
        client.resolve(book, f"orderbook@{symbol}")

    async def unwatch(self, symbol: str) -> None:
        """End the subscription of an order book and forget the book."""
        client = self.client(self.urls["api"]["ws"]["publicV2"])  # type: ignore[attr-defined]
        params = {"channel": "book", "symbol": [symbol], "depth": self.depth}
        ended = client.future(f"unsubscribe@{symbol}")
        await client.send({"method": "unsubscribe", "params": params, "req_id": self.request_id()})  # type: ignore[attr-defined]
        await ended


class BingxTap(Tap):
    """BingX: every message is the whole book. The venue pings, in gzip as all it says; ccxt answers, and sends no pings itself.

    At the end of a subscription ccxt forgets who waits for its book.
    """

    words = frozenset({"Ping", "Pong"})
    pings = False

    def handle_error_message(self, client: Any, message: Any) -> Any:
        """ccxt's, of anything but a refused subscription; that one fails alone."""
        id = message.get("id")
        if str(message.get("code", "0")) == "0" or id is None:
            return super().handle_error_message(client, message)  # type: ignore[misc]
        for topic, known in list(client.subscriptions.items()):
            if isinstance(known, dict) and known.get("id") == id:
                del client.subscriptions[topic]
                error = ccxt.BadSymbol(str(message.get("msg", "")))
                self.refuse(client, f"orderbook::{self._symbol(client, topic)}", error)
        return False

    def handle_order_book(self, client: Any, message: Any) -> None:
        """ccxt's, of books that are still followed."""
        if f"orderbook::{self._symbol(client, message['dataType'])}" in client.futures:
            super().handle_order_book(client, message)  # type: ignore[misc]

    async def unwatch(self, symbol: str) -> None:
        """End the subscription of an order book and forget the book."""
        await super().unwatch(symbol)
        for client in list(self.clients.values()):
            self.refuse(client, f"orderbook::{symbol}", ccxt.UnsubscribeError(symbol))

    def _symbol(self, client: Any, topic: str) -> str:
        kind = "swap" if client.url.endswith("/swap-market") else "spot"
        market = self.safe_market(topic.partition("@")[0], None, None, kind)  # type: ignore[attr-defined]
        return str(market["symbol"])


class WeexTap(Tap):
    """WEEX: every update names its first and last id, and ccxt does not look; a refused subscription would fail all."""

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's, of anything but a refused subscription; that one fails alone."""
        if isinstance(message, dict) and message.get("result") is False and "id" in message:
            self.refused(client, message["id"], ccxt.BadSymbol(str(message.get("msg", ""))))
        else:
            super().handle_message(client, message)

    def handle_order_book(self, client: Any, message: Any) -> None:
        """ccxt's, of a snapshot and of updates that leave no hole after it."""
        symbol = self.get_market_from_client_and_message(client, message)["symbol"]  # type: ignore[attr-defined]
        if f"orderbook::{symbol}" not in client.subscriptions:
            return
        if message["e"] != "depthSnapshot":
            if (book := self.orderbooks.get(symbol)) is None or int(message["u"]) <= book["nonce"]:
                return
            if int(message["U"]) > book["nonce"] + 1:
                self.tear(symbol, f"update {message['U']} is out of turn")
                return
        super().handle_order_book(client, message)  # type: ignore[misc]


class MexcTap(EdgedTap):
    """MEXC's perpetuals: changes only, each with the next version, which ccxt does not look at; the snapshot comes by REST.

    Subscriptions are answered in the order in which they are asked for, a refusal without a name.
    """

    numbers = True

    def begin(self, told: Callable[[str], None], *, depth: int, rate: str) -> None:
        """The same, with the snapshot asked for at the first change."""
        super().begin(told, depth=depth, rate=rate)
        self.options["watchOrderBook"] = {"snapshotDelay": 0}
        self.versions: dict[str, int] = {}
        self.asked: deque[str] = deque()

    async def watch_order_book(self, symbol: str, limit: int | None = None, params: Any = None) -> Any:
        """ccxt's, of changes that are not packed."""
        market = self.market(symbol)  # type: ignore[attr-defined]
        if f"orderbook:{symbol}" not in self._client().subscriptions:
            self.asked.append(symbol)
        asked = {"param": {"symbol": market["id"], "compress": False}}
        return await super().watch_order_book(symbol, limit, asked)  # type: ignore[misc]

    async def fetch_rest_order_book_safe(self, symbol: str, limit: int | None = None, params: Any = None) -> Any:
        """The snapshot, of as many levels as are followed."""
        return await super().fetch_rest_order_book_safe(symbol, limit or self.depth, params)

    def handle_message(self, client: Any, message: Any) -> None:
        """ccxt's, and the answers to subscriptions."""
        channel = message.get("channel") if isinstance(message, dict) else None
        if channel in ("rs.sub.depth", "rs.error") and self.asked:
            symbol = self.asked.popleft()
            if channel == "rs.error":
                self.refuse(client, f"orderbook:{symbol}", ccxt.BadSymbol(str(message.get("data", ""))))
            return
        super().handle_message(client, message)

    def handle_order_book(self, client: Any, message: Any) -> None:
        """ccxt's, of changes whose versions follow on each other."""
        symbol = self.safe_symbol(message["symbol"], None, None, "swap")  # type: ignore[attr-defined]
        if f"orderbook:{symbol}" not in client.subscriptions:
            return
        before, version = self.versions.get(symbol), int(message["data"]["version"])
        self.versions[symbol] = version
        if before is not None and version != before + 1:
            self.tear(symbol, f"version {version} is out of turn")
        else:
            super().handle_order_book(client, message)  # type: ignore[misc]

    def handle_bookside_delta(self, side: Any, rows: Any) -> None:
        """Levels of an update; ccxt would store them as they come."""
        for row in rows:
            side.storeArray([exact(row[0]), exact(row[1])])

    def known(self, symbol: str) -> Any:
        """The book between its edges, once its snapshot is there."""
        book = super().known(symbol)
        return book if book is not None and book["nonce"] is not None else None

    def refresh(self, symbol: str) -> None:
        """Begin the book anew; the next change asks for its snapshot."""
        self.orderbooks.pop(symbol, None)

    async def unwatch(self, symbol: str) -> None:
        """End the subscription of an order book and forget the book."""
        client = self._client()
        await client.send({"method": "unsub.depth", "param": {"symbol": self.market(symbol)["id"]}})  # type: ignore[attr-defined]
        self.orderbooks.pop(symbol, None)
        self.versions.pop(symbol, None)
        self.clean_unsubscription(client, f"orderbook:{symbol}", f"unsubscribe:{symbol}")  # type: ignore[attr-defined]

    def _client(self) -> Any:
        return self.client(self.urls["api"]["ws"]["swap"])  # type: ignore[attr-defined]


def agrees(book: Any, told: int, price_places: int, quantity_places: int) -> bool:
    """Whether a book comes to the checksum that Kraken told: with its numbers as they were sent, or with the listing's places.

    What is sent has all its places, and those of a quantity may be fewer than the listing's, which are what an order may have.
    """
    return any(told == checksum(book, *places) for places in ((0, 0), (price_places, quantity_places)))


def checksum(book: Any, price_places: int, quantity_places: int) -> int:
    """Kraken's CRC32 of the best ten asks and bids: the digits of each price and quantity, without zeros in front.

    Source: docs.kraken.com, "Book checksum (WebSocket v2)". Numbers have as many places as were sent, and at least these.
    """
    best = [*book["asks"][:SUMMED], *book["bids"][:SUMMED]]
    places = (price_places, quantity_places)
    digits = [f"{number:.{max(least, _places(number))}f}" for row in best for number, least in zip(row, places, strict=True)]
    return zlib.crc32("".join(number.replace(".", "").lstrip("0") for number in digits).encode())


def _places(number: Decimal) -> int:
    return max(0, -int(number.as_tuple().exponent))


TAPS: dict[str, type[Tap]] = {
    "binance": BinanceTap,
    "bybit": BybitTap,
    "okx": OkxTap,
    "kraken": KrakenTap,
    "bingx": BingxTap,
    "weex": WeexTap,
    "mexc": MexcTap,
}
"""By ccxt's name of the class."""


def tapped(made: Any, told: Callable[[str], None], *, depth: int, rate: str = "") -> Any:
    """`made` as an instance that streams books of `depth` levels to `told`; `rate` is Binance's milliseconds between updates."""
    made.__class__ = type(made.id, (TAPS[made.id], type(made)), {})
    made.begin(told, depth=depth, rate=rate)
    return made
