"""The mean of funding counts every payment by the hours that it paid for, also where the interval changed meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.simulated import SimulatedFeed
from cockpit.model.assets import Universe
from cockpit.model.sources import LiveSettings
from tests.eventually import eventually
from tests.loopback import Clock, Loopback, World

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

NOW = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
CHANGED = datetime(2026, 8, 19, tzinfo=UTC)
PERP = "ETH/USDT:USDT"


class Changed(SimulatedFeed):
    """Funding was paid every four hours until a day ago, and dearly; since then every eight."""

    def history(self) -> MarketHistory:
        known = super().history()
        before = known.funding[known.funding["time"] <= CHANGED].assign(interval_hours=4.0, rate=0.0008)
        between = before.assign(time=before["time"] - timedelta(hours=4))
        since = known.funding[known.funding["time"] > CHANGED].assign(interval_hours=8.0, rate=0.0001)
        funding = pd.concat([before, between, since]).sort_values("time", kind="stable", ignore_index=True)
        return replace(known, funding=funding)


def test_a_payment_of_a_shorter_interval_weighs_less(universe: Universe, tmp_path: Path) -> None:
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in ("ETH", "USDT")})
    clock = Clock(NOW, speed=0)
    world = World(Changed(7, universe=universe, clock=clock), clock, ["ETH"])
    with Loopback(world) as loopback:
        shelf = Shelf(tmp_path / "market", lambda path, text: write_atomic(path, text, private=True))
        live = LiveSettings(gateway=loopback.gateway, venues=("bybit",), days=10)
        feed = LiveFeed(live, universe=few, shelf=shelf, clock=clock)
        try:
            feed.open()
            feed.follow(["ETH"])
            eventually(lambda: PERP in (rates := feed.snapshot(["ETH"]).funding) and rates[PERP].mean_3d is not None)
            found = feed.snapshot(["ETH"]).funding[PERP].mean_3d
        finally:
            feed.close()
    paid = [one for one in world.prints(PERP) if one.time > NOW - timedelta(days=3)]
    assert {int(one.interval_hours) for one in paid} == {4, 8}
    hours = sum((one.interval_hours for one in paid), Decimal(0))
    assert found == pytest.approx(8 * sum((one.rate for one in paid), Decimal(0)) / hours, abs=Decimal("1e-12"))
