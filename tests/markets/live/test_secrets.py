"""A key in the address of a relay or of a node is shown nowhere: no sentence, no list of sources, no doctor, no file, no log."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cockpit import doctor_market
from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.errors import CockpitError
from cockpit.model.sources import LiveSettings, without_secret
from cockpit.ui.crash_log import BELOW, log_errors
from tests.eventually import eventually
from tests.loopback import Loopback, simulated_world

CANARY = "c4n4ry-key-31415926"
NODE = "https://ethereum-rpc.publicnode.com"
ASSETS = ("BTC", "ETH", "UNI")
FAULTS: dict[str, dict[str, Any]] = {
    "reset": {},
    "truncated": {},
    "403": {},
    "body": {"status": 200, "body": f'{{"jsonrpc":"2.0","id":1,"error":{{"code":-32000,"message":"no project {CANARY} here"}}}}'},
}


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=ASSETS)) as running:
        yield running


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    loggers = [logging.getLogger(name) for name in ("cockpit", *BELOW)]
    before = [(logger.handlers[:], logger.propagate) for logger in loggers]
    log_errors(tmp_path / "cockpit.log")
    yield tmp_path / "cockpit.log"
    for logger, (handlers, propagates) in zip(loggers, before, strict=True):
        logger.handlers[:], logger.propagate = handlers, propagates


def words_of(feed: LiveFeed) -> str:
    """Everything that the feed says."""
    said = [*feed.notes(), msgspec.json.encode(feed.sources()).decode()]
    try:
        feed.history()
    except CockpitError as error:
        said.append(str(error))
    return "\n".join(said)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("place", ["gateway", "node"])
def test_a_key_in_an_address_is_told_to_nobody(
    place: str,
    fault: str,
    loopback: Loopback,
    universe: Universe,
    tmp_path: Path,
    log_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a path of its own the loopback market knows no vendor of the gateway's; what is asked fails in every way."""
    monkeypatch.setattr("cockpit.markets.live.feed.FIRST_HISTORY_WAIT", 0.5)
    gateway = f"{loopback.gateway}/{CANARY}" if place == "gateway" else loopback.gateway
    settings = LiveSettings(gateway=gateway, venues=("binance",), ethereum=(f"{NODE}/v3/{CANARY}?key={CANARY}",), days=30)
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*ASSETS, "USDT")})
    shelf = Shelf(tmp_path / "market", write_atomic)
    loopback.fault(CANARY if place == "gateway" else "publicnode", fault, **FAULTS[fault])
    feed = LiveFeed(settings, universe=few, shelf=shelf)
    try:
        feed.open()
        feed.follow(["ETH"])
        eventually(lambda: any(source.sentence for source in feed.sources()))
        said = words_of(feed)
        report = doctor_market.look(settings, ask=True)
        told = [*report.facts(feed.now(), venues=True), *report.suggestions(), msgspec.json.encode(report).decode()]
    finally:
        feed.close()
        loopback.heal()
    assert said
    assert CANARY not in said
    assert CANARY not in "\n".join(map(str, told))
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path.name for path in kept if CANARY.encode() in path.read_bytes()]


def test_an_address_is_shown_without_what_may_be_a_key() -> None:
    assert without_secret("https://relay.example:8443") == "https://relay.example:8443"
    assert without_secret("https://relay.example:8443/") == "https://relay.example:8443"
    assert without_secret(f"https://relay.example/{CANARY}/x?y=z") == "https://relay.example/…"
    assert without_secret(f"https://relay.example?key={CANARY}") == "https://relay.example/…"
    assert without_secret(f"https://me:{CANARY}@relay.example") == "https://relay.example"
    assert without_secret("") == ""
