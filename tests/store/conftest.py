"""A store of its own for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.store.store import Store
from tests.store.examples import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "store.db"


@pytest.fixture
def store(path: Path, clock: Clock) -> Iterator[Store]:
    made = Store(str(path), clock=clock, timeout=0.2)
    yield made
    made.close()
