"""Fixtures that several rooms' tests use."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# The same examples at every run: a failure is then a change of the code, never luck. Timings are never asserted.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")


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
