"""Every test of a desk has folders of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.desk import Desk
from tests.desk.driving import desk_on


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State and config of the cockpit lie below the test's folder."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The worked example, its store open."""
    opened = desk_on("hundred_thousand", tmp_path)
    opened.open_store()
    yield opened
    opened.close()
