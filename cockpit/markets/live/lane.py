"""The order books of one side of a venue, kept by one connection that is watched, closed and opened again as needed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import aiohttp
import ccxt

from cockpit.markets.live.errors import FAILURES, fault_of
from cockpit.markets.live.fault import Fault, Kind, of_status
from cockpit.markets.live.http import retry_after
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.quoting import book as book_of
from cockpit.markets.live.taps import tapped
from cockpit.markets.venue_terms import Side
from cockpit.model.market import Quote

if TYPE_CHECKING:
    from cockpit.markets.live.venue import Venue

PULSE = 1.0
"""Seconds between two deliveries of a symbol, and between two looks at the connection."""
LEVELS = 50
"""Levels of each side that are delivered."""
DEPTH = 200
"""Levels of each side that are followed, or the next depth that the venue has."""
MOST = 500
"""The same where the venue names no depths."""
SPOT_RATE, PERP_RATE = "1000", "500"
"""Milliseconds between two updates of a book at Binance: the slowest that it offers on each side."""
DEAD = 11.0
"""Seconds without a word, not even the answer to a ping, after which a connection is dead."""
QUIET = 3.0
"""Seconds without a change after which a book is compared with what is heard elsewhere."""
GRACE = 3.0
"""Seconds that an update may come later than what is heard elsewhere."""
ANSWER = 5.0
"""Seconds within which the end of a subscription must be confirmed."""
OPENING = 12.0
"""Seconds within which one after the other of the books that are asked for must come."""
STEADY = 20.0
"""Seconds of life after which a connection's earlier failures count no more."""
FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds until it is opened again: doubled with each failure in a row, and half as long again by chance."""
TORN, IN_SECONDS = 12, 60.0
"""So many books torn in so many seconds end the connection."""
REFUSED_FOR = timedelta(minutes=10)
"""For how long a symbol is not asked for again that the venue does not stream."""
SHARED = {Kind.LIMITED, Kind.BANNED, Kind.GEO_BLOCKED}
"""Faults that hold for this address, not for the connection: the venue's own meter hears of them."""

log = logging.getLogger(__name__)


class Lane:
    """One side of one venue. Everything runs on the network loop.

    `on_quote` gets each quote with depth, at most one a symbol and PULSE; `skew` says how far this machine's clock is ahead of
    the venue's.
    """

    def __init__(
        self,
        venue: Venue,
        side: Side,
        meter: Meter,
        on_quote: Callable[[Quote], None],
        *,
        clock: Callable[[], datetime],
        random: Random,
        skew: Callable[[], Awaitable[timedelta]],
    ) -> None:
        assert side.stream is not None
        self.meter = meter
        self._venue = venue
        self._side = side
        self._on_quote = on_quote
        self._clock = clock
        self._random = random
        self._measure = skew
        self._skew = timedelta(0)
        depths = side.stream.depths or side.book_limits
        self._depth = next((depth for depth in depths if depth >= DEPTH), max(depths, default=MOST))
        self._wanted: frozenset[str] = frozenset()
        self._changed = asyncio.Event()
        self._names: dict[str, str] = {}
        self._refused: dict[str, datetime] = {}
        self._failures = 0
        self._exchange: Any = None
        self._dirty: dict[str, datetime] = {}
        self._heard: dict[str, float] = {}
        self._suspected: dict[str, float] = {}
        self._awaited: dict[str, float] = {}
        self._torn: deque[float] = deque()
        self._following: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}

    def follow(self, symbols: Iterable[str]) -> None:
        """Keep the books of these, and of no others."""
        self._wanted = frozenset(symbols)
        self._changed.set()

    def alive(self, symbol: str) -> bool:
        """Whether a book of the symbol is being kept."""
        return self._exchange is not None and symbol in self._heard

    @property
    def streaming(self) -> bool:
        """Whether any book is being kept."""
        return self._exchange is not None and bool(self._heard)

    def compare(self, quote: Quote) -> None:
        """What the venue said of a symbol when it was asked: a stream that keeps saying something else stands still."""
        now = asyncio.get_running_loop().time()
        if not self.alive(quote.symbol) or now - self._heard[quote.symbol] < QUIET or quote.symbol in self._suspected:
            return
        book = self._exchange.known(self._names[quote.symbol])
        best = (book["bids"][:1], book["asks"][:1]) if book is not None else ([], [])
        if all(best) and (best[0][0][0], best[1][0][0]) != (quote.bid, quote.ask):
            self._suspected[quote.symbol] = now

    async def run(self) -> None:
        """Keep a connection as long as something is followed; until cancelled."""
        while True:
            if not self._wanted:
                self._changed.clear()
                await self._changed.wait()
            if rest := max(self.meter.wait, self._venue.meter.wait):
                await asyncio.sleep(min(rest, LONGEST_WAIT))
                continue
            began = asyncio.get_running_loop().time()
            try:
                await self._connect()
                continue
            except FAILURES as error:
                fault = _fault(error)
            except Exception as error:
                log.exception("%s", self.meter.name)
                fault = Fault(Kind.NONSENSE, type(error).__name__)
            if asyncio.get_running_loop().time() - began > STEADY:
                self._failures = 0
            self._failures += 1
            log.info("%s: %s", self.meter.name, fault)
            self.meter.bad(fault)
            if fault.kind in SHARED:
                self._venue.meter.bad(fault)
            doubled = min(FIRST_WAIT * 2 ** (self._failures - 1), LONGEST_WAIT)
            await asyncio.sleep(doubled * (1 + self._random.random() / 2))

    # One connection

    async def _connect(self) -> None:
        """Follow what is wanted until nothing is. Whatever goes wrong is raised, and everything that was opened is closed."""
        await self._venue.open()
        with contextlib.suppress(Fault):
            self._skew = await self._measure()
        made = await self._venue.share(self._side.kind)
        rate = SPOT_RATE if self._side.settle == "" else PERP_RATE
        exchange = self._exchange = tapped(made, self._told, depth=self._depth, rate=rate)
        try:
            while self._wanted or self._following:
                self._adjust()
                tasks = [*self._following.values(), *self._leaving.values()]
                if tasks:
                    await asyncio.wait(tasks, timeout=PULSE, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(PULSE)
                self._collect()
                self._deliver()
                self._look()
        finally:
            await self._end(exchange)

    async def _end(self, exchange: Any) -> None:
        tasks = [*self._following.values(), *self._leaving.values()]
        self._exchange = None
        for known in (self._following, self._leaving, *self._state(), self._names):
            known.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await exchange.end()

    def _adjust(self) -> None:
        """Begin to follow what is wanted, and leave what is not."""
        now = self._clock()
        if not self._following:
            self._exchange.heard_at = asyncio.get_running_loop().time()  # nothing was asked for that could have come
        self._refused = {symbol: until for symbol, until in self._refused.items() if until > now}
        for symbol in sorted(self._wanted - self._following.keys() - self._refused.keys()):
            if self._venue.lists(symbol):
                name = self._names[symbol] = self._venue.listed(symbol).symbol
                self._following[symbol] = asyncio.create_task(self._follow(symbol, name))
        for symbol in self._following.keys() - self._wanted - self._leaving.keys():
            self._leaving[symbol] = asyncio.create_task(self._leave(self._names[symbol]))

    async def _follow(self, symbol: str, name: str) -> None:
        """Keep one book until its subscription is ended; a torn one is begun anew."""
        while True:
            self._forget(symbol)
            self._awaited[symbol] = asyncio.get_running_loop().time()
            try:
                await self._exchange.watch_order_book(name, self._depth)
            except ccxt.UnsubscribeError:
                return
            except ccxt.InvalidNonce as error:
                log.info("%s: the order book of %s is begun anew: %s", self.meter.name, name, error)
                self._tear()
                await self._leave(name)

    async def _leave(self, name: str) -> None:
        await asyncio.wait_for(self._exchange.unwatch(name), ANSWER)

    def _tear(self) -> None:
        now = asyncio.get_running_loop().time()
        self._torn.append(now)
        while self._torn[0] < now - IN_SECONDS:
            self._torn.popleft()
        if len(self._torn) > TORN:
            self._torn.clear()
            raise Fault(Kind.NONSENSE, "its order books do not hold together")

    def _collect(self) -> None:
        """Take up what ended. What the venue does not stream is left out for a while; any other failure is raised."""
        for symbol, task in [*self._leaving.items()]:
            if task.done():
                del self._leaving[symbol]
                task.result()
        for symbol, task in [*self._following.items()]:
            if task.done():
                del self._following[symbol]
                self._forget(symbol)
                try:
                    task.result()
                except (ccxt.BadSymbol, ccxt.NotSupported) as error:
                    log.info("%s has no stream of %s: %s", self.meter.name, symbol, error)
                    self._refused[symbol] = self._clock() + REFUSED_FOR

    def _told(self, name: str) -> None:
        """A book has changed."""
        symbol = next((symbol for symbol, known in self._names.items() if known == name), None)
        if symbol is not None and symbol in self._following:
            now = asyncio.get_running_loop().time()
            self._dirty[symbol] = self._clock()
            self._heard[symbol] = now
            self._suspected.pop(symbol, None)
            if self._awaited.pop(symbol, None) is not None:
                self._awaited = dict.fromkeys(self._awaited, now)  # venues and limits take them one after the other

    def _forget(self, symbol: str) -> None:
        for known in self._state():
            known.pop(symbol, None)

    def _state(self) -> tuple[dict[str, Any], ...]:
        """What is known of each symbol."""
        return self._dirty, self._heard, self._suspected, self._awaited

    def _deliver(self) -> None:
        """Give the newest of every book that changed. One that is empty or crossed is begun anew."""
        dirty, self._dirty = self._dirty, {}
        for symbol, received in dirty.items():
            name = self._names[symbol]
            book = self._exchange.known(name)
            if book is None or book["timestamp"] is None:
                continue
            at = min(received, datetime.fromtimestamp(book["timestamp"] / 1000, UTC) + self._skew)
            bids, asks, short = book["bids"][:LEVELS], book["asks"][:LEVELS], self._exchange.short(name)
            try:
                quote = book_of(symbol, self._venue.id, at, bids, asks, contract=self._venue.contract(symbol))
            except Fault as fault:
                if not short:
                    self._exchange.tear(name, fault.detail)
                continue
            finally:
                if short:
                    self._exchange.refresh(name)
            self.meter.good(max(0.0, (received - at).total_seconds()))
            self._on_quote(quote)

    def _look(self) -> None:
        """Fault where the connection is dead, or alive without saying what it should."""
        now = asyncio.get_running_loop().time()
        if now - self._exchange.heard_at > DEAD:
            raise Fault(Kind.BROKEN_OFF, f"nothing came for {DEAD:.0f} s")
        if any(now - since > GRACE for since in self._suspected.values()):
            raise Fault(Kind.BROKEN_OFF, "the market moves and nothing comes")
        if not self._exchange.asking and any(now - since > OPENING for since in self._awaited.values()):
            raise Fault(Kind.TIMEOUT, "a subscription was not answered")


def _fault(error: Exception) -> Fault:
    """The fault that ended a connection; the stream's own errors carry what happened as their argument."""
    cause = error.args[0] if isinstance(error, ccxt.NetworkError) and error.args else None
    if isinstance(cause, aiohttp.WSServerHandshakeError):
        wait = retry_after(cause.headers) if cause.headers is not None else None
        told = of_status(cause.status, retry_after=wait)
        return told if told is not None and told.kind is not Kind.MISSING else Fault(Kind.UNREADABLE, f"HTTP {cause.status}")
    if isinstance(cause, aiohttp.ClientError | OSError):
        return fault_of(cause)
    if type(error) is ccxt.NetworkError:
        return Fault(Kind.BROKEN_OFF, str(error))
    return fault_of(error)
