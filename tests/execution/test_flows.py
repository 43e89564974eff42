"""What is paid into or out of a watched account is no gain or loss of the day, and a loss never passes for a withdrawal."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.execution.daily import Flow, flow_of
from cockpit.execution.mirror import adopt
from cockpit.execution.session import PaperSession
from cockpit.model.book import Account
from cockpit.model.exposure import expose
from cockpit.model.sources import Made, Seen
from cockpit.rotation.checks import TradingState
from tests.execution.scripted import START
from tests.execution.watched import BEFORE, HEDGED, MARKET, SHORT, TODAY, opened, seen
from tests.execution.worked import UNIVERSE

D = Decimal
LOST = replace(HEDGED, futures_wallet=D(1000), positions=())
GROWN = replace(HEDGED, futures_wallet=D(6000), positions=(replace(SHORT, quantity=D(3)),))


@pytest.mark.parametrize(
    ("before", "after", "paid", "unknown"),
    [
        (BEFORE, BEFORE.with_spot("USDT", D(-20000)), -20000, 0),
        (BEFORE, BEFORE.with_spot("ETH", D(1)), 4000, 0),
        (BEFORE, BEFORE.with_spot("ETH", D(-1)).with_spot("USDT", D(4000)), 0, 0),
        (BEFORE, BEFORE.with_spot("ETH", D(-1)).with_spot("USDT", D(3900)), 0, 100),
        (BEFORE, BEFORE.with_spot("ETH", D(1)).with_spot("USDT", D(-3900)), 100, 0),
        (BEFORE, replace(BEFORE.with_spot("USDT", D(-5000)), futures_wallet=D(5000)), 0, 0),
        (BEFORE, BEFORE.with_spot("XYZ", D(1000)), 0, 0),
        (HEDGED, replace(HEDGED, futures_wallet=D(4000)), -1000, 0),
        (HEDGED, replace(HEDGED, futures_wallet=D(4999)), 0, 1),
        (HEDGED, replace(HEDGED, positions=(replace(SHORT, stop_price=None, margin=D(4000)),)), 0, 0),
        (HEDGED, LOST, 0, 4000),
        (HEDGED, GROWN, 1000, 0),
    ],
    ids=[
        "withdrawal",
        "deposit",
        "spot trade",
        "at a loss",
        "at a gain",
        "transfer",
        "no price",
        "wallet",
        "funding or not",
        "stop and margin",
        "liquidation",
        "and a gain",
    ],
)
def test_what_flows_is_what_the_value_changed_by_and_a_loss_never_passes_for_a_withdrawal(
    before: Account, after: Account, paid: int, unknown: int
) -> None:
    """ETH is 4,000."""
    market = MARKET.snapshot(["ETH", "UNI", "AAVE"])
    assert flow_of(before, after, market) == Flow(D(paid), D(unknown))


@pytest.mark.parametrize(
    ("after", "made", "paid"),
    [
        (LOST, -4000, 0),
        (LOST, -1500, -2500),
        (LOST, 0, -4000),
        (GROWN, 1000, 0),
        (GROWN, 0, 1000),
        (replace(HEDGED, futures_wallet=D("4999.7")), D("-0.3"), 0),
        (replace(HEDGED, futures_wallet=D("4999.7")), D("-0.305"), 0),
        (replace(LOST, spot=BEFORE.with_spot("USDT", D(-30000)).spot), -4000, -30000),
        (replace(LOST, spot=BEFORE.with_spot("USDT", D(4000)).with_spot("ETH", D(-1)).spot), -4000, 0),
        (replace(LOST, spot=BEFORE.with_spot("USDT", D(-4000)).spot, futures_wallet=D(5000)), -4000, 0),
    ],
    ids=[
        "loss",
        "both",
        "withdrawal",
        "profit",
        "deposit",
        "funding",
        "part of a cent",
        "other wallet",
        "spot trade",
        "loss and transfer",
    ],
)
def test_what_the_venues_books_do_not_explain_was_paid(after: Account, made: Decimal, paid: int) -> None:
    market = MARKET.snapshot(["ETH", "UNI", "AAVE"])
    assert flow_of(HEDGED, after, market, D(made)) == Flow(D(paid))


def test_a_withdrawal_is_no_loss_of_the_day_and_the_journal_says_from_what_it_is_counted(tmp_path: Path) -> None:
    def state(session: PaperSession) -> str:
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        return str(session.progress(nav)["trading_state"])

    with opened(tmp_path, {"main": "Binance"}) as session:  # whose first round notes the day's first NAV, 100,000
        session.adopt({"main": seen(BEFORE, START - timedelta(seconds=1))})
        session.adopt({"main": seen(BEFORE.with_spot("USDT", D(-30000)), START)})
        assert state(session) == TradingState.ACTIVE
        assert session.journal(0)[-1].message == (
            "main at paper: 30,000.00 USDT paid out; the day's loss is counted from 70,000.00"
        )
        session.adopt(
            {"main": seen(replace(HEDGED, spot=BEFORE.with_spot("USDT", D(-30000)).spot), START + timedelta(seconds=1))}
        )
        lost = replace(LOST, futures_wallet=D(0), spot=BEFORE.with_spot("USDT", D(-30000)).spot)
        session.adopt({"main": seen(lost, START + timedelta(seconds=2))})
        assert state(session) == TradingState.HALTED, "what a position lost is a loss: 5,000 of 75,000"


@pytest.mark.parametrize(
    ("made", "state", "words"),
    [
        (Made(run=1, total=D(-500)), TradingState.ACTIVE, "4,500.00 USDT paid out; the day's loss is counted from 95,500.00"),
        (None, TradingState.HALTED, "5,000.00 USDT less, lost or paid out: nobody knows which"),
        (Made(run=2, total=D(0)), TradingState.HALTED, "it counts as a loss of the day"),
        (Made(run=1, total=D(-5000)), TradingState.HALTED, "the short 2.5 ETH at 4000, margin 5000 was closed elsewhere"),
    ],
    ids=["known", "not told", "another run", "all lost"],
)
def test_a_withdrawal_with_a_position_that_closed_is_one_where_the_venues_books_say_so(
    tmp_path: Path, made: Made | None, state: TradingState, words: str
) -> None:
    hedged = replace(HEDGED, spot=BEFORE.with_spot("USDT", D(-5000)).spot)
    closed = replace(hedged, futures_wallet=D(0), positions=())
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": Seen(account=hedged, at=START, made=Made(run=1, total=D(0)))})
        session.adopt({"main": Seen(account=closed, at=START + timedelta(seconds=15), made=made)})
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        assert nav == D(95000)
        assert session.progress(nav)["trading_state"] == state
        assert words in session.journal(0)[-1].message


def test_what_another_process_adopted_meanwhile_is_not_explained_by_what_this_one_saw(tmp_path: Path) -> None:
    hedged = replace(HEDGED, spot=BEFORE.with_spot("USDT", D(-5000)).spot)
    closed = replace(hedged, futures_wallet=D(0), positions=())
    halved = replace(hedged, futures_wallet=D(4000), positions=(replace(SHORT, quantity=D(1)),))
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": Seen(account=hedged, at=START, made=Made(run=1, total=D(0)))})
        other = seen(halved, START + timedelta(seconds=5))
        adopt(session._store, session.name, other, MARKET.snapshot, TODAY)
        session.adopt({"main": Seen(account=closed, at=START + timedelta(seconds=15), made=Made(run=1, total=D(-500)))})
        assert "nobody knows which; it counts as a loss of the day" in session.journal(0)[-1].message


def test_what_happened_before_the_days_first_look_at_an_account_is_no_loss_of_the_day(tmp_path: Path) -> None:
    """The cockpit was closed, or the file is old: nobody knows of which day it is."""
    poorer = replace(BEFORE.with_spot("ETH", D(-5)), positions=())
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(HEDGED, START - timedelta(days=2))})
        session.adopt({"main": seen(poorer, START)})
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        assert session.progress(nav)["trading_state"] == TradingState.ACTIVE
        words = "25,000.00 USDT less at its first look of the day"
        assert session.journal(0)[-1].message == f"main at paper: {words}; the day's loss is counted from {nav:,.2f}"
        lost = replace(poorer.with_spot("USDT", D(-6000)), positions=(SHORT,))
        session.adopt({"main": seen(replace(lost, futures_wallet=D(6000)), START + timedelta(seconds=1))})
        session.adopt({"main": seen(replace(lost, positions=()), START + timedelta(seconds=2))})
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        assert session.progress(nav)["trading_state"] == TradingState.HALTED, "what came after it is one"


def test_a_look_that_found_nothing_is_the_days_first_too(tmp_path: Path) -> None:
    """Else a loss of the day would be none where the cockpit is started again after it."""
    hedged = replace(HEDGED, spot=BEFORE.with_spot("USDT", D(-5000)).spot)
    closed = replace(hedged, futures_wallet=D(0), positions=())
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(hedged, START - timedelta(days=2))})
        session.adopt({"main": seen(hedged, START)})
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(closed, START + timedelta(seconds=2))})
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        assert session.progress(nav)["trading_state"] == TradingState.HALTED
