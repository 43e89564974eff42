"""Fixtures that several rooms' tests use."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
