"""A ticker that two coins share is told of: the live price is held against the last close of the daily history."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.strangers import last_closes
from cockpit.model.assets import Universe
from cockpit.model.sources import LiveSettings
from tests.eventually import eventually
from tests.loopback import Clock, Loopback, simulated_world
from tests.loopback.defillama import DefiLlama

NOON = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(("factor", "told"), [(Decimal("0.001"), True), (Decimal(30), True), (Decimal("0.6"), False)])
def test_a_coin_whose_history_is_another_coins_is_told_of(
    universe: Universe, tmp_path: Path, factor: Decimal, told: bool
) -> None:
    """As with LUNA, whose history at one vendor was that of what venues call LUNC."""
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in ("ETH", "UNI", "USDT")})
    with Loopback(simulated_world(clock=Clock(NOON, speed=0), assets=("ETH", "UNI"))) as loopback:
        loopback.vendor(DefiLlama).twist = lambda column, day, value: value * factor if column == "UNI" else value
        shelf = Shelf(tmp_path / "market", lambda path, text: write_atomic(path, text, private=True))
        live = LiveSettings(gateway=loopback.gateway, venues=("bybit",), days=10)
        feed = LiveFeed(live, universe=few, shelf=shelf, clock=loopback.world.clock)
        try:
            feed.open()
            feed.wait_for(["ETH", "UNI"], 60)
            feed.history()
            eventually(lambda: {"ETH/USDT", "UNI/USDT"} <= feed.snapshot(["ETH", "UNI"]).quotes.keys())
            odd = [note for note in feed.snapshot(["ETH", "UNI"]).notes if "another coin" in note]
            assert [note.partition(" ")[0] for note in odd] == (["UNI"] if told else [])
        finally:
            feed.close()


def test_where_there_is_no_history_nothing_is_compared(tmp_path: Path) -> None:
    assert last_closes(tmp_path) == {}
    (tmp_path / "prices.csv").write_text("date,ETH\n2026-08-19,none\n")
    assert last_closes(tmp_path) == {}
