"""One venue's public data, in the cockpit's own words: what it lists, quotes, books, funding, candles, open interest, tiers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.funding import FundingPrint, hours, moment, prints, rate_of
from cockpit.markets.live.listing import Listed, Listing, slim
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.quoting import book, field, number, positive, quote
from cockpit.markets.live.series import pages
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.venue_terms import Call, IntervalFrom, Side, Unit
from cockpit.markets.venues import COMMON_OPTIONS, VENUES
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import Instrument, MarginTier, margin_tiers, perp_symbol, spot_symbol
from cockpit.model.instruments import Kind as Market
from cockpit.model.market import FundingRate, Quote

T = TypeVar("T")

MARK_AGE = 10.0
"""Seconds for which a mark price of `tickers` is good enough to stand beside a newer order book."""
DEPTH = 50
"""Levels of an order book that are asked for."""
MEMORY = 20.0
"""Seconds for which a call that answers for every symbol is not asked again for the next one."""
INTERVALS_KEPT = 3600.0
"""Seconds for which a list of funding intervals is kept."""
SHOWN = 4
"""Symbols that a sentence names; more are counted."""
SIEVE = b"USDT"
"""Rows of a long listing without it are no markets of ours."""


class Venue:
    """One venue, asked through ccxt as its row of the capability table says. Used on the network loop only.

    Every coroutine raises Fault, never an error of ccxt, and tells the meter; `notes` are sentences about what was left out.
    `universe` and `follow` say of which assets prices and funding are read.
    """

    def __init__(
        self,
        id: str,
        meter: Meter,
        *,
        universe: Universe,
        shelf: Shelf,
        clock: Callable[[], datetime],
        gateway: str | None = None,
    ) -> None:
        if id not in VENUES:
            raise BadInput(f"there is no venue {id}: it is one of {', '.join(VENUES)}")
        self.id = id
        self.row = VENUES[id]
        self.meter = meter
        limits = {host: side.budget for side in self.row.sides for host in side.hosts}
        self.budget = Budget(limits, meter.leaves)
        self._assets = frozenset(universe.assets)
        self._shelf = shelf
        self._clock = clock
        self._gateway = gateway
        self._instances: dict[str, Any] = {}
        self._listing: Listing | None = None
        self._listed: dict[str, Listed] = {}
        self._opening = asyncio.Lock()
        self._marks: dict[str, tuple[float, Decimal]] = {}
        self._memory: dict[str, tuple[float, Any]] = {}
        self._tiers: dict[str, tuple[MarginTier, ...]] = {}
        self._left_out: tuple[str, ...] = ()
        self._last_fault = 0.0

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out of the last quotes, as a sentence."""
        if not self._left_out:
            return ()
        more = f" and {len(self._left_out) - SHOWN} more" if len(self._left_out) > SHOWN else ""
        shown = ", ".join(self._left_out[:SHOWN])
        return (f"{self.row.name} sends prices that cannot be of {shown}{more}: they are left out",)

    def follow(self, assets: Iterable[str]) -> None:
        """Read prices and funding of these assets too, whatever the universe holds."""
        if not self._assets.issuperset(assets := frozenset(assets)):
            self._assets |= assets
            self._want()

    def lists(self, symbol: str) -> bool:
        """Whether it quotes the symbol; no venue lists anything before it is open."""
        row = self._listed.get(symbol)
        return row is not None and self._quoted(row)

    def exchange(self, kind: Market) -> Any:
        """The open ccxt.pro instance of a side: for streams. Fault(MISSING) where the venue has no such side."""
        return self._instances[self._side(kind).ccxt]

    def listed(self, symbol: str) -> Listed:
        """The row of a symbol, by the cockpit's own name of it. Fault(MISSING) where it is not listed."""
        row = self._listed.get(symbol)
        if row is None:
            raise Fault(Kind.MISSING, symbol)
        return row

    def contract(self, symbol: str) -> Decimal:
        """The base units of a contract of a symbol; 1 on the spot market."""
        row = self.listed(symbol)
        return row.contract(self._side(row.kind).contract_size)

    async def open(self) -> None:
        """Load ccxt and what the venue lists, from the shelf where that is fresh. Cheap once that is done."""
        async with self._opening:
            from ccxt import __version__ as version

            now = self._clock()
            if self._listing is not None and self._listing.fresh(now, version):
                return
            self._instances = self._instances or {name: self._instance(name) for name in self.row.classes}
            name = f"listings/{self.id}.json"
            kept = self._listing or self._shelf.kept(name, Listing)
            if kept is None or not kept.fresh(now, version):
                try:
                    kept = await self._told(self._fetch_listing(version))
                    self._shelf.keep(name, kept)
                except Fault:
                    if kept is None or kept.ccxt != version:
                        raise
            self._take(kept)

    async def share(self, kind: Market, **config: Any) -> Any:
        """Another instance of a side, for an account: it shares the markets and the budget; `config` has its key. Close it."""
        await self.open()
        side = self._side(kind)
        options = {"adjustForTimeDifference": self.row.adjusts_clock, **config.pop("options", {})}
        made = self._instance(side.ccxt, options, **config)
        made.set_markets_from_exchange(self._instances[side.ccxt])
        return made

    async def close(self) -> None:
        """Close every session."""
        instances, self._instances, self._listing = list(self._instances.values()), {}, None
        await asyncio.gather(*(instance.close(True) for instance in instances), return_exceptions=True)

    def instruments(self, asset: str) -> dict[str, Instrument]:
        """What can be traded of an asset, by symbol, with the margin tiers that were read so far; its prices are read from now on."""
        self.follow([asset])
        rows = [self._listed[symbol] for symbol in (spot_symbol(asset), perp_symbol(asset)) if self.lists(symbol)]
        return {row.ours: row.instrument(self._side(row.kind).contract_size, self._tiers.get(row.ours, ())) for row in rows}

    async def tickers(self) -> dict[str, Quote]:
        """Quotes without depth of every wanted asset; what is not listed, or has prices that cannot be, is left out."""
        await self.open()
        return await self._told(self._tickers())

    async def book(self, symbol: str) -> Quote:
        """The quote of a symbol with depth, in base units."""
        await self.open()
        row = self.listed(symbol)
        return await self._told(self._book(row))

    async def funding(self) -> dict[str, FundingRate]:
        """Funding of the wanted perpetuals; what is not said whole is left out. Fault(MISSING) where the venue has none."""
        await self.open()
        return await self._told(self._funding())

    async def funding_prints(self, asset: str, since: datetime) -> list[FundingPrint]:
        """Past payments of funding from `since` on, oldest first."""
        await self.open()
        row = self.listed(perp_symbol(asset))
        return await self._told(self._prints(row, since))

    async def open_interest(self, symbol: str) -> Decimal:
        """Open interest of a perpetual in quote units."""
        await self.open()
        row = self.listed(symbol)
        return await self._told(self._open_interest(row))

    async def tiers(self, symbol: str) -> tuple[MarginTier, ...]:
        """The margin tiers of a perpetual. Fault(MISSING) where they need a key."""
        await self.open()
        row = self.listed(symbol)
        terms = self._side(row.kind).tiers
        if terms is None or not terms.public:
            raise Fault(Kind.MISSING, "margin tiers without a key")
        self._tiers[symbol] = await self._told(self._read_tiers(row))
        return self._tiers[symbol]

    async def candles(self, asset: str, first: date, last: date) -> dict[date, Decimal]:
        """Closes at 24:00 UTC of the closed days from `first` to `last`, of the spot pair or, without one, of the perpetual."""
        await self.open()
        symbols = [symbol for symbol in (spot_symbol(asset), perp_symbol(asset)) if self.lists(symbol)]
        rows = [self._listed[symbol] for symbol in symbols if self._side(self._listed[symbol].kind).candles is not None]
        if not rows:
            raise Fault(Kind.MISSING, f"candles of {asset}")
        return await self._told(self._candles(rows[0], first, min(last, self._clock().date() - timedelta(days=1))))

    async def skew(self) -> timedelta:
        """The clock of this machine minus the venue's, with half the way there and back taken out."""
        await self.open()
        return await self._told(self._read_skew())

    async def _told(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; faults are counted once for all that were under way together."""
        from cockpit.markets.live.exchange import answered

        if self.meter.wait:
            work.close()
            raise self.meter.fault or Fault(Kind.LIMITED)
        began = time.monotonic()
        try:
            result = await answered(work)
        except Fault as fault:
            if began >= self._last_fault:
                self._last_fault = time.monotonic()
                self.meter.bad(fault)
            raise
        if began >= self._last_fault:
            self.meter.good(max((made.seconds for made in self._instances.values()), default=0.0))
        return result

    def _instance(self, name: str, options: dict[str, Any] | None = None, **config: Any) -> Any:
        from cockpit.markets.live.exchange import instance

        settings = {**COMMON_OPTIONS, **self.row.options, **(options or {})}
        return instance(name, self.budget, gateway=self._gateway, options=settings, **config)

    def _side(self, kind: Market) -> Side:
        side = self.row.side(kind)
        if side is None:
            raise Fault(Kind.MISSING, f"{kind.value} markets")
        return side

    def _quoted(self, row: Listed) -> bool:
        return self._side(row.kind).quoted

    async def _fetch_listing(self, version: str) -> Listing:
        rows: tuple[Listed, ...] = ()
        for name, made in self._instances.items():
            made.sieve = SIEVE if all(side.quoted for side in self.row.sides) else None
            try:
                markets = await made.fetch_markets()
            finally:
                made.sieve = None
            for side in self.row.sides:
                if side.ccxt == name:
                    rows += slim(markets, side.kind, (side.quote, side.settle))
        if not rows:
            raise Fault(Kind.NONSENSE, "an empty listing")
        return Listing(ccxt=version, at=self._clock(), markets=rows)

    def _take(self, listing: Listing) -> None:
        self._listing = listing
        self._listed = {}
        for row in listing.markets:
            self._listed.setdefault(row.ours, row)
        for side in self.row.sides:
            classes = {other.kind for other in self.row.sides if other.ccxt == side.ccxt}
            self._instances[side.ccxt].set_markets([row.ccxt() for row in listing.markets if row.kind in classes])
        self._want()

    def _want(self) -> None:
        for made in self._instances.values():
            made.wanted = frozenset(row.id for row in self._listed.values() if row.base in self._assets)

    def _wanted(self, kind: Market) -> list[Listed]:
        return [row for row in self._listed.values() if row.kind is kind and row.base in self._assets]

    async def _call(self, side: Side, call: Call, *args: Any, **more: Any) -> Any:
        return await getattr(self._instances[side.ccxt], call.method)(*args, params={**call.params, **more})

    async def _remembered(self, side: Side, call: Call, seconds: float = MEMORY) -> Any:
        """The answer of a call for every symbol, asked again only after so many seconds."""
        key = f"{side.ccxt} {call.method} {call.params}"
        at, answer = self._memory.get(key, (0.0, None))
        if answer is None or time.monotonic() - at > seconds:
            answer = await self._call(side, call)
            self._memory[key] = (time.monotonic(), answer)
        return answer

    async def _tickers(self) -> dict[str, Quote]:
        sides = [side for side in self.row.sides if side.quoted]
        found = await asyncio.gather(*(self._side_tickers(side) for side in sides))
        quotes = {symbol: quote for quotes, _ in found for symbol, quote in quotes.items()}
        self._left_out = tuple(symbol for _, left_out in found for symbol in left_out)
        if not quotes:
            raise Fault(Kind.NONSENSE, "no price of any asset")
        return quotes

    async def _side_tickers(self, side: Side) -> tuple[dict[str, Quote], list[str]]:
        assert side.best is not None
        at = self._clock()
        apart = side.mark is not None and side.mark != side.best
        calls = [self._call(side, call) for call in ([side.best, side.mark] if apart and side.mark else [side.best])]
        answers = await asyncio.gather(*calls)
        best, marks = answers[0], answers[-1]
        quotes: dict[str, Quote] = {}
        left_out = []
        for row in self._wanted(side.kind):
            if row.symbol not in best or row.symbol not in marks:
                continue
            bid, ask = best[row.symbol].get("bid"), best[row.symbol].get("ask")
            mark = field(marks[row.symbol], side.mark_field) if side.mark is not None else None
            try:
                quotes[row.ours] = quote(row.ours, self.id, at, bid, ask, mark, marked=side.mark is not None)
            except Fault:
                left_out.append(row.ours)
        heard = time.monotonic()
        self._marks.update({symbol: (heard, quote.mark) for symbol, quote in quotes.items()})
        return quotes, left_out

    def _mark(self, symbol: str) -> Decimal | None:
        at, mark = self._marks.get(symbol, (0.0, None))
        return mark if mark is not None and time.monotonic() - at <= MARK_AGE else None

    async def _marked(self, row: Listed) -> Decimal:
        """A mark price that is good enough to turn contracts into money."""
        if (mark := self._mark(row.ours)) is None:
            await self._side_tickers(self._side(row.kind))
            mark = self._mark(row.ours)
        if mark is None:
            raise Fault(Kind.NONSENSE, f"no mark price of {row.ours}")
        return mark

    async def _book(self, row: Listed) -> Quote:
        side = self._side(row.kind)
        depth = next((limit for limit in side.book_limits if limit >= DEPTH), min(DEPTH, side.book_most))
        at = self._clock()
        told = await self._instances[side.ccxt].fetch_order_book(row.symbol, depth)
        mark = self._mark(row.ours) if row.kind is Market.PERP else None
        return book(row.ours, self.id, at, told["bids"], told["asks"], contract=row.contract(side.contract_size), mark=mark)

    async def _funding(self) -> dict[str, FundingRate]:
        side = self._side(Market.PERP)
        if side.funding is None:
            raise Fault(Kind.MISSING, "funding")
        rows = self._wanted(Market.PERP)
        if side.funding.rates is None:
            single = Call("fetch_funding_rate")
            told = list(zip(rows, await asyncio.gather(*(self._call(side, single, row.symbol) for row in rows)), strict=True))
        else:
            rates = await self._call(side, side.funding.rates)
            told = [(row, rates[row.symbol]) for row in rows if row.symbol in rates]
        exceptions = await self._exceptions(side)
        found = {}
        for row, rate in told:
            interval = self._interval(side, row, rate, exceptions)
            if (read := rate_of(row.ours, rate, side.funding, interval, self._clock())) is not None:
                found[row.ours] = read
        return found

    async def _exceptions(self, side: Side) -> dict[str, Any]:
        if side.funding is None or side.funding.interval is not IntervalFrom.EXCEPTIONS:
            return {}
        told: dict[str, Any] = await self._remembered(side, Call("fetch_funding_intervals"), INTERVALS_KEPT)
        return told

    @staticmethod
    def _interval(side: Side, row: Listed, rate: Any, exceptions: dict[str, Any]) -> Decimal | None:
        assert side.funding is not None
        match side.funding.interval:
            case IntervalFrom.RATE:
                return hours(field(rate, "interval"))
            case IntervalFrom.LISTING:
                return None if row.interval is None else Decimal(row.interval) / 60
            case IntervalFrom.EXCEPTIONS:
                told = exceptions.get(row.symbol)
                return side.funding.interval_hours if told is None else hours(told.get("interval"))
            case IntervalFrom.FIXED:
                return side.funding.interval_hours

    async def _prints(self, row: Listed, since: datetime) -> list[FundingPrint]:
        side = self._side(Market.PERP)
        if side.funding is None:
            raise Fault(Kind.MISSING, "funding")
        made = self._instances[side.ccxt]
        rows = await pages(made.fetch_funding_rate_history, side.funding.history, row.symbol, since, self._clock(), _stamp)
        interval = self._interval(side, row, {}, await self._exceptions(side)) or side.funding.interval_hours
        return prints(rows, since, interval)

    async def _open_interest(self, row: Listed) -> Decimal:
        side = self._side(row.kind)
        terms = side.open_interest
        if terms is None:
            raise Fault(Kind.MISSING, "open interest")
        told = (await self._remembered(side, terms.call)).get(row.symbol) if terms.of_all else None
        if not terms.of_all:
            told = await self._call(side, terms.call, row.symbol)
        amount = positive(field(told, terms.field)) if told is not None else None
        if amount is None:
            raise Fault(Kind.MISSING, f"open interest of {row.ours}")
        return amount * await self._unit(row, terms.unit)

    async def _unit(self, row: Listed, unit: Unit) -> Decimal:
        """How many quote units one of a venue's own is."""
        if unit is Unit.QUOTE:
            return Decimal(1)
        size = row.contract(self._side(row.kind).contract_size) if unit is Unit.CONTRACTS else Decimal(1)
        return size * await self._marked(row)

    async def _read_tiers(self, row: Listed) -> tuple[MarginTier, ...]:
        side = self._side(row.kind)
        assert side.tiers is not None
        told = await self._call(side, side.tiers.call, row.symbol)
        unit = await self._unit(row, side.tiers.unit)
        read = []
        for tier in told:
            floor, rate = number(tier.get("minNotional")), number(tier.get("maintenanceMarginRate"))
            leverage = number(tier.get("maxLeverage"))
            if floor is None or rate is None or leverage is None:
                raise Fault(Kind.NONSENSE, f"a margin tier of {row.ours} is not whole")
            read.append((floor * unit, rate, leverage))
        try:
            return margin_tiers(sorted(read))
        except ValueError as error:
            raise Fault(Kind.NONSENSE, f"margin tiers of {row.ours}: {error}") from None

    async def _candles(self, row: Listed, first: date, last: date) -> dict[date, Decimal]:
        series = self._side(row.kind).candles
        assert series is not None
        made = self._instances[self._side(row.kind).ccxt]

        async def daily(symbol: str, since: int | None, limit: int, params: dict[str, Any]) -> Any:
            return await made.fetch_ohlcv(symbol, "1d", since, limit, params)

        begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last + timedelta(days=1)))
        closes = {}
        for candle in await pages(daily, series, row.symbol, begin, end, _opened):
            opened, close = moment(candle[0]), positive(candle[4])
            if opened is not None and close is not None and opened == opened.replace(hour=0, minute=0, second=0, microsecond=0):
                closes[opened.date()] = close
        return {day: closes[day] for day in sorted(closes) if first <= day <= last}

    async def _read_skew(self) -> timedelta:
        made = next(iter(self._instances.values()))
        sent = self._clock()
        told = moment(await made.fetch_time())
        if told is None:
            raise Fault(Kind.UNREADABLE, "no time")
        return sent + (self._clock() - sent) / 2 - told


def _stamp(row: Any) -> Any:
    return row.get("timestamp")


def _opened(row: Any) -> Any:
    return row[0]
