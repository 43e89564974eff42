"""A step of a plan in a trader's words."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.book import Side
from cockpit.model.orders import StepState
from cockpit.model.picture import StepView
from cockpit.model.plan import Action, Step
from cockpit.model.wording import VERBS, exact_price, wallet_words
from cockpit.model.wording import step_words as step_words

SIDES = {Side.LONG: "▲ LONG", Side.SHORT: "▼ SHORT"}
"""The side of a position, told without colour."""
SHORT_VERBS = {
    Action.OPEN_LONG: "LONG",
    Action.OPEN_SHORT: "SHORT",
    Action.REDUCE_LONG: "CUT LONG",
    Action.REDUCE_SHORT: "CUT SHORT",
}
STATES = {
    StepState.PREVIEWED: ("·", ""),
    StepState.DONE: ("✓", "good"),
    StepState.SKIPPED: ("–", "dim"),
}
STATE_WORDS = {
    StepState.CONFIRMED: "confirmed, about to be sent",
    StepState.INTENT: "being sent",
    StepState.OPEN: "the order is open at the venue",
    StepState.PARTIAL: "filled in part",
    StepState.FILLED: "filled",
    StepState.PROTECTING: "filled; its stop is being placed",
    StepState.PROTECTED: "filled; the stop was read back from the venue",
    StepState.DONE: "done",
    StepState.SKIPPED: "skipped",
    StepState.DENIED: "refused before it was sent",
    StepState.REJECTED: "rejected by the venue",
    StepState.NOT_PLACED: "never reached the venue",
    StepState.CANCELLED: "cancelled",
    StepState.UNKNOWN: "it is not known whether the order exists: the venue is being asked",
    StepState.STALE: "the plan no longer fits",
    StepState.FILLS_INCOMPLETE: "the venue's fills do not add up yet",
    StepState.UNPROTECTED: "THE POSITION HAS NO STOP",
    StepState.NEEDS_HUMAN: "a person has to decide",
}
"""What a state means, for the trader."""


def large_words(step: Step, tick: Decimal | None = None) -> tuple[str, ...]:
    """What is sent, for large type: the whole of it first, then shorter words for the same."""
    asset = step.asset or ""
    match step.action:
        case Action.TRANSFER:
            return (f"MOVE {fmt.amount(step.quantity)} USDT",)
        case Action.ADD_MARGIN:
            return (f"ADD MARGIN {fmt.amount(step.quantity)} {asset}",)
        case Action.SET_STOP:
            stop = exact_price(step.stop_price, tick)
            return (f"SET STOP {asset} {stop}", f"STOP {asset} {stop}")
    what = f"{fmt.exact(step.quantity)} {asset}"
    whole = f"{VERBS[step.action][1]} {what}"
    return (whole, whole.split(" TO ", 1)[1]) if step.action.reduces else (whole,)


def step_count(count: int) -> str:
    """How many steps: "1 step", "6 steps"."""
    return f"{count} step{'' if count == 1 else 's'}"


def step_brief(step: Step, tick: Decimal | None = None) -> str:
    """The step for a table's cell: ▼ SHORT 2.5 ETH."""
    glyph, verb = VERBS[step.action]
    match step.action:
        case Action.TRANSFER:
            return f"{glyph} {fmt.amount(step.quantity)} to {wallet_words(step.destination)}"
        case Action.ADD_MARGIN:
            return f"{glyph} margin {fmt.amount(step.quantity)} {step.asset or ''}"
        case Action.SET_STOP:
            return f"{glyph} stop {step.asset or ''} {fmt.price(step.stop_price, tick)}"
    return f"{glyph} {SHORT_VERBS.get(step.action, verb)} {fmt.exact(step.quantity)} {step.asset or ''}"


def state_mark(state: StepState) -> tuple[str, str]:
    """The glyph and the role of a step's state."""
    if state in STATES:
        return STATES[state]
    return ("✗", "bad") if state.final or state.blocks else ("▸", "accent")


def state_words(view: StepView) -> str:
    """What became of a step, in one or two words: done, part filled, not done."""
    if view.state is StepState.PREVIEWED:
        return "not done"
    return view.state.value.lower().replace("_", " ")
