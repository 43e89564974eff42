"""A step of a plan in a trader's words."""

from cockpit.model import format as fmt
from cockpit.model.orders import StepState
from cockpit.model.plan import Action, Step, Wallet

VERBS = {
    Action.BUY: ("▲", "BUY"),
    Action.SELL: ("▼", "SELL"),
    Action.OPEN_LONG: ("▲", "BUY LONG"),
    Action.OPEN_SHORT: ("▼", "SELL SHORT"),
    Action.REDUCE_LONG: ("▼", "SELL TO REDUCE LONG"),
    Action.REDUCE_SHORT: ("▲", "BUY TO REDUCE SHORT"),
    Action.TRANSFER: ("⇄", "MOVE"),
    Action.SET_STOP: ("◆", "SET STOP"),
    Action.ADD_MARGIN: ("⇄", "ADD MARGIN"),
}
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
PERPETUAL = (Action.OPEN_LONG, Action.OPEN_SHORT, Action.REDUCE_LONG, Action.REDUCE_SHORT)


def step_words(step: Step) -> str:
    """The whole step: ▼ SELL SHORT 2.5 ETH perpetual at 4,000.00."""
    glyph, verb = VERBS[step.action]
    asset = step.asset or ""
    match step.action:
        case Action.TRANSFER:
            way = f"from the {_wallet(step.source)} to the {_wallet(step.destination)} wallet"
            return f"{glyph} {verb} {fmt.amount(step.quantity)} USDT {way}"
        case Action.ADD_MARGIN:
            return f"{glyph} {verb} {fmt.amount(step.quantity)} USDT to {asset}"
        case Action.SET_STOP:
            return f"{glyph} {verb} of {asset} at {fmt.price(step.stop_price)}"
    kind = "perpetual" if step.action in PERPETUAL else "spot"
    return f"{glyph} {verb} {fmt.exact(step.quantity)} {asset} {kind} at {fmt.price(step.price)}"


def step_brief(step: Step) -> str:
    """The step for a table's cell: ▼ SHORT 2.5 ETH."""
    glyph, verb = VERBS[step.action]
    match step.action:
        case Action.TRANSFER:
            return f"{glyph} {fmt.amount(step.quantity)} to {_wallet(step.destination)}"
        case Action.ADD_MARGIN:
            return f"{glyph} margin {fmt.amount(step.quantity)} {step.asset or ''}"
        case Action.SET_STOP:
            return f"{glyph} stop {step.asset or ''} {fmt.price(step.stop_price)}"
    return f"{glyph} {SHORT_VERBS.get(step.action, verb)} {fmt.exact(step.quantity)} {step.asset or ''}"


def _wallet(wallet: Wallet | None) -> str:
    return "futures" if wallet is Wallet.FUTURES else "spot"


def state_mark(state: StepState) -> tuple[str, str]:
    """The glyph and the role of a step's state."""
    if state in STATES:
        return STATES[state]
    return ("✗", "bad") if state.final or state.blocks else ("▸", "accent")
