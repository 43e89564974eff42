"""A plan on moving prices: refused by name once they have moved, renewed at the prices of now, and only then carried out."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.desk import Desk
from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.model.plan import Action, Plan, Step
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from cockpit.store.rows import PlanState
from tests.desk.driving import (
    SetClock,
    carry_out,
    check_at_rest,
    desk_on,
    do_step,
    execution_of,
    kinds,
    session_of,
)

LATER = timedelta(hours=5)
REQUEST = PlanRequest(strategy="B", mode=Mode.SPOT)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def desk(tmp_path: Path, clock: SetClock) -> Iterator[Desk]:
    """Nothing but stablecoins: what strategy B buys is mostly not pinned."""
    opened = desk_on("all_stables", tmp_path, clock)
    opened.open_store()
    yield opened
    opened.close()


def planned(desk: Desk) -> Plan:
    plan = desk.propose(REQUEST).plan
    assert plan is not None
    assert plan.steps
    return plan


def moving_symbol(desk: Desk, plan: Plan) -> str:
    """A symbol of the plan that is not pinned."""
    symbols = [step.symbol for step in plan.steps if step.symbol and step.asset not in ("ETH", "SOL", "UNI", "AAVE")]
    assert symbols
    return symbols[0]


def test_a_plan_of_hours_ago_is_refused_with_each_price_before_and_after(desk: Desk, clock: SetClock) -> None:
    plan = planned(desk)
    symbol = moving_symbol(desk, plan)
    clock.advance(LATER)
    with pytest.raises(StalePlan) as refused:
        desk.begin(plan)
    told = "\n".join(refused.value.changes)
    assert f"price {symbol} {plan.market.marks[symbol].normalize():f} → " in told
    assert "plan age 18000 s, limit 60 s" in told
    assert desk.tick().execution is None
    assert check_at_rest(desk).revision == 1


def test_a_plan_on_pinned_prices_does_not_age(tmp_path: Path, clock: SetClock) -> None:
    desk = desk_on("hundred_thousand", tmp_path, clock)
    try:
        desk.open_store()
        plan = desk.propose(PlanRequest(strategy="B", preset="reconciled")).plan
        assert plan is not None
        clock.advance(timedelta(minutes=30))
        desk.begin(plan)
        assert carry_out(desk).finished
    finally:
        desk.close()


def test_a_plan_on_another_book_is_refused_with_what_differs(desk: Desk) -> None:
    first, second = planned(desk), planned(desk)
    desk.begin(first)
    bought = first.steps[0]
    carry_out(desk, 1)
    desk.abandon()
    with pytest.raises(StalePlan) as refused:
        desk.begin(replace(second, plan=replace(second.plan, id="another")))
    assert f"main holding {bought.asset} 0 → {bought.quantity.normalize():f}" in refused.value.changes


def test_a_ticket_that_was_shown_before_prices_moved_sends_nothing(desk: Desk, clock: SetClock) -> None:
    plan = planned(desk)
    symbol = moving_symbol(desk, plan)
    number = next(step.number for step in plan.steps if step.symbol == symbol)
    desk.begin(plan)
    carry_out(desk, number - 1)
    ticket = desk.ticket(number)
    before = session_of(desk).book()
    clock.advance(LATER)
    with pytest.raises(RefusedByRule) as refused:
        desk.confirm(ticket)
    assert symbol in str(refused.value)
    assert session_of(desk).book() == before
    assert execution_of(desk).steps[number - 1].state is StepState.PREVIEWED


def bought(steps: Iterable[Step]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for step in steps:
        if step.action is Action.BUY:
            totals[step.asset or ""] = totals.get(step.asset or "", Decimal(0)) + step.quantity
    return totals


def test_requoting_after_prices_moved_makes_a_plan_of_what_is_left(desk: Desk, clock: SetClock) -> None:
    plan = planned(desk)
    number = next(step.number for step in plan.steps if step.symbol == moving_symbol(desk, plan))
    desk.begin(plan)
    carry_out(desk, number - 1)
    clock.advance(LATER)
    left = plan.steps[number - 1 :]
    assert desk.ticket(number).refusals != ()
    ticket = desk.requote(number)
    renewed = execution_of(desk)
    assert renewed.plan.plan.id != plan.plan.id
    assert ticket.plan_id == renewed.plan.plan.id
    assert bought(view.step for view in renewed.steps) == bought(left)
    assert carry_out(desk).finished
    book = check_at_rest(desk)
    buys = [step for step in plan.steps if step.action is Action.BUY]
    for asset in {step.asset for step in buys}:
        assert book.account("main").spot[asset or ""] == sum(step.quantity for step in buys if step.asset == asset)
    with pytest.raises(StalePlan, match="make a new one"):
        desk.begin(plan)


def test_a_ticket_confirms_once(desk: Desk) -> None:
    desk.begin(planned(desk))
    ticket = desk.ticket(1)
    do_step(desk, 1)
    after = session_of(desk).book()
    with pytest.raises(RefusedByRule):
        desk.confirm(ticket)
    assert check_at_rest(desk) == after
    assert len(kinds(desk, JournalKind.FILL)) == 1


def test_a_confirmation_that_the_market_overtook_blocks_nothing_and_is_asked_for_again(desk: Desk, clock: SetClock) -> None:
    """Prices move after the confirmation and before the order: nothing was sent, and the same step has a new ticket."""
    plan = planned(desk)
    number = next(step.number for step in plan.steps if step.symbol == moving_symbol(desk, plan))
    desk.begin(plan)
    carry_out(desk, number - 1)
    executor = session_of(desk).executor
    executor.stop()
    desk.confirm(desk.ticket(number))
    clock.advance(LATER)
    asyncio.run(executor.core.cycle())
    execution = execution_of(desk)
    assert execution.steps[number - 1].state is StepState.STALE
    assert (execution.blocked, execution.current) == ("", number)
    executor.start()
    desk.requote(number)
    assert carry_out(desk).finished
    check_at_rest(desk)


def test_a_plan_whose_steps_are_over_is_not_begun_again_though_its_end_was_not_written_down(tmp_path: Path) -> None:
    desk = desk_on("hundred_thousand", tmp_path)
    desk.open_store()
    plan = desk.propose(PlanRequest(strategy="B", preset="reconciled")).plan
    assert plan is not None
    desk.begin(plan)
    carry_out(desk)
    session = session_of(desk)
    session.executor.stop()  # as if its process had ended between the last step and the end of the plan
    with session._store.begin(session.name) as unit:
        unit.set_plan_state(plan.plan.id, PlanState.BEGUN)
    with pytest.raises(StalePlan, match="the plan is done"):
        desk.begin(plan)
    desk.close()
