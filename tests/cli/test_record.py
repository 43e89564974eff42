"""`cockpit record`: a folder that replays, whatever fails and whenever it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.files.paths import APP
from cockpit.files.settings import load_universe
from cockpit.markets.recorded import RecordedFeed
from cockpit.markets.tables import read_manifest
from cockpit.model.errors import BadInput
from tests.cli.running import Cockpit, refused
from tests.loopback import Loopback, simulated_world
from tests.pseudo_terminal import PATIENCE

DAYS = "20"
ASSETS = ("BTC", "ETH", "SOL", "UNI", "AAVE", "AVAX", "LDO")


@pytest.fixture(scope="module")
def _server() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=ASSETS)) as running:
        yield running


@pytest.fixture
def market(
    within_a_day: None, unpaced: None, _server: Loopback, cockpit: Cockpit, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Loopback]:
    """The loopback market, named as the gateway in the config file of a cockpit of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cockpit.folder / "xdg_cache_home"))
    config = Path(cockpit.variables["XDG_CONFIG_HOME"]) / APP
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'[live]\nvenues = ["binance"]\ngateway = "{_server.gateway}"\n')
    _server.requests.clear()
    yield _server
    _server.heal()


def test_a_recorded_market_is_built_and_then_only_brought_up_to_date(cockpit: Cockpit, market: Loopback) -> None:
    first = cockpit("record", "made", "--days", "120")
    assert first.code == 0, first.err
    assert "cockpit phase --market recorded:made" in first.out
    assert "prices: " in first.err
    asked = len(market.requests)
    again = cockpit("record", "made", "--days", "120")
    assert again.code == 0
    assert "prices: nothing new" in again.err
    # Only prints of funding may have become due in between.
    assert {one.host for one in market.requests[asked:]} <= {"fapi.binance.com"}
    called = cockpit("phase", "--market", "recorded:made", "--json")
    assert called.code == 0
    assert called.json["call"]["coverage"] > 0.9
    assert {row["reading"]["source"] for row in called.json["call"]["rows"]} >= {"DefiLlama", "binance"}


def test_a_source_that_fails_is_one_sentence_and_no_reason_to_stop(cockpit: Cockpit, market: Loopback) -> None:
    market.fault("api.llama.fi", "451")
    ended = cockpit("record", "made", "--days", DAYS)
    assert ended.code == 0
    told = [line for line in ended.err.splitlines() if line.startswith("DefiLlama ")]
    assert told == ["DefiLlama does not serve this country or this host's address"]
    assert not (cockpit.folder / "made" / "tvl.csv").exists()
    assert RecordedFeed(cockpit.folder / "made", universe=load_universe()).history().fees.shape[1] > 0


def test_without_a_single_price_there_is_no_market(cockpit: Cockpit, market: Loopback) -> None:
    market.fault("", "reset")
    ended = cockpit("record", "made", "--days", DAYS)
    assert ended.code == 4
    assert ended.out == ""
    assert ended.err.splitlines()[-1].startswith("cockpit: no source gave a single price: DefiLlama prices broke")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: (folder.mkdir(), (folder / "letter.txt").write_text("mine")), "did not write; name a new or an empty"),
        (lambda folder: folder.write_text("mine"), "is no folder; name a new or an empty one"),
    ],
)
def test_a_folder_of_somebody_else_is_refused_and_left_alone(
    cockpit: Cockpit, market: Loopback, make: object, words: str
) -> None:
    assert callable(make)
    make(cockpit.folder / "made")
    assert words in refused(cockpit("record", "made", "--days", DAYS), 2)
    assert not market.requests
    assert not (cockpit.folder / "made" / "collected.json").exists()


@pytest.mark.parametrize("days", ["0", "-5", "4001", "many"])
def test_days_that_cannot_be_are_refused(cockpit: Cockpit, market: Loopback, days: str) -> None:
    assert "--days" in refused(cockpit("record", "made", "--days", days), 2)
    assert not (cockpit.folder / "made").exists()


@pytest.mark.kills
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("written", ["collected.json", "prices.csv", "funding.csv"])
def test_whenever_it_is_ended_the_folder_reads_and_the_next_run_completes_it(
    cockpit: Cockpit, market: Loopback, written: str, sign: signal.Signals
) -> None:
    folder = cockpit.folder / "made"
    held = "coins.llama.fi" if written == "collected.json" else "api.llama.fi"
    market.fault(held, "timeout")
    process = _begin(folder)
    try:
        _wait_for(process, folder / written)
        if written != "collected.json":
            _wait_for(process, folder / "collected.json", holding='"prices/')
        process.send_signal(sign)
        _, told = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == (-sign if sign is signal.SIGKILL else 128 + sign)
    if sign is signal.SIGINT:
        assert told.splitlines()[-1] == b"interrupted: what was fetched is kept; the same command goes on from there"
    if written == "collected.json":
        with pytest.raises(BadInput, match=r"prices\.csv: does not exist"):
            RecordedFeed(folder, universe=load_universe())
    else:
        assert RecordedFeed(folder, universe=load_universe()).history().prices.shape == (int(DAYS), len(ASSETS))
    market.heal()
    asked = len(market.requests)
    assert cockpit("record", "made", "--days", DAYS).code == 0
    again = {one.host for one in market.requests[asked:]}
    assert ("coins.llama.fi" in again) == (written == "collected.json")
    assert "total" in RecordedFeed(folder, universe=load_universe()).history().tvl
    assert read_manifest(folder)["sources"]["tvl"] == "DefiLlama"


def _begin(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "cockpit.cli", "record", str(folder), "--days", DAYS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def _wait_for(process: subprocess.Popen[bytes], path: Path, *, holding: str = "") -> None:
    """Until the file is there and holds the words: a table is written before what is known about it."""
    end = time.monotonic() + PATIENCE
    while not path.exists() or holding not in path.read_text(encoding="utf-8"):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, f"{path.name} was never written"
        time.sleep(0.01)
