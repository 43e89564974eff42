"""A plan before anything is sent: before and after by sector, the path step by step, rules, costs, what is skipped."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView
from cockpit.model.plan import CostKind, Plan, State
from cockpit.model.request import Proposal
from cockpit.ui.blocks.standing import standing
from cockpit.ui.lines import EMPTY, Line, beside, line, title, wrapped
from cockpit.ui.rules import COLUMNS as RULE_COLUMNS
from cockpit.ui.rules import check_row, is_repaired, mark_of, rule_words
from cockpit.ui.steps import state_mark, step_brief
from cockpit.ui.table import Cell, Column, Row, table

SECTORS = (
    Column("sector", right=False),
    Column("before"),
    Column("", right=False, drop=2),
    Column("→ after"),
    Column("", right=False, drop=2),
    Column("target"),
    Column("spot", drop=1),
    Column("perp", drop=1),
)
PATH = (
    Column("#"),
    Column("step", right=False),
    Column("at", drop=4),
    Column("stop", drop=3),
    Column("cash"),
    Column("wallet"),
    Column("margin", drop=1),
    Column("liq. near"),
    Column("L1 %"),
    Column("DEFI %"),
    Column("fee", drop=5),
)
BAR = 10
WIDE = 112
GAP = 3
COST_WORDS = {
    CostKind.FEE: "fees",
    CostKind.SLIPPAGE: "slippage",
    CostKind.FUNDING: "funding a day",
    CostKind.BREAK_EVEN: "break-even",
}


def preview(proposal: Proposal, width: int) -> list[Line]:
    """The whole preview; a refusal stands first, with its rule."""
    rows: list[Line] = []
    if proposal.rule:
        rows += [line((f"✗ REFUSED by {rule_words(proposal.rule)}", "alarm"))]
    if proposal.sentence:
        rows += wrapped(proposal.sentence, width, "bad" if proposal.rule else "")
    plan = proposal.plan
    if proposal.empty:
        rows.append(line(("✓ Nothing to do: the book is where the strategy wants it, within its bands.", "good")))
    if plan is None:
        return rows
    if rows:
        rows.append(EMPTY)
    if proposal.empty:
        return [*rows, *_sectors(plan, width), *_verdict(plan, width), *_skipped(plan, width)]
    if width >= WIDE:
        half = (width - GAP) // 2
        rows += beside([*_sectors(plan, half), *_verdict(plan, half)], _costs(plan, half), half, GAP)
        rows += [EMPTY, *_path(plan, width), EMPTY, *_checks(plan, width)]
    else:
        rows += [*_sectors(plan, width), *_verdict(plan, width), EMPTY, *_path(plan, width), EMPTY, *_costs(plan, width)]
        rows += [EMPTY, *_checks(plan, width)]
    return rows + _skipped(plan, width)


def cost_of(plan: Plan) -> Decimal:
    """Fees and slippage of a whole plan, in quote units."""
    return sum((cost.amount for cost in plan.costs if cost.kind in (CostKind.FEE, CostKind.SLIPPAGE)), ZERO)


def weight(state: State, sector: Sector) -> Decimal:
    """A sector's net weight in a state; 0 where it has none."""
    found = state.sectors.get(sector)
    return found.weight if found else ZERO


def _sectors(plan: Plan, width: int) -> list[Line]:
    targets = {Sector.L1: plan.target.L1, Sector.DEFI: plan.target.DEFI, Sector.STABLE: plan.target.STABLE}
    rows = []
    for sector in dict.fromkeys((*plan.start.sectors, *plan.end.sectors)):
        before, after = weight(plan.start, sector), weight(plan.end, sector)
        end = plan.end.sectors.get(sector)
        rows.append(
            Row(
                (
                    (sector.value, "strong"),
                    fmt.percent(before, unit=False) if sector in ROTATING else fmt.NONE,
                    (fmt.bar(float(before), BAR), "dim") if sector in ROTATING else "",
                    (fmt.percent(after, unit=False) if sector in ROTATING else fmt.NONE, "strong"),
                    (fmt.bar(float(after), BAR), "accent") if sector in ROTATING else "",
                    fmt.percent(targets.get(sector), unit=False),
                    fmt.whole(end.spot) if end else "0",
                    fmt.whole(end.futures, signed=True) if end and end.futures else "0",
                )
            )
        )
    return [title("Before → after", "net exposure, % of the base"), *table(SECTORS, rows, width)]


def _path(plan: Plan, width: int) -> list[Line]:
    """The book after every step; ◂ marks where a column is at its worst first."""
    states = [plan.start, *(step.after for step in plan.steps)]
    indices = range(len(states))
    worst_cash = min(indices, key=lambda i: states[i].cash)
    worst_margin = max(indices, key=lambda i: states[i].margin_used)
    near = {i: abs(gap) for i in indices if (gap := states[i].nearest_liquidation) is not None}
    worst_liquidation = min(near, key=lambda i: near[i], default=0)
    money = fmt.amount if width >= WIDE else fmt.whole
    rows = []
    for index, state in enumerate(states):
        step = plan.steps[index - 1] if index else None
        rows.append(
            Row(
                (
                    (str(index), "dim"),
                    step_brief(step) if step else "now",
                    fmt.price(step.price) if step and step.price is not None else "",
                    fmt.price(step.stop_price) if step and step.stop_price is not None else "",
                    _marked(money(state.cash), index == worst_cash and index > 0),
                    money(state.futures_wallet),
                    _marked(money(state.margin_used), index == worst_margin and index > 0),
                    _marked(fmt.percent(state.nearest_liquidation, signed=True), index == worst_liquidation and index > 0),
                    fmt.percent(weight(state, Sector.L1), unit=False),
                    fmt.percent(weight(state, Sector.DEFI), unit=False),
                    fmt.amount(step.fee) if step and step.fee else "",
                )
            )
        )
    note = "the book after each one; ◂ marks the worst point"
    return [title(f"The path: {len(plan.steps)} steps", note), *table(PATH, rows, width)]


def _marked(text: str, is_worst: bool) -> Cell:
    return (f"◂{text}", "accent") if is_worst else text


def _verdict(plan: Plan, width: int) -> list[Line]:
    """The rules in a line, and each one that warns or refuses with its reason."""
    told = [check for check in plan.checks if not check.passed or is_repaired(check)]
    held = len(plan.checks) - len(told)
    rows = [line((f"✓ {held} rules hold", "good"), "" if told else " after every step")]
    for check in told:
        mark, role = mark_of(check)
        rows += wrapped(f"{mark} {check.message or rule_words(check.rule)}", width, role)
    return rows


def _checks(plan: Plan, width: int) -> list[Line]:
    """Every rule with its worst value and its limit; two columns of them where there is room."""
    order = sorted(plan.checks, key=lambda check: check.passed)
    head = title("Rules", "worst of the way against the limit; ? explains the words")
    if width < WIDE:
        return [head, *table(RULE_COLUMNS, [check_row(check) for check in order], width)]
    half, middle = (width - GAP) // 2, (len(order) + 1) // 2
    blocks = [table(RULE_COLUMNS, [check_row(check) for check in part], half) for part in (order[:middle], order[middle:])]
    return [head, *beside(blocks[0], blocks[1], half, GAP)]


def _costs(plan: Plan, width: int) -> list[Line]:
    if not plan.costs:
        return []
    rows = [title("Costs", "USDT; received has a plus")]
    for cost in plan.costs:
        shown = (
            f"{fmt.exact(cost.amount.quantize(Decimal('0.1')))} days" if cost.kind is CostKind.BREAK_EVEN else _paid(cost.amount)
        )
        head = f"{COST_WORDS[cost.kind]:<14}{shown:>12}  "
        note = wrapped(cost.note, width - len(head), "dim") if cost.note else [EMPTY]
        rows.append(line(head, *note[0]))
        rows += [line(" " * len(head), *more) for more in note[1:]]
    return rows


def _paid(amount: Decimal) -> str:
    """A cost as it moves the wallet: paid is negative."""
    return fmt.amount(-amount, signed=True)


def _skipped(plan: Plan, width: int) -> list[Line]:
    if not plan.skipped:
        return []
    rows = [EMPTY, title("Skipped", "what the target asks for and this plan leaves")]
    for item in plan.skipped:
        rows += wrapped(f"{item.asset} {fmt.amount(item.wanted, signed=True)}: {item.reason}", width)
    return rows


PROGRESS = (
    Column("#"),
    Column("step", right=False),
    Column("state", right=False),
    Column("filled", drop=1),
    Column("at", drop=1),
    Column("fee", drop=2),
    Column("remark", right=False, name=True, least=10, drop=3),
)


def progress(execution: ExecutionView, picture: Picture, width: int) -> list[Line]:
    """The plan in execution: what became of each step."""
    head = execution.plan.plan
    name = f"Strategy {head.strategy}, {head.mode.value}"
    if execution.finished:
        rows = [line(("✓ Finished: ", "good"), f"{name}, plan {head.id[:8]}")]
    elif execution.blocked:
        rows = [line(("✗ Blocked: ", "alarm"), f"{name}, plan {head.id[:8]}"), *wrapped(execution.blocked, width, "bad")]
    else:
        left = sum(1 for view in execution.steps if not view.state.final)
        goes_on = "⏎ opens the next step's ticket" if left < len(execution.steps) else "⏎ opens the first step's ticket"
        rows = [line(("▸ In execution: ", "accent"), f"{name}, plan {head.id[:8]}"), line((goes_on, "key"))]
    return [
        *rows,
        *standing(picture, width),
        *table(PROGRESS, [_progress_row(view, execution.current) for view in execution.steps], width),
    ]


def _state(view: StepView, *, now: bool) -> str:
    if view.state is StepState.PREVIEWED:
        return "next" if now else "to come"
    return view.state.value.lower().replace("_", " ")


def _progress_row(view: StepView, current: int | None) -> Row:
    mark, role = state_mark(view.state)
    now = view.step.number == current
    return Row(
        (
            str(view.step.number),
            step_brief(view.step),
            (f"{mark} {_state(view, now=now)}", role),
            fmt.exact(view.filled) if view.filled else "",
            fmt.price(view.average_price) if view.average_price is not None else "",
            fmt.amount(view.fee) if view.fee else "",
            "" if view.state is StepState.DONE else view.message,
        ),
        "strong" if now else "",
    )
