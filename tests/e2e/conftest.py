"""Every walk has a home of its own."""

from pathlib import Path

import pytest

from tests.e2e.walking import Home


@pytest.fixture(autouse=True)
def _on_the_real_clock(between_payments: None) -> None: ...


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)
