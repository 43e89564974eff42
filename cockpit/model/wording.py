"""Steps, rules and costs in a trader's words, the same on every screen and in every report."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.plan import PROTECT, Action, Check, CostKind, Plan, Step, Wallet

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
PERPETUAL = (Action.OPEN_LONG, Action.OPEN_SHORT, Action.REDUCE_LONG, Action.REDUCE_SHORT)
COST_WORDS = {
    CostKind.FEE: "fees",
    CostKind.SLIPPAGE: "slippage",
    CostKind.FUNDING: "funding a day",
    CostKind.BREAK_EVEN: "break-even",
}
WORDS = {
    "shock_l1": "liquidation gap L1",
    "shock_defi": "liquidation gap DeFi",
    "collar_l1": "limit from mark L1",
    "collar_defi": "limit from mark DeFi",
    "corridor_tolerance": "detour from the way",
    "stop_liquidation_ratio_max": "stop / liquidation",
    "gross_notional_max": "gross futures",
    "gross_notional_warn": "gross futures, guide",
    "hedge_ratio_guideline": "hedge ratio, guide",
    "order_notional_max": "largest order",
    "funding_warn": "funding, guide",
    "phase": "the undetermined phase",
}
"""Rules whose configuration name says too little."""


def step_words(step: Step, tick: Decimal | None = None) -> str:
    """The whole step: ▼ SELL SHORT 2.5 ETH perpetual at 4,000.00. Its price has the places of `tick` where that is known."""
    glyph, verb = VERBS[step.action]
    asset = step.asset or ""
    match step.action:
        case Action.TRANSFER:
            way = f"from the {wallet_words(step.source)} to the {wallet_words(step.destination)} wallet"
            return f"{glyph} {verb} {fmt.amount(step.quantity)} USDT {way}"
        case Action.ADD_MARGIN:
            return f"{glyph} {verb} {fmt.amount(step.quantity)} USDT to {asset}"
        case Action.SET_STOP:
            return f"{glyph} {verb} of {asset} at {exact_price(step.stop_price, tick)}"
    kind = "perpetual" if step.action in PERPETUAL else "spot"
    return f"{glyph} {verb} {fmt.exact(step.quantity)} {asset} {kind} at {exact_price(step.price, tick)}"


def exact_price(value: Decimal | None, tick: Decimal | None = None) -> str:
    """A price that is sent: every digit of it, at least two places and those of its tick."""
    return fmt.NONE if value is None else fmt.amount(value, max(2, fmt.places(value), 0 if tick is None else fmt.places(tick)))


def wallet_words(wallet: Wallet | None) -> str:
    """The wallet's name."""
    return "futures" if wallet is Wallet.FUTURES else "spot"


def rule_words(rule: str) -> str:
    """free_reserve_min is "free reserve"; the unit and the direction stand beside it."""
    if rule in WORDS:
        return WORDS[rule]
    for ending in ("_min", "_max", "_max_bps", "_max_s"):
        if rule.endswith(ending):
            rule = rule.removesuffix(ending)
            break
    return rule.replace("_", " ").replace(" l1", " L1").replace(" defi", " DeFi")


def is_floor(rule: str) -> bool:
    """Whether the limit is the least that is allowed; the others are the most."""
    return rule.endswith("_min") or rule.startswith("shock_")


def is_repaired(check: Check) -> bool:
    """Whether the rule passes although its worst value breaks the limit: broken at the start, made no worse since."""
    beyond = check.worst < check.limit if is_floor(check.rule) else check.worst > check.limit
    return check.passed and beyond


def no_steps(plan: Plan) -> str:
    """Why a plan has no steps, in a sentence: nothing is asked for, or nothing of it can be done."""
    if plan.plan.preset == PROTECT:
        return "No stop can be set, for the reasons below." if plan.skipped else "Nothing to do: every position has its stop."
    if plan.content:
        return "Nothing to do: the book is where the strategy wants it, within its bands."
    if plan.broken is not None:
        return "No step can be taken, and the book breaks a rule as it stands."
    return "No step can be taken: what the target asks for is left out, for the reasons below."
