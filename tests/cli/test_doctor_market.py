"""`cockpit doctor` asks every source of the live market once and says what it answered, within seconds, whatever goes wrong."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.doctor_market import LiveMarket, look
from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LAST
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.probe import Probe, _ahead, probe
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.venues import VENUES
from cockpit.model.errors import BadInput
from cockpit.model.sources import LiveSettings
from tests.e2e.walking import PATIENT
from tests.loopback import Loopback
from tests.pseudo_terminal import PATIENCE
from tests.ui.live_pictures import live_market
from tests.ui.worked_example import market

NODES = ("https://one.example/rpc", "https://cloudflare-eth.com")
NOW = datetime(2021, 8, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback() as running:
        probe(LiveSettings(gateway=running.gateway))  # the first questions make the world's history
        yield running


@pytest.fixture(autouse=True)
def healed(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without faults, and with all the time that a busy machine needs."""
    loopback.heal()
    loopback.requests.clear()
    for name in ("DEADLINE", "WITHIN"):
        monkeypatch.setattr(f"cockpit.markets.live.probe.{name}", PATIENCE)


def asked(loopback: Loopback, **fields: Any) -> dict[str, Probe]:
    return {found.name: found for found in probe(LiveSettings(gateway=loopback.gateway, **fields))}


def test_every_source_is_asked_one_cheap_question(loopback: Loopback) -> None:
    found = asked(loopback)
    assert list(found)[: len(VENUES)] == [row.name for row in VENUES.values()]
    assert all(one.reachable and one.latency_ms is not None for one in found.values()), found
    assert len(loopback.requests) == len(found) == len(VENUES) + 7
    assert not any("exchangeInfo" in request.path or "instruments" in request.path for request in loopback.requests)
    assert re.fullmatch(r"5,99\d of 6,000 weight a minute", found["Binance"].left)
    assert found["Binance"].used_for == "quotes, order books, funding, open interest, daily candles"
    assert found["Bybit"].used_for.endswith("in reserve")
    assert found["Hyperliquid"].used_for == "funding, in reserve"
    assert found["Kraken"].used_for == "quotes, order books, funding, daily candles, in reserve"


def test_what_goes_wrong_has_its_kind_and_a_sentence_and_the_others_answer(loopback: Loopback) -> None:
    loopback.fault("^api.binance", "451")
    loopback.fault("^api.bybit", "429", retry_after=7)
    loopback.fault("okx", "html")
    loopback.fault("^api.llama.fi", "truncated")
    loopback.fault("coinmetrics", "503")
    found = asked(loopback)
    assert found["Binance"].fault == "geo-blocked"
    assert found["Binance"].sentence.startswith("Binance does not serve this country or this host's address")
    assert found["Bybit"].fault == "limited"
    assert found["OKX"].fault == "unreadable"
    assert not found["DefiLlama"].reachable
    assert found["Coin Metrics"].fault == "maintenance"
    assert {name for name, one in found.items() if one.reachable} >= {"BingX", "MEXC", "DefiLlama prices", "alternative.me"}


def test_a_source_that_never_answers_is_not_waited_for(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.markets.live.probe.DEADLINE", 0.5)
    loopback.fault("^api.binance", "timeout")
    loopback.fault("coinmetrics", "timeout")
    found = asked(loopback)
    assert found["Binance"].fault == found["Coin Metrics"].fault == "timeout"
    assert found["Binance"].latency_ms is None


def test_a_loop_that_is_held_up_ends_with_time_outs(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.markets.live.probe.WITHIN", 0.0)
    assert {one.fault for one in asked(loopback).values()} == {"timeout"}


def test_nothing_at_all_can_be_reached() -> None:
    found = probe(LiveSettings(gateway="http://127.0.0.1:9", ethereum=NODES))
    assert {one.fault for one in found} == {"unreachable"}
    assert [one.name for one in found if one.name in ("one.example", "cloudflare-eth.com")] == [
        "one.example",
        "cloudflare-eth.com",
    ]
    told = list(seen(found).suggestions())
    assert told == ["no source of the live market answers: look at the network of this machine; --market simulated needs none"]


def test_a_wrong_clock_is_measured_and_told(loopback: Loopback) -> None:
    loopback.fault("", "skew", seconds=-90)
    found = asked(loopback, venues=("binance", "bybit", "okx"))
    for name in ("Binance", "Bybit", "OKX"):
        assert found[name].clock_ahead_s == pytest.approx(90, abs=5)
    (told,) = seen(tuple(found.values())).suggestions()
    assert told.endswith("s ahead: set it by NTP")


@pytest.mark.parametrize(("ahead", "took", "told"), [(1.4, 3, 0), (-1.4, 3, 0), (90, 3, 88.5), (-90, 3, -88.5), (2, 0, 2)])
async def test_an_answer_that_takes_long_says_less_of_the_clock(ahead: float, took: float, told: float) -> None:
    times = [NOW, NOW + timedelta(seconds=took)]

    class Answering:
        seconds = took

        async def fetch_time(self) -> int:
            """The venue's clock when half of the time had passed."""
            return int((NOW.timestamp() + took / 2 - ahead) * 1000)

    assert await _ahead(Answering(), Meter("Binance", lambda: NOW), lambda: times.pop(0)) == pytest.approx(told)


def seen(sources: tuple[Probe, ...] = (), **fields: Any) -> LiveMarket:
    return replace(look(LiveSettings(ethereum=NODES), ask=False), sources=sources, asked=bool(sources), **fields)


def test_where_the_first_venue_does_not_answer_another_order_is_suggested(loopback: Loopback) -> None:
    loopback.fault("^api.binance", "451")
    (told,) = seen(tuple(asked(loopback).values())).suggestions()
    assert told == 'Binance does not answer: "bybit" first in venues under [live] of config.toml saves the wait'


def test_what_is_kept_says_its_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "rotation-cockpit" / "market"
    facts = dict(look(LiveSettings(), ask=False).facts(NOW, venues=False))
    assert facts["cache"] == f"{folder}: no quotes, no daily history"
    assert not folder.exists(), "it makes no folder"
    Shelf(folder, write_atomic).keep(LAST, live_market(market(), ETH=3 * 3600, UNI=3 * 3600, AAVE=3 * 3600))
    (folder / "prices.csv").write_text("date,ETH\n2021-08-18,3000\n2021-08-19,3100\n")
    facts = dict(look(LiveSettings(), ask=False).facts(NOW, venues=False))
    assert facts["cache"] == f"{folder}: quotes of 3 h ago, daily history to 2021-08-19"
    assert facts["sources"] == "not asked: --offline"


def test_the_table_of_the_venues_is_told_in_short_and_in_full() -> None:
    short = [fact for name, fact in seen().facts(NOW, venues=False) if name == "venue"]
    assert len(short) == len(VENUES)
    assert short[0].startswith("Binance: spot: quotes, order books")
    whole = "\n".join(fact for _, fact in seen().facts(NOW, venues=True))
    for row in VENUES.values():
        for trap in row.traps:
            assert trap.sentence in whole


def test_a_venue_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match=r"live.venues\[1\]: there is no venue binnance"):
        look(LiveSettings(venues=("bybit", "binnance")), ask=False)


KEYS = {"name", "used_for", "reachable", "latency_ms", "clock_ahead_s", "left", "fault", "sentence"}


def test_the_verb_asks_through_the_gateway_of_the_config_and_its_json_has_stable_keys(loopback: Loopback, tmp_path: Path) -> None:
    loopback.fault("^api.bybit", "403")
    folder = tmp_path / "config" / "rotation-cockpit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'schema = 1\n[live]\ngateway = "{loopback.gateway}"\nvenues = ["binance", "bybit"]\n')
    homes = {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    path = os.pathsep.join(each for each in sys.path if each)
    env = {**os.environ, **homes, "XDG_CONFIG_HOME": str(tmp_path / "config"), "PYTHONPATH": path}

    def said(*flags: str) -> str:
        verb = (*PATIENT, "doctor", *flags)
        done = subprocess.run(verb, capture_output=True, text=True, env=env, start_new_session=True, check=True, timeout=PATIENCE)
        assert done.stderr == ""
        return done.stdout

    found = json.loads(said("--json"))
    told = found["market"]
    assert set(told) == {"gateway", "asked", "cache", "sources", "venues"}
    assert set(told["cache"]) == {"folder", "quotes_of", "history_to"}
    assert all(set(source) == KEYS for source in told["sources"])
    assert [(source["name"], source["fault"]) for source in told["sources"][:2]] == [("Binance", ""), ("Bybit", "forbidden")]
    assert set(told["venues"][0]) == {"name", "can", "cannot", "traps"}
    assert told["gateway"] == loopback.gateway
    text = said()
    assert f"gateway     {loopback.gateway}" in text
    assert "source      Binance: reachable, " in text
    assert "source      NO ANSWER: Bybit refuses this address (HTTP 403); it is for quotes" in text
    loopback.requests.clear()
    assert "not asked: --offline" in said("--offline")
    assert loopback.requests == []
    assert not any(Path(home).exists() for name, home in homes.items() if name != "HOME"), "it makes no folder"
