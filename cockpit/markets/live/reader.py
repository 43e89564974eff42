"""One side of a venue, spot or perpetual, read through ccxt as its row of the capability table says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.funding import FundingPrint, hours, moment, prints, rate_of
from cockpit.markets.live.listing import Listed
from cockpit.markets.live.quoting import book, field, number, positive, quote
from cockpit.markets.live.series import pages
from cockpit.markets.venue_terms import Call, Funding, IntervalFrom, Side, Unit
from cockpit.model.instruments import Instrument, MarginTier, margin_tiers
from cockpit.model.instruments import Kind as Market
from cockpit.model.market import FundingRate, Quote
from cockpit.model.money import ONE

MARK_AGE = 10.0
"""Seconds for which a mark price of `tickers` is good enough to stand beside a newer order book."""
DEPTH = 50
"""Levels of an order book that are asked for."""
MEMORY = 20.0
"""Seconds for which a call that answers for every symbol is not asked again for the next one."""
TIERS_KEPT = 3600.0
"""Seconds for which the margin tiers of every symbol are kept, where one call gives them all."""
INTERVALS_KEPT = 3600.0
"""Seconds for which a list of funding intervals is kept."""


class Reader:
    """What one side says. `made` is the instance of ccxt, `rows` what is listed by the cockpit's symbols.

    Raises Fault for what cannot be, and whatever ccxt raises: the venue around it turns that into faults.
    """

    def __init__(self, venue: str, side: Side, made: Any, rows: Mapping[str, Listed], clock: Callable[[], datetime]) -> None:
        self.venue = venue
        self.side = side
        self.made = made
        self.rows = rows
        self._clock = clock
        self._marks: dict[str, tuple[float, Decimal]] = {}
        self._memory: dict[str, tuple[float, Any]] = {}

    def contract(self, row: Listed) -> Decimal:
        """The base units of a contract."""
        return row.contract(self.side.contract_size)

    def instrument(self, row: Listed, tiers: tuple[MarginTier, ...]) -> Instrument:
        """What can be traded."""
        return row.instrument(self.side.contract_size, tiers)

    async def tickers(self, assets: frozenset[str]) -> tuple[dict[str, Quote], list[str]]:
        """Quotes without depth of these assets, and the symbols whose prices cannot be. What has no row is left out."""
        assert self.side.best is not None
        at = self._clock()
        apart = () if self.side.mark in (None, self.side.best) else (self.side.mark,)
        answers = await asyncio.gather(*(self._call(call) for call in (self.side.best, *apart) if call is not None))
        best, marks = answers[0], answers[-1]
        quotes: dict[str, Quote] = {}
        left_out = []
        for row in self._of(assets):
            if row.symbol not in best or row.symbol not in marks:
                continue
            marked = self.side.mark is not None
            mark = field(marks[row.symbol], self.side.mark_field) if marked else None
            bid, ask = best[row.symbol].get("bid"), best[row.symbol].get("ask")
            try:
                quotes[row.ours] = quote(row.ours, self.venue, at, bid, ask, mark, marked=marked)
            except Fault:
                left_out.append(row.ours)
        heard = time.monotonic()
        self._marks.update({symbol: (heard, quote.mark) for symbol, quote in quotes.items()})
        return quotes, left_out

    async def book(self, row: Listed) -> Quote:
        """The quote of a symbol with depth."""
        depth = next((limit for limit in self.side.book_limits if limit >= DEPTH), min(DEPTH, self.side.book_most))
        at = self._clock()
        told = await self.made.exact_order_book(row.symbol, depth)
        mark = self._mark(row.ours) if row.kind is Market.PERP else None
        return book(row.ours, self.venue, at, told["bids"], told["asks"], contract=self.contract(row), mark=mark)

    async def funding(self, assets: frozenset[str]) -> dict[str, FundingRate]:
        """Funding of these assets; what is not said whole is left out."""
        terms = self._funding_terms()
        rows = self._of(assets)
        if terms.rates is None:
            single = Call("fetch_funding_rate")
            told = list(zip(rows, await asyncio.gather(*(self._call(single, row.symbol) for row in rows)), strict=True))
        else:
            rates = await self._call(terms.rates, *([[row.symbol for row in rows]] if terms.rates.named else []))
            told = [(row, rates[row.symbol]) for row in rows if row.symbol in rates]
        exceptions = await self._exceptions(terms)
        now = self._clock()
        found = (rate_of(row.ours, rate, terms, _interval(terms, row, rate, exceptions), now) for row, rate in told)
        return {read.symbol: read for read in found if read is not None}

    async def funding_prints(self, row: Listed, since: datetime) -> list[FundingPrint]:
        """Past payments from `since` on, oldest first."""
        terms = self._funding_terms()
        told = await pages(self._history, terms.history, row.symbol, since, self._clock(), lambda print: print.get("timestamp"))
        interval = _interval(terms, row, {}, await self._exceptions(terms)) or terms.interval_hours
        return prints(told, since, interval)

    async def open_interest(self, row: Listed) -> Decimal:
        """Open interest of a symbol in quote units."""
        terms = self.side.open_interest
        if terms is None:
            raise Fault(Kind.MISSING, "open interest")
        if terms.of_all:
            told = (await self._remembered(terms.call)).get(row.symbol)
        else:
            told = await self._call(terms.call, row.symbol)
        amount = positive(field(told, terms.field)) if told is not None else None
        if amount is None:
            raise Fault(Kind.MISSING, f"open interest of {row.ours}")
        return amount * await self._unit(row, terms.unit)

    async def tiers(self, row: Listed) -> tuple[MarginTier, ...]:
        """The margin tiers of a perpetual. Fault(MISSING) where they need a key, Fault(NONSENSE) where they cannot be."""
        terms = self.side.tiers
        if terms is None or not terms.public:
            raise Fault(Kind.MISSING, "margin tiers without a key")
        if terms.of_all:
            told = (await self._remembered(terms.call, TIERS_KEPT)).get(row.symbol, ())
        else:
            told = await self._call(terms.call, row.symbol)
        if not told:
            raise Fault(Kind.MISSING, f"margin tiers of {row.ours}")
        unit = await self._unit(row, terms.unit)
        read = []
        for tier in told:
            floor, rate = number(tier.get("minNotional")), number(tier.get("maintenanceMarginRate"))
            leverage = number(tier.get("maxLeverage"))
            if floor is None or rate is None or leverage is None:
                raise Fault(Kind.NONSENSE, f"a margin tier of {row.ours} is not whole")
            read.append((floor * unit, rate, leverage))
        try:
            return margin_tiers(sorted(read), whole_position=terms.whole_position)
        except ValueError as error:
            raise Fault(Kind.NONSENSE, f"margin tiers of {row.ours}: {error}") from None

    async def candles(self, row: Listed, first: date, last: date) -> dict[date, Decimal]:
        """Closes of the days from `first` to `last`, by day."""
        series = self.side.candles
        if series is None:
            raise Fault(Kind.MISSING, "candles")
        begin, end = _midnight(first), _midnight(last + timedelta(days=1))
        closes = {}
        for candle in await pages(self._daily, series, row.symbol, begin, end, lambda candle: candle[0]):
            opened, close = moment(candle[0]), positive(candle[4])
            if opened is not None and close is not None and opened == _midnight(opened.date()):
                closes[opened.date()] = close
        return {day: closes[day] for day in sorted(closes) if first <= day <= last}

    def _of(self, assets: frozenset[str]) -> list[Listed]:
        return [row for row in self.rows.values() if row.base in assets]

    async def _call(self, call: Call, *args: Any) -> Any:
        return await getattr(self.made, call.method)(*args, params=dict(call.params))

    async def _remembered(self, call: Call, seconds: float = MEMORY) -> Any:
        """The answer of a call for every symbol, asked again only after so many seconds."""
        key = f"{call.method} {call.params}"
        at, answer = self._memory.get(key, (0.0, None))
        if answer is None or time.monotonic() - at > seconds:
            answer = await self._call(call)
            self._memory[key] = (time.monotonic(), answer)
        return answer

    async def _history(self, symbol: str, since: int | None, limit: int, params: dict[str, Any]) -> Any:
        return await self.made.fetch_funding_rate_history(symbol, since, limit, params)

    async def _daily(self, symbol: str, since: int | None, limit: int, params: dict[str, Any]) -> Any:
        return await self.made.fetch_ohlcv(symbol, "1d", since, limit, params)

    def _mark(self, symbol: str) -> Decimal | None:
        at, mark = self._marks.get(symbol, (0.0, None))
        return mark if mark is not None and time.monotonic() - at <= MARK_AGE else None

    async def _unit(self, row: Listed, unit: Unit) -> Decimal:
        """How many quote units one of a venue's own is."""
        if unit is Unit.QUOTE:
            return ONE
        if self._mark(row.ours) is None and self.side.best is not None:
            await self.tickers(frozenset({row.base}))
        mark = self._mark(row.ours) or await self._told_mark(row)
        if mark is None:
            raise Fault(Kind.NONSENSE, f"no mark price of {row.ours}")
        return mark * (self.contract(row) if unit is Unit.CONTRACTS else ONE)

    async def _told_mark(self, row: Listed) -> Decimal | None:
        """The mark price alone, of a side without quotes."""
        if self.side.best is not None or self.side.mark is None:
            return None
        told = (await self._remembered(self.side.mark)).get(row.symbol)
        return positive(field(told, self.side.mark_field)) if told is not None else None

    def _funding_terms(self) -> Funding:
        if self.side.funding is None:
            raise Fault(Kind.MISSING, "funding")
        return self.side.funding

    async def _exceptions(self, terms: Funding) -> Mapping[str, Any]:
        if terms.interval is not IntervalFrom.EXCEPTIONS:
            return {}
        told: Mapping[str, Any] = await self._remembered(Call("fetch_funding_intervals"), INTERVALS_KEPT)
        return told


def _interval(terms: Funding, row: Listed, rate: Mapping[str, Any], exceptions: Mapping[str, Any]) -> Decimal | None:
    """The hours between two payments, from where the table says; None where nothing is said."""
    match terms.interval:
        case IntervalFrom.RATE:
            return hours(rate.get("interval"))
        case IntervalFrom.LISTING:
            return None if row.interval is None else Decimal(row.interval) / 60
        case IntervalFrom.EXCEPTIONS:
            told = exceptions.get(row.symbol)
            return terms.interval_hours if told is None else hours(told.get("interval"))
        case IntervalFrom.FIXED:
            return terms.interval_hours


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
