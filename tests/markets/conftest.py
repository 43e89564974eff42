"""The shipped universe, a clock that stands, and small recorded markets."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.simulated import SimulatedFeed
from cockpit.model.assets import Universe

NOON = datetime(2025, 10, 22, 12, 34, 56, tzinfo=UTC)
PRICES = """date,BTC,ETH,UNI
2021-08-17,45000,3000,27
2021-08-18,45500,3010,
2021-08-19,46000.5,3100,28
2021-08-20,47000,3200,
"""

Simulate = Callable[..., SimulatedFeed]
MakeFolder = Callable[..., Path]


@pytest.fixture(scope="session")
def universe() -> Universe:
    """The universe that ships."""
    return load_universe(shipped("universe.toml"))


@pytest.fixture
def simulate(universe: Universe) -> Simulate:
    """Make a simulated market at a moment."""

    def make(seed: int = 7, at: datetime = NOON) -> SimulatedFeed:
        return SimulatedFeed(seed, universe=universe, clock=lambda: at)

    return make


@pytest.fixture
def folder(tmp_path: Path) -> MakeFolder:
    """Make a recorded market out of `name = text`; without any, one with four days of prices."""

    def make(**files: str) -> Path:
        market = tmp_path / "market"
        market.mkdir(exist_ok=True)
        for name, text in ({"prices": PRICES} | files).items():
            suffix = "toml" if name == "manifest" else "csv"
            (market / f"{name}.{suffix}").write_text(text, encoding="utf-8")
        return market

    return make
