"""One instance of ccxt.pro for one venue: exact numbers, its own error left whole, answers decoded in small pieces.

Imported by the network thread only: it loads ccxt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import urlsplit

import ccxt
import ccxt.pro
import msgspec

from cockpit.markets.live import gently
from cockpit.markets.live.budget import Budget
from cockpit.markets.live.errors import FAILURES, Answer, fault_of
from cockpit.markets.live.http import through
from cockpit.markets.live.levels import BASE, levels

T = TypeVar("T")
log = logging.getLogger(__name__)

TIMEOUT_MS = 12_000
"""Milliseconds within which a venue's answer must be there."""
PATIENCE = 0.02
"""Seconds between two looks of ccxt's rate limiter; its own default, 1 ms, keeps a core awake."""
KEPT = 4096
"""Characters of a body that stay with an error."""
_IDS = ("symbol", "instId", "coin", "pair", "s")

_exact: ContextVar[bool] = ContextVar("exact", default=False)
_answer: ContextVar[Answer | None] = ContextVar("answer", default=None)

logging.getLogger("ccxt").setLevel(logging.WARNING)


class Courier:
    """What every instance does in the place of ccxt's own: mixed in before the venue's class.

    `wanted` are the venue's ids that anybody asks for: rows of other markets are dropped before they are parsed. None: all.
    `sieve` keeps only rows with these bytes out of long lists. `urgent` ones do not wait for the budget. `seconds` is how long
    the last answer took.
    """

    budget: Budget
    gateway: str | None = None
    wanted: frozenset[str] | None = None
    sieve: bytes | None = None
    urgent: bool = False
    seconds: float = 0.0

    async def fetch2(self, path: str, api: Any = "public", method: str = "GET", params: Any = None, *rest: Any) -> Any:
        """ccxt's, once it is this host's turn: what is signed goes out at once, for its time stamp holds for seconds only."""
        params = {} if params is None else params
        url = self.sign(path, api, method, params)["url"]  # type: ignore[attr-defined]
        await self.budget.turn(self._host(url), urgent=self.urgent)
        return await super().fetch2(path, api, method, params, *rest)  # type: ignore[misc]

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """The decoded answer. ccxt's errors carry the HTTP answer as `answer`; an answer that is no JSON is a BadResponse."""
        host = self._host(url)
        token = _answer.set(None)
        began = time.monotonic()
        try:
            answer = await super().fetch(url, method, headers, body)  # type: ignore[misc]
        except ccxt.BaseError as error:
            error.answer = _answer.get()
            raise
        finally:
            self.seconds = time.monotonic() - began
            if (heard := _answer.get()) is not None:
                self.budget.hears(host, heard.headers)
            _answer.reset(token)
        if not isinstance(answer, dict | list):
            unread = ccxt.BadResponse("the answer is no JSON")
            unread.answer = heard
            raise unread
        return answer

    async def exact_order_book(self, symbol: str, limit: int) -> Any:
        """`fetch_order_book` with every digit."""
        token = _exact.set(True)
        try:
            return await self.fetch_order_book(symbol, limit)  # type: ignore[attr-defined]
        finally:
            _exact.reset(token)

    def on_rest_response(
        self, code: int, reason: str, url: str, method: str, headers: Any, text: str, sent: Any, asked: Any
    ) -> str:
        """ccxt's hook for an answer before it is decoded."""
        stripped = text.strip()
        _answer.set(Answer(code, dict(headers), stripped[:KEPT]))
        return stripped

    def parse_json(self, text: str) -> Any:
        """The JSON of a body, decoded in pieces; None where it is none."""
        try:
            value = gently.decode(text, exact=True, sieve=self.sieve)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        return value if isinstance(value, dict | list) else None

    def safe_number(self, dictionary: Any, key: Any, default: Any = None) -> Any:
        """ccxt's, for what is a Decimal already too: its own reads those as nothing."""
        value = self.safe_value(dictionary, key)  # type: ignore[attr-defined]
        return value if isinstance(value, Decimal) else super().safe_number(dictionary, key, default)  # type: ignore[misc]

    def parse_order_book_bid_ask(self, row: Any, price: Any = 0, amount: Any = 1, count: Any = 2) -> Any:
        """A level of an order book: ccxt's own makes floats of it, which its streams rely on; here as numbers where asked."""
        if not _exact.get():
            return super().parse_order_book_bid_ask(row, price, amount, count)  # type: ignore[misc]
        return [self.safe_number(row, price), self.safe_number(row, amount)]

    def parse_tickers(self, tickers: Any, *rest: Any, **options: Any) -> Any:
        """ccxt's, of the rows that anybody asks for."""
        return super().parse_tickers(self._sifted(tickers), *rest, **options)  # type: ignore[misc]

    def parse_funding_rates(self, rows: Any, *rest: Any, **options: Any) -> Any:
        """ccxt's, of the rows that anybody asks for."""
        return super().parse_funding_rates(self._sifted(rows), *rest, **options)  # type: ignore[misc]

    def parse_market_leverage_tiers(self, info: Any, market: Any = None) -> Any:
        """ccxt's, where somebody asks for the market; MEXC's are read here, for ccxt takes them for equal steps from zero."""
        if isinstance(info, dict) and not self._wants(info):
            return []
        if isinstance(info, dict) and BASE in info:
            return levels(info)
        return super().parse_market_leverage_tiers(info, market)  # type: ignore[misc]

    def _sifted(self, rows: Any) -> Any:
        if self.wanted is None or not isinstance(rows, list):
            return rows
        return [row for row in rows if not isinstance(row, dict) or self._wants(row)]

    def _wants(self, row: Mapping[str, Any]) -> bool:
        named = next((row[key] for key in _IDS if key in row), None)
        return named is None or self.wanted is None or named in self.wanted

    def _host(self, url: str) -> str:
        parts = urlsplit(url)
        if not self.gateway:
            return parts.netloc
        prefix = urlsplit(self.gateway).path.rstrip("/")
        return parts.path.removeprefix(prefix).lstrip("/").partition("/")[0]


def instance(
    name: str, budget: Budget, *, gateway: str | None = None, options: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    """An instance of ccxt.pro's class `name` with exact numbers and without the calls that nobody needs."""
    base = getattr(ccxt.pro, name)
    config: dict[str, Any] = {
        "number": Decimal,
        "timeout": TIMEOUT_MS,
        "enableRateLimit": True,
        "tokenBucket": {"delay": PATIENCE},
        "has": {"fetchCurrencies": False},
        "options": dict(options or {}),
        "aiohttp_trust_env": True,
        **more,
    }
    made = type(name, (Courier, base), {"budget": budget, "gateway": gateway})(config)
    if gateway:
        made.urls["api"] = _relayed(made.urls["api"], lambda url: through(gateway, made.implode_hostname(url)))
    return made


async def answered(work: Awaitable[T]) -> T:
    """The result of asking a venue; whatever goes wrong is a Fault."""
    try:
        return await work
    except FAILURES as error:
        log.debug("a venue could not be asked", exc_info=True)
        raise fault_of(error) from None


def _relayed(urls: Any, way: Callable[[str], str]) -> Any:
    if isinstance(urls, dict):
        return {key: _relayed(value, way) for key, value in urls.items()}
    if not isinstance(urls, str):
        return urls
    # ccxt writes /PATH after it: an address without a path must not end in a slash of its own.
    return way(urls) if urls.endswith("/") else way(urls).removesuffix("/")
