"""A market that a test moves by hand: one price an asset for spot and perpetual, depth, funding and time."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cockpit.model.instruments import Instrument, Kind, MarginTier, perp_symbol, spot_symbol
from cockpit.model.market import FundingRate, Level, MarketLabel, MarketSnapshot, Quote
from cockpit.model.money import ZERO
from cockpit.model.strategy import Fees

D = Decimal
START = datetime(2021, 8, 20, 1, tzinfo=UTC)
FEES = Fees(spot_taker=D("0.001"), spot_maker=D("0.0008"), perp_taker=D("0.0005"), perp_maker=D("0.0002"))

TIERS: Mapping[str, tuple[MarginTier, ...]] = {
    # Binance USD-M, October 2024: (floor, cap, maintenance rate, maximum leverage, amount)
    "ETH": (
        MarginTier(D(0), D(50_000), D("0.004"), D(125), D(0)),
        MarginTier(D(50_000), D(600_000), D("0.005"), D(100), D(50)),
    ),
    "AAVE": (
        MarginTier(D(0), D(10_000), D("0.01"), D(75), D(0)),
        MarginTier(D(10_000), D(40_000), D("0.015"), D(50), D(50)),
    ),
    "UNI": (
        MarginTier(D(0), D(10_000), D("0.006"), D(75), D(0)),
        MarginTier(D(10_000), D(50_000), D("0.01"), D(50), D(40)),
    ),
}
LOTS = {"ETH": D("0.001"), "AAVE": D("0.01"), "UNI": D("0.1")}


class ScriptedMarket:
    """`prices` move by hand; `depth` is (steps from mark as fractions, size in base units) and the same on both sides."""

    def __init__(self, prices: Mapping[str, Decimal], *, pinned: bool = False, now: datetime = START) -> None:
        self.prices = dict(prices)
        self.pinned = pinned
        self.now = now
        self.source = "scripted"
        self.depth: tuple[tuple[Decimal, Decimal], ...] = ((D(0), D(1_000_000)),)
        self.funding_rate = ZERO
        self.interval = timedelta(hours=8)
        self.quotes_age = timedelta(0)

    def pass_time(self, **delta: float) -> None:
        """Let market time pass."""
        self.now += timedelta(**delta)

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """The market of those assets that it quotes."""
        known = [asset for asset in assets if asset in self.prices]
        symbols = [(a, make(a)) for a in known for make in (spot_symbol, perp_symbol)]
        return MarketSnapshot(
            source=self.source,
            label=MarketLabel.SIMULATED,
            as_of=self.now,
            quotes={symbol: self._quote(symbol, self.prices[asset]) for asset, symbol in symbols},
            instruments={symbol: instrument(asset, symbol) for asset, symbol in symbols},
            funding={perp_symbol(a): self._funding(perp_symbol(a)) for a in known},
        )

    def _quote(self, symbol: str, mark: Decimal) -> Quote:
        bids = tuple(Level(mark * (1 - away), size) for away, size in self.depth)
        asks = tuple(Level(mark * (1 + away), size) for away, size in self.depth)
        return Quote(
            symbol=symbol,
            mark=mark,
            bid=bids[0].price if bids else mark,
            ask=asks[0].price if asks else mark,
            at=self.now - self.quotes_age,
            bids=() if self.pinned else bids,
            asks=() if self.pinned else asks,
            pinned=self.pinned,
        )

    def _funding(self, symbol: str) -> FundingRate:
        hours = self.interval // timedelta(hours=1)
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        passed = (self.now - midnight) // self.interval
        return FundingRate(
            symbol=symbol,
            rate=self.funding_rate,
            interval_hours=Decimal(hours),
            next_at=midnight + (passed + 1) * self.interval,
        )


def instrument(asset: str, symbol: str) -> Instrument:
    """The instrument of a test market."""
    kind = Kind.PERP if ":" in symbol else Kind.SPOT
    return Instrument(
        symbol=symbol,
        asset=asset,
        kind=kind,
        tick=D("0.01"),
        lot=LOTS.get(asset, D("0.001")),
        min_notional=D(5),
        tiers=TIERS.get(asset, ()) if kind is Kind.PERP else (),
    )
