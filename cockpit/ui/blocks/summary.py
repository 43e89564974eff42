"""How a rotation ended: what was planned, what was done and at which cost, what is left, and how to undo it.

One rotation may be several plans: where a step no longer fitted its prices, what was left became a plan of its own.
"""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView
from cockpit.model.plan import CostKind, Plan, Step
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.precision import price_text, quantity_text, tick_of
from cockpit.ui.steps import state_mark, state_words, step_brief, step_words
from cockpit.ui.table import Cell, Column, Fact, Row, facts, table

STEPS = (
    Column("#", about="ticket.step"),
    Column("planned", right=False, about="ticket.order"),
    Column("expected", drop=3, about="ticket.expected"),
    Column("became", right=False),
    Column("filled", drop=4, about="ticket.filled"),
    Column("at", about="ticket.average"),
    Column("fee", drop=2, about="ticket.fee_paid"),
    Column("slippage", drop=1, about="ticket.slippage_paid"),
)
COSTS = (
    Column("costs, USDT", right=False),
    Column("planned"),
    Column("for what was done"),
    Column("paid"),
)
COST_NOTE = (
    "Paid is negative, received has a plus. Slippage is against mark when the plan was made, so the market's own move is in it; "
    "funding is what the assets of the plan received or paid since it was begun."
)
UNDO = "{key} prices the way back. Its costs are shown first, it opens its own tickets, and nothing is sent without them."
REST = (
    "It is the rest of plan {first}: all of that is counted here, planned is what that plan asked for, and the way back leads to "
    "the book before it."
)
REPLACES = (
    "! It took the place of plan {old} in the middle: what was done under that one is not counted here, the journal has it; the "
    "way back leads to the book before this plan."
)
NOTHING_TO_UNDO = "Nothing was done: there is nothing to undo."
STOPS_STAY = "Positions keep their stops. There is nothing more to do until the phase changes or a trigger fires."


class Spent:
    """What a rotation cost: as its first plan had it, as planned for what was filled, and as paid; quote units, paid is positive.

    Every step counts with the marks of the plan that it belongs to.
    """

    def __init__(self, execution: ExecutionView) -> None:
        first = execution.rounds[0].plan
        marks = first.market.marks
        views = [(view, each.plan) for each in execution.rounds for view in each.steps]
        self.fee_planned = sum((step.fee or ZERO for step in first.steps), ZERO)
        self.fee_due = sum(((view.step.fee or ZERO) * _share_done(view) for view, _ in views), ZERO)
        self.fee_paid = sum((view.fee for view, _ in views), ZERO)
        self.slippage_planned = sum((_slips(step, step.expected_price, step.quantity, marks) for step in first.steps), ZERO)
        self.slippage_due = sum((_slips(v.step, v.step.expected_price, v.filled, plan.market.marks) for v, plan in views), ZERO)
        self.slippage_paid = sum((slippage_of(view, plan) or ZERO for view, plan in views), ZERO)


def slippage_of(view: StepView, plan: Plan) -> Decimal | None:
    """What a step's fills were worse than mark when the plan was made, in quote units; None for a step that does not trade."""
    if not view.step.action.trades or view.average_price is None:
        return None
    return _slips(view.step, view.average_price, view.filled, plan.market.marks)


def summary(execution: ExecutionView, picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The whole summary of a rotation whose plan is finished, stopped or blocked; `keymap` names the keys in its sentences."""
    return [
        *_head(execution, picture, width),
        *table(STEPS, _steps(execution, picture.market), width),
        EMPTY,
        *_costs(execution, width),
        EMPTY,
        *_left(execution, picture, width),
        EMPTY,
        *_then(execution, width, keymap),
    ]


def last_plan(picture: Picture, keymap: Keymap) -> list[Line]:
    """One line that the last plan is over, and the key that sums it up; nothing while a plan runs or where there was none."""
    ended = picture.execution or picture.abandoned
    if ended is None or not ended.finished:
        return []
    done = f"strategy {ended.plan.plan.strategy}; {key_of('rotation.summary', keymap)} sums it up"
    if ended == picture.abandoned:
        return [line(("– the last plan was stopped", "warn"), f": {done}")]
    return [line(("✓ the last plan is finished", "good"), f": {done}")]


def _head(execution: ExecutionView, picture: Picture, width: int) -> list[Line]:
    plan = execution.plan.plan
    name = f"Strategy {plan.strategy}, {plan.preset or plan.mode.value}, plan {plan.id[:8]}"
    earlier = [view for each in execution.before for view in each.steps if view.state.over]
    done = [view for view in (*earlier, *execution.steps) if view.state is StepState.DONE]
    skipped = [view for view in (*earlier, *execution.steps) if view.state is StepState.SKIPPED]
    if execution.blocked:
        rows = [line(("✗ Blocked: ", "alarm"), name), *wrapped(execution.blocked, width, "bad")]
    elif execution == picture.abandoned:
        rows = [line(("– Stopped where it stood: ", "warn"), name)]
    else:
        rows = [line(("✓ Finished: ", "good"), name)]
    if execution.before:
        rows += wrapped(REST.format(first=execution.rounds[0].plan.plan.id[:8]), width)
    if execution.replaces:
        rows += wrapped(REPLACES.format(old=execution.replaces[:8]), width, "warn")
    count = len(earlier) + len(execution.steps)
    pairs: list[Fact] = [("steps done", f"{len(done)} of {count}", "ticket.steps_done")]
    if skipped:
        pairs.append(("skipped", str(len(skipped)), "ticket.steps_done"))
    if count > len(done) + len(skipped):
        pairs.append(("not done", str(count - len(done) - len(skipped)), "ticket.steps_done"))
    now = picture.exposure.nav if picture.exposure else None
    pairs.append(("NAV when planned", fmt.amount(execution.rounds[0].plan.book.nav), "book.nav"))
    pairs.append(("now", fmt.amount(now), "book.nav"))
    return [*rows, *facts(pairs, width), EMPTY]


def _steps(execution: ExecutionView, market: MarketSnapshot | None) -> list[Row]:
    """The steps of the plan, below those of earlier ones that are over or were filled in part."""
    rows: list[Row] = []
    for each in execution.before:
        rows += [_step(view, each.plan, market) for view in each.steps if view.filled or view.state.over]
        rows.append(Row(("", ("… and the rest", "dim"), *[""] * (len(STEPS) - 2))))
    return [*rows, *(_step(view, execution.plan, market) for view in execution.steps)]


def _step(view: StepView, plan: Plan, market: MarketSnapshot | None) -> Row:
    step, symbol = view.step, view.step.symbol
    mark, role = state_mark(view.state)
    slipped = slippage_of(view, plan)
    return Row(
        (
            (str(step.number), "dim"),
            step_brief(step, tick_of(market, symbol)),
            price_text(market, symbol, step.expected_price) if step.expected_price is not None else "",
            (f"{mark} {state_words(view)}", role),
            quantity_text(market, symbol, view.filled) if view.filled and step.action.trades else "",
            price_text(market, symbol, view.average_price) if view.average_price is not None else "",
            fmt.amount(-view.fee) if step.action.trades and view.filled else "",
            fmt.amount(-slipped, signed=True) if slipped is not None else "",
        )
    )


def _costs(execution: ExecutionView, width: int) -> list[Line]:
    spent = Spent(execution)
    daily = sum((cost.amount for cost in execution.rounds[0].plan.costs if cost.kind is CostKind.FUNDING), ZERO)
    fees = [(spent.fee_planned, "ticket.fee"), (spent.fee_due, "ticket.fee"), (spent.fee_paid, "ticket.fee_paid")]
    slippage = [
        (spent.slippage_planned, "ticket.slippage_planned"),
        (spent.slippage_due, "ticket.slippage_planned"),
        (spent.slippage_paid, "ticket.slippage_paid"),
    ]
    rows = [Row(("fees", *(_paid(*cost) for cost in fees))), Row(("slippage", *(_paid(*cost) for cost in slippage)))]
    since = (fmt.amount(execution.funding, signed=True), "", "ticket.funding_since")
    rows.append(Row(("funding", _paid(daily, "ticket.funding_planned"), ("a day", "dim"), since)))
    return [*table(COSTS, rows, width), *wrapped(COST_NOTE, width, "dim")]


def _paid(cost: Decimal, about: str) -> Cell:
    """A cost as it moves the wallet."""
    return (fmt.amount(-cost, signed=True), "", about)


def _left(execution: ExecutionView, picture: Picture, width: int) -> list[Line]:
    """What was not done, and how far every sector is from the plan's target."""
    rows = [title("What is left")]
    earlier = [view for each in execution.before for view in each.steps if view.state is StepState.SKIPPED]
    for view in (*earlier, *execution.steps):
        left = view.step.quantity - view.filled
        if view.state is StepState.DONE:
            continue
        why = f": {view.message}" if view.message else ""
        part = f", {fmt.exact(left)} {view.step.asset or ''} unfilled" if view.filled and left > 0 else ""
        said = step_words(view.step, tick_of(picture.market, view.step.symbol))
        words = f"{state_mark(view.state)[0]} step {view.step.number} {state_words(view)}{part}: {said}{why}"
        rows += wrapped(words, width)
    for item in execution.plan.skipped:
        rows += wrapped(
            f"– left out by the plan: {item.asset} {fmt.amount(item.wanted, signed=True)}, {item.reason}", width, "dim"
        )
    distances = _distances(execution.plan, picture)
    if distances:
        rows += [line((f"  {'sector weight, of what the plan asks':<36}", "dim")), *(line("  ", *row) for row in distances)]
    return rows if len(rows) > 1 else [*rows, line("nothing")]


def _distances(plan: Plan, picture: Picture) -> list[Line]:
    if picture.exposure is None:
        return []
    asked = {Sector.L1: plan.target.L1, Sector.DEFI: plan.target.DEFI, Sector.STABLE: plan.target.STABLE}
    rows = []
    for sector in ROTATING:
        found = picture.exposure.sectors.get(sector)
        weight = found.weight if found else ZERO
        gap = weight - asked[sector]
        # The picture's bands are those of the phase's strategy: they hold for this plan only where it asks for the same.
        band = picture.bands.get(sector) if picture.target_weights.get(sector) == asked[sector] else None
        inside = "" if band is None else "  within its band" if abs(gap) <= band else "  outside its band"
        rows.append(
            line(
                (f"{sector.value:<7}", "strong"),
                (f"{fmt.percent(weight):>8}", "", "book.weight"),
                " of ",
                (f"{fmt.percent(asked[sector]):>7}", "", "book.target"),
                ("  away ", "dim"),
                (fmt.percent(gap, signed=True), "", "book.drift"),
                (inside, "good" if "within" in inside else "warn"),
            )
        )
    return rows


def _then(execution: ExecutionView, width: int, keymap: Keymap) -> list[Line]:
    if execution.blocked:
        return wrapped(f"{key_of('ticket.stop', keymap)} shows the ways to stop here, each with its cost.", width, "strong")
    if not any(view.filled for each in execution.rounds for view in each.steps):
        return wrapped(NOTHING_TO_UNDO, width)
    return [*wrapped(UNDO.format(key=key_of("ticket.undo", keymap)), width, "strong"), *wrapped(STOPS_STAY, width, "dim")]


def _share_done(view: StepView) -> Decimal:
    return view.filled / view.step.quantity if view.step.quantity else ZERO


def _slips(step: Step, price: Decimal | None, quantity: Decimal, marks: dict[str, Decimal]) -> Decimal:
    mark = marks.get(step.symbol or "")
    if mark is None or price is None or not step.action.trades:
        return ZERO
    return (price - mark) * quantity * (1 if step.action.buys else -1)
