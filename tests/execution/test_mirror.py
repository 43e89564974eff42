"""An account that is watched at a venue: the book follows it, the journal says what changed, and nothing is sent on it."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.execution.mirror import adopt, changes
from cockpit.execution.session import PaperSession
from cockpit.model.absence import tally
from cockpit.model.book import Account, Book, MarginMode, Position, Side
from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.store.store import Store
from tests.execution.scripted import START
from tests.execution.watched import BEFORE, HEDGED, LATER, MARKET, SHORT, TODAY, opened, seen
from tests.execution.worked import PORTFOLIO, worked_plan

D = Decimal


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
