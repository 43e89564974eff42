"""A plan of the store as the picture shows it: its steps with what became of them, what blocks it, and its rotation.

A step that no longer fits its prices makes a plan of its own out of what is left; one rotation may be several plans.
"""

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from cockpit.execution.progress import StepStatus
from cockpit.execution.standing import CONFIRMABLE, statuses
from cockpit.model.journal import JournalKind
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, StepView
from cockpit.model.plan import Plan
from cockpit.store.rows import PlanRow, PlanState
from cockpit.store.view import View

FROZEN = "freeze"
"""The preset of a plan that ends a rotation hedged."""


def execution_view(view: View, row: PlanRow) -> ExecutionView:
    """The plan with its steps, after those of the same rotation that came before it."""
    plans = rotation_of(view, row)
    before = (_plan_view(view, plan) for plan in plans[:-1])
    return replace(
        _plan_view(view, row),
        funding=_funding_since(view, plans),
        replaces=_replaced(view, plans[0]),
        before=tuple(each for each in before if _something_done(each)),
    )


def rotation_of(view: View, row: PlanRow) -> tuple[PlanRow, ...]:
    """The plans of a rotation up to this one, oldest first: each took the place of the one before, to go on or to freeze."""
    found = [row]
    while (old := view.plan(_place_of(view, found[0]))) is not None and _goes_on(old.plan, found[0].plan):
        found.insert(0, old)
    return tuple(found)


def _goes_on(old: Plan, new: Plan) -> bool:
    before, after = old.plan, new.plan
    return (before.strategy, before.mode) == (after.strategy, after.mode) and after.preset in (before.preset, FROZEN)


def _plan_view(view: View, row: PlanRow) -> ExecutionView:
    found = statuses(view, row)
    steps = tuple(
        StepView(
            step=step,
            state=status.state,
            filled=status.filled,
            average_price=status.average_price,
            fee=status.fee,
            message=status.message,
        )
        for step, status in zip(row.plan.steps, found, strict=True)
    )
    stopped = row.state is PlanState.STOPPED
    current = None if stopped else next((s.number for s in found if not s.state.over), None)
    finished = row.state is PlanState.DONE or current is None
    return ExecutionView(
        plan=row.plan,
        steps=steps,
        current=None if finished else current,
        blocked="" if stopped else next((f"step {s.number} is {s.state}: {s.message}" for s in found if _blocks(s)), ""),
        finished=finished,
    )


def _replaced(view: View, row: PlanRow) -> str:
    """The id of the plan whose place a plan took in the middle; "" where that one had done nothing, or there was none."""
    old = view.plan(_place_of(view, row))
    return old.id if old is not None and _something_done(_plan_view(view, old)) else ""


def _place_of(view: View, row: PlanRow) -> str:
    """The id of the plan that was in execution when this one was begun; "" where none was."""
    begun = (event for event in view.events_since(JournalKind.PLAN, row.created_at) if event.plan_id == row.id)
    return next((event.data.get("replaces", "") for event in begun), "")


def _something_done(execution: ExecutionView) -> bool:
    return any(step.filled or step.state is StepState.DONE for step in execution.steps)


def _blocks(status: StepStatus) -> bool:
    """Whether no confirmation helps: a step that only grew stale was not sent, and its new ticket is the way on."""
    return status.state.blocks and status.state not in CONFIRMABLE


def _funding_since(view: View, plans: Sequence[PlanRow]) -> Decimal:
    """What the perpetuals of these plans received in funding since the first was begun, in quote units; paid is negative."""
    symbols = {step.symbol for row in plans for step in row.plan.steps if step.symbol}
    events = view.events_since(JournalKind.FUNDING, plans[0].created_at)
    return sum((Decimal(event.data["amount"]) for event in events if event.data.get("symbol") in symbols), ZERO)
