"""A loopback market whose time stands, and venues that are asked through it."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.venue import Venue
from cockpit.markets.venues import VENUES
from cockpit.model.assets import Universe
from tests.loopback import Clock, Loopback, simulated_world

SPOKEN = [id for id in VENUES if importlib.util.find_spec(f"tests.loopback.{id}") is not None]
"""The venues whose format the loopback market speaks."""
NOW = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "SOL", "UNI", "AAVE", "AVAX")

MakeVenue = Callable[..., Venue]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A market of a few assets at a moment that does not pass."""
    with Loopback(simulated_world(clock=Clock(NOW, speed=0), assets=ASSETS)) as running:
        yield running


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty folder for what is kept."""

    def write(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")

    return Shelf(tmp_path / "live", write)


@pytest.fixture
async def venue(unpaced: None, loopback: Loopback, shelf: Shelf, universe: Universe) -> AsyncIterator[MakeVenue]:
    """Make a venue that is asked through the loopback market, on the same shelf each time; it is closed in the end."""
    made: list[Venue] = []

    def make(id: str) -> Venue:
        clock = loopback.world.clock
        made.append(
            Venue(id, Meter(VENUES[id].name, clock), universe=universe, shelf=shelf, clock=clock, gateway=loopback.gateway)
        )
        return made[-1]

    yield make
    for one in made:
        await one.close()
