"""A plan that has ended is summed up from the store, and its way back is priced before anything is begun."""

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.desk import Desk
from cockpit.model.errors import BadInput
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from tests.desk.driving import PATIENCE, SetClock, begin_worked, carry_out, check_at_rest, desk_on, execution_of, kinds

D = Decimal


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def desk(tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    opened = desk_on("hundred_thousand", tmp_path, clock)
    opened.open_store()
    yield opened
    opened.close()


@pytest.mark.parametrize("steps", [2, 6])
def test_undoing_leads_back_to_the_book_before_the_plan(desk: Desk, steps: int) -> None:
    begin_worked(desk, steps)
    if steps < 6:
        desk.abandon()
    before = desk.tick()
    way = desk.undo()
    assert way.plan is not None, way.sentence
    assert way.plan.steps
    after = desk.tick()
    assert (after.revision, after.execution, after.journal) == (before.revision, before.execution, before.journal)
    desk.begin(way.plan)
    assert carry_out(desk).finished
    account = check_at_rest(desk).account("main")
    assert account.positions == ()
    assert {asset: account.spot[asset] for asset in ("ETH", "UNI", "AAVE")} == {"ETH": 10, "UNI": 1250, "AAVE": 50}


def test_undoing_the_way_back_leads_to_where_the_plan_had_ended(desk: Desk) -> None:
    begin_worked(desk, 6)
    way = desk.undo()
    assert way.plan is not None
    desk.begin(way.plan)
    carry_out(desk)
    again = desk.undo()
    assert again.plan is not None, again.sentence
    desk.begin(again.plan)
    assert carry_out(desk).finished
    held = {(p.asset, p.side.sign * p.quantity) for p in check_at_rest(desk).account("main").positions}
    assert held == {("ETH", D("-2.5")), ("AAVE", D(50)), ("UNI", D(1250))}


def rest_begun(desk: Desk) -> Plan:
    """What is left of the plan in execution, begun as a plan of its own."""
    rest = desk.alternatives().go_on.plan
    assert rest is not None
    desk.begin(rest)
    return rest


def test_a_rotation_whose_rest_was_planned_twice_is_undone_as_a_whole(desk: Desk) -> None:
    first = begin_worked(desk, 2)
    rest_begun(desk)
    assert carry_out(desk, 2).before[0].plan.plan.id == first.plan.id
    rest_begun(desk)
    assert carry_out(desk).finished
    way = desk.undo()
    assert way.plan is not None, way.sentence
    desk.begin(way.plan)
    carry_out(desk)
    account = check_at_rest(desk).account("main")
    assert account.positions == ()
    assert {asset: account.spot[asset] for asset in ("ETH", "UNI", "AAVE")} == {"ETH": 10, "UNI": 1250, "AAVE": 50}


def test_stopping_in_the_rest_of_a_rotation_unwinds_all_of_it(desk: Desk) -> None:
    begin_worked(desk, 2)
    rest_begun(desk)
    carry_out(desk, 2)
    way = desk.alternatives().unwind.plan
    assert way is not None
    assert {step.asset for step in way.steps if step.action.trades} == {"ETH", "AAVE"}


def test_the_plans_of_one_rotation_are_shown_together_with_what_each_did(desk: Desk, clock: SetClock) -> None:
    first = begin_worked(desk, 2)
    rest_begun(desk)
    rest = rest_begun(desk)
    assert [view.plan.plan.id for view in execution_of(desk).rounds] == [first.plan.id, rest.plan.id]
    clock.advance(timedelta(hours=8))
    until = time.monotonic() + PATIENCE
    while not [row for row in desk.tick().journal if row.kind is JournalKind.FUNDING]:
        assert time.monotonic() < until, "no funding came"
        time.sleep(0.01)
    done = execution_of(desk)
    assert done.replaces == ""
    assert [view.state for view in done.before[0].steps] == [StepState.DONE] * 2 + [StepState.PREVIEWED] * 4
    assert done.funding > 0, "the short of the first plan receives funding, also while the rest has done nothing"


def test_another_rotation_does_not_count_what_it_took_the_place_of(desk: Desk) -> None:
    first = begin_worked(desk, 2)
    other = desk.propose(PlanRequest(strategy="A")).plan
    assert other is not None
    desk.begin(other)
    execution = execution_of(desk)
    assert (execution.before, execution.replaces) == ((), first.plan.id)


def test_a_plan_of_which_nothing_was_done_has_an_empty_way_back(desk: Desk) -> None:
    begin_worked(desk, 0)
    desk.abandon()
    assert desk.undo().empty


def test_without_a_plan_there_is_nothing_to_undo(desk: Desk) -> None:
    with pytest.raises(BadInput, match="no plan to undo"):
        desk.undo()


def test_a_stopped_plan_stays_in_the_picture_until_another_begins(desk: Desk) -> None:
    plan = begin_worked(desk, 2)
    picture = desk.abandon()
    assert picture.execution is None
    stopped = picture.abandoned
    assert stopped is not None
    assert (stopped.plan.plan.id, stopped.finished, stopped.current) == (plan.plan.id, True, None)
    assert [view.state for view in stopped.steps] == [StepState.DONE] * 2 + [StepState.PREVIEWED] * 4
    way = desk.undo().plan
    assert way is not None
    picture = desk.begin(way)
    assert picture.abandoned is None
    assert picture.execution is not None


def test_the_funding_since_a_plan_was_begun_is_that_of_the_journal(desk: Desk, clock: SetClock) -> None:
    """After 16 hours two payments were made on each position; each is in the journal with its sign."""
    begin_worked(desk, 6)
    assert execution_of(desk).funding == 0
    clock.advance(timedelta(hours=16))
    desk.tick()
    paid = wait_for_funding(desk)
    rows = [row for row in desk.picture.journal if row.kind is JournalKind.FUNDING]
    assert len(rows) == 6
    assert paid == sum((D(row.data["amount"]) for row in rows), D(0))
    assert paid < 0, "longs of 25,000 pay more than the short of 10,000 receives"
    assert len(kinds(desk, JournalKind.FUNDING)) == 6


def wait_for_funding(desk: Desk) -> Decimal:
    """The executor takes the venue's events in by itself, within a cycle."""
    until = time.monotonic() + PATIENCE
    while len([row for row in desk.tick().journal if row.kind is JournalKind.FUNDING]) < 6:
        assert time.monotonic() < until, "no funding came"
        time.sleep(0.01)
    return execution_of(desk).funding
