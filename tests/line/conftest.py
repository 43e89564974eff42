"""One SSH server for the tests of a process; a line and a home for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.walking import Home
from tests.line.sshd import NoServer, Server, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real SSH server; tests that need it are skipped where there is none, with the reason."""
    opening = serving(tmp_path_factory.mktemp("sshd"))
    try:
        found = opening.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    yield found
    opening.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def _on_the_real_clock(between_payments: None) -> None: ...


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
