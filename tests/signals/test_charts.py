"""What is drawn over time is what the readings say, day by day."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from cockpit.model.assets import Sector
from cockpit.model.charts import Quadrant, Trail, TrailPoint
from cockpit.model.errors import BadInput
from cockpit.signals.charts import SECTORS, price_history, sector_days, series, trails
from cockpit.signals.engine import Signals, compute
from cockpit.signals.history import MarketHistory
from tests.signals.markets import prices_only, universe

SECTOR_OF = {symbol: asset.sector for symbol, asset in universe().assets.items()}


def test_a_series_ends_with_the_newest_reading_and_holds_what_was_read_on_each_day(signals: Signals) -> None:
    found = series(signals, "rsi", "DEFI", 30)
    assert found.days == signals.days[-30:]
    for day, raw, score in zip(found.days, found.raws, found.scores, strict=True):
        reading = signals.reading("rsi", "DEFI", day)
        assert reading is not None
        assert (reading.raw, reading.score) == (raw, score)
    assert (found.label, found.unit) == ("RSI", "points")


def test_a_series_is_no_longer_than_the_history_and_says_missing_where_nothing_is_known(signals: Signals) -> None:
    found = series(signals, "rsi", "NEAR", 5000)
    assert len(found.days) == len(found.raws) == len(found.scores) == len(signals.days)
    assert found.raws[0] is None
    assert found.scores[0] is None
    assert found.raws[-1] is not None


def test_an_indicator_that_nobody_computes_is_refused_in_a_sentence(signals: Signals) -> None:
    with pytest.raises(BadInput, match="no rsi of DOGE"):
        series(signals, "rsi", "DOGE", 30)


def test_sector_days_hold_every_score_of_the_evidence_once(signals: Signals) -> None:
    found = sector_days(signals, 60)
    keys = [(item.subject, item.indicator) for item in found]
    assert len(keys) == len(set(keys))
    assert [subject for subject, _ in keys] == sorted((subject for subject, _ in keys), key=SECTORS.index)
    assert all(len(item.scores) == 60 for item in found)
    newest = {(item.subject, item.scores[-1]) for item in found}
    for row in signals.call().rows:
        if row.reading.subject in SECTORS:
            assert (row.reading.subject, row.reading.score) in newest


def test_the_map_shows_strength_and_momentum_of_the_last_ten_closes(signals: Signals) -> None:
    found = {trail.subject: trail for trail in trails(signals, SECTOR_OF)}
    defi = found["DEFI"]
    assert (defi.is_sector, defi.sector) == (True, Sector.DEFI)
    assert [point.day for point in defi.points] == list(signals.days[-10:])
    for point in defi.points:
        strength = signals.reading("strength", "DEFI", point.day)
        momentum = signals.reading("momentum", "DEFI", point.day)
        assert strength is not None
        assert momentum is not None
        assert (strength.raw, momentum.raw) == (point.strength, point.momentum)


def test_the_map_has_sectors_first_and_neither_the_benchmark_nor_a_pair(signals: Signals) -> None:
    subjects = [trail.subject for trail in trails(signals, SECTOR_OF)]
    assert subjects[:2] == ["L1", "DEFI"]
    assert "BTC" not in subjects
    assert "DEFI/L1" not in subjects
    assert {"ETH", "UNI"} <= set(subjects)


def test_a_subject_without_data_is_left_out_of_the_map(market: MarketHistory, signals: Signals) -> None:
    prices = market.prices.copy()
    prices.loc[prices.index[-40:], "ADA"] = np.nan
    found = compute(replace(market, prices=prices), universe(), signals.settings)
    subjects = {trail.subject for trail in trails(found, SECTOR_OF)}
    assert "ADA" not in subjects
    assert "ETH" in subjects


@pytest.mark.parametrize(
    ("strength", "momentum", "quadrant"),
    [
        (100.0, 100.0, Quadrant.LEADING),
        (101.0, 99.9, Quadrant.WEAKENING),
        (99.9, 99.9, Quadrant.LAGGING),
        (99.9, 100.0, Quadrant.IMPROVING),
    ],
)
def test_the_quadrants_about_100_are_those_of_relative_rotation_graphs(
    strength: float, momentum: float, quadrant: Quadrant
) -> None:
    # Leading (>=, >=), weakening (>=, <), lagging (<, <), improving (<, >=): help.stockcharts.com
    point = TrailPoint(date(2021, 1, 1), strength, momentum)
    assert Trail(subject="L1", sector=Sector.L1, is_sector=True, points=(point,)).quadrant is quadrant


def test_closes_are_those_of_the_market_and_a_gap_stays_a_gap(market: MarketHistory, signals: Signals) -> None:
    found = price_history(signals, "CRV", len(signals.days))
    closes = market.prices["CRV"].to_list()
    assert found.days[0] == market.first_day
    assert found.days[-1] == market.last_day
    assert [close is None for close in found.closes] == [close != close for close in closes]
    assert found.closes[-1] == closes[-1]
    assert found.days[205] - found.days[0] == timedelta(days=205)
    assert found.closes[205] is None


def test_an_asset_that_the_market_does_not_know_has_no_closes(signals: Signals) -> None:
    found = price_history(signals, "WIF", 90)
    assert (found.asset, found.days, found.closes) == ("WIF", (), ())


def test_where_only_prices_are_known_the_rest_is_missing_and_never_zero(market: MarketHistory, signals: Signals) -> None:
    found = compute(prices_only(market), universe(), signals.settings)
    by_name = {(item.subject, item.indicator): item for item in sector_days(found, 20)}
    assert set(by_name["DEFI", "funding"].scores) == {None}
    assert set(by_name["DEFI", "tvl_acc"].raws) == {None}
    assert None not in by_name["DEFI", "rsi"].scores
