"""Robust z, TVL, funding, activity: published numbers, fall-backs, and what is missing stays missing."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cockpit.model.readings import PhaseSettings
from cockpit.signals.activity import activity, activity_z
from cockpit.signals.context import breadth, dominance
from cockpit.signals.funding import crowding_points, funding, sector_mean
from cockpit.signals.history import no_days, no_prints
from cockpit.signals.stats import carry, freshness, median, robust_z, slope, streak
from cockpit.signals.tvl import acceleration, at_close, defi_usd, flows, growth_30d, unit_growth

DAYS = pd.date_range("2021-01-01", periods=10, freq="D", tz="UTC")
ASSETS = ["ETH", "SOL"]


def test_the_robust_z_of_the_textbook_sample_is_published() -> None:
    # Median 2 and MAD 1 of (1, 1, 2, 2, 4, 6, 9), so z(9) = .6745 * 7.
    z, per = robust_z(np.array([1.0, 1, 2, 2, 4, 6, 9]), 7, 7)
    assert z[-1] == pytest.approx(4.7215, abs=1e-4)
    assert per[-1] == pytest.approx(0.6745)
    assert np.isnan(z[:-1]).all()


@pytest.mark.shared
def test_the_robust_z_is_the_shared_oracle(shared_oracles: Path) -> None:
    oracle = json.loads(shared_oracles.read_text(encoding="utf-8"))["robust"]
    for values, expected in oracle["mad"]:
        rows = np.array([values], dtype=np.float64)
        assert median(np.abs(rows - median(rows)))[0] == expected
    assert robust_z(np.array(oracle["mad"][0][0], dtype=np.float64), 7, 7)[0][-1] == pytest.approx(
        oracle["modified_z_of_9"], abs=2e-4
    )


def test_medians_of_rows_skip_what_is_missing() -> None:
    # scipy's documentation of median_abs_deviation: [3.5, 2.5, 1.5] for the columns of [[10, 7, 4], [3, 2, 1]].
    rows = np.array([[10.0, 3.0], [7.0, 2.0], [4.0, 1.0]])
    assert median(np.abs(rows - median(rows)[:, None])) == pytest.approx([3.5, 2.5, 1.5])
    assert median(np.array([[np.nan, 5.0, 1.0]]))[0] == 3.0
    assert np.isnan(median(np.array([[np.nan, np.nan]]))[0])


def test_without_a_median_deviation_the_mean_one_scales_and_without_either_there_is_no_z() -> None:
    values = np.array([5.0] * 9 + [6.0])
    assert robust_z(values, 10, 5)[0][-1] == pytest.approx(1 / (1.253314 * 0.1))
    assert np.isnan(robust_z(np.full(10, 5.0), 10, 5)[0]).all()


def test_an_exponential_has_its_growth_as_slope_and_rounding_is_no_acceleration(settings: PhaseSettings) -> None:
    # ln 1.02 = .0198026273
    level = np.log(1.02) * np.arange(200)
    pace = acceleration(level, settings.tvl, settings.robust)
    assert pace.short[-1] == pytest.approx(0.0198026273, abs=1e-10)
    assert pace.long[-1] == pytest.approx(0.0198026273, abs=1e-10)
    assert growth_30d(pace.long)[-1] == pytest.approx(1.02**30 - 1)
    assert np.isnan(pace.z[-1])


def test_a_slope_bridges_few_missing_days_and_not_many() -> None:
    values = np.arange(30.0) * 2
    values[[5, 12, 20]] = np.nan
    assert slope(values, 30, 0.8)[-1] == pytest.approx(2)
    values[2:9] = np.nan
    assert np.isnan(slope(values, 30, 0.8)[-1])


def test_a_tvl_snapshot_belongs_to_the_close_before_its_stamp() -> None:
    frame = pd.DataFrame({"total": np.arange(10.0)}, index=DAYS)
    values = at_close(frame, ["total", "aave"], DAYS)
    assert values[0, 0] == 1
    assert np.isnan(values[-1, 0])
    assert np.isnan(values[:, 1]).all()


def test_token_units_tell_deposits_from_prices(settings: PhaseSettings) -> None:
    random = np.random.default_rng(1)
    price = np.exp(np.cumsum(random.standard_normal(60) * 0.1))
    units = 1000 * np.exp(np.log(1.02) * np.arange(60.0))
    usd = units * price
    grown = unit_growth(units[:, None], price[:, None], usd, settings.tvl.units_cover)
    assert grown[1:] == pytest.approx(np.log(1.02))
    result = flows(usd[:, None], price, grown[:, None], settings.tvl)
    assert np.diff(result.level[:, 0]) == pytest.approx(np.log(1.02))
    assert result.quality[-1, 0] == settings.tvl.quality_units


def test_units_of_a_small_part_of_the_value_do_not_count(settings: PhaseSettings) -> None:
    usd = np.full(5, 100.0)
    assert np.isnan(unit_growth(np.full((5, 1), 79.0), np.ones((5, 1)), usd, settings.tvl.units_cover)).all()
    assert unit_growth(np.full((5, 1), 80.0), np.ones((5, 1)), usd, settings.tvl.units_cover)[1:] == pytest.approx(0)


def test_without_units_the_eth_price_is_taken_out_by_its_elasticity_and_without_it_nothing_is(
    settings: PhaseSettings,
) -> None:
    eth = np.array([100.0, 110.0, 121.0, np.nan, np.nan])
    usd = eth.copy() ** settings.tvl.elasticity
    usd[3:] = [200.0, 220.0]
    result = flows(usd[:, None], eth, None, settings.tvl)
    assert np.diff(result.level[:3, 0]) == pytest.approx(0)
    assert result.level[4, 0] - result.level[3, 0] == pytest.approx(np.log(1.1))
    grades = [settings.tvl.quality_elasticity, settings.tvl.quality_usd]
    assert result.quality[:, 0] == pytest.approx([0, grades[0], grades[0], sum([*grades[:1] * 2, grades[1]]) / 3, 0.45])


def test_all_of_defi_is_the_basket_until_the_total_is_known() -> None:
    protocols = np.array([[10.0, np.nan], [11.0, 5.0], [11.0, 10.0], [11.0, 10.0]])
    total = np.array([np.nan, np.nan, 200.0, 210.0])
    usd = defi_usd(total, protocols)
    assert usd[1] / usd[0] == pytest.approx(1.1)  # the second one only joins when it is known on both days
    assert usd[2] / usd[1] == pytest.approx(21 / 16)
    assert usd[2:] == pytest.approx([200, 210])


def _prints(rate: list[float], hours: float, asset: str = "ETH") -> pd.DataFrame:
    times = pd.date_range(DAYS[0], periods=len(rate), freq=f"{int(hours)}h")
    return pd.DataFrame({"time": times, "asset": asset, "rate": rate, "interval_hours": hours})


@given(hours=st.sampled_from([1, 2, 4, 8]), level=st.floats(min_value=-0.003, max_value=0.003))
@hypothesis_settings(deadline=None, max_examples=40)
def test_any_interval_is_read_in_8_hour_equivalents(settings: PhaseSettings, hours: int, level: float) -> None:
    table = _prints([level * hours / 8] * (10 * 24 // hours), hours)
    result = funding(table, ASSETS, DAYS, settings.funding, 0.0005)
    assert result.mean[:, 0] == pytest.approx(level, abs=1e-15)
    assert result.prints[-1, 0] == pytest.approx(9)
    assert result.age[-1, 0] == hours
    assert np.isnan(result.mean[:, 1]).all()


def test_funding_of_a_day_uses_its_prints_and_those_of_two_days_before(settings: PhaseSettings) -> None:
    rates = [0.0] * 9 + [0.0009] * 3 + [0.0] * 18
    result = funding(_prints(rates, 8), ASSETS, DAYS, settings.funding, 0.0005)
    assert result.mean[:7, 0] == pytest.approx([0, 0, 0, 0.0003, 0.0003, 0.0003, 0])
    assert result.above[:7, 0] == pytest.approx([0, 0, 0, 3, 3, 3, 0])


def test_prints_without_a_rate_or_an_interval_and_an_empty_table_are_missing(settings: PhaseSettings) -> None:
    table = _prints([0.0001] * 30, 8)
    table.loc[:14, "interval_hours"] = 0.0
    table.loc[15:, "rate"] = np.nan
    for prints in (table, no_prints()):
        result = funding(prints, ASSETS, DAYS, settings.funding, 0.0005)
        assert np.isnan(result.mean).all()
        assert np.isnan(result.age).all()
        assert np.isnan(sector_mean(result.mean)).all()


def test_only_crowded_longs_score(settings: PhaseSettings) -> None:
    points = crowding_points(np.array([-0.01, 0.0005, 0.001, 0.0015]), settings.funding)
    assert np.clip(points, -1, 0) == pytest.approx([0, 0, -0.5, -1])


def test_activity_averages_assets_within_a_metric_and_then_the_metrics(settings: PhaseSettings) -> None:
    days = pd.date_range("2021-01-01", periods=60, freq="D", tz="UTC")
    random = np.random.default_rng(5)
    names = ("ETH.fees_usd", "ETH.tx_count", "ETH.gas_gwei", "ADA.tx_count")
    table = pd.DataFrame({name: random.standard_normal(60) for name in names}, index=days)
    z = activity_z(table, no_days(), days, ["ETH", "ADA"], settings.activity, settings.robust)
    single = {name: robust_z(table[name].to_numpy(), 90, 45)[0] for name in names}
    both = (single["ETH.tx_count"] + single["ADA.tx_count"]) / 2
    expected = (single["ETH.fees_usd"] + both + single["ETH.gas_gwei"]) / 3
    assert activity(z) == pytest.approx(expected, nan_ok=True)
    assert not np.isnan(activity(z)[-1])


def test_fees_come_from_either_table(settings: PhaseSettings) -> None:
    days = pd.date_range("2021-01-01", periods=60, freq="D", tz="UTC")
    values = np.random.default_rng(5).standard_normal(60)
    fees = pd.DataFrame({"ETH": values}, index=days)
    z = activity_z(no_days(), fees, days, ["ETH"], settings.activity, settings.robust)
    assert activity(z) == pytest.approx(robust_z(values, 90, 45)[0], nan_ok=True)


def test_dominance_and_breadth_count_only_what_is_known() -> None:
    caps = np.array([[50.0, 30.0, np.nan], [np.nan, np.nan, np.nan]])
    assert dominance(caps, [1, 2])[0] == pytest.approx(0.375)
    assert np.isnan(dominance(caps, [1, 2])[1])
    prices = np.array([[1.0, 1.0, np.nan], [2.0, 1.0, 5.0]])
    share, count = breadth(prices, np.array([1.0, 1.5]), 1)
    assert share[1] == 0.5
    assert count[1] == 2
    assert np.isnan(share[0])


def test_the_last_value_is_carried_with_its_age_and_loses_quality() -> None:
    value, age = carry(np.array([[np.nan], [3.0], [np.nan], [np.nan], [4.0]]))
    assert value[:, 0] == pytest.approx([np.nan, 3, 3, 3, 4], nan_ok=True)
    assert age[:, 0] == pytest.approx([np.nan, 0, 1, 2, 0], nan_ok=True)
    hours = np.array([0.0, 36.0, 72.0, 108.0, 200.0, np.nan])
    assert freshness(hours, 36.0) == pytest.approx([1, 1, 0.5, 0, 0, 0])


def test_a_streak_counts_days_in_a_row() -> None:
    assert streak(np.array([True, True, False, True, True, True])).tolist() == [1, 2, 0, 1, 2, 3]
