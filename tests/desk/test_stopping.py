"""The ways out of the middle of a plan, carried out to their ends, and the halt."""

from decimal import Decimal

import pytest

from cockpit.desk import Desk
from cockpit.execution.core import Core
from cockpit.model.book import Book, Side
from cockpit.model.errors import BadInput, RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.model.plan import Action
from cockpit.model.request import PlanRequest
from tests.desk.driving import begin_worked, carry_out, check_at_rest, execution_of, kinds, session_of

D = Decimal


def fees_paid(desk: Desk) -> Decimal:
    with session_of(desk)._store.view(session_of(desk).name) as view:
        return sum((fill.fee for fill in view.fills()), D(0))


def held(book: Book) -> list[tuple[str, Side, Decimal]]:
    return [(p.asset, p.side, p.quantity) for p in book.account("main").positions]


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5])
def test_unwinding_leads_back_to_the_book_before_less_fees(desk: Desk, steps: int) -> None:
    begin_worked(desk, steps)
    way = desk.alternatives().unwind
    assert way.plan is not None, way.sentence
    desk.begin(way.plan)
    assert carry_out(desk).finished
    book = check_at_rest(desk)
    account = book.account("main")
    assert held(book) == []
    assert {asset: account.spot[asset] for asset in ("ETH", "UNI", "AAVE")} == {"ETH": 10, "UNI": 1250, "AAVE": 50}
    assert account.spot["USDT"] + account.futures_wallet == 35000 - fees_paid(desk)
    assert account.futures_wallet < D("0.01")


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_freezing_completes_only_what_cuts_net_exposure(desk: Desk, steps: int) -> None:
    begin_worked(desk, steps)
    before = desk.tick().exposure
    way = desk.alternatives().freeze
    assert way.plan is not None, way.sentence
    assert all(step.action in (Action.TRANSFER, Action.OPEN_SHORT, Action.SET_STOP) for step in way.plan.steps)
    if way.plan.steps:
        desk.begin(way.plan)
        assert carry_out(desk).finished
    else:
        desk.abandon()
    book = check_at_rest(desk)
    after = desk.tick().exposure
    assert before is not None
    assert after is not None
    assert all(after.sectors[s].net <= before.sectors[s].net for s in before.sectors if s not in ("STABLE",))
    shorts = [quantity for _, side, quantity in held(book) if side is Side.SHORT]
    assert shorts == [D("2.5")]


def test_going_on_is_priced_like_what_is_left(desk: Desk) -> None:
    plan = begin_worked(desk, 2)
    way = desk.alternatives().go_on
    assert way.plan is not None
    assert [(s.action, s.quantity) for s in way.plan.steps] == [(s.action, s.quantity) for s in plan.steps[2:]]
    assert execution_of(desk).plan.plan.id == plan.plan.id


def test_leaving_it_here_keeps_what_is_done_and_its_stops(desk: Desk) -> None:
    begin_worked(desk, 2)
    assert desk.abandon().execution is None
    assert held(check_at_rest(desk)) == [("ETH", Side.SHORT, D("2.5"))]


def test_a_skipped_step_leaves_the_rest_to_the_trader(desk: Desk) -> None:
    """Without its transfer the short has no margin: the ticket says so, and nothing can be confirmed."""
    begin_worked(desk, 0)
    desk.skip(1)
    ticket = desk.ticket(2)
    assert ticket.refusals
    with pytest.raises(RefusedByRule):
        desk.confirm(ticket)
    assert execution_of(desk).steps[0].state is StepState.SKIPPED
    assert held(check_at_rest(desk)) == []


def test_a_halt_stops_new_risk_until_it_is_lifted_and_keeps_stops(desk: Desk) -> None:
    begin_worked(desk, 3)
    assert desk.halt().halted
    ticket = desk.ticket(4)
    assert "halt" in [rule for rule, _ in ticket.refusals]
    with pytest.raises(RefusedByRule, match="halted"):
        desk.confirm(ticket)
    assert held(check_at_rest(desk)) == [("ETH", Side.SHORT, D("2.5"))]
    assert not desk.resume().halted
    assert carry_out(desk).finished
    check_at_rest(desk)
    assert kinds(desk, JournalKind.HALT, JournalKind.RESUME) == ["halted by the trader", "new risk is allowed again"]


def test_a_halt_lets_exposure_be_cut(desk: Desk) -> None:
    begin_worked(desk, 4)
    way = desk.alternatives().unwind
    assert way.plan is not None
    desk.halt()
    desk.begin(way.plan)
    assert carry_out(desk).finished
    assert held(check_at_rest(desk)) == []


def test_a_plan_that_is_done_has_nothing_to_stop(desk: Desk) -> None:
    begin_worked(desk, 6)
    with pytest.raises(BadInput, match="no plan is in execution"):
        desk.alternatives()


def test_what_was_asked_of_one_plan_does_nothing_to_another_that_took_its_place(desk: Desk) -> None:
    """Two cockpits: what one of them shows may be over already; its skip and its stop name the plan that they mean."""
    shown = begin_worked(desk, 1).plan.id
    desk.abandon()
    other = desk.propose(PlanRequest(strategy="A")).plan
    assert other is not None
    desk.begin(other)
    with pytest.raises(StalePlan, match="another plan"):
        desk.skip(1, shown)
    with pytest.raises(StalePlan, match="another plan"):
        desk.abandon(shown)
    execution = execution_of(desk)
    assert execution.plan.plan.id == other.plan.id
    assert execution.steps[0].state is StepState.PREVIEWED
    desk.skip(1, other.plan.id)
    assert desk.abandon(other.plan.id).execution is None


def test_a_plan_that_takes_the_place_of_another_in_the_middle_says_so(desk: Desk) -> None:
    first = begin_worked(desk, steps=2)
    way_back = desk.alternatives().unwind.plan
    assert way_back is not None
    desk.begin(way_back)
    assert execution_of(desk).replaces == first.plan.id
    carry_out(desk)
    begin_worked(desk)
    assert execution_of(desk).replaces == "", "the way back was done, it was not left in the middle"


def test_a_plan_whose_steps_are_over_is_not_stopped_by_the_next_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The executor writes the end of a plan down a moment after its last step, or never where its process ends: it is done."""
    monkeypatch.setattr(Core, "_note_ends", lambda _: None)
    done = begin_worked(desk, steps=6)
    assert session_of(desk).active() is None
    with pytest.raises(BadInput, match="no plan is in execution"):
        desk.alternatives()
    back = desk.undo()
    assert back.plan is not None
    desk.begin(back.plan)
    assert execution_of(desk).replaces == ""
    session_of(desk).executor.stop_plan(done.plan.id)
    assert [m for m in kinds(desk, JournalKind.PLAN) if "stopped" in m] == []


def test_a_plan_of_which_nothing_was_done_is_replaced_without_a_word(desk: Desk) -> None:
    begin_worked(desk, steps=0)
    other = desk.propose(PlanRequest(strategy="A")).plan
    assert other is not None
    desk.begin(other)
    assert execution_of(desk).replaces == ""
