"""The venues whose order books are streamed, and what each needs in the place of ccxt's own.

Imported by the network thread only: it loads ccxt.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import ccxt

from cockpit.markets.live.tap import BinanceTap, BybitTap, Tap, exact

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

    def client(self, url: str) -> Any:
        """The same, with every digit of the numbers in what comes: the checksum is made of them."""
        client = super().client(url)
        client.handle_text_or_binary_message = lambda data: client.on_message_callback(client, _exactly(data))
        return client

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
        if checksum(book, _places(steps["price"]), _places(steps["amount"])) != data["checksum"]:
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


def _exactly(data: str | bytes) -> Any:
    """JSON with Decimals; a text that is none is left as it is."""
    text = data.decode() if isinstance(data, bytes) else data
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        return text


TAPS: dict[str, type[Tap]] = {"binance": BinanceTap, "bybit": BybitTap, "okx": OkxTap, "kraken": KrakenTap, "bingx": BingxTap}
"""By ccxt's name of the class."""


def tapped(made: Any, told: Callable[[str], None], *, depth: int, rate: str = "") -> Any:
    """`made` as an instance that streams books of `depth` levels to `told`; `rate` is Binance's milliseconds between updates."""
    made.__class__ = type(made.id, (TAPS[made.id], type(made)), {})
    made.begin(told, depth=depth, rate=rate)
    return made
