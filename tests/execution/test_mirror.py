"""An account that is watched at a venue: the book follows it, the journal says what changed, and nothing is sent on it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.execution.daily import Flow, flow_of
from cockpit.execution.mirror import adopt, changes
from cockpit.execution.session import PaperSession
from cockpit.model.absence import tally
from cockpit.model.book import Account, Book, MarginMode, Position, Side
from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.exposure import expose
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.sources import Made, Seen
from cockpit.rotation.checks import TradingState
from cockpit.store.store import Store
from tests.execution.scripted import START, ScriptedMarket
from tests.execution.worked import PORTFOLIO, SETTINGS, UNIVERSE, pinned_market, worked_plan

D = Decimal
MARKET: ScriptedMarket = pinned_market()
BEFORE = PORTFOLIO.account("main")
LATER = START + timedelta(seconds=15)
TODAY = LATER.date()
SHORT = Position(asset="ETH", side=Side.SHORT, quantity=D("2.5"), entry_price=D(4000), margin=D(5000), stop_price=D(4480))
HEDGED = replace(BEFORE, futures_wallet=D(5000), positions=(SHORT,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(str(tmp_path / "store.db"), clock=lambda: LATER)
    opened.open_book(PORTFOLIO, "test")
    yield opened
    opened.close()


def book_of(store: Store) -> Book:
    with store.view(PORTFOLIO.name) as view:
        book = view.book()
    assert book is not None
    return book


def rows(store: Store) -> list[JournalRow]:
    return [row for row in store.journal(PORTFOLIO.name) if row.kind is JournalKind.EXTERNAL]


def seen(account: Account, at: datetime) -> Seen:
    """What a watch saw at a time."""
    return Seen(account=account, at=at)


def told(store: Store, account: Account, seconds: int = 0) -> list[str]:
    """What the journal says of one more reading."""
    before = len(rows(store))
    adopt(store, PORTFOLIO.name, seen(account, LATER + timedelta(seconds=seconds)), MARKET.snapshot, TODAY)
    return [row.message for row in rows(store)[before:]]


def test_nothing_happens_where_nothing_changed(store: Store) -> None:
    revision, seq = store.revision(PORTFOLIO.name), len(store.journal())
    assert adopt(store, PORTFOLIO.name, seen(BEFORE, LATER), MARKET.snapshot, TODAY) == ()
    assert (store.revision(PORTFOLIO.name), len(store.journal())) == (revision, seq)


def test_a_holding_that_changed_is_told_before_and_after(store: Store) -> None:
    revision = store.revision(PORTFOLIO.name)
    assert told(store, BEFORE.with_spot("ETH", D("-2.5"))) == ["main at paper: spot ETH was 10, it is 7.5"]
    assert store.revision(PORTFOLIO.name) == revision + 1
    (row,) = rows(store)
    assert (row.asset, row.data["before"], row.data["after"]) == ("ETH", "10", "7.5")
    assert book_of(store).account("main").spot["ETH"] == D("7.5")


def test_what_happens_to_a_position_elsewhere_is_told(store: Store) -> None:
    assert told(store, HEDGED) == [
        "main at paper: the futures wallet was 0, it is 5000 USDT",
        "main at paper: a short 2.5 ETH at 4000, margin 5000 was opened elsewhere",
    ]
    assert book_of(store).account("main").positions[0].opened_at == LATER
    halved = replace(SHORT, quantity=D("1.25"), margin=D(2500))
    assert told(store, replace(HEDGED, positions=(halved,)), 1) == [
        "main at paper: the short 2.5 ETH at 4000, margin 5000 is now a short 1.25 ETH at 4000, margin 2500"
    ]
    assert book_of(store).account("main").positions[0].opened_at == LATER
    assert told(store, replace(BEFORE, futures_wallet=D("5100.5")), 2) == [
        "main at paper: the futures wallet was 5000, it is 5100.5 USDT",
        "main at paper: the short 1.25 ETH at 4000, margin 2500 was closed elsewhere",
    ]
    assert book_of(store).account("main").positions == ()


def test_a_stop_that_vanished_is_told(store: Store) -> None:
    told(store, HEDGED)
    naked = replace(HEDGED, positions=(replace(SHORT, stop_price=None),))
    assert told(store, naked, 1) == ["main at paper: the stop of the short ETH at 4480 is gone: nothing protects it"]
    assert told(store, HEDGED, 2) == ["main at paper: the short ETH has a stop at 4480"]
    moved = replace(HEDGED, positions=(replace(SHORT, stop_price=D(4400)),))
    assert told(store, moved, 3) == ["main at paper: the stop of the short ETH was 4480, it is 4400"]


def test_a_reading_that_is_older_than_an_adopted_one_changes_nothing(store: Store) -> None:
    told(store, HEDGED)
    assert told(store, BEFORE) == []
    assert told(store, BEFORE, -5) == []
    assert book_of(store).account("main").positions != ()


def test_an_account_that_the_book_does_not_have_is_not_added(store: Store) -> None:
    assert told(store, replace(BEFORE, id="other")) == []
    assert [account.id for account in book_of(store).accounts] == ["main"]


def test_a_closing_elsewhere_counts_among_what_nobody_asked_for(store: Store) -> None:
    told(store, HEDGED)
    told(store, BEFORE.with_spot("ETH", D(1)), 1)
    found = tally(store.journal(PORTFOLIO.name))
    assert found.closed == ("main at paper: the short 2.5 ETH at 4000, margin 5000 was closed elsewhere",)
    assert found.elsewhere == 4


amounts = st.decimals(min_value=0, max_value=10**6, places=4)
positions = st.builds(
    Position,
    asset=st.sampled_from(["ETH", "SOL"]),
    side=st.sampled_from(Side),
    quantity=amounts.filter(bool),
    entry_price=amounts.filter(bool),
    margin=amounts.filter(bool),
    stop_price=st.none() | amounts.filter(bool),
    margin_mode=st.none() | st.just(MarginMode.CROSS),
)
accounts = st.builds(
    Account,
    id=st.just("main"),
    venue=st.sampled_from(["binance", "paper"]),
    spot=st.dictionaries(st.sampled_from(["USDT", "ETH", "UNI"]), amounts.filter(bool)),
    futures_wallet=amounts,
    positions=st.lists(positions, unique_by=lambda p: p.asset, max_size=2).map(lambda p: tuple(sorted(p, key=lambda q: q.asset))),
)


@given(before=accounts, after=accounts)
def test_every_difference_is_told_and_nothing_else(before: Account, after: Account) -> None:
    found = list(changes(before, after))
    assert bool(found) == (before != after)
    assert all(change.before != change.after for change in found)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[PaperSession]:
    with opened(tmp_path, watched={"main": "Binance"}) as running:
        yield running


class opened:  # noqa: N801 - reads as what it does
    """A session on the store in a folder, closed at the end."""

    def __init__(self, folder: Path, watched: dict[str, str]) -> None:
        self.session = PaperSession(
            PORTFOLIO,
            "test",
            url=f"sqlite:///{folder / 'store.db'}",
            lock_folder=folder,
            fresh=False,
            snapshot=MARKET.snapshot,
            settings=SETTINGS,
            universe=UNIVERSE,
            watched=watched,
        )

    def __enter__(self) -> PaperSession:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session.close()


def test_a_plan_on_a_watched_account_is_refused_with_what_to_do(session: PaperSession) -> None:
    with pytest.raises(RefusedByRule, match="main is watched at Binance with a read-only key: export the plan") as caught:
        session.begin(worked_plan(session.book(), MARKET))
    assert caught.value.rule == "watched"
    assert session.active() is None


def test_no_step_of_a_plan_begun_before_is_sent_once_its_account_is_watched(tmp_path: Path) -> None:
    with opened(tmp_path, {}) as session:
        session.begin(worked_plan(session.book(), MARKET))
        book = session.book()
    with opened(tmp_path, {"main": "Binance"}) as session:
        ticket = session.ticket(1)
        assert "watched" in [rule for rule, _ in ticket.refusals]
        with pytest.raises(RefusedByRule, match="watched at Binance"):
            session.confirm(ticket)
        assert session.book() == book


def test_a_plan_made_on_what_was_seen_before_is_stale(tmp_path: Path) -> None:
    with opened(tmp_path, {}) as session:
        plan = worked_plan(session.book(), MARKET)
        adopt(session._store, session.name, seen(BEFORE.with_spot("ETH", D(-1)), START), MARKET.snapshot, TODAY)
        with pytest.raises(StalePlan, match="no longer fits"):
            session.begin(plan)


def test_the_session_adopts_watched_accounts_alone(session: PaperSession) -> None:
    session.adopt({"main": seen(HEDGED, START), "other": seen(replace(HEDGED, id="other"), START)})
    assert session.book().account("main").positions[0].asset == "ETH"
    assert len(session.book().accounts) == 1


def test_the_paper_venue_does_nothing_to_a_watched_account(tmp_path: Path) -> None:
    """A stop that the mark has passed would fire on paper; at the venue it is the venue's own."""
    passed = replace(HEDGED, positions=(replace(SHORT, stop_price=D(3000)),))
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(passed, START)})
    with opened(tmp_path, {"main": "Binance"}) as session:  # whose first round is over when it is open
        assert session.book().account("main").positions == (replace(passed.positions[0], opened_at=START),)


def test_an_account_that_is_watched_no_more_is_deposited_as_it_was_seen_last(tmp_path: Path) -> None:
    with opened(tmp_path, {}):
        pass
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(BEFORE.with_spot("ETH", D(4)), START)})
    with opened(tmp_path, {}) as session:
        plan = worked_plan(session.book(), MARKET)
        session.begin(plan)
        assert session.ticket(1).refusals == ()
        session.confirm(session.ticket(1))
        session.executor.wait(plan.plan.id, 1)
        assert session.book().account("main").spot["ETH"] == D(14)


# The day's loss

LOST = replace(HEDGED, futures_wallet=D(1000), positions=())
GROWN = replace(HEDGED, futures_wallet=D(6000), positions=(replace(SHORT, quantity=D(3)),))


@pytest.mark.parametrize(
    ("before", "after", "paid", "unknown"),
    [
        (BEFORE, BEFORE.with_spot("USDT", D(-20000)), -20000, 0),
        (BEFORE, BEFORE.with_spot("ETH", D(1)), 4000, 0),
        (BEFORE, BEFORE.with_spot("ETH", D(-1)).with_spot("USDT", D(4000)), 0, 0),
        (BEFORE, replace(BEFORE.with_spot("USDT", D(-5000)), futures_wallet=D(5000)), 0, 0),
        (BEFORE, BEFORE.with_spot("XYZ", D(1000)), 0, 0),
        (HEDGED, replace(HEDGED, futures_wallet=D(4000)), -1000, 0),
        (HEDGED, replace(HEDGED, positions=(replace(SHORT, stop_price=None, margin=D(4000)),)), 0, 0),
        (HEDGED, LOST, 0, 4000),
        (HEDGED, GROWN, 1000, 0),
    ],
    ids=["withdrawal", "deposit", "spot trade", "transfer", "no price", "wallet", "stop and margin", "liquidation", "and a gain"],
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
    ],
    ids=["loss", "both", "withdrawal", "profit", "deposit", "funding", "part of a cent", "other wallet", "spot trade"],
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
        (None, TradingState.HALTED, "5,000.00 USDT less while a position changed: lost or paid out, nobody knows"),
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
        assert "nobody knows; it counts as a loss of the day" in session.journal(0)[-1].message


def test_what_happened_before_the_days_first_look_at_an_account_is_no_loss_of_the_day(tmp_path: Path) -> None:
    """The cockpit was closed, or the file is old: nobody knows of which day it is."""
    poorer = replace(BEFORE.with_spot("ETH", D(-5)), positions=())
    with opened(tmp_path, {"main": "Binance"}) as session:
        session.adopt({"main": seen(HEDGED, START - timedelta(days=2))})
        session.adopt({"main": seen(poorer, START)})
        nav = expose(session.book(), MARKET.snapshot(session.book().assets()), UNIVERSE).nav
        assert session.progress(nav)["trading_state"] == TradingState.ACTIVE
        words = "25,000.00 USDT less than when it was read last, before today"
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
