"""One venue's public data, in the cockpit's own words: what it lists, quotes, books, funding, candles, open interest, tiers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.funding import FundingPrint, moment
from cockpit.markets.live.heap import filling
from cockpit.markets.live.listing import Listed, Listing, slim
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.reader import Reader
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.venues import COMMON_OPTIONS, VENUES
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import Instrument, MarginTier, kind_of, perp_symbol, spot_symbol
from cockpit.model.instruments import Kind as Market
from cockpit.model.market import FundingRate, Quote
from cockpit.model.sources import LiveSettings

T = TypeVar("T")

log = logging.getLogger(__name__)

SHOWN = 4
"""Symbols that a sentence names; more are counted."""
MANY, FROZEN = 10, timedelta(seconds=20)
"""So many markets never stand still together for so long: it is a copy of an old answer, or the venue stands."""
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
        self.budget = Budget(self.row.budgets, meter.leaves)
        self._assets = frozenset(universe.assets)
        self._shelf = shelf
        self._clock = clock
        self._gateway = gateway
        self._instances: dict[str, Any] = {}
        self._listing: Listing | None = None
        self._readers: dict[Market, Reader] = {}
        self._opening = asyncio.Lock()
        self._tiers: dict[str, tuple[MarginTier, ...]] = {}
        self._left_out: tuple[str, ...] = ()
        self._said: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
        self._said_since = clock()
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
        reader = self._readers.get(kind_of(symbol))
        return reader is not None and reader.side.quoted and symbol in reader.rows

    def exchange(self, kind: Market) -> Any:
        """The open ccxt.pro instance of a side: for streams. Fault(MISSING) where the venue has no such side."""
        return self._reader(kind).made

    def listed(self, symbol: str) -> Listed:
        """The row of a symbol, by the cockpit's own name of it. Fault(MISSING) where it is not listed."""
        row = self._reader(kind_of(symbol)).rows.get(symbol)
        if row is None:
            raise Fault(Kind.MISSING, symbol)
        return row

    def contract(self, symbol: str) -> Decimal:
        """The base units of a contract of a symbol; 1 on the spot market."""
        row = self.listed(symbol)
        return self._reader(row.kind).contract(row)

    async def open(self) -> None:
        """Load ccxt and what the venue lists, from the shelf where that is fresh. Cheap once that is done."""
        async with self._opening:
            if self._listing is None or (not self._listing.fresh(self._clock()) and not self.meter.wait):
                with filling():
                    await self._load()

    async def share(self, kind: Market, *, urgent: bool = False, **config: Any) -> Any:
        """Another instance of a side, for an account: it shares the markets and the budget; `config` has its key. Close it.

        An `urgent` one, for orders, may use the reserve of the budget.
        """
        await self.open()
        made = self._reader(kind).made
        options = {"adjustForTimeDifference": self.row.adjusts_clock, **config.pop("options", {})}
        other = self._instance(made.id, options, **config)
        other.urgent = urgent
        other.set_markets_from_exchange(made)
        return other

    async def close(self) -> None:
        """Close every session."""
        instances, self._instances, self._readers, self._listing = list(self._instances.values()), {}, {}, None
        await asyncio.gather(*(made.close(True) for made in instances), return_exceptions=True)

    def instruments(self, asset: str) -> dict[str, Instrument]:
        """What can be traded of an asset, by symbol, with the margin tiers read so far. Its prices are read from now on."""
        self.follow([asset])
        symbols = [symbol for symbol in (spot_symbol(asset), perp_symbol(asset)) if self.lists(symbol)]
        return {
            symbol: self._reader(kind_of(symbol)).instrument(self.listed(symbol), self._tiers.get(symbol, ()))
            for symbol in symbols
        }

    async def tickers(self) -> dict[str, Quote]:
        """Quotes without depth of every wanted asset; what is not listed, or has prices that cannot be, is left out."""
        await self.open()
        return await self._told(self._tickers())

    async def book(self, symbol: str) -> Quote:
        """The quote of a symbol with depth, in base units."""
        await self.open()
        row = self.listed(symbol)
        return await self._told(self._reader(row.kind).book(row))

    async def funding(self) -> dict[str, FundingRate]:
        """Funding of the wanted perpetuals; what is not said whole is left out. Fault(MISSING) where the venue has none."""
        await self.open()
        return await self._told(self._reader(Market.PERP).funding(self._assets))

    async def funding_prints(self, asset: str, since: datetime) -> list[FundingPrint]:
        """Past payments of funding from `since` on, oldest first."""
        await self.open()
        row = self.listed(perp_symbol(asset))
        return await self._told(self._reader(Market.PERP).funding_prints(row, since))

    async def open_interest(self, symbol: str) -> Decimal:
        """Open interest of a perpetual in quote units."""
        await self.open()
        row = self.listed(symbol)
        return await self._told(self._reader(row.kind).open_interest(row))

    async def tiers(self, symbol: str) -> tuple[MarginTier, ...]:
        """The margin tiers of a perpetual. Fault(MISSING) where they need a key."""
        await self.open()
        row = self.listed(symbol)
        self._tiers[symbol] = await self._told(self._reader(row.kind).tiers(row))
        return self._tiers[symbol]

    async def candles(self, asset: str, first: date, last: date) -> dict[date, Decimal]:
        """Closes at 24:00 UTC of the closed days from `first` to `last`, of the spot pair or, without one, of the perpetual."""
        await self.open()
        last = min(last, self._clock().date() - timedelta(days=1))
        for symbol in (spot_symbol(asset), perp_symbol(asset)):
            if self.lists(symbol) and (reader := self._reader(kind_of(symbol))).side.candles is not None:
                return await self._told(reader.candles(self.listed(symbol), first, last))
        raise Fault(Kind.MISSING, f"candles of {asset}")

    async def skew(self) -> timedelta:
        """The clock of this machine minus the venue's, with half the way there and back taken out."""
        await self.open()
        return await self._told(self._read_skew())

    async def _told(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`; faults are counted once for all that were under way together."""
        from cockpit.markets.live.exchange import answered

        if (why := self.meter.forbids) is not None:
            work.close()
            raise why
        if (why := self.budget.forbids) is not None:
            work.close()
            self.meter.bad(why)
            raise why
        began = time.monotonic()
        try:
            result = await answered(work)
        except Fault as fault:
            self.budget.rests(fault)
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

    def _reader(self, kind: Market) -> Reader:
        reader = self._readers.get(kind)
        if reader is None:
            raise Fault(Kind.MISSING, f"{kind.value} markets")
        return reader

    async def _load(self) -> None:
        """Take the listing from the shelf, or from the venue where that is old."""
        from ccxt import __version__ as version

        self._instances = self._instances or {name: self._instance(name) for name in self.row.classes}
        kept = self._listing or self._shelf.kept(self._place, Listing)
        if kept is not None and not kept.readable(version):
            kept = None
        if kept is None or not kept.fresh(self._clock()):
            kept = await self._renewed(kept, version)
        if kept is not self._listing:
            self._take(kept)

    async def _renewed(self, old: Listing | None, version: str) -> Listing:
        """What the venue lists now; an old listing is better than none."""
        try:
            listing = await self._told(self._fetch_listing(version))
        except Fault:
            if old is None:
                raise
            return old
        try:
            self._shelf.keep(self._place, listing)
        except BadInput as error:
            log.warning("what %s lists cannot be kept: %s", self.row.name, error)
        return listing

    @property
    def _place(self) -> str:
        return f"listings/{self.id}.json"

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
        self._readers = {}
        for name, made in self._instances.items():
            sides = [side for side in self.row.sides if side.ccxt == name]
            kinds = {side.kind for side in sides}
            made.set_markets([row.ccxt() for row in listing.markets if row.kind in kinds])
            for side in sides:
                rows: dict[str, Listed] = {}
                for row in listing.markets:
                    if row.kind is side.kind:
                        rows.setdefault(row.ours, row)
                self._readers[side.kind] = Reader(self.id, side, made, rows, self._clock)
        self._want()

    def _want(self) -> None:
        if self._listing is not None:
            ids = frozenset(row.id for row in self._listing.markets if row.base in self._assets)
            for made in self._instances.values():
                made.wanted = ids

    async def _tickers(self) -> dict[str, Quote]:
        readers = [reader for reader in self._readers.values() if reader.side.quoted]
        found = await asyncio.gather(*(reader.tickers(self._assets) for reader in readers))
        quotes = {symbol: quote for quotes, _ in found for symbol, quote in quotes.items()}
        self._left_out = tuple(symbol for _, left_out in found for symbol in left_out)
        if not quotes:
            raise Fault(Kind.NONSENSE, "no price of any asset")
        self._look_for_moves(quotes)
        return quotes

    def _look_for_moves(self, quotes: Mapping[str, Quote]) -> None:
        """Fault(FROZEN) where many prices together are those of before: the time of asking says nothing of their age."""
        said, now = {symbol: (quote.bid, quote.ask, quote.mark) for symbol, quote in quotes.items()}, self._clock()
        if said != self._said:
            self._said, self._said_since = said, now
        elif len(said) >= MANY and now - self._said_since > FROZEN:
            raise Fault(Kind.FROZEN, f"none of {len(said)} has moved since {self._said_since:%H:%M:%S} UTC")

    async def _read_skew(self) -> timedelta:
        made = next(iter(self._instances.values()))
        sent = self._clock()
        told = moment(await made.fetch_time())
        if told is None:
            raise Fault(Kind.UNREADABLE, "no time")
        return sent + (self._clock() - sent) / 2 - told


def venues_of(
    settings: LiveSettings, meters: Mapping[str, Meter], *, universe: Universe, shelf: Shelf, clock: Callable[[], datetime]
) -> list[Venue]:
    """Every venue of the settings in its order, each with its meter; none is opened yet."""
    return [
        Venue(id, meters[id], universe=universe, shelf=shelf, clock=clock, gateway=settings.gateway) for id in settings.venues
    ]
