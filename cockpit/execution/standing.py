"""Where the steps of a plan stand, and whether a confirmation may start one."""

from decimal import Decimal

from cockpit.execution.guards import filled_of
from cockpit.execution.progress import StepStatus
from cockpit.execution.sending import step_of
from cockpit.model.errors import BadInput, RefusedByRule, StalePlan
from cockpit.model.money import ZERO
from cockpit.model.orders import Role, StepState
from cockpit.model.plan import Step
from cockpit.store.rows import CommandKind, PlanRow, PlanState, StepRow
from cockpit.store.view import View

CONFIRMABLE = (
    StepState.PREVIEWED,
    StepState.STALE,
    StepState.DENIED,
    StepState.REJECTED,
    StepState.NOT_PLACED,
    StepState.CANCELLED,
)
"""The states from which a (new) confirmation may start; every other one is done, on its way, or blocked."""


def confirmable(view: View, plan_id: str, number: int) -> tuple[PlanRow, Step, StepRow]:
    """A step that may be confirmed as far as its plan goes; BadInput, StalePlan or RefusedByRule say why another one may not."""
    row = view.plan(plan_id)
    if row is None:
        raise BadInput(f"the store has no plan {plan_id}")
    if not 1 <= number <= len(row.plan.steps):
        raise BadInput(f"the plan has no step {number}")
    if row.state in (PlanState.DONE, PlanState.STOPPED):
        raise StalePlan("plan", f"the plan is {row.state}", (f"the plan is {row.state}",))
    states = {step.number: step for step in view.steps(plan_id)}
    for earlier in range(1, number):
        if not states[earlier].state.over:
            raise RefusedByRule("sequence", f"step {earlier} is {states[earlier].state}: it comes before step {number}")
    state = states[number]
    if state.state not in CONFIRMABLE:
        raise RefusedByRule("sequence", f"step {number} is {state.state}")
    return row, step_of(row.plan, number), state


def attempt_of(view: View, row: PlanRow, state: StepRow) -> int:
    """The attempt that a confirmation would be: each uses one up, whatever becomes of it."""
    used = view.command(CommandKind.CONFIRM, row.id, state.number, state.attempt)
    return state.attempt if used is None else state.attempt + 1


def status_of(view: View, row: PlanRow, step: StepRow) -> StepStatus:
    """Where a step stands, with what its orders have filled."""
    fills = [
        fill for intent in view.intents(row.id, step.number) if intent.role is Role.ENTRY for fill in view.fills(coid=intent.coid)
    ]
    traded = sum((f.quantity for f in fills), ZERO)
    cost = sum((f.quantity * f.price for f in fills), ZERO)
    return StepStatus(
        number=step.number,
        state=step.state,
        attempt=attempt_of(view, row, step) if step.state in CONFIRMABLE else step.attempt,
        filled=filled_of(view, row.id, step.number),
        average_price=cost / traded if traded else None,
        fee=sum((f.fee for f in fills), Decimal(0)),
        message=step.message,
    )
