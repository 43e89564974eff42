"""What the screens say of a plan, as a Markdown file to read, print or pass on."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from cockpit.files.kept import keep_text, slug
from cockpit.files.markdown import escape, table
from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector
from cockpit.model.market import MarketLabel
from cockpit.model.money import ZERO
from cockpit.model.plan import Check, CheckKind, Cost, CostKind, Plan, State, Step
from cockpit.model.readings import Phase
from cockpit.model.strategy import Strategy
from cockpit.model.wording import COST_WORDS, exact_price, is_floor, is_repaired, no_steps, rule_words, step_words

HOW_TO_READ = (
    "Weights are net exposure, spot value plus signed perpetual notional, over the base: NAV less what stands outside the "
    "rotation. STABLE is what the other sectors leave, so the weights add up to 100 %.",
    "NAV is spot at value, the futures wallets and the unrealised PnL; notional is no part of it. The free reserve is the spot "
    "stablecoins over NAV.",
    "Each row of the path is the book after that step, filled as expected and with its fee; row 0 is the book that the plan "
    "starts from. Nearest liquidation is the move of the mark price that liquidates the first position.",
    "Every rule is checked at the start and after each step. A hard rule that is broken stops the plan; a warning asks for a "
    "second look; a repaired rule was broken at the start, no step makes it worse, and the end keeps it.",
    "Costs move the wallet: paid is negative, received has a plus. Funding is at the rates of the plan's moment.",
    "The plan says what would be done. What was done stands in the journal.",
)


BOOK: tuple[tuple[str, Callable[[State], str]], ...] = (
    ("NAV", lambda state: fmt.amount(state.nav)),
    ("Cash", lambda state: fmt.amount(state.cash)),
    ("Free reserve", lambda state: fmt.percent(state.cash / state.nav if state.nav > 0 else None)),
    ("Futures wallet", lambda state: fmt.amount(state.futures_wallet)),
    ("Margin used", lambda state: fmt.amount(state.margin_used)),
    ("Gross futures notional", lambda state: fmt.amount(state.gross_futures_notional)),
    ("Nearest liquidation", lambda state: fmt.percent(state.nearest_liquidation, signed=True)),
)


Ticks = Mapping[str, Decimal]
"""Price steps by symbol."""


def write_report(
    plan: Plan, folder: Path, *, mode: str, market: MarketLabel, strategy: Strategy | None = None, ticks: Ticks
) -> Path:
    """Write the report into `folder` under a name of its own, never over an existing file; the path that was written."""
    name = f"report-{slug(plan.plan.strategy)}-{plan.plan.created_at:%Y%m%d-%H%M%S}.md"
    return keep_text(name, report(plan, mode=mode, market=market, strategy=strategy, ticks=ticks), folder)


def report(plan: Plan, *, mode: str, market: MarketLabel, strategy: Strategy | None = None, ticks: Ticks) -> str:
    """The whole report. `mode` is the account's (PAPER), `market` says where prices come from, `strategy` gives its name.

    Prices have the places of `ticks`, as on the screens; those of other symbols stand as they are sent.
    """
    parts = [
        _heading(plan, mode, market, strategy),
        ["## Before and after", "", *_sectors(plan), "", *_book(plan)],
        ["## The path", "", *_path(plan, ticks)],
        ["## Rules", "", *_rules(plan.checks)],
        ["## Costs", "", *_costs(plan.costs)],
        ["## Left out", "", *_skipped(plan)],
        ["## How to read it", "", *(f"- {sentence}" for sentence in HOW_TO_READ)],
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _heading(plan: Plan, mode: str, market: MarketLabel, strategy: Strategy | None) -> list[str]:
    head = plan.plan
    name = f"{head.strategy} {strategy.name}" if strategy is not None else head.strategy
    facts = [
        ("Portfolio", f"{plan.book.name}, revision {plan.book.revision}, NAV {fmt.amount(plan.book.nav)} USDT"),
        ("Strategy", f"{name}, {f'preset {head.preset}, ' if head.preset else ''}way {head.mode.value}"),
        ("Phase", _phase(head.phase)),
        ("Market", f"{plan.market.source}, as of {fmt.moment(plan.market.as_of)} UTC"),
        ("Plan", f"{head.id}, made {fmt.moment(head.created_at)} UTC"),
    ]
    rows = [f"# Rotation plan: strategy {escape(name)}", "", f"**{escape(mode)} · {market.value}**", ""]
    if plan.broken is not None:
        rows += [f"**This plan cannot be begun: {escape(rule_words(plan.broken.rule))}.** {escape(plan.broken.message)}", ""]
    return [*rows, *table(("", ""), facts, left=(0, 1))]


def _phase(name: str) -> str:
    phase = next((known for known in Phase if known.value == name), None)
    if phase is None:
        return name or "not asked"
    return name if phase is Phase.UNDETERMINED else f"{name} {phase.words}"


def _sectors(plan: Plan) -> list[str]:
    targets = {Sector.L1: plan.target.L1, Sector.DEFI: plan.target.DEFI, Sector.STABLE: plan.target.STABLE}
    columns = ("Sector", "Before", "After", "Target", "Spot after", "Perpetuals after", "Net after")
    rows = []
    for sector in dict.fromkeys((*plan.start.sectors, *plan.end.sectors)):
        end = plan.end.sectors.get(sector)
        rows.append(
            (
                sector.value,
                _weight(plan.start, sector),
                _weight(plan.end, sector),
                fmt.percent(targets.get(sector)),
                fmt.amount(end.spot if end else ZERO),
                fmt.amount(end.futures if end else ZERO, signed=True),
                fmt.amount(end.net if end else ZERO),
            )
        )
    return table(columns, rows)


def _weight(state: State, sector: Sector) -> str:
    """A sector's net over the base; what stands outside the rotation has no weight in it."""
    if sector not in ROTATING:
        return fmt.NONE
    found = state.sectors.get(sector)
    return fmt.percent(found.weight if found else ZERO)


def _book(plan: Plan) -> list[str]:
    rows = [(name, write(plan.start), write(plan.end)) for name, write in BOOK]
    return table(("Book (USDT)", "Before", "After"), rows)


def _path(plan: Plan, ticks: Ticks) -> list[str]:
    if not plan.steps:
        return [no_steps(plan)]
    columns = ("#", "Step", "Account", "Why", "Stop", "Fee", "Cash", "Futures wallet", "Margin", "Nearest liq.", "L1", "DEFI")
    rows = [("0", "now", "", "", "", "", *_state(plan.start)), *(_step(step, ticks) for step in plan.steps)]
    return table(columns, rows, left=(1, 2, 3))


def _step(step: Step, ticks: Ticks) -> tuple[str, ...]:
    tick = ticks.get(step.symbol or "")
    stop = exact_price(step.stop_price, tick) if step.stop_price is not None else ""
    fee = fmt.amount(step.fee) if step.fee else ""
    return (str(step.number), step_words(step, tick), step.account, step.reason, stop, fee, *_state(step.after))


def _state(state: State) -> tuple[str, ...]:
    money = (fmt.amount(state.cash), fmt.amount(state.futures_wallet), fmt.amount(state.margin_used))
    return (*money, fmt.percent(state.nearest_liquidation, signed=True), _weight(state, Sector.L1), _weight(state, Sector.DEFI))


def _rules(checks: Iterable[Check]) -> list[str]:
    order = sorted(checks, key=lambda check: check.passed)
    if not order:
        return ["No rule was checked: this is no plan of the cockpit's own making."]
    return table(("", "Rule", "Worst", "Limit", "At", "Remark"), map(_rule, order), left=(0, 1, 5))


def _rule(check: Check) -> tuple[str, ...]:
    bound = "≥" if is_floor(check.rule) else "≤"
    worst, limit = fmt.limit_pair(check.rule, check.worst, check.limit)
    return (
        _verdict(check),
        rule_words(check.rule),
        worst,
        f"{bound} {limit}",
        "start" if check.worst_step == 0 else f"step {check.worst_step}",
        check.message,
    )


def _verdict(check: Check) -> str:
    if is_repaired(check):
        return "↻ repaired"
    if check.passed:
        return "✓ holds"
    return "! warning" if check.kind is CheckKind.SOFT else "✗ BROKEN"


def _costs(costs: Iterable[Cost]) -> list[str]:
    rows = [(COST_WORDS[cost.kind], _cost(cost), cost.note) for cost in costs]
    return table(("Cost", "USDT", "Note"), rows, left=(0, 2)) if rows else ["None."]


def _cost(cost: Cost) -> str:
    return f"{fmt.amount(cost.amount, 1)} days" if cost.kind is CostKind.BREAK_EVEN else fmt.amount(-cost.amount, signed=True)


def _skipped(plan: Plan) -> list[str]:
    rows = [(item.asset, fmt.amount(item.wanted, signed=True), item.reason) for item in plan.skipped]
    return table(("Asset", "Wanted (USDT)", "Why not"), rows, left=(0, 2)) if rows else ["Nothing that the target asks for."]
