"""Where the steps of a plan stand, and whether a confirmation may start one."""

from cockpit.execution.guards import moved_by
from cockpit.execution.progress import StepStatus
from cockpit.execution.sending import step_of
from cockpit.model.errors import BadInput, RefusedByRule, StalePlan
from cockpit.model.money import ZERO
from cockpit.model.orders import Fill, Role, StepState
from cockpit.model.plan import Step
from cockpit.store.rows import CommandKind, Intent, PlanRow, PlanState, StepRow
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


def all_over(view: View, plan_id: str) -> bool:
    """Whether every step of a plan is over: it is done, also before the executor, or after its process, wrote that down."""
    return all(step.state.over for step in view.steps(plan_id))


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


def statuses(view: View, row: PlanRow) -> tuple[StepStatus, ...]:
    """Where every step of a plan stands, with what its orders have filled; as many queries for a long plan as for a short one."""
    used = {(command.step, command.attempt) for command in view.commands_of(row.id, CommandKind.CONFIRM)}
    entries: dict[int, list[Intent]] = {}
    for intent in view.intents(row.id):
        if intent.role is Role.ENTRY:
            entries.setdefault(intent.step, []).append(intent)
    fills: dict[str, list[Fill]] = {}
    for fill in view.fills_of(row.id):
        fills.setdefault(fill.client_id, []).append(fill)

    def status(step: StepRow) -> StepStatus:
        intents = entries.get(step.number, [])
        traded = [fill for intent in intents for fill in fills.get(intent.coid, [])]
        quantity = sum((fill.quantity for fill in traded), ZERO)
        cost = sum((fill.quantity * fill.price for fill in traded), ZERO)
        attempt = step.attempt
        if step.state in CONFIRMABLE and (step.number, attempt) in used:
            attempt += 1
        return StepStatus(
            number=step.number,
            state=step.state,
            attempt=attempt,
            filled=quantity + sum((moved_by(intent) for intent in intents), ZERO),
            average_price=cost / quantity if quantity else None,
            fee=sum((fill.fee for fill in traded), ZERO),
            message=step.message,
        )

    return tuple(status(step) for step in view.steps(row.id))
