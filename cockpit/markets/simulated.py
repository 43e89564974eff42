"""An invented market that needs no network: deterministic by seed and clock, always labelled SIMULATED.

The market stands at the end of two invented years. Whatever the date, the last close of its history is that of yesterday
(UTC) and is the same for a seed on every day; quotes leave it at 00:00, wander for a day and are back at it by 24:00.
Every number is a function of (seed, time) alone, so a second process, or the same one after a crash, sees the same market.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from math import exp
from typing import TYPE_CHECKING

from cockpit.markets import depth
from cockpit.markets.chance import bridge, jumps, uniform
from cockpit.markets.feed import AtHand
from cockpit.markets.instruments import InstrumentTable, load_instruments, tick_for
from cockpit.markets.simulated_world import FUNDING_SLOTS, LOADINGS, coin, funding_rate
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.instruments import QUOTE, Instrument, Kind, perp_symbol
from cockpit.model.market import FundingRate, MarketLabel, MarketSnapshot, Quote
from cockpit.model.money import ZERO, nearest_to

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

FUNDING_HOURS = 8
BOOK_SECONDS = 5
"""How long the sizes in an order book stand."""
JUMP = {Sector.BENCHMARK: 0.01, Sector.L1: 0.02, Sector.DEFI: 0.03, Sector.STABLE: 0.0}
"""The typical jump of one asset on its own, as a fraction; about one asset in four has one on a day."""


class SimulatedFeed(AtHand):
    """One simulated market; `clock` gives the time (UTC). Prices move once a second."""

    label = MarketLabel.SIMULATED
    ticks = True

    def __init__(
        self,
        seed: int = 7,
        *,
        universe: Universe,
        instruments: InstrumentTable | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.seed = seed
        self.source = f"simulated seed {seed}"
        self._universe = universe
        self._table = instruments or load_instruments()
        self._clock = clock or _utc_now
        self._known: dict[str, tuple[Decimal, dict[str, Instrument]]] = {}

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock().astimezone(UTC)

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """Quotes, instruments and funding of the assets that the universe knows, at the second of `now`."""
        at = self.now().replace(microsecond=0)
        shared = _Shared(self.seed, at)
        quotes: dict[str, Quote] = {}
        instruments: dict[str, Instrument] = {}
        funding: dict[str, FundingRate] = {}
        for symbol in dict.fromkeys(assets):
            asset = self._universe.assets.get(symbol)
            if asset is None or symbol == QUOTE:
                continue
            close, listed = self._listed(asset)
            instruments |= listed
            price = float(close) * exp(shared.move(asset))
            rate = self._funding(asset, at) if perp_symbol(symbol) in listed else None
            if rate is not None:
                funding[rate.symbol] = rate
            for instrument in listed.values():
                premium = float(rate.rate) if rate is not None and instrument.kind is Kind.PERP else 0.0
                quotes[instrument.symbol] = self._quote(instrument, asset, price * (1 + premium), at)
        return MarketSnapshot(
            source=self.source, label=self.label, as_of=at, quotes=quotes, instruments=instruments, funding=funding
        )

    def history(self) -> MarketHistory:
        """Two years of invented daily history up to yesterday's close."""
        from cockpit.markets.simulated_history import invent

        today = self.now().date()
        closes = {symbol: self._listed(asset)[0] for symbol, asset in self._universe.assets.items() if symbol != QUOTE}
        return invent(self.seed, self._universe, closes, today, self.source)

    def _listed(self, asset: Asset) -> tuple[Decimal, dict[str, Instrument]]:
        """The last close of an asset, on its tick, and what is traded of it."""
        known = self._known.get(asset.symbol)
        if known is None:
            level = Decimal(repr(coin(asset, self.seed).price))
            listed = self._table.instruments(asset.symbol, asset.sector, level)
            tick = next((i.tick for i in listed.values()), tick_for(level))
            known = self._known[asset.symbol] = (nearest_to(level, tick), listed)
        return known

    def _quote(self, instrument: Instrument, asset: Asset, price: float, at: datetime) -> Quote:
        mark = max(instrument.tick, round(price / float(instrument.tick)) * instrument.tick)
        bucket = int(at.timestamp()) // BOOK_SECONDS
        ragged = [0.75 + 0.5 * uniform(self.seed, instrument.symbol, bucket, level) for level in range(len(depth.REACH))]
        return depth.quote(instrument, mark, self._table.shape(asset.symbol, asset.sector), at, ragged)

    def _funding(self, asset: Asset, at: datetime) -> FundingRate:
        slot = at.hour // FUNDING_HOURS + 1
        rates = [Decimal(str(funding_rate(self.seed, asset, number))) for number in range(FUNDING_SLOTS)]
        return FundingRate(
            symbol=perp_symbol(asset.symbol),
            rate=rates[slot % FUNDING_SLOTS],
            interval_hours=Decimal(FUNDING_HOURS),
            next_at=datetime.combine(at.date(), time(), UTC) + timedelta(hours=slot * FUNDING_HOURS),
            mean_3d=round(sum(rates, ZERO) / FUNDING_SLOTS, 10),
        )


class _Shared:
    """The moves of market and sectors since 00:00, worked out once a snapshot."""

    def __init__(self, seed: int, at: datetime) -> None:
        midnight = datetime.combine(at.date(), time(), UTC)
        self._name = (seed, midnight.date().toordinal())
        self._second = (at - midnight).total_seconds()
        self._market = self._path("market") + jumps(self._second, 0.5, 0.6, *self._name, "market")
        self._sectors: dict[Sector, float] = {}

    def move(self, asset: Asset) -> float:
        """ln(price / last close) of an asset."""
        loadings = LOADINGS[asset.sector]
        if asset.sector not in self._sectors:
            self._sectors[asset.sector] = self._path(asset.sector) if loadings.sector else 0.0
        alone = loadings.own * self._path(asset.symbol)
        shared = loadings.market * self._market + loadings.sector * self._sectors[asset.sector]
        leap = jumps(self._second, 0.25, JUMP[asset.sector], *self._name, asset.symbol)
        return loadings.volatility * (shared + alone) + leap

    def _path(self, name: str) -> float:
        return bridge(self._second, *self._name, name)


def _utc_now() -> datetime:
    return datetime.now(UTC)
