"""A loopback market whose past stays what it was from one day to the next, and a collector that asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cockpit.files.atomic import write_atomic
from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.daily.collector import FUNDING_DAYS, Collected, Collector
from cockpit.markets.daily.series import Table, read
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.venue import Venue
from cockpit.markets.simulated import SimulatedFeed
from cockpit.model.assets import Universe
from cockpit.model.sources import LiveSettings
from tests.loopback import Clock, Loopback, World
from tests.loopback.defillama import DefiLlama
from tests.loopback.world import by_day, rounded

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

NOON = datetime(2025, 10, 22, 12, 34, 56, tzinfo=UTC)
END = datetime(2025, 12, 1, tzinfo=UTC)
BEGIN = datetime(2025, 5, 20, tzinfo=UTC)
DAYS = 60
ASSETS = ["USDT", "BTC", "ETH", "SOL", "ADA", "BNB", "AVAX", "UNI", "AAVE", "MKR", "LDO", "CRV", "DYDX", "GMX", "JUP", "ENA"]
UNIVERSE = Universe(assets={name: load_universe(shipped("universe.toml")).assets[name] for name in ASSETS})


@cache
def whole() -> MarketHistory:
    """Prices of two years, everything else from BEGIN on: vendors that tell their whole history tell a short one."""
    whole = SimulatedFeed(7, universe=UNIVERSE, clock=lambda: END).history()
    assert whole.tvl_units is not None
    return replace(
        whole,
        tvl=whole.tvl.loc[BEGIN:],
        tvl_units=whole.tvl_units.loc[BEGIN:],
        fees=whole.fees.loc[BEGIN:],
        activity=whole.activity.loc[BEGIN:],
        sentiment=whole.sentiment.loc[BEGIN:],
        funding=whole.funding[whole.funding["time"] >= BEGIN],
    )


class Chronicle(SimulatedFeed):
    """The simulated market with a past that is written once and told up to yesterday."""

    def history(self) -> MarketHistory:
        return whole().until(self.now().date() - timedelta(days=1))


class Bench:
    """A folder, a loopback market at a moment, and collections into the one from the other."""

    def __init__(self, folder: Path, start: datetime = NOON) -> None:
        self.clock = Clock(start, speed=0)
        self.universe = UNIVERSE
        names = [symbol for symbol in UNIVERSE.assets if symbol != "USDT"]
        self.world = World(Chronicle(7, universe=UNIVERSE, clock=self.clock), self.clock, names)
        self.loopback = Loopback(self.world)
        self.folder = folder
        self.venues: tuple[str, ...] = ()

    async def collect(self, days: int = DAYS, funding_days: int = FUNDING_DAYS) -> Collected:
        """A new process's collection: nothing is remembered but what the folder holds."""

        async def pause(seconds: float) -> None:
            self.clock.move(timedelta(seconds=seconds))

        settings = LiveSettings(gateway=self.loopback.gateway, days=days)
        http = Http(self.loopback.gateway, deadline=10)
        shelf = Shelf(self.folder, write_atomic)
        venues = [self._venue(name) for name in self.venues]
        self.collector = Collector(UNIVERSE, shelf, http, venues, settings, self.clock, pause=pause)
        try:
            return await self.collector.collect(days, funding_days=funding_days)
        finally:
            await asyncio.gather(http.close(), *(venue.close() for venue in venues))

    def _venue(self, name: str) -> Venue:
        listings = Shelf(self.folder.parent / "listings", write_atomic)
        meter = Meter(name, self.clock)
        return Venue(name, meter, universe=UNIVERSE, shelf=listings, clock=self.clock, gateway=self.loopback.gateway)

    def table(self, name: str) -> Table:
        """A table as it lies in the folder."""
        return read(self.folder / f"{name}.csv")

    def truth(self, table: str) -> dict[str, dict[date, Decimal]]:
        """A table of the world as its vendors print it, by column, up to now."""
        frame = getattr(self.world.history(), table)
        return {column: {day: rounded(value) for day, value in by_day(frame[column]).items()} for column in frame}

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.clock.move(timedelta(**by))

    @property
    def llama(self) -> DefiLlama:
        """The vendor whose words tests twist."""
        return self.loopback.vendor(DefiLlama)


@pytest.fixture
def bench(unpaced: None, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "cache")
    with made.loopback:
        yield made
