"""Fixtures of the execution tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.store.database import Database
from tests.execution.bench import Bench


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real SQLite database in a file of its own."""
    database = Database(str(tmp_path / "store.db"))
    yield database
    database.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The worked plan begun in a store of its own."""
    bench = Bench(tmp_path)
    yield bench
    bench.desk.store.close()
