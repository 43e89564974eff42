"""The clock of a small server is set right while the cockpit runs: no price seems younger, and asking goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.files.atomic import write_atomic
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.feed import LiveFeed
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.sources import LiveSettings
from tests.eventually import eventually
from tests.loopback import Clock, Loopback, simulated_world

NOON = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
BACK = timedelta(minutes=5)


def test_prices_go_on_coming_and_none_is_of_a_time_to_come(universe: Universe, tmp_path: Path) -> None:
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in ("ETH", "USDT")})
    clock = Clock(NOON)
    with Loopback(simulated_world(clock=Clock(NOON), assets=("ETH",))) as loopback:
        shelf = Shelf(tmp_path / "market", lambda path, text: write_atomic(path, text, private=True))
        settings = LiveSettings(gateway=loopback.gateway, venues=("binance",), days=30)
        feed = LiveFeed(settings, universe=few, shelf=shelf, clock=clock)
        try:
            feed.open()
            feed.follow(["ETH"])
            feed.wait_for(["ETH"], 60)
            before = feed.snapshot(["ETH"])
            assert set(before.quotes) == {"ETH/USDT", "ETH/USDT:USDT"}
            clock.move(-BACK)
            after = feed.snapshot(["ETH"])
            assert all(quote.at <= after.as_of for quote in after.quotes.values())
            asked = len(loopback.asked("", "bookTicker"))

            def renewed() -> bool:
                market = feed.snapshot(["ETH"])
                assert all(quote.at <= market.as_of for quote in market.quotes.values())
                return all(market.quotes[symbol].at > quote.at for symbol, quote in after.quotes.items())

            eventually(renewed)
            eventually(lambda: len(loopback.asked("", "bookTicker")) >= asked + 2)
        finally:
            feed.close()


def test_a_rest_is_no_longer_than_it_was_meant_to_be() -> None:
    clock = Clock(NOON, speed=0)
    meter = Meter("Binance", clock)
    meter.bad(Fault(Kind.LIMITED, "429", retry_after=30))
    clock.move(-BACK)
    assert meter.wait == 30
