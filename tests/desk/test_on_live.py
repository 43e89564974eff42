"""A desk on the live market says what it waits for, and what its plan rests on."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.desk import Desk, DeskOptions
from cockpit.model.errors import CockpitError, MarketUnavailable
from cockpit.model.picture import Picture, Stage
from cockpit.model.request import PlanRequest
from cockpit.model.sources import LiveSettings
from cockpit.ui.blocks.freshness import nothing_is_fresh
from tests.eventually import eventually
from tests.loopback.server import Loopback
from tests.loopback.world import simulated_world

NAMED = PlanRequest(strategy="B")


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=["BTC", "ETH", "UNI", "AAVE"])) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    loopback.heal()
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    live = LiveSettings(venues=("binance",), gateway=loopback.gateway, days=120, ethereum=())
    opened = Desk(DeskOptions(market="live", store=f"sqlite:///{tmp_path / 'store.db'}", live=live))
    try:
        yield opened
    finally:
        opened.close()


def tick(desk: Desk) -> Picture:
    """The picture after a tick, which may fail."""
    with contextlib.suppress(CockpitError):
        desk.tick()
    return desk.picture


def told(desk: Desk) -> list[Picture]:
    """Every picture from now on."""
    pictures: list[Picture] = []
    desk.subscribe(pictures.append)
    return pictures


def test_a_plan_that_waits_for_order_books_says_so_and_then_no_more(
    desk: Desk, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    loopback.fault("binance", "silent")
    loopback.fault("binance", "timeout", path="depth")
    monkeypatch.setattr("cockpit.marketplace.Marketplace._refuse_old", lambda *_: None)
    desk.open_book()
    monkeypatch.setattr("cockpit.marketplace.FIRST_WORD", 5.0)
    pictures = told(desk)
    desk.propose(NAMED)
    words = [picture.planning for picture in pictures]
    assert "waiting for order books of AAVE, ETH, UNI" in words, words
    assert words[-1] == ""


def test_a_plan_on_fresh_quotes_waits_for_nothing_and_rests_on_the_market_after_the_wait(desk: Desk) -> None:
    desk.open_book()
    desk.propose(NAMED)
    pictures = told(desk)
    asked_at = desk.tick().now
    plan = desk.propose(NAMED).plan
    assert plan is not None
    assert plan.market.as_of >= asked_at
    assert {picture.planning for picture in pictures} == {""}


def test_the_first_history_says_what_it_waits_for(desk: Desk) -> None:
    desk.open_book()
    pictures = told(desk)
    desk.load_signals()
    assert "days that are missing are asked for" in pictures[0].signals_progress.message
    assert pictures[-1].signals_progress.stage is Stage.READY


def test_what_keeps_a_plan_from_being_made_counts_no_seconds_that_go_on(desk: Desk, loopback: Loopback) -> None:
    desk.open_book()
    eventually(lambda: desk.tick().quote_age is not None)
    loopback.fault("binance", "451")
    eventually(lambda: nothing_is_fresh(desk.tick()))
    with pytest.raises(MarketUnavailable) as caught:
        desk.propose(NAMED)
    told = str(caught.value)
    assert told.startswith("nothing can be planned on old quotes: the newest is of ")
    assert told.endswith("UTC; Binance does not serve this country or this host's address")


def test_a_first_start_without_a_network_says_who_does_not_answer_and_goes_on_once_somebody_does(
    desk: Desk, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.markets.live.feed.COLLECT_FIRST", 1.0)
    monkeypatch.setattr("cockpit.marketplace.FIRST_WORD", 0.5)
    loopback.fault("", "reset")

    def refused() -> str:
        with pytest.raises(MarketUnavailable) as caught:
            desk.open_book()
        return str(caught.value)

    eventually(lambda: refused().endswith("no venue has told a price yet: Binance broke the connection off"))
    assert "Binance broke the connection off" in desk.picture.sources[0].sentence
    with pytest.raises(MarketUnavailable, match=r"no daily history yet: Binance broke the connection off; "):
        desk.load_signals()
    loopback.heal()
    eventually(lambda: tick(desk).signals_progress.stage is Stage.READY)
    assert desk.picture.exposure is not None
