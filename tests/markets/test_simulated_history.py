"""The two invented years: the cycle that the phase engine is there to see."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from msgspec.structs import replace

from cockpit.files.settings import load_phase_settings
from cockpit.files.shipped import shipped
from cockpit.markets.simulated import SimulatedFeed
from cockpit.markets.simulated_history import DAYS
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.market import MarketLabel
from cockpit.model.readings import Level, Phase
from cockpit.signals.engine import compute
from cockpit.signals.history import MarketHistory
from tests.markets.conftest import NOON, Simulate


@pytest.fixture(scope="module")
def history(universe: Universe) -> MarketHistory:
    return SimulatedFeed(universe=universe, clock=lambda: NOON).history()


def test_it_is_two_whole_years_up_to_yesterday(history: MarketHistory, universe: Universe) -> None:
    assert history.label is MarketLabel.SIMULATED
    assert (history.last_day, len(history.prices)) == (date(2025, 10, 21), DAYS)
    assert history.prices.notna().all(axis=None)
    assert (history.prices > 0).all(axis=None)
    assert set(history.prices) == set(universe.assets) - {"USDT"}
    assert history.tvl.index[-1] == pd.Timestamp(NOON.date(), tz="UTC")
    assert history.funding["time"].iloc[-1] == pd.Timestamp("2025-10-21 16:00", tz="UTC")


def test_the_values_are_the_same_on_every_day(simulate: Simulate, history: MarketHistory) -> None:
    later = simulate(at=NOON + timedelta(days=100)).history()
    assert later.last_day == history.last_day + timedelta(days=100)
    for table in ("prices", "market_caps", "tvl", "tvl_units", "fees", "activity", "sentiment"):
        assert (getattr(later, table).to_numpy() == getattr(history, table).to_numpy()).all()
    assert (later.funding["rate"] == history.funding["rate"]).all()


def test_another_seed_is_another_history(simulate: Simulate, history: MarketHistory) -> None:
    assert not (simulate(8).history().prices["ETH"].to_numpy() == history.prices["ETH"].to_numpy()).any()


def test_another_asset_changes_nothing_else(universe: Universe, history: MarketHistory) -> None:
    own = Asset(symbol="OWN", name="Own", sector=Sector.DEFI)
    larger = replace(universe, assets={"OWN": own} | universe.assets)
    grown = SimulatedFeed(universe=larger, clock=lambda: NOON).history()
    pd.testing.assert_frame_equal(grown.prices[list(history.prices)], history.prices)


def test_locked_units_times_prices_make_the_locked_value(history: MarketHistory) -> None:
    assert history.tvl_units is not None
    for protocol in ("uniswap", "aave"):
        value = sum(
            history.tvl_units[f"{protocol}:{token}"].to_numpy() * history.prices[token].to_numpy()
            for token in ("ETH", "BTC", "USDC")
        )
        assert abs(value / history.tvl[protocol].to_numpy() - 1).max() < 1e-9


def test_the_default_market_tells_the_story_of_the_worked_example(history: MarketHistory, universe: Universe) -> None:
    """Over the years each phase has its turn, and DeFi leads at the end."""
    signals = compute(history, universe, load_phase_settings(shipped("phase.toml")))
    call = signals.call()
    assert (call.phase, call.level, call.missing) == (Phase.B, Level.HIGH, ())
    days = signals.phases()["phase"].value_counts()
    assert all(days[phase] >= 100 for phase in "ABC")


@pytest.mark.parametrize(("seed", "phase"), [(12, Phase.A), (1, Phase.B), (5, Phase.C)])
def test_other_seeds_end_in_other_phases(seed: int, phase: Phase, simulate: Simulate, universe: Universe) -> None:
    assert compute(simulate(seed).history(), universe, load_phase_settings(shipped("phase.toml"))).call().phase is phase


def test_a_leap_day_and_the_turn_of_a_year_are_days_like_others(simulate: Simulate) -> None:
    for today in (datetime(2028, 3, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, tzinfo=UTC)):
        assert simulate(at=today).history().last_day == today.date() - timedelta(days=1)
