"""Fixtures of the execution tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.store.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real SQLite database in a file of its own."""
    database = Database(str(tmp_path / "store.db"))
    yield database
    database.close()
