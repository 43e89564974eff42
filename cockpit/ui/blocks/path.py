"""A plan's path: the book after every step, where it is at its worst, and its course in two small charts."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import Plan
from cockpit.model.plan_figures import free_reserve, headroom, nearest_rule, weight, without_spot
from cockpit.model.wording import is_floor, rule_words
from cockpit.ui.charts.spark import sparkline
from cockpit.ui.lines import Line, title
from cockpit.ui.precision import tick_of
from cockpit.ui.steps import step_brief, step_count
from cockpit.ui.table import Cell, Column, Fact, Row, facts, table

PATH = (
    Column("#", about="plan.step"),
    Column("step", right=False, about="plan.order"),
    Column("at", drop=4, about="plan.limit_price"),
    Column("stop", drop=3, about="book.stop"),
    Column("cash", about="book.cash"),
    Column("wallet", about="book.futures_wallet"),
    Column("margin", drop=1, about="book.margin"),
    Column("liq. near", about="book.liquidation_distance"),
    Column("L1 %", about="book.weight"),
    Column("DEFI %", about="book.weight"),
    Column("fee", drop=5, about="plan.fee"),
)
WORST = "◂"
CENTS_FROM = 112
"""Cells from which amounts keep their cents."""
WIDEST_STEP = 4
LEAST_CHART = 9


def path(plan: Plan, width: int, market: MarketSnapshot | None = None) -> list[Line]:
    """The book after every step, prices to the ticks of `market`.

    ◂ stands where a column is at its worst first, and at the step that comes nearest to a rule.
    """
    states = [plan.start, *(step.after for step in plan.steps)]
    indices = range(len(states))
    worst_cash = min(indices, key=lambda i: states[i].cash)
    worst_margin = max(indices, key=lambda i: states[i].margin_used)
    near = {i: abs(gap) for i in indices if (gap := states[i].nearest_liquidation) is not None}
    worst_liquidation = min(near, key=lambda i: near[i], default=0)
    tight = nearest_rule(plan.checks)
    money = fmt.amount if width >= CENTS_FROM else fmt.whole
    ticks = [tick_of(market, step.symbol) for step in plan.steps]
    limits = fmt.aligned(["", *(_price(step.price, tick) for step, tick in zip(plan.steps, ticks, strict=True))])
    stops = fmt.aligned(["", *(_price(step.stop_price, tick) for step, tick in zip(plan.steps, ticks, strict=True))])
    rows = []
    for index, state in enumerate(states):
        step = plan.steps[index - 1] if index else None
        is_tight = tight is not None and index > 0 and tight.worst_step == index
        rows.append(
            Row(
                (
                    (f"{WORST}{index}", "accent") if is_tight else (str(index), "dim"),
                    step_brief(step, ticks[index - 1]) if step else "now",
                    limits[index],
                    stops[index],
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
    head = title(f"The path: {step_count(len(plan.steps))}", "the book after each one; ◂ marks the worst point")
    return [head, *table(PATH, rows, width)]


def _price(value: Decimal | None, tick: Decimal | None) -> str:
    return "" if value is None else fmt.price(value, tick)


def _marked(text: str, is_worst: bool) -> Cell:
    return (f"{WORST}{text}", "accent") if is_worst else text


def worst_prefix(plan: Plan, width: int) -> list[Line]:
    """The prefix that comes nearest to a hard rule, in words."""
    tight = nearest_rule(plan.checks)
    if tight is None:
        return []
    worst, limit = fmt.limit_pair(tight.rule, tight.worst, tight.limit)
    where = f"after step {tight.worst_step}" if tight.worst_step else "at the start"
    bound = "at least" if is_floor(tight.rule) else "at most"
    room = None if without_spot(tight) else headroom(tight)
    value = (f"{rule_words(tight.rule)} {worst}", "strong" if room is not None and room >= 0 else "bad", f"rule.{tight.rule}")
    return facts(
        [
            (f"{WORST} tightest {where}:", value),
            (f"limit {bound}", (limit, "", f"rule.{tight.rule}")),
            ("headroom", (fmt.percent(room, 0), "", "plan.headroom")),
        ],
        width,
    )


def course(plan: Plan, width: int) -> list[Line]:
    """Free reserve and nearest liquidation from the start to the last step, one bar a state; nothing without a step."""
    if not plan.steps:
        return []
    states = [plan.start, *(step.after for step in plan.steps)]
    reserves = [free_reserve(state) for state in states]
    gaps = [None if state.nearest_liquidation is None else abs(state.nearest_liquidation) for state in states]
    each = max(1, min(WIDEST_STEP, (width - 52) // len(states)))
    pairs: list[Fact] = [("free reserve", _chart(reserves, each, width - 52), "book.free_reserve")]
    if any(gap is not None for gap in gaps):
        pairs.append(("liquidation away", _chart(gaps, each, width - 52), "book.liquidation_distance"))
    return facts(pairs, width)


def course_chart(plan: Plan, width: int, height: int) -> list[Line]:
    """Free reserve and nearest liquidation over the steps as curves in percent, with the reserve that must stay."""
    from cockpit.ui.charts import Curve, Level, line_chart

    states = [plan.start, *(step.after for step in plan.steps)]
    least = plan.limits.free_reserve_min * 100
    gaps = [None if state.nearest_liquidation is None else abs(state.nearest_liquidation) * 100 for state in states]
    curves = [Curve("free reserve", [free_reserve(state) * 100 for state in states])]
    if any(gap is not None for gap in gaps):
        curves.append(Curve("liquidation away", gaps, "warn"))
    drawn = line_chart(
        curves,
        width,
        max(LEAST_CHART, height - 1),
        levels=[Level("least reserve", least, "bad", f"{fmt.amount(least, 1)} %")],
        x_labels=[str(index) for index in range(len(states))],
        write=lambda value: f"{fmt.number(value)} %",
    )
    return [title("Its course", "after each step, in percent"), *drawn]


def _chart(values: list[Decimal | None] | list[Decimal], each: int, room: int) -> str:
    known = [value for value in values if value is not None]
    drawn = sparkline([value for value in values for _ in range(each)], max(8, room))
    return f"{drawn} {fmt.percent(known[0])} → {fmt.percent(known[-1])}, least {fmt.percent(min(known))}"
