"""The simulated market: the same for everybody, moving like a market, ready at once."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import correlation, stdev

import pytest
from msgspec.structs import replace

from cockpit.markets.simulated import SimulatedFeed
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import MarketLabel
from tests.markets.conftest import NOON, Simulate

PROCESS = """
import hashlib
from datetime import UTC, datetime
from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.simulated import SimulatedFeed

universe = load_universe(shipped("universe.toml"))
feed = SimulatedFeed(7, universe=universe, clock=lambda: datetime(2025, 10, 22, 12, 34, 56, tzinfo=UTC))
print(hashlib.sha256(repr(feed.snapshot(universe.assets)).encode()).hexdigest())
"""
BARE = """
import sys
from datetime import UTC, datetime
from cockpit.markets.open import open_feed, pin
from cockpit.model.assets import Asset, Sector, Universe
from decimal import Decimal

universe = Universe(assets={"ETH": Asset(symbol="ETH", name="Ethereum", sector=Sector.L1)})
market = pin(open_feed("simulated", universe=universe).snapshot(["ETH"]), {"UNI": Decimal(10)})
assert {"ETH/USDT", "UNI/USDT:USDT"} <= market.quotes.keys()
heavy = {"pandas", "numpy", "sqlalchemy", "ccxt", "textual"} & sys.modules.keys()
print(sorted(heavy))
"""


def run(code: str, hash_seed: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": hash_seed}
    )
    return done.stdout.strip()


def path(simulate: Simulate, asset: str, seconds: int, count: int, start: datetime = NOON) -> list[float]:
    """Spot prices of an asset, `seconds` apart."""
    return [float(simulate(at=start + timedelta(seconds=seconds * n)).snapshot([asset]).price(asset)) for n in range(count)]


def returns(prices: list[float]) -> list[float]:
    """Relative moves from one price to the next."""
    return [after / before - 1 for before, after in pairwise(prices)]


def test_two_processes_see_the_same_market() -> None:
    assert run(PROCESS, "1") == run(PROCESS, "2")


def test_a_snapshot_needs_no_heavy_import() -> None:
    assert run(BARE, "0") == "[]"


def test_the_seed_alone_tells_markets_apart(simulate: Simulate, universe: Universe) -> None:
    assert simulate(7).snapshot(universe.assets) == simulate(7).snapshot(universe.assets)
    assert simulate(7).snapshot(["ETH"]).quotes != simulate(8).snapshot(["ETH"]).quotes


def test_what_is_asked_for_does_not_change_a_quote(simulate: Simulate, universe: Universe) -> None:
    whole = simulate().snapshot(universe.assets)
    assert simulate().snapshot(["UNI"]).quotes["UNI/USDT"] == whole.quotes["UNI/USDT"]


def test_it_is_labelled_and_ticks(simulate: Simulate) -> None:
    market = simulate().snapshot(["ETH"])
    assert (market.label, market.source) == (MarketLabel.SIMULATED, "simulated seed 7")
    assert SimulatedFeed.ticks
    assert simulate().now() == market.as_of == market.quotes["ETH/USDT"].at == NOON


def test_every_traded_asset_has_spot_and_perpetual_and_the_unknown_are_left_out(simulate: Simulate, universe: Universe) -> None:
    market = simulate().snapshot([*universe.assets, "WIF", "ETH"])
    for symbol, asset in universe.assets.items():
        perp = asset.sector is not Sector.STABLE
        assert (spot_symbol(symbol) in market.quotes) == (symbol != "USDT")
        assert (perp_symbol(symbol) in market.quotes) == (perp_symbol(symbol) in market.funding) == perp
    assert market.quotes.keys() == market.instruments.keys()
    assert not any("WIF" in symbol for symbol in market.quotes)


def test_the_market_stands_near_the_worked_example(simulate: Simulate) -> None:
    for asset, price in {"BTC": 100_000, "ETH": 4_000, "UNI": 10, "AAVE": 250, "USDC": 1}.items():
        assert abs(float(simulate().snapshot([asset]).price(asset)) / price - 1) < 0.15


@pytest.mark.parametrize("day", [0, 1, 200])
def test_quotes_leave_the_last_close_at_midnight_and_come_back_to_it(simulate: Simulate, universe: Universe, day: int) -> None:
    midnight = datetime(2025, 10, 22, tzinfo=UTC) + timedelta(days=day)
    market = simulate(at=midnight).snapshot(universe.assets)
    before = simulate(at=midnight - timedelta(seconds=1)).snapshot(universe.assets)
    closes = simulate(at=midnight).history().prices.iloc[-1]
    for symbol in universe.assets:
        if symbol != "USDT":
            assert float(market.price(symbol)) == closes[symbol]
            assert abs(float(before.price(symbol)) / closes[symbol] - 1) < 0.002


def test_prices_move_every_few_seconds_and_never_leap_out_of_a_day(simulate: Simulate) -> None:
    for asset in ("BTC", "ETH", "AAVE"):
        prices = path(simulate, asset, 5, 200)
        assert len(set(prices)) > 100
        assert max(map(abs, returns(prices))) < 0.08
    hours = path(simulate, "ETH", 3600, 24 * 20)
    assert max(hours) / min(hours) < 1.35


def test_volatility_is_that_of_a_crypto_market(simulate: Simulate) -> None:
    """60 to 100 % a year, measured on ten-minute moves over some days."""
    for asset, low, high in (("BTC", 0.45, 0.9), ("ETH", 0.6, 1.2), ("UNI", 0.7, 1.5)):
        moves = returns(path(simulate, asset, 600, 144 * 4))
        assert low < stdev(moves) * (144 * 365) ** 0.5 < high


def test_assets_move_together_and_those_of_a_sector_most(simulate: Simulate) -> None:
    moves = {asset: returns(path(simulate, asset, 600, 144 * 3)) for asset in ("BTC", "ETH", "SOL", "UNI", "AAVE", "USDC")}
    assert correlation(moves["ETH"], moves["SOL"]) > 0.5
    assert correlation(moves["UNI"], moves["AAVE"]) > 0.4
    assert correlation(moves["ETH"], moves["UNI"]) > 0.25
    assert correlation(moves["ETH"], moves["SOL"]) > correlation(moves["ETH"], moves["UNI"])
    assert abs(correlation(moves["BTC"], moves["USDC"])) < 0.25


def test_prices_jump_now_and_then(simulate: Simulate) -> None:
    """A five-minute move is 0.3 % as a rule; a jump of the asset or of the market stands out."""
    start = datetime(2025, 3, 1, tzinfo=UTC)
    days = [returns(path(simulate, "AAVE", 300, 288, start + timedelta(days=day))) for day in range(16)]
    usual = stdev(move for day in days for move in day if abs(move) < 0.012)
    jumpy = sum(max(map(abs, day)) > 5 * usual for day in days)
    assert usual < 0.004
    assert 3 <= jumpy <= 13


def test_books_are_uncrossed_and_deeper_for_larger_assets(simulate: Simulate, universe: Universe) -> None:
    market = simulate().snapshot(universe.assets)
    depth = {}
    for symbol, quote in market.quotes.items():
        assert quote.bid < quote.ask
        assert quote.bid <= quote.mark <= quote.ask
        assert all(level.size > 0 for level in quote.bids + quote.asks)
        depth[symbol] = sum(level.price * level.size for level in quote.asks)
    assert depth["ETH/USDT"] > depth["SOL/USDT"] > depth["UNI/USDT"] > depth["SUSHI/USDT"] > 100_000
    assert len({quote.asks[3].size for quote in market.quotes.values()}) > 20


def test_funding_is_due_at_0_8_and_16_utc(simulate: Simulate) -> None:
    for at, due in (
        (datetime(2025, 10, 22, 0, 0, 0, tzinfo=UTC), datetime(2025, 10, 22, 8, tzinfo=UTC)),
        (datetime(2025, 10, 22, 7, 59, 59, tzinfo=UTC), datetime(2025, 10, 22, 8, tzinfo=UTC)),
        (datetime(2025, 10, 22, 8, 0, 0, tzinfo=UTC), datetime(2025, 10, 22, 16, tzinfo=UTC)),
        (datetime(2025, 12, 31, 23, 0, 0, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        rate = simulate(at=at).snapshot(["ETH"]).funding["ETH/USDT:USDT"]
        assert (rate.next_at, rate.interval_hours) == (due, Decimal(8))


def test_funding_of_the_quotes_continues_the_prints_of_the_history(simulate: Simulate) -> None:
    funding = simulate().snapshot(["ETH", "UNI"]).funding
    prints = simulate().history().funding
    for asset in ("ETH", "UNI"):
        last = prints[prints["asset"] == asset].tail(9)
        mean = funding[perp_symbol(asset)].mean_3d
        assert mean is not None
        assert abs(float(mean) - last["rate"].mean()) < 1e-9
        assert float(funding[perp_symbol(asset)].rate) == last["rate"].iloc[-1 - 0]


def test_the_perpetual_stands_at_a_premium_that_its_funding_explains(simulate: Simulate) -> None:
    market = simulate().snapshot(["UNI"])
    premium = market.mark("UNI/USDT:USDT") / market.mark("UNI/USDT") - 1
    assert abs(premium - market.funding["UNI/USDT:USDT"].rate) < Decimal("0.00005")


def test_an_asset_that_a_user_adds_to_the_universe_has_a_market(universe: Universe) -> None:
    own = Asset(symbol="OWN", name="Own", sector=Sector.DEFI)
    larger = replace(universe, assets=universe.assets | {"OWN": own})
    market = SimulatedFeed(universe=larger, clock=lambda: NOON).snapshot(["OWN", "ETH"])
    smaller = SimulatedFeed(universe=universe, clock=lambda: NOON).snapshot(["ETH"])
    assert market.price("OWN") > 0
    assert market.quotes["ETH/USDT"] == smaller.quotes["ETH/USDT"]
