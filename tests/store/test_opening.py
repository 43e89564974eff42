"""A portfolio file is opened once, resumed after that, and started over only when asked."""

from decimal import Decimal

import pytest

from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind
from cockpit.model.orders import Role, StepState
from cockpit.store.rows import OF_BOOK, PlanState
from cockpit.store.store import Store
from tests.store.conftest import every_kind
from tests.store.examples import NAME, PLAN, PLAN_ID, Clock, intend, portfolio, richer

pytestmark = every_kind()


def test_the_first_time_makes_the_book(store: Store) -> None:
    opened = store.open_book(portfolio(), "book.toml")
    assert opened.book == portfolio(revision=1)
    assert (opened.resumed, opened.difference) == (False, "")
    assert opened.message == "Hundred thousand opened for the first time from book.toml"
    assert [row.kind for row in store.journal()] == [JournalKind.OPENED]


def test_again_resumes_and_says_that_nothing_happened(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    opened = store.open_book(portfolio(), "book.toml")
    assert opened.resumed
    assert "resumed at revision 1: nothing has changed since the file was opened on 2021-08-20 12:00 UTC" in opened.message
    assert len(store.journal()) == 1


def test_again_resumes_what_happened_since_and_says_so(store: Store, clock: Clock) -> None:
    store.open_book(portfolio(), "book.toml")
    clock.forward(minutes=5)
    with store.begin(NAME) as unit:
        unit.put_plan(PLAN, basis_revision=1)
        unit.set_step(PLAN_ID, 1, StepState.DONE)
        unit.save_book(richer(portfolio()), 1)
    opened = store.open_book(portfolio(), "book.toml")
    assert (opened.resumed, opened.difference, opened.book.revision) == (True, "", 2)
    assert opened.book.accounts[0].spot["USDT"] == Decimal(35001)
    assert "resumed at revision 2: 1 step done since the file was opened" in opened.message


def test_changes_without_steps_are_told_as_changes(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.save_book(richer(portfolio()), 1)
    assert "revision 2: 1 change since" in store.open_book(portfolio(), "book.toml").message


def test_an_edited_file_is_told_and_not_used(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    opened = store.open_book(richer(portfolio()), "book.toml")
    assert opened.resumed
    assert opened.book == portfolio(revision=1)
    assert opened.difference.startswith(
        "book.toml differs from the file opened then: its changes are not used; --fresh starts over"
    )
    assert opened.message.endswith(opened.difference)
    store.open_book(richer(portfolio()), "book.toml")
    assert [row.kind for row in store.journal()] == [JournalKind.OPENED, JournalKind.EDITED]


def test_another_file_of_the_same_name_is_told_with_both_paths(store: Store) -> None:
    store.open_book(portfolio(), "one.toml")
    opened = store.open_book(richer(portfolio()), "two.toml")
    assert "two.toml differs from the file opened then (that was one.toml)" in opened.difference


def test_the_same_file_elsewhere_is_no_edit(store: Store) -> None:
    store.open_book(portfolio(), "one.toml")
    assert not store.open_book(portfolio(), "two.toml").difference


def test_fresh_starts_over_and_keeps_the_old_book_in_the_journal(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.save_book(richer(portfolio(), "777"), 1)
    opened = store.open_book(portfolio(), "book.toml", fresh=True)
    assert opened.book == portfolio(revision=3)
    assert (opened.resumed, opened.difference) == (False, "")
    row = store.journal()[-1]
    assert row.kind is JournalKind.FRESH
    assert '"USDT":"35777"' in row.data["old_book"]
    assert "nothing has changed" in store.open_book(portfolio(), "book.toml").message


def test_fresh_forgets_what_described_the_old_book_and_keeps_the_rest(store: Store) -> None:
    name = store.open_book(portfolio(), "book.toml").book.name
    with store.begin(name) as unit:
        unit.set_bookmark(f"{OF_BOOK}nav:2021-08-20", "100000")
        unit.set_bookmark("phase", "B")
    store.open_book(portfolio(), "book.toml", fresh=True)
    with store.view(name) as view:
        assert view.bookmark(f"{OF_BOOK}nav:2021-08-20") is None
        assert view.bookmark("phase") == "B"


def test_fresh_of_what_was_never_opened_just_opens_it(store: Store) -> None:
    assert store.open_book(portfolio(), "book.toml", fresh=True).book.revision == 1


def test_fresh_is_refused_while_an_order_may_be_open(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.take_lease("main", "executor")
        unit.put_plan(PLAN, basis_revision=1)
        intend(unit)
    with pytest.raises(StoreError, match="cannot start over: the order of step 2 may still be open"):
        store.open_book(portfolio(), "book.toml", fresh=True)


def test_fresh_retires_executors_stops_and_plans_of_the_old_book(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        epoch = unit.take_lease("main", "executor")
        unit.put_plan(PLAN, basis_revision=1)
        intend(unit, role=Role.STOP, protective=True)
    store.open_book(portfolio(), "book.toml", fresh=True)
    with store.view(NAME) as view:
        lease = view.lease("main")
        assert lease is not None
        assert lease.epoch > epoch
        assert view.unresolved_intents() == ()
        assert [row.state for row in view.plans()] == [PlanState.STOPPED]
        assert view.steps_done() == 0
