"""Markets, books and settings for the planner's tests; the shipped limits and strategies are read from their files."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

import cockpit
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.book import Account, Book
from cockpit.model.instruments import Instrument, Kind, MarginTier, margin_tiers, perp_symbol, spot_symbol
from cockpit.model.market import FundingRate, MarketLabel, MarketSnapshot, Quote
from cockpit.model.plan import Plan, State
from cockpit.model.strategy import RiskSettings, Strategy
from cockpit.rotation import path
from cockpit.rotation.planner import plan
from cockpit.rotation.request import PlanRequest

D = Decimal
NOW = datetime(2021, 8, 20, tzinfo=UTC)
SHIPPED = Path(cockpit.__file__).parent / "files" / "shipped"
T = TypeVar("T")


def _load(path: Path, kind: type[T]) -> T:
    return msgspec.convert(tomllib.loads(path.read_text()), kind)


@cache
def settings() -> RiskSettings:
    """The shipped limits."""
    return _load(SHIPPED / "limits.toml", RiskSettings)


@cache
def strategy(name: str) -> Strategy:
    """A shipped strategy."""
    return _load(SHIPPED / "strategies" / f"{name}.toml", Strategy)


def _tiers(*rows: tuple[str, str | None, str, str]) -> tuple[MarginTier, ...]:
    return margin_tiers([(D(floor), D(rate), D(leverage)) for floor, _, rate, leverage in rows])


# Binance USD-M brackets of October 2024.
TIERS = {
    "ETH": _tiers(("0", "50000", "0.004", "125"), ("50000", "600000", "0.005", "100"), ("600000", None, "0.0065", "75")),
    "SOL": _tiers(("0", "20000", "0.005", "100"), ("20000", "100000", "0.0065", "75"), ("100000", None, "0.01", "50")),
    "UNI": _tiers(
        ("0", "10000", "0.006", "75"),
        ("10000", "50000", "0.01", "50"),
        ("50000", "80000", "0.015", "40"),
        ("80000", None, "0.02", "25"),
    ),
    "AAVE": _tiers(
        ("0", "10000", "0.01", "75"),
        ("10000", "40000", "0.015", "50"),
        ("40000", "200000", "0.02", "25"),
        ("200000", None, "0.025", "20"),
    ),
}
PRICES = {
    "ETH": "4000", "SOL": "200", "AVAX": "50", "NEAR": "5", "UNI": "10", "AAVE": "250", "LDO": "2", "MKR": "1500",
    "USDC": "1", "BTC": "100000", "WIF": "1.25",
}  # fmt: skip
SECTORS = {
    "ETH": Sector.L1, "SOL": Sector.L1, "AVAX": Sector.L1, "NEAR": Sector.L1,
    "UNI": Sector.DEFI, "AAVE": Sector.DEFI, "LDO": Sector.DEFI, "MKR": Sector.DEFI,
    "USDT": Sector.STABLE, "USDC": Sector.STABLE, "BTC": Sector.BENCHMARK,
}  # fmt: skip


def universe(sectors: Mapping[str, Sector] = SECTORS) -> Universe:
    """The classified assets."""
    return Universe(assets={s: Asset(symbol=s, name=s, sector=sector) for s, sector in sectors.items()})


def step_for(price: Decimal) -> Decimal:
    """A power of ten that leaves a price five digits."""
    return Decimal(1).scaleb(price.adjusted() - 4)


def instruments(asset: str, price: Decimal, lot: Decimal | None = None, tick: Decimal | None = None) -> dict[str, Instrument]:
    """Spot pair and perpetual of an asset."""
    lot = lot or Decimal(1).scaleb((Decimal(1) / price).adjusted())
    both = {spot_symbol(asset): Kind.SPOT, perp_symbol(asset): Kind.PERP}
    return {
        symbol: Instrument(
            symbol=symbol,
            asset=asset,
            kind=kind,
            tick=tick or step_for(price),
            lot=lot,
            min_notional=D(10) if kind is Kind.SPOT else D(5),
            min_quantity=20 * lot if kind is Kind.SPOT else lot,
            tiers=TIERS.get(asset, TIERS["SOL"]) if kind is Kind.PERP else (),
        )
        for symbol, kind in both.items()
    }


def pinned(prices: Mapping[str, str | Decimal] = PRICES, funding: str = "0.0001", now: datetime = NOW) -> MarketSnapshot:
    """A market in which every price is pinned, with one funding rate per 8 hours for all."""
    quotes: dict[str, Quote] = {}
    known: dict[str, Instrument] = {}
    rates: dict[str, FundingRate] = {}
    for asset, text in prices.items():
        price = D(text)
        known |= instruments(asset, price)
        for symbol in (spot_symbol(asset), perp_symbol(asset)):
            quotes[symbol] = Quote(symbol=symbol, mark=price, bid=price, ask=price, at=now, pinned=True)
        perp = perp_symbol(asset)
        rates[perp] = FundingRate(symbol=perp, rate=D(funding), interval_hours=D(8), next_at=now + timedelta(hours=8))
    return MarketSnapshot(
        source="pinned", label=MarketLabel.SIMULATED, as_of=now, quotes=quotes, instruments=known, funding=rates
    )


def book(*accounts: Account, **more: object) -> Book:
    """A book of these accounts."""
    return msgspec.structs.replace(Book(name="test", accounts=accounts), **more)


def account(spot: Mapping[str, str], name: str = "main", **more: object) -> Account:
    """An account with spot holdings, by default without futures."""
    bare = Account(id=name, venue="paper", spot={asset: D(quantity) for asset, quantity in spot.items()})
    return msgspec.structs.replace(bare, **more)


def state_of(held: Book, market: MarketSnapshot) -> State:
    """The state of a book as plans show it."""
    return path.Path(held, market, universe()).state()


def hundred_thousand() -> Book:
    """The worked example: 40 % L1, 25 % DeFi, 35 % stablecoins."""
    return book(account({"USDT": "35000", "ETH": "10", "UNI": "1250", "AAVE": "50"}), name="Hundred thousand")


def make(
    start: Book, name: str = "B", market: MarketSnapshot | None = None, rules: RiskSettings | None = None, **request: object
) -> Plan:
    """Plan with the shipped settings on a pinned market unless told otherwise."""
    asked = msgspec.structs.replace(PlanRequest(), **request)
    return plan(start, market or pinned(), universe(), strategy(name), rules or settings(), asked, NOW)
