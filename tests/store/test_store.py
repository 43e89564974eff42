"""What is written to the store is what comes back, every change raises the revision, and nobody overwrites unseen changes."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.errors import ExitCode, StoreError
from cockpit.model.journal import JournalKind
from cockpit.model.orders import Role, StepState
from cockpit.store.rows import AlreadyThere, CommandKind, CommandState, PlanState, RevisionConflict, StaleEpoch
from cockpit.store.store import Store
from tests.store.conftest import every_kind
from tests.store.examples import NAME, PLAN, PLAN_ID, START, Clock, fill, intend, portfolio, richer

pytestmark = every_kind()


@pytest.fixture
def begun(store: Store) -> Store:
    """A store with a book, a plan and an executor at epoch 1."""
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.put_plan(PLAN, basis_revision=1)
        unit.take_lease("main", "executor 1")
    return store


def test_every_change_of_the_book_raises_the_revision(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        book = unit.book()
        assert book == portfolio(revision=1)
        assert unit.save_book(richer(book), 1) == 2
        assert unit.save_book(richer(book, "2"), 2) == 3
    assert begun.revision(NAME) == 3
    with begun.view(NAME) as view:
        found = view.book()
        assert found is not None
        assert found.revision == 3
        assert found.accounts[0].spot["USDT"] == 35002


def test_an_unseen_change_is_never_overwritten(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        unit.save_book(richer(portfolio()), 1)
    with pytest.raises(RevisionConflict, match="is at revision 2, not 1"), begun.begin(NAME) as unit:
        unit.save_book(portfolio(), 1)
    assert begun.revision(NAME) == 2


def test_the_order_of_holdings_stays_as_the_trader_wrote_it(begun: Store) -> None:
    with begun.view(NAME) as view:
        book = view.book()
    assert book is not None
    assert list(book.accounts[0].spot) == ["USDT", "ETH", "UNI", "AAVE"]


def test_a_transaction_happens_whole_or_not_at_all(begun: Store) -> None:
    def fails_in_the_middle() -> None:
        with begun.begin(NAME) as unit:
            unit.save_book(richer(portfolio()), 1)
            unit.journal(JournalKind.FILL, "filled")
            raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        fails_in_the_middle()
    assert begun.revision(NAME) == 1
    assert [row.kind for row in begun.journal()] == [JournalKind.OPENED]


def test_the_journal_keeps_order_time_and_exact_numbers(begun: Store, clock: Clock) -> None:
    clock.forward(seconds=1.5)
    with begun.begin(NAME) as unit:
        written = unit.journal(
            JournalKind.FILL,
            "filled\x1b[31m 2.5 ETH",
            plan_id=PLAN_ID,
            step=2,
            data={"price": Decimal("4000.10"), "none": None, "n": 3},
        )
    row = begun.journal()[-1]
    assert row == written
    assert row.message == "filled 2.5 ETH"
    assert row.at == START + timedelta(seconds=1.5)
    assert (row.book, row.revision, row.plan_id, row.step) == (NAME, 1, PLAN_ID, 2)
    assert row.data == {"asset": "ETH", "price": "4000.1", "n": "3"}


def test_an_event_is_found_by_the_asset_of_its_step_or_of_its_symbol(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        rows = (
            unit.journal(JournalKind.CONFIRMED, "step 2 confirmed", plan_id=PLAN_ID, step=2),
            unit.journal(JournalKind.FUNDING, "funding", data={"symbol": "UNI/USDT:USDT"}),
            unit.journal(JournalKind.TRANSFER, "moved", plan_id=PLAN_ID, step=1),
            unit.journal(JournalKind.SKIPPED, "step 99 skipped", plan_id=PLAN_ID, step=99),
            unit.journal(JournalKind.HALT, "halted"),
        )
    assert [row.asset for row in rows] == ["ETH", "UNI", "", "", ""]


def test_the_journal_can_be_cut_to_a_book_to_the_newest_and_to_what_is_new(begun: Store) -> None:
    begun.open_book(portfolio(name="Other"), "other.toml")
    with begun.begin(NAME) as unit:
        seqs = [unit.journal(JournalKind.PHASE, f"phase {n}").seq for n in range(5)]
    assert [row.message for row in begun.journal(NAME, limit=2)] == ["phase 3", "phase 4"]
    assert [row.seq for row in begun.journal(after=seqs[2])] == seqs[3:]
    assert {row.book for row in begun.journal()} == {NAME, "Other"}
    assert {row.book for row in begun.journal("Other")} == {"Other"}
    assert begun.books() == (NAME, "Other")
    with begun.view(NAME) as view:
        assert [row.message for row in view.journal_rows(limit=1)] == ["phase 4"]


def test_a_plan_is_kept_once_with_its_steps_previewed(begun: Store, clock: Clock) -> None:
    with begun.begin(NAME) as unit:
        assert unit.put_plan(PLAN, basis_revision=1) is False
        row = unit.plan(PLAN_ID)
        steps = unit.steps(PLAN_ID)
    assert row is not None
    assert (row.plan, row.basis_revision, row.state, row.expires_at) == (PLAN, 1, PlanState.MADE, None)
    assert [(s.number, s.state, s.attempt) for s in steps] == [(1, StepState.PREVIEWED, 1), (2, StepState.PREVIEWED, 1)]
    other = replace(PLAN, plan=replace(PLAN.plan, id="later"))
    clock.forward(hours=1)
    with begun.begin(NAME) as unit:
        unit.put_plan(other, basis_revision=1, expires_at=START + timedelta(hours=2), state=PlanState.BEGUN)
        unit.set_plan_state(PLAN_ID, PlanState.DONE)
    with begun.view(NAME) as view:
        assert [(p.id, p.state) for p in view.plans()] == [(PLAN_ID, PlanState.DONE), ("later", PlanState.BEGUN)]
        (open_plan,) = view.plans(PlanState.BEGUN)
        assert open_plan.expires_at == START + timedelta(hours=2)


def test_a_plan_of_another_portfolio_is_not_seen(begun: Store) -> None:
    with begun.view("Other") as view:
        assert view.plan(PLAN_ID) is None
        assert view.plans() == ()


def test_steps_keep_attempt_and_what_was_shown_until_told_otherwise(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        unit.set_step(PLAN_ID, 2, StepState.CONFIRMED, attempt=2, shown_hash="abc")
        unit.set_step(PLAN_ID, 2, StepState.INTENT, message="sent")
        step = unit.step(PLAN_ID, 2)
    assert step is not None
    assert (step.state, step.attempt, step.shown_hash, step.message) == (StepState.INTENT, 2, "abc", "sent")


def test_a_confirmation_is_asked_once_for_each_attempt(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        seq = unit.put_command(CommandKind.CONFIRM, PLAN_ID, 1, attempt=1, shown_hash="abc")
    with pytest.raises(AlreadyThere, match="step 1 was asked to confirm before"), begun.begin(NAME) as unit:
        unit.put_command(CommandKind.CONFIRM, PLAN_ID, 1, attempt=1, shown_hash="abc")
    with begun.begin(NAME) as unit:
        (waiting,) = unit.commands()
        assert (waiting.seq, waiting.shown_hash, waiting.revision, waiting.state) == (seq, "abc", 1, CommandState.WAITING)
        unit.answer_command(seq, CommandState.REFUSED, "the price moved")
        unit.put_command(CommandKind.CONFIRM, PLAN_ID, 1, attempt=2)
    with begun.view(NAME) as view:
        assert [(c.attempt, c.answer) for c in view.commands(CommandState.REFUSED)] == [(1, "the price moved")]
        assert [c.attempt for c in view.commands()] == [2]


def test_an_intent_comes_back_as_it_was_written(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        intend(unit)
    with begun.view(NAME) as view:
        (intent,) = view.unresolved_intents("main")
        assert intent == view.intent("rc1")
        assert view.intents(PLAN_ID, 2) == (intent,)
        assert view.intents(PLAN_ID, 1) == ()
    assert (intent.parameters, intent.baseline) == ({"quantity": "2.5"}, {"position": "0"})
    assert (intent.state, intent.role, intent.epoch, intent.pinned_at) == (StepState.INTENT, Role.ENTRY, 1, START)


def test_an_account_has_one_unresolved_entry_at_most_and_any_number_of_stops(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        intend(unit)
        intend(unit, "rc2", role=Role.STOP, protective=True)
        intend(unit, "rc3", role=Role.STOP, attempt=2, protective=True)
        with pytest.raises(AlreadyThere, match="step 2 is INTENT; its order must be resolved before another is sent"):
            intend(unit, "rc4", attempt=2)
        assert len(unit.unresolved_intents("main", protective=True)) == 2
        unit.update_intent("rc1", StepState.FILLED, epoch=1, resolved=True)
        intend(unit, "rc4", attempt=2)
        assert [i.coid for i in unit.unresolved_intents(protective=False)] == ["rc4"]


def test_an_attempt_is_sent_once_in_each_role(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        intend(unit)
        unit.update_intent("rc1", StepState.REJECTED, epoch=1, resolved=True)
        with pytest.raises(AlreadyThere, match="attempt 1 of step 2 was sent before as entry"):
            intend(unit, "rc9")


def test_a_trade_counts_once(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        assert unit.insert_fill(fill(), epoch=1) is True
        assert unit.insert_fill(fill(), epoch=1) is False
        assert unit.insert_fill(fill(symbol="UNI/USDT:USDT"), epoch=1) is True
        assert unit.insert_fill(fill("t2", coid="rc2"), epoch=1) is True
        assert unit.fills(coid="rc1") == (fill(), fill(symbol="UNI/USDT:USDT"))
        assert len(unit.fills(account="main")) == 3
        assert unit.fills(account="other") == ()


def test_taking_over_an_account_makes_its_former_executor_stale(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        intend(unit)
        assert unit.take_lease("main", "executor 2") == 2
    with begun.begin(NAME) as unit:
        with pytest.raises(StaleEpoch):
            unit.check_lease("main", 1)
        unit.check_lease("main", 2)
        with pytest.raises(StaleEpoch):
            unit.update_intent("rc1", StepState.FILLED, epoch=1)
        with pytest.raises(StaleEpoch):
            unit.insert_fill(fill(), epoch=1)
        with pytest.raises(StaleEpoch):
            intend(unit, "rc2", role=Role.STOP, protective=True)
        unit.update_intent("rc1", StepState.OPEN, epoch=2)
        lease = unit.lease("main")
    assert lease is not None
    assert (lease.epoch, lease.owner) == (2, "executor 2")


def test_accounts_of_the_same_name_in_two_portfolios_are_apart(begun: Store) -> None:
    begun.open_book(portfolio(name="Other"), "other.toml")
    with begun.begin("Other") as unit:
        assert unit.lease("main") is None
        assert unit.take_lease("main", "x") == 1
        intend(unit, "rc-other", plan_id="other-plan")
    with begun.begin(NAME) as unit:
        intend(unit)
        assert [i.coid for i in unit.unresolved_intents()] == ["rc1"]


def test_the_halt_holds_for_the_whole_store(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        assert not unit.halted().halted
        unit.set_halt(True, "by hand")
    with begun.begin("Other") as unit:
        halt = unit.halted()
        assert (halt.halted, halt.reason, halt.at) == (True, "by hand", START)
        unit.set_halt(False)
    with begun.view(NAME) as view:
        assert not view.halted().halted


def test_bookmarks_belong_to_a_portfolio(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        unit.set_bookmark("events", "7")
        unit.set_bookmark("events", "8")
    with begun.view(NAME) as view:
        assert view.bookmark("events") == "8"
        assert view.bookmark("none") is None
    with begun.view("Other") as view:
        assert view.bookmark("events") is None


def test_what_the_store_does_not_know_cannot_be_changed(begun: Store) -> None:
    with begun.begin(NAME) as unit:
        changes: tuple[Callable[[], None], ...] = (
            lambda: unit.set_plan_state("none", PlanState.DONE),
            lambda: unit.answer_command(99, CommandState.TAKEN),
            lambda: unit.update_intent("none", StepState.DONE, epoch=1),
        )
        for change in changes:
            with pytest.raises(StoreError, match="does not know") as caught:
                change()
            assert caught.value.exit_code is ExitCode.BAD_INPUT


def test_a_watch_sees_other_commits_and_only_those(store: Store, url: str) -> None:
    store.open_book(portfolio(), "book.toml")
    other = Store(url)
    watch = other.watch()
    assert not watch.changed()
    with store.begin(NAME) as unit:
        unit.save_book(richer(portfolio()), 1)
        assert not watch.changed()
    assert watch.changed()
    assert not watch.changed()
    with store.view(NAME) as view:
        view.book()
    assert not watch.changed()
    watch.close()
    other.close()
