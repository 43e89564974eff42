"""A key that is typed at a terminal is shown nowhere, and what a venue does not tell is acknowledged by a word."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.files.portfolio import load_portfolio
from tests.loopback.custody import KEY, SECRET
from tests.loopback.server import Loopback
from tests.loopback.world import simulated_world
from tests.markets.accounts.keeping import VENUES, holding
from tests.pseudo_terminal import Terminal

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=["ETH"])) as running:
        for kind in VENUES.values():
            running.vendor(kind).custody = holding()
        yield running


@pytest.mark.terminal
@pytest.mark.parametrize(("word", "code"), [("unknown", 0), ("yes", 3)])
def test_a_typed_key_is_not_shown(tmp_path: Path, loopback: Loopback, word: str, code: int) -> None:
    folder = tmp_path / "rotation-cockpit"
    folder.mkdir()
    (folder / "config.toml").write_text(f'[live]\ngateway = "{loopback.gateway}"\n', encoding="utf-8")
    book = tmp_path / "book.toml"
    command = [sys.executable, "-m", "cockpit.cli", "import", "--venue", "mexc", "--into", str(book)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    with Terminal(command, columns=120, rows=40, env=environment) as terminal:
        terminal.wait_for("Key:")
        terminal.press(KEY, "enter")
        terminal.wait_for("Secret:")
        terminal.press(SECRET, "enter")
        terminal.wait_for("Type unknown to go on")
        assert "MEXC does not tell what this key may do" in terminal.text
        terminal.press(word, "enter")
        assert terminal.exit_code() == code
        assert KEY not in terminal.text
        assert SECRET not in terminal.text
    assert book.exists() is (code == 0)
    if code == 0:
        assert load_portfolio(book).account("main").venue == "mexc"
        assert book.stat().st_mode & 0o077 == 0
