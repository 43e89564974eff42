"""What a plan comes to: how much is traded, what it costs, where it ends, and the rule that its path comes nearest to."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from cockpit.model.assets import ROTATING, Sector
from cockpit.model.format import HEDGE_RATIOS, NO_SPOT
from cockpit.model.money import ONE, ZERO
from cockpit.model.plan import Check, CheckKind, CostKind, Plan, State
from cockpit.model.wording import is_floor

WEIGHED = ("free_reserve_min", "futures_capital_max", "gross_notional_max", "hedge_ratio_max", "shock_l1", "shock_defi")
"""The rules that the book wears along the path. The others are about single orders, or are met on purpose: a stop stands exactly
at its widest distance, a step goes as far as its corridor lets it."""


class PlanFigures(Struct, frozen=True, kw_only=True):
    """A plan in figures, amounts in quote units.

    `turnover` is the notional of every order, bought and sold added up; transfers are none. `funding_per_day` is the change
    against the book at the start, paid positive. `break_even_days` is for how long perpetuals are cheaper than spot, None where
    they open nothing or receive funding. `worst` is the hard rule that the path comes nearest to, `headroom` how much of its
    limit is left there (negative beyond it). `miss` is half the sum of what the sectors' end weights miss their targets by.
    """

    turnover: Decimal
    turnover_share: Decimal
    fees: Decimal
    slippage: Decimal
    funding_per_day: Decimal
    break_even_days: Decimal | None
    steps: int
    worst: Check | None
    headroom: Decimal | None
    weights: dict[Sector, Decimal]
    miss: Decimal

    @property
    def cost(self) -> Decimal:
        """Fees and slippage: what is paid once."""
        return self.fees + self.slippage


def figures_of(plan: Plan) -> PlanFigures:
    """The figures of a plan; nothing is computed anew that the plan carries."""
    traded = sum((step.notional or ZERO for step in plan.steps if step.action.trades), ZERO)
    worst = nearest_rule(plan.checks)
    weights = {sector: weight(plan.end, sector) for sector in ROTATING}
    targets = {Sector.L1: plan.target.L1, Sector.DEFI: plan.target.DEFI, Sector.STABLE: plan.target.STABLE}
    return PlanFigures(
        turnover=traded,
        turnover_share=traded / plan.start.nav if plan.start.nav > 0 else ZERO,
        fees=_cost(plan, CostKind.FEE) or ZERO,
        slippage=_cost(plan, CostKind.SLIPPAGE) or ZERO,
        funding_per_day=_cost(plan, CostKind.FUNDING) or ZERO,
        break_even_days=_cost(plan, CostKind.BREAK_EVEN),
        steps=len(plan.steps),
        worst=worst,
        headroom=None if worst is None or without_spot(worst) else headroom(worst),
        weights=weights,
        miss=sum((abs(weights[sector] - targets[sector]) for sector in ROTATING), ZERO) / 2,
    )


def cost_of(plan: Plan) -> Decimal:
    """Fees and slippage of a whole plan, in quote units."""
    return (_cost(plan, CostKind.FEE) or ZERO) + (_cost(plan, CostKind.SLIPPAGE) or ZERO)


def weight(state: State, sector: Sector) -> Decimal:
    """A sector's net weight in a state, as a fraction of the base; 0 where it has none."""
    found = state.sectors.get(sector)
    return found.weight if found else ZERO


def free_reserve(state: State) -> Decimal:
    """Spot stablecoins over NAV; 0 where NAV is not above zero."""
    return state.cash / state.nav if state.nav > 0 else ZERO


def headroom(check: Check) -> Decimal:
    """How far the worst value stays from its limit, as a fraction of the limit: 0 at it, negative beyond it."""
    room = check.worst - check.limit if is_floor(check.rule) else check.limit - check.worst
    return room / abs(check.limit) if check.limit else (ZERO if not room else ONE.copy_sign(room))


def nearest_rule(checks: Iterable[Check]) -> Check | None:
    """Of the hard rules that the book wears along the path the one with the least headroom; None without any.

    A rule that nothing touches is not weighed: no futures capital, no short, no position that could be liquidated.
    """
    weighed = [check for check in checks if check.kind is CheckKind.HARD and check.rule in WEIGHED and not _idle(check)]
    return min(weighed, key=headroom, default=None)


def without_spot(check: Check) -> bool:
    """Whether it is the hedge ratio of shorts without any spot: a ratio to nothing, of which no headroom can be told."""
    return check.rule in HEDGE_RATIOS and check.worst >= NO_SPOT


def _idle(check: Check) -> bool:
    return check.worst >= ONE if check.rule.startswith("shock_") else not is_floor(check.rule) and check.worst <= 0


def _cost(plan: Plan, kind: CostKind) -> Decimal | None:
    amounts = [cost.amount for cost in plan.costs if cost.kind is kind]
    return sum(amounts, ZERO) if amounts else None
