"""RSI, relative strength, sector index, trend, divergence: published numbers and the shapes that they must have."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cockpit.model.readings import PhaseSettings
from cockpit.signals.divergence import divergence
from cockpit.signals.rsi import rsi
from cockpit.signals.sector_index import capped, sector_index
from cockpit.signals.strength import strength
from cockpit.signals.trend import above_mean, drawdown_points, from_high, market_index

# StockCharts' RSI(14) worksheet; the first and the last with 8 decimals from PyAlgoTrade's tests.
CLOSES = [
    *(44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931),
    *(46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439, 46.2122, 46.2521),
    *(45.7137, 46.4515, 45.7835, 45.3548, 44.0288, 44.1783, 44.2181, 44.5672, 43.4205, 42.6628, 43.1314),
]
RSI = [
    *(70.53, 66.32, 66.55, 69.41, 66.36, 57.97, 62.93, 63.26, 56.06, 62.38, 54.71, 50.42, 39.99, 41.46, 41.87),
    *(45.46, 37.3, 33.08, 37.77),
]


def column(values: list[float] | np.ndarray) -> np.ndarray:
    return np.asarray(values, dtype=np.float64)[:, None]


def test_rsi_gives_the_published_worksheet() -> None:
    index = rsi(column(CLOSES), 14)[:, 0]
    assert np.isnan(index[:14]).all()
    assert [round(float(value), 2) for value in index[14:]] == RSI
    assert index[14] == pytest.approx(70.53278948, abs=5e-9)
    assert index[-1] == pytest.approx(37.77295211, abs=5e-9)


@pytest.mark.shared
def test_the_worksheet_is_the_shared_one(shared_oracles: Path) -> None:
    oracle = json.loads(shared_oracles.read_text(encoding="utf-8"))["rsi_stockcharts"]
    assert oracle["close"] == CLOSES
    assert oracle["expected_2dp"] == RSI


def test_rsi_is_100_rising_0_falling_and_missing_when_flat() -> None:
    rising = np.arange(1.0, 31.0)
    index = rsi(np.column_stack([rising, rising[::-1], np.full(30, 5.0)]), 14)[-1]
    assert index[0] == 100.0
    assert index[1] == 0.0
    assert np.isnan(index[2])


def test_rsi_skips_a_gap_and_never_takes_the_jump_across_it() -> None:
    closes = np.array(CLOSES)
    gapped = np.concatenate([closes[:20], [np.nan] * 5, [closes[19] * 10], closes[20:] / closes[20] * closes[19] * 10])
    index = rsi(column(gapped), 14)[:, 0]
    assert np.isnan(index[20:26]).all()
    assert 0 < index[-1] < 70


def test_a_sine_rotates_clockwise_through_the_quadrants(settings: PhaseSettings) -> None:
    day = np.arange(900)
    period = 120
    other = np.full(900, 100.0)
    rsr, rsm = strength(column(100 * np.exp(0.3 * np.sin(2 * np.pi * day / period))), column(other), settings.strength)
    angle = np.unwrap(np.arctan2(rsm[-2 * period :, 0] - 100, rsr[-2 * period :, 0] - 100))
    assert angle[-1] - angle[-1 - period] == pytest.approx(-2 * np.pi, abs=0.05)
    assert (np.diff(angle) < 0).all()


def test_a_steady_lead_has_a_level_and_no_momentum_made_of_rounding(settings: PhaseSettings) -> None:
    # A z-score of a straight line is the same whatever its slope, and its momentum is 0/0: see RRGPy on such a line.
    growth = 0.00995033
    of, against = column(100 * np.exp(growth * np.arange(700))), column(np.full(700, 100.0))
    rsr, rsm = strength(of, against, settings.strength)
    assert rsr[-1, 0] == pytest.approx(100 + 1 / 1.4826)
    assert np.isnan(rsm[-1, 0])


def test_strength_needs_its_observations_and_starts_anew_after_a_long_gap(settings: PhaseSettings) -> None:
    random = np.random.default_rng(3)
    of = np.exp(np.cumsum(random.standard_normal(400) * 0.03))
    of[250:260] = np.nan
    rsr, _ = strength(column(of), column(np.ones(400)), settings.strength)
    first = settings.strength.slow - 1 + settings.strength.observations - 1
    assert np.isnan(rsr[:first]).all()
    assert not np.isnan(rsr[first:250]).any()
    assert np.isnan(rsr[250 : 260 + settings.strength.slow - 1]).all()
    assert not np.isnan(rsr[260 + settings.strength.slow - 1 :]).any()


def _index(prices: np.ndarray, settings: PhaseSettings, first: str = "2021-01-30") -> np.ndarray:
    days = pd.date_range(first, periods=len(prices), freq="D", tz="UTC")
    return sector_index(prices, np.full_like(prices, np.nan), days, settings.index)


def test_an_index_weights_its_members_equally_and_never_returns_across_a_gap(settings: PhaseSettings) -> None:
    nan = np.nan
    prices = np.array([[10.0, 20.0, 5.0], [11.0, 20.0, 5.0], [11.0, nan, 5.0], [11.0, 80.0, 5.0], [11.0, 88.0, 5.0]])
    level = _index(prices, settings)
    # Third of 10 %, nothing, nothing (the 80 follows a gap), a third of 10 %.
    assert level == pytest.approx([100, 100 * (1 + 0.1 / 3), *[100 * (1 + 0.1 / 3)] * 2, 100 * (1 + 0.1 / 3) ** 2])


def test_a_new_listing_joins_an_index_only_with_the_next_month(settings: PhaseSettings) -> None:
    nan = np.nan
    days = 5  # 30 and 31 January, then February
    old, new = np.full(days, 10.0), np.array([nan, 1.0, 2.0, 4.0, 8.0])
    assert _index(np.column_stack([old, new]), settings) == pytest.approx([100, 100, 150, 225, 337.5])
    later = np.array([nan, nan, 2.0, 4.0, 8.0])
    assert _index(np.column_stack([old, later]), settings) == pytest.approx([100] * 5)


def test_an_index_with_too_little_weight_has_no_value_that_day(settings: PhaseSettings) -> None:
    prices = np.full((4, 3), 10.0)
    prices[2, :2] = np.nan
    level = _index(prices, settings)
    assert np.isnan(level[2:]).all()
    assert level[:2] == pytest.approx([100, 100])


def test_cap_weights_follow_size_up_to_the_cap(settings: PhaseSettings) -> None:
    index = msgspec.structs.replace(settings.index, weighting="cap")
    prices = np.array([[10.0] * 4, [20.0, 10.0, 10.0, 10.0]])
    caps = np.array([[700.0, 100.0, 100.0, 100.0]] * 2)
    days = pd.date_range("2021-01-01", periods=2, freq="D", tz="UTC")
    assert sector_index(prices, caps, days, index)[-1] == pytest.approx(140)


@given(
    sizes=st.lists(st.floats(min_value=0.01, max_value=1e12), min_size=1, max_size=12),
    cap=st.floats(min_value=0.05, max_value=1.0),
)
@hypothesis_settings(deadline=None)
def test_capped_weights_add_up_to_one_and_keep_the_cap(sizes: list[float], cap: float) -> None:
    weights = capped(np.array(sizes) / sum(sizes), cap)
    assert weights.sum() == pytest.approx(1)
    assert weights.max() <= max(cap, 1 / len(sizes)) + 1e-9


def test_the_market_is_half_each_and_follows_one_sector_when_the_other_is_missing() -> None:
    l1 = np.array([100.0, 110.0, np.nan, 121.0, 133.1])
    defi = np.array([100.0, 100.0, 120.0, 120.0, 120.0])
    assert market_index(l1, defi) == pytest.approx([100, 105, 126, 126, 132.3])


def test_trend_and_drawdown_are_measured_from_mean_and_high(settings: PhaseSettings) -> None:
    market = np.r_[np.full(120, 100.0), 60.0]
    assert above_mean(market, settings.trend)[-1] == pytest.approx(60 / 99.6 - 1)
    assert np.isnan(above_mean(market, settings.trend)[98])
    below = from_high(market, settings.drawdown)
    assert below[-1] == pytest.approx(-0.4)
    assert drawdown_points(below, settings.drawdown)[-1] == pytest.approx(-1)
    assert np.isnan(below[28])
    assert below[29] == 0


def _two_peaks(second: float) -> np.ndarray:
    """A steep climb to 100, a fall, then a slow, choppy climb to `second` and a fall."""
    slow = np.linspace(80, second, 25) - np.tile([0.0, 3.0], 13)[:25]
    slow[-1] = second
    return np.concatenate([np.linspace(50, 100, 20), np.linspace(97, 80, 8), slow, np.linspace(second - 3, 80, 10)])


def test_a_bearish_divergence_is_stamped_five_days_after_its_peak_and_fades(settings: PhaseSettings) -> None:
    price = _two_peaks(108)
    peak = int(np.argmax(price))
    index = rsi(column(price), 14)[:, 0]
    score = divergence(price, index, settings.divergence)
    assert index[peak] < index[19] - 3
    assert (score[15 : peak + 5] == 0).all()
    assert score[peak + 5] == -1
    assert score[peak + 9] == pytest.approx(-(2 ** (-4 / 5)))
    mirrored = divergence(200 - price, 100 - index, settings.divergence)
    assert mirrored[peak + 5] == 1


def test_a_lower_second_peak_or_too_small_a_move_is_no_divergence(settings: PhaseSettings) -> None:
    for second in (99.0, 100.3):
        price = _two_peaks(second)
        index = rsi(column(price), 14)[:, 0]
        assert (np.nan_to_num(divergence(price, index, settings.divergence)) == 0).all()
