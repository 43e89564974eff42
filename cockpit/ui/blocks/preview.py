"""A plan before anything is sent: before and after by sector, the path step by step, rules, costs, what is skipped."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.market import MarketSnapshot
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView
from cockpit.model.plan import PROTECT, CostKind, Plan
from cockpit.model.plan_figures import figures_of
from cockpit.model.request import Proposal
from cockpit.model.wording import COST_WORDS, is_repaired, no_steps, rule_words
from cockpit.ui import charts
from cockpit.ui.blocks.path import course, course_chart, path, worst_prefix
from cockpit.ui.blocks.sector_bars import sector_bars
from cockpit.ui.blocks.standing import standing
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, beside, line, text_of, title, width_of, wrapped
from cockpit.ui.precision import price_text, quantity_text, tick_of
from cockpit.ui.rules import COLUMNS as RULE_COLUMNS
from cockpit.ui.rules import check_row, mark_of
from cockpit.ui.steps import state_mark, step_brief
from cockpit.ui.table import Column, Row, table

LEFT = "what the target asks for and this plan leaves"
WIDE = 112
ROOMY = 170
"""Cells from which a chart stands beside the path."""
PATH_WIDTH = 116
GAP = 3


def preview(proposal: Proposal, width: int, keymap: Keymap = AS_SHIPPED, market: MarketSnapshot | None = None) -> list[Line]:
    """The whole preview, prices to the ticks of `market`; a refusal stands first, with its rule."""
    rows: list[Line] = []
    if proposal.rule:
        rows += [line((f"✗ REFUSED by {rule_words(proposal.rule)}", "alarm"))]
    if proposal.sentence:
        rows += wrapped(fmt.minus(proposal.sentence), width, "bad" if proposal.rule else "")
    plan = proposal.plan
    if plan is None:
        return rows
    if proposal.empty:
        mark, role = ("✓", "good") if plan.content else ("!", "warn")
        rows += wrapped(f"{mark} {no_steps(plan)}", width, role)
    if rows:
        rows.append(EMPTY)
    if proposal.empty:
        return [*rows, *sector_bars(plan, width), *_verdict(plan, width), *_skipped(plan, width)]
    if width >= WIDE:
        half = (width - GAP) // 2
        left = [*_verdict(plan, half), *worst_prefix(plan, half), *course(plan, half)]
        rows += [*sector_bars(plan, width), EMPTY, *beside(left, _costs(plan, half), half, GAP)]
        rows += [EMPTY, *_path_and_chart(plan, width, market), EMPTY, *_checks(plan, width, keymap)]
    else:
        rows += [*sector_bars(plan, width), *_verdict(plan, width), EMPTY, *path(plan, width, market)]
        rows += [*worst_prefix(plan, width), *course(plan, width), EMPTY, *_costs(plan, width)]
        rows += [EMPTY, *_checks(plan, width, keymap)]
    return rows + _skipped(plan, width)


def _path_and_chart(plan: Plan, width: int, market: MarketSnapshot | None) -> list[Line]:
    """The path, and beside it its course as curves where there is room and what draws them is loaded."""
    if width < ROOMY or not charts.prepared():
        return path(plan, width, market)
    rows = path(plan, PATH_WIDTH, market)
    taken = max(map(width_of, rows))
    return beside(rows, course_chart(plan, width - taken - GAP, len(rows)), taken, GAP)


def _verdict(plan: Plan, width: int) -> list[Line]:
    """The rules in a line, and each one that warns or refuses with its reason."""
    told = [check for check in plan.checks if not check.passed or is_repaired(check)]
    held = len(plan.checks) - len(told)
    rows = [line((f"✓ {held} rules hold", "good", "plan.rules"), "" if told else " after every step")]
    for check in told:
        mark, role = mark_of(check)
        rows += wrapped(f"{mark} {fmt.minus(check.message) or rule_words(check.rule)}", width, role)
    return rows


def _checks(plan: Plan, width: int, keymap: Keymap) -> list[Line]:
    """Every rule with its worst value and its limit; two columns of them where there is room."""
    order = sorted(plan.checks, key=lambda check: check.passed)
    head = title("Rules", f"worst of the way against the limit; {key_of('help', keymap)} explains the words")
    if width < WIDE:
        return [head, *table(RULE_COLUMNS, [check_row(check) for check in order], width)]
    half, middle = (width - GAP) // 2, (len(order) + 1) // 2
    blocks = [table(RULE_COLUMNS, [check_row(check) for check in part], half) for part in (order[:middle], order[middle:])]
    return [head, *beside(blocks[0], blocks[1], half, GAP)]


COST_FIGURES = {
    CostKind.FEE: "plan.fees",
    CostKind.SLIPPAGE: "plan.slippage",
    CostKind.FUNDING: "plan.funding_day",
    CostKind.BREAK_EVEN: "plan.break_even",
}


def _costs(plan: Plan, width: int) -> list[Line]:
    if not plan.costs:
        return []
    found = figures_of(plan)
    rows = [title("Costs", "USDT; received has a plus")]
    turnover = f"{fmt.percent(found.turnover_share)} of NAV, bought and sold added up"
    told = [("turnover", fmt.amount(found.turnover), "plan.turnover", turnover)]
    for cost in plan.costs:
        shown = f"{fmt.amount(cost.amount, 1)} days" if cost.kind is CostKind.BREAK_EVEN else _paid(cost.amount)
        told.append((COST_WORDS[cost.kind], shown, COST_FIGURES[cost.kind], cost.note))
    for label, shown, about, note in told:
        left = f"{label:<14}"
        lead = len(left) + max(12, len(shown)) + 2
        notes = wrapped(note, width - lead, "dim") if note else [EMPTY]
        rows.append(line(left, (f"{shown:>12}", "", about), "  ", *notes[0]))
        rows += [line(" " * lead, *more) for more in notes[1:]]
    return rows


def _paid(amount: Decimal) -> str:
    """A cost as it moves the wallet: paid is negative."""
    return fmt.amount(-amount, signed=True)


def _skipped(plan: Plan, width: int) -> list[Line]:
    if not plan.skipped:
        return []
    stops = plan.plan.preset == PROTECT
    rows = [EMPTY, title("Skipped", "positions without a stop, margin that is missing" if stops else LEFT)]
    for item in plan.skipped:
        told = f"{item.asset} {fmt.amount(item.wanted, signed=True)}"
        first, *more = wrapped(f"{told}: {fmt.minus(item.reason)}", width)
        rows += [_explained(first, told), *more]
    return rows


def _explained(row: Line, told: str) -> Line:
    """The line with the amount at its start explained, if it stands there whole."""
    text = text_of(row)
    return line((told, "", "plan.skipped"), text[len(told) :]) if text.startswith(told) else row


PROGRESS = (
    Column("#"),
    Column("step", right=False),
    Column("state", right=False),
    Column("filled", drop=1, about="plan.filled"),
    Column("at", drop=1, about="plan.average"),
    Column("fee", drop=2, about="plan.fee"),
    Column("remark", right=False, name=True, least=10, drop=3),
)


def goes_on_words(execution: ExecutionView) -> str:
    """What the key that begins a plan does while this one runs."""
    if execution.blocked:
        return "opens the ticket"
    over = any(view.state.final for view in execution.steps)
    return f"opens the {'next' if over else 'first'} step's ticket"


def progress(execution: ExecutionView, picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The plan in execution: what became of each step."""
    head = execution.plan.plan
    name = "The stops alone" if head.preset == PROTECT else f"Strategy {head.strategy}, {head.mode.value}"
    if execution.finished:
        rows = [line(("✓ Finished: ", "good"), f"{name}, plan {head.id[:8]}")]
    elif execution.blocked:
        rows = [line(("✗ Blocked: ", "alarm"), f"{name}, plan {head.id[:8]}"), *wrapped(execution.blocked, width, "bad")]
    else:
        rows = [line(("▸ In execution: ", "accent"), f"{name}, plan {head.id[:8]}")]
    return [
        *rows,
        *standing(picture, width, keymap),
        *table(PROGRESS, [_progress_row(view, picture.market, execution.current) for view in execution.steps], width),
    ]


def _state(view: StepView, *, now: bool) -> str:
    if view.state is StepState.PREVIEWED:
        return "next" if now else "to come"
    return view.state.value.lower().replace("_", " ")


def _progress_row(view: StepView, market: MarketSnapshot | None, current: int | None) -> Row:
    mark, role = state_mark(view.state)
    now, symbol = view.step.number == current, view.step.symbol
    return Row(
        (
            str(view.step.number),
            step_brief(view.step, tick_of(market, symbol)),
            (f"{mark} {_state(view, now=now)}", role),
            quantity_text(market, symbol, view.filled) if view.filled else "",
            price_text(market, symbol, view.average_price) if view.average_price is not None else "",
            fmt.amount(view.fee) if view.fee else "",
            "" if view.state is StepState.DONE else view.message,
        ),
        "strong" if now else "",
    )
