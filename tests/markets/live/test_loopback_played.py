"""The loopback market plays a recording in time: yesterday is history, today runs from one close to the next."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.loopback import Clock, Loopback
from tests.loopback.played import recorded_world
from tests.loopback.world import millis
from tests.markets.live.reaching import reach

NOON = datetime(2021, 8, 20, 12, 0, tzinfo=UTC)
PERP = "ETH/USDT:USDT"
PRICES = """date,BTC,ETH,UNI
2021-08-18,44000,3000,
2021-08-19,46000,3200,28
2021-08-20,47000,3300,29
2021-08-21,48000,3100,30
"""
FUNDING = """time,asset,rate,interval_hours
2021-08-19T00:00:00Z,ETH,0.0001,8
2021-08-19T08:00:00Z,ETH,0.0002,8
2021-08-19T16:00:00Z,ETH,0.0003,8
"""


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Four days."""
    (tmp_path / "prices.csv").write_text(PRICES)
    (tmp_path / "funding.csv").write_text(FUNDING)
    return tmp_path


def test_prices_walk_from_close_to_close(recording: Path) -> None:
    clock = Clock(NOON, speed=0)
    world = recorded_world(recording, clock)
    assert world.quote("ETH/USDT").mark == 3250
    assert world.candles("ETH/USDT")[-1].open == 3200
    assert list(world.closes("ETH")) == [date(2021, 8, 18), date(2021, 8, 19)]
    clock.move(timedelta(days=1))
    assert world.quote("ETH/USDT").mark == 3200
    assert world.last_close("ETH") == 3300


def test_funding_settles_at_its_hours(recording: Path) -> None:
    world = recorded_world(recording, Clock(NOON, speed=0))
    assert world.funding(PERP).rate == Decimal("0.0003")
    assert world.funding(PERP).next_at == datetime(2021, 8, 20, 16, tzinfo=UTC)
    assert [one.time.hour for one in world.prints(PERP)] == [0, 8, 16, 0, 8]


@pytest.mark.parametrize("venue", ["binance", "bybit"])
async def test_a_venue_tells_the_recording_as_of_now(venue: str, recording: Path) -> None:
    clock = Clock(NOON, speed=0)
    with Loopback(recorded_world(recording, clock)) as loopback:
        exchange = reach(venue, loopback.gateway)
        try:
            await exchange.load_markets()
            assert (await exchange.fetch_tickers(params={"type": "spot"}))["UNI/USDT"]["last"] == Decimal("28.5")
            assert (await exchange.fetch_funding_rates())[PERP]["fundingRate"] == Decimal("0.0003")
            days = await exchange.fetch_ohlcv("ETH/USDT", "1d", limit=2)
            assert [(row[0], row[4]) for row in days] == [
                (millis(datetime(2021, 8, 19, tzinfo=UTC)), 3200),
                (millis(datetime(2021, 8, 20, tzinfo=UTC)), 3250),
            ]
        finally:
            await exchange.close()
