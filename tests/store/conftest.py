"""A store of its own for every test; on PostgreSQL as well where COCKPIT_TEST_POSTGRES names an empty database."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.store.store import Store
from tests.store.examples import Clock

POSTGRES = os.environ.get("COCKPIT_TEST_POSTGRES", "")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of an SQLite store."""
    return tmp_path / "state" / "store.db"


@pytest.fixture
def url(request: pytest.FixtureRequest, path: Path) -> str:
    """Where the store is: an SQLite file, unless the test asks for every kind."""
    named = str(getattr(request, "param", ""))
    if named:
        _empty(named)
    return named or str(path)


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    made = Store(url, clock=clock, timeout=60)
    yield made
    made.close()


def every_kind() -> pytest.MarkDecorator:
    """Run with every kind of database that is there."""
    kinds = [pytest.param("", id="sqlite")] + ([pytest.param(POSTGRES, id="postgresql")] if POSTGRES else [])
    return pytest.mark.parametrize("url", kinds, indirect=True)


def _empty(url: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
