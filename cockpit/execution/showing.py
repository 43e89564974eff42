"""A plan of the store as the picture shows it: its steps with what became of them, what blocks it, what it has paid since."""

from collections.abc import Sequence
from decimal import Decimal

from cockpit.execution.progress import StepStatus
from cockpit.execution.standing import CONFIRMABLE
from cockpit.model.journal import JournalKind
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, StepView
from cockpit.store.rows import PlanRow, PlanState
from cockpit.store.view import View


def execution_view(row: PlanRow, statuses: Sequence[StepStatus], funding: Decimal, replaces: str = "") -> ExecutionView:
    """The plan with its steps; `funding` is what its assets received since it was begun, in quote units.

    `replaces` is the plan whose place it took after steps of that one were done.
    """
    steps = tuple(
        StepView(
            step=step,
            state=status.state,
            filled=status.filled,
            average_price=status.average_price,
            fee=status.fee,
            message=status.message,
        )
        for step, status in zip(row.plan.steps, statuses, strict=True)
    )
    stopped = row.state is PlanState.STOPPED
    current = None if stopped else next((s.number for s in statuses if not s.state.over), None)
    finished = row.state is PlanState.DONE or current is None
    return ExecutionView(
        plan=row.plan,
        steps=steps,
        current=None if finished else current,
        blocked="" if stopped else next((f"step {s.number} is {s.state}: {s.message}" for s in statuses if _blocks(s)), ""),
        finished=finished,
        funding=funding,
        replaces=replaces,
    )


def replaced_by(view: View, row: PlanRow) -> str:
    """The id of the plan whose place a plan took in the middle; "" where that one had done nothing, or there was none."""
    begun = (event for event in view.events_since(JournalKind.PLAN, row.created_at) if event.plan_id == row.id)
    old = next((event.data.get("replaces", "") for event in begun), "")
    return old if any(step.state is StepState.DONE for step in view.steps(old)) else ""


def _blocks(status: StepStatus) -> bool:
    """Whether no confirmation helps: a step that only grew stale was not sent, and its new ticket is the way on."""
    return status.state.blocks and status.state not in CONFIRMABLE


def funding_since(view: View, row: PlanRow) -> Decimal:
    """What the perpetuals that a plan trades received in funding since it was begun, in quote units; paid is negative."""
    symbols = {step.symbol for step in row.plan.steps if step.symbol}
    events = view.events_since(JournalKind.FUNDING, row.created_at)
    return sum((Decimal(event.data["amount"]) for event in events if event.data.get("symbol") in symbols), ZERO)
