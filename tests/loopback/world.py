"""What is true on the loopback market: one feed played in time, from which every vendor reads prices, books, funding, history."""

from __future__ import annotations

import copy
import threading
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cockpit.markets.feed import MarketFeed
from cockpit.model.instruments import Instrument, MarginTier, asset_of
from cockpit.model.market import FundingRate, Level, MarketSnapshot, Quote
from cockpit.model.money import ZERO

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

START = datetime(1970, 1, 1, tzinfo=UTC)
HELD = 40
"""Open interest, and what is traded in a day, as a multiple of what rests in the order book."""

SMALLEST = 10
"""The smallest order in steps of quantity, at the spot markets of venues that tell it apart from the step."""


class Clock:
    """The time of a world (UTC): real time without a start; with a `start` it begins there, and at `speed` 0 it stands."""

    def __init__(self, start: datetime | None = None, *, speed: float = 1.0) -> None:
        self._began = datetime.now(UTC)
        self._start = start or self._began
        self._speed = speed

    def __call__(self) -> datetime:
        return self._start + (datetime.now(UTC) - self._began) * self._speed

    def move(self, by: timedelta) -> None:
        """Put it forward, or back."""
        self._start += by


@dataclass(frozen=True)
class Print:
    """A funding settlement: `rate` is a fraction per interval."""

    time: datetime
    rate: Decimal
    interval_hours: Decimal


@dataclass(frozen=True)
class Candle:
    """A day that begins at `day` 00:00 UTC: prices in quote units, volume in base units. The last one may still be open."""

    day: date
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal


class World:
    """One market in time. `assets` are listed everywhere, spot and perpetual as the feed has them.

    Every number is the feed's; what a feed does not have is derived from its books. The same answers in any thread.
    """

    def __init__(self, feed: MarketFeed, clock: Clock, assets: Collection[str]) -> None:
        self.feed = feed
        self.clock = clock
        self.listed = tuple(assets)
        self._skew = timedelta()
        self._gone: frozenset[str] = frozenset()
        self._zero: frozenset[str] | None = frozenset()
        self._lock = threading.RLock()
        self._looks: dict[str, tuple[datetime, MarketSnapshot]] = {}
        self._histories: dict[date, MarketHistory] = {}
        self._prints: dict[tuple[date, str], list[Print]] = {}
        self._closes: dict[tuple[date, str], dict[date, Decimal]] = {}
        self._columns: dict[tuple[date, str, str], dict[date, float]] = {}

    def distorted(self, *, skew: timedelta, gone: frozenset[str], zero: frozenset[str] | None) -> World:
        """This world as a faulty vendor tells it: its clock off by `skew`, assets gone, prices of `zero` (None: all) at 0."""
        other = copy.copy(self)
        other._skew, other._gone, other._zero = skew, gone, zero
        return other

    def of(self, host: str) -> World:
        """The world at a host of a vendor's: the same at all of them."""
        return self

    @property
    def assets(self) -> tuple[str, ...]:
        """What is listed."""
        return tuple(asset for asset in self.listed if asset not in self._gone)

    def now(self) -> datetime:
        """The world's time (UTC)."""
        return self.clock() + self._skew

    def millis(self) -> int:
        """The world's time, in milliseconds since 1970."""
        return millis(self.now())

    def look(self, asset: str) -> MarketSnapshot:
        """The feed's snapshot of one asset, of this second."""
        with self._lock:
            second = self.feed.now().replace(microsecond=0)
            known = self._looks.get(asset)
            if known is None or known[0] != second:
                known = self._looks[asset] = (second, self.feed.snapshot([asset]))
        return known[1]

    def instruments(self) -> dict[str, Instrument]:
        """Everything that is traded, by unified symbol."""
        return {symbol: one for asset in self.assets for symbol, one in self.look(asset).instruments.items()}

    def quotes(self) -> dict[str, Quote]:
        """Every quote with its book, by unified symbol."""
        return {symbol: self.quote(symbol) for symbol in self.instruments()}

    def quote(self, symbol: str) -> Quote:
        """The quote of a symbol, with its book. KeyError where it is not listed."""
        asset = asset_of(symbol)
        if asset in self._gone:
            raise KeyError(symbol)
        true = self.look(asset).quotes[symbol]
        if self._zero is not None and asset not in self._zero:
            return true
        nothing = tuple(Level(ZERO, level.size) for level in true.bids)
        return Quote(symbol=symbol, mark=ZERO, bid=ZERO, ask=ZERO, at=true.at, bids=nothing, asks=nothing)

    def funding(self, symbol: str) -> FundingRate:
        """The funding of a perpetual; nothing is paid, every eight hours, where the feed has none."""
        known = self.look(asset_of(symbol)).funding.get(symbol)
        if known is not None:
            return known
        eight = timedelta(hours=8)
        periods = (self.feed.now() - START) // eight + 1
        return FundingRate(symbol=symbol, rate=ZERO, interval_hours=Decimal(8), next_at=START + periods * eight)

    def tiers(self, symbol: str) -> tuple[MarginTier, ...]:
        """The margin tiers of a perpetual."""
        return self.look(asset_of(symbol)).instruments[symbol].tiers

    def resting(self, symbol: str) -> Decimal:
        """What rests in the order book, base units."""
        quote = self.quote(symbol)
        return sum((level.size for level in (*quote.bids, *quote.asks)), ZERO)

    def open_interest(self, symbol: str) -> Decimal:
        """What all traders hold of a perpetual, base units."""
        return self.resting(symbol) * HELD

    def volume(self, symbol: str) -> Decimal:
        """What was traded in the last 24 hours, base units."""
        return self.resting(symbol) * HELD

    def last_close(self, asset: str) -> Decimal:
        """The close of yesterday (24:00 UTC), or the last one before it; of what has none, its price."""
        return next(reversed(self.closes(asset).values()), None) or self.look(asset).price(asset)

    def closes(self, asset: str) -> dict[date, Decimal]:
        """Every daily close of an asset that history has, oldest first."""
        today = self.feed.now().date()
        with self._lock:
            if (today, asset) not in self._closes:
                self._closes[today, asset] = {day: rounded(value) for day, value in self.column("prices", asset).items()}
            return self._closes[today, asset]

    def candles(self, symbol: str) -> list[Candle]:
        """The days of a symbol, oldest first, the open day of today last."""
        asset = asset_of(symbol)
        days = dict(self.closes(asset))
        mark, volume = self.quote(symbol).mark, self.volume(symbol)
        days[self.feed.now().date()] = mark
        before, candles = next(iter(days.values())), []
        for day, close in days.items():
            candles.append(Candle(day, before, max(before, close), min(before, close), close, volume))
            before = close
        return candles

    def prints(self, symbol: str) -> list[Print]:
        """Every settled funding print of a perpetual, oldest first: those of history, then up to now those of a day before."""
        asset, today = asset_of(symbol), self.feed.now().date()
        with self._lock:
            if (today, asset) not in self._prints:
                table = self.history().funding
                own = table[table["asset"] == asset]
                rows = zip(own["time"], own["rate"], own["interval_hours"], strict=True)
                settled = [Print(time.to_pydatetime(), rounded(rate), Decimal(int(hours))) for time, rate, hours in rows]
                day = timedelta(days=1)
                again = [replace(one, time=one.time + day) for one in settled if settled[-1].time - one.time < day]
                self._prints[today, asset] = settled + again
            return [one for one in self._prints[today, asset] if one.time <= self.feed.now()]

    def column(self, table: str, name: str) -> dict[date, float]:
        """What history knows of a column of a daily table, by day, oldest first; nothing where it has no such column."""
        today = self.feed.now().date()
        with self._lock:
            if (today, table, name) not in self._columns:
                frame = getattr(self.history(), table)
                self._columns[today, table, name] = by_day(frame[name]) if frame is not None and name in frame else {}
            return self._columns[today, table, name]

    def history(self) -> MarketHistory:
        """The feed's daily history, kept for the day."""
        with self._lock:
            today = self.feed.now().date()
            if today not in self._histories:
                self._histories[today] = self.feed.history()
            return self._histories[today]


def simulated_world(seed: int = 7, clock: Clock | None = None, assets: Collection[str] | None = None) -> World:
    """The simulated market over the shipped universe, or over some of its assets."""
    from cockpit.files.settings import load_universe
    from cockpit.files.shipped import shipped
    from cockpit.markets.simulated import SimulatedFeed

    clock = clock or Clock()
    universe = load_universe(shipped("universe.toml"))
    names = [symbol for symbol in universe.assets if symbol != "USDT"]
    return World(SimulatedFeed(seed, universe=universe, clock=clock), clock, names if assets is None else assets)


def by_day(column: Any) -> dict[date, float]:
    """What is known in a column of a daily table, by day."""
    known = column.dropna()
    return dict(zip(known.index.date, known.tolist(), strict=True))


def rounded(value: float) -> Decimal:
    """Eight significant digits: what a vendor would print."""
    return Decimal(f"{Decimal(f'{value:.8g}'):f}")


def millis(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - START) // timedelta(milliseconds=1)


def text(value: Decimal, like: Decimal | None = None) -> str:
    """A plain decimal, never in scientific notation; with as many places as `like` has, where that loses nothing."""
    if like is not None and value == value.quantize(like):
        value = value.quantize(like)
    return f"{value:f}"
