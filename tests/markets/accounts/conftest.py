"""A loopback market that keeps an account at every venue, and clients with its key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest

from cockpit.markets.accounts.client import Client
from cockpit.markets.live.meter import Meter
from cockpit.model.credentials import Credentials
from tests.loopback.custody import KEY, PASSWORD, SECRET
from tests.loopback.server import Loopback
from tests.markets.accounts.keeping import kept, served

MakeClient = Callable[[str], Client]


@pytest.fixture(scope="module")
def _server() -> Iterator[Loopback]:
    yield from served()


@pytest.fixture
def loopback(_server: Loopback) -> Iterator[Loopback]:
    yield from kept(_server)


@pytest.fixture
def key() -> Credentials:
    """The key of every account."""
    return Credentials(KEY, SECRET, PASSWORD)


@pytest.fixture
async def client(unpaced: None, loopback: Loopback, key: Credentials) -> AsyncIterator[MakeClient]:
    """Make a client for a venue; it is closed in the end."""
    made: list[Client] = []

    def make(venue: str) -> Client:
        made.append(Client(venue, key, Meter(venue, lambda: datetime.now(UTC)), gateway=loopback.gateway))
        return made[-1]

    yield make
    for one in made:
        await one.close()
