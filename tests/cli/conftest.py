"""The command line in folders of its own."""

from pathlib import Path

import pytest

from tests.cli.running import Cockpit


@pytest.fixture
def cockpit(between_payments: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cockpit:
    return Cockpit(tmp_path, monkeypatch)
