"""Two plans side by side, figure by figure, with a sign at the better of each pair."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING
from cockpit.model.plan_figures import PlanFigures, figures_of
from cockpit.model.request import Proposal
from cockpit.model.wording import is_floor, rule_words
from cockpit.ui.lines import Line, Span, line, span, title, wrapped
from cockpit.ui.table import Cell, Column, Row, table

BETTER = "◆"
LESS, MORE, NEITHER = -1, 1, 0


class Contender(NamedTuple):
    """One of the two: its name, and its proposal; without one it is still being worked out, or `failure` says why not."""

    name: str
    proposal: Proposal | None
    failure: str = ""

    @property
    def figures(self) -> PlanFigures | None:
        """The figures of its plan, if there is one."""
        plan = self.proposal.plan if self.proposal is not None else None
        return figures_of(plan) if plan is not None else None


class _Figure(NamedTuple):
    """A row: how the figure is written and which of two values is better (the lower, the higher, neither)."""

    label: str
    about: str
    write: Callable[[PlanFigures], str]
    value: Callable[[PlanFigures], Decimal | int | None] = lambda _: None
    better: int = NEITHER


def _days(days: Decimal | None) -> str:
    return fmt.NONE if days is None else f"{fmt.amount(days, 1)} days"


def _nearest(figures: PlanFigures) -> str:
    worst = figures.worst
    return fmt.NONE if worst is None else rule_words(worst.rule)


def _worst(figures: PlanFigures) -> str:
    worst = figures.worst
    if worst is None:
        return fmt.NONE
    value, limit = fmt.limit_pair(worst.rule, worst.worst, worst.limit)
    where = f"step {worst.worst_step}" if worst.worst_step else "start"
    return f"{value} {'≥' if is_floor(worst.rule) else '≤'} {limit}, {where}"


ROWS = (
    _Figure("steps", "plan.steps", lambda f: str(f.steps), lambda f: f.steps, LESS),
    _Figure(
        "turnover",
        "plan.turnover",
        lambda f: f"{fmt.whole(f.turnover)} ({fmt.percent(f.turnover_share)} of NAV)",
        lambda f: f.turnover,
        LESS,
    ),
    _Figure("fees", "plan.fees", lambda f: fmt.amount(-f.fees, signed=True), lambda f: f.fees, LESS),
    _Figure("slippage", "plan.slippage", lambda f: fmt.amount(-f.slippage, signed=True), lambda f: f.slippage, LESS),
    _Figure(
        "funding a day",
        "plan.funding_day",
        lambda f: fmt.amount(-f.funding_per_day, signed=True),
        lambda f: f.funding_per_day,
        LESS,
    ),
    _Figure("break-even", "plan.break_even", lambda f: _days(f.break_even_days)),
    _Figure("nearest rule", "plan.worst", _nearest),
    _Figure("  at its worst", "plan.worst", _worst),
    _Figure("  headroom", "plan.headroom", lambda f: fmt.percent(f.headroom, 0), lambda f: f.headroom, MORE),
    *(
        _Figure(f"{sector.value} at the end", "book.weight", lambda f, s=sector: fmt.percent(f.weights[s]))  # type: ignore[misc]
        for sector in ROTATING
    ),
    _Figure("misses target by", "plan.miss", lambda f: f"{fmt.percent(f.miss, unit=False)} points", lambda f: f.miss, LESS),
)


def compare(first: Contender, second: Contender, width: int) -> list[Line]:
    """Both plans; a refused one is told with its rule, one on its way says so."""
    sides = (first, second)
    told = [line for side in sides for line in _told(side, width)]
    figures = [side.figures for side in sides]
    head = title("Two plans", f"{BETTER} the better of the two; USDT, received has a plus")
    columns = (Column("", right=False), Column(first.name), Column(second.name))
    rows = [Row((row.label, *_pair(row, figures[0], figures[1]))) for row in ROWS]
    return [head, *told, *table(columns, rows, width)]


def _pair(row: _Figure, first: PlanFigures | None, second: PlanFigures | None) -> tuple[Cell, Cell]:
    """Both cells; the sign stands only where both plans have the figure and they differ."""
    values = [None if side is None else row.value(side) for side in (first, second)]
    texts = [fmt.NONE if side is None else row.write(side) for side in (first, second)]
    first_wins: bool | None = None
    if row.better and values[0] is not None and values[1] is not None and texts[0] != texts[1]:
        first_wins = (values[0] > values[1]) == (row.better == MORE)
    return _cell(texts[0], row.about, better=first_wins is True), _cell(texts[1], row.about, better=first_wins is False)


def _cell(text: str, about: str, *, better: bool) -> Span:
    return span(f"{BETTER} {text}" if better else text, "good" if better else "", about)


def _told(side: Contender, width: int) -> list[Line]:
    """What keeps a contender from being a plan that could be begun."""
    if side.failure:
        return wrapped(f"✗ {side.name}: {side.failure}", width, "bad")
    proposal = side.proposal
    if proposal is None:
        return [line((f"… {side.name}: being worked out", "dim"))]
    if proposal.rule:
        return wrapped(f"✗ {side.name}: REFUSED by {rule_words(proposal.rule)}: {fmt.minus(proposal.sentence)}", width, "bad")
    if proposal.plan is not None and (broken := proposal.plan.broken) is not None:
        return wrapped(f"✗ {side.name}: REFUSED by {rule_words(broken.rule)}: {fmt.minus(broken.message)}", width, "bad")
    if proposal.plan is not None and proposal.empty:
        if proposal.plan.content:
            return wrapped(f"✓ {side.name}: nothing to do", width, "good")
        return wrapped(f"! {side.name}: no step can be taken", width, "warn")
    return []
