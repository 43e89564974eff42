"""Fixtures that several rooms' tests use."""

import asyncio
import os
import signal
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from cockpit.markets.simulated import FUNDING_HOURS

ROOT = Path(__file__).resolve().parents[1]

# The same terminal everywhere: what the person or the machine that runs the tests prefers changes no picture.
for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"):
    os.environ.pop(name, None)
os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")

# A shell that runs the tests in the background ignores SIGINT for them, and so would every program that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing of the cockpit that this person may use is read or written: strategies, keys and themes of their own, locks, crash logs.
_FOLDERS = tempfile.TemporaryDirectory(prefix="cockpit-tests-")
for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
    os.environ[name] = str(Path(_FOLDERS.name) / name.lower())

# The same examples at every run: a failure is then a change of the code, never luck. Timings are never asserted.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is given more time than others begins first: nobody waits for it alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


TAKES = timedelta(minutes=2)
"""What a test on the real clock may take."""


def _wait_where_it_ends_soon(span: timedelta) -> None:
    """Whoever comes shortly before a span of the day (UTC) ends waits for the next one."""
    now = datetime.now(UTC)
    left = span - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)) % span
    if left < TAKES:
        time.sleep(left.total_seconds() + 1)


@pytest.fixture
def within_a_day() -> None:
    """No day ends under a test on the real clock."""
    _wait_where_it_ends_soon(timedelta(days=1))


@pytest.fixture
def between_payments() -> None:
    """No funding is paid under a test on the real clock, which would change what the book is worth, and its revision."""
    _wait_where_it_ends_soon(timedelta(hours=FUNDING_HOURS))


@pytest.fixture
def unpaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """ccxt without its rests: between two requests, and after the last one, which only TLS needs."""
    from ccxt.async_support.base.exchange import Exchange
    from ccxt.async_support.base.throttler import Throttler

    def at_once(throttler: Any, cost: float | None = None) -> asyncio.Future[None]:
        turn = asyncio.get_running_loop().create_future()
        turn.set_result(None)
        return turn

    monkeypatch.setattr(Throttler, "__call__", at_once)
    monkeypatch.setattr(Exchange, "timeout_on_exit", 0)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real market history kept beside the checkout; tests that read it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data" / "history-2020-2022"
    if not folder.is_dir():
        pytest.skip("needs the real market history beside the checkout (../shared/data/history-2020-2022)")
    return folder


@pytest.fixture(scope="session")
def shared_oracles() -> Path:
    """Published numbers kept beside the checkout."""
    path = ROOT.parent / "shared" / "facts" / "oracles.json"
    if not path.is_file():
        pytest.skip("needs the published numbers beside the checkout (../shared/facts/oracles.json)")
    return path
