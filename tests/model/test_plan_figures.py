"""What a plan comes to, on the published worked example and on generated checks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.plan import Check, CheckKind, Plan
from cockpit.model.plan_figures import WEIGHED, cost_of, figures_of, free_reserve, headroom, nearest_rule, weight
from cockpit.model.wording import is_floor
from tests.ui import worked_example as example

D = Decimal


@pytest.fixture
def plan() -> Plan:
    """The reconciled reading of the 100,000 example."""
    return example.reconciled_plan(example.book(), example.market())


def check(rule: str, worst: Decimal, limit: Decimal, step: int = 1, kind: CheckKind = CheckKind.HARD) -> Check:
    return Check(rule=rule, kind=kind, limit=limit, worst=worst, worst_step=step, passed=True, message="")


def test_the_worked_example_trades_35_000_and_pays_17_50(plan: Plan) -> None:
    """10,000 short ETH, 12,500 long AAVE and UNI each at 0.05 %: facts of the published example."""
    found = figures_of(plan)
    assert (found.turnover, found.turnover_share) == (D(35_000), D("0.35"))
    assert (found.fees, found.slippage, found.cost, cost_of(plan)) == (D("17.5"), D(0), D("17.5"), D("17.5"))
    assert (found.funding_per_day, found.break_even_days) == (D("4.5"), D("7.8"))
    assert found.steps == 6


def test_the_worked_example_ends_on_its_target_but_for_its_fees(plan: Plan) -> None:
    found = figures_of(plan)
    assert [round(found.weights[s], 3) for s in (Sector.L1, Sector.DEFI, Sector.STABLE)] == [D("0.300"), D("0.500"), D("0.200")]
    assert 0 < found.miss < D("0.0002")
    assert weight(plan.start, Sector.L1) == D("0.4")
    assert round(free_reserve(plan.end), 4) == D("0.1749")


def test_transfers_are_no_turnover(plan: Plan) -> None:
    orders = tuple(step for step in plan.steps if step.action.trades)
    assert figures_of(replace(plan, steps=orders)).turnover == figures_of(plan).turnover


def test_a_plan_without_perpetuals_breaks_even_never(plan: Plan) -> None:
    spot = replace(plan, costs=plan.costs[:2])
    found = figures_of(spot)
    assert found.break_even_days is None
    assert found.funding_per_day == 0


def test_the_nearest_rule_is_the_one_with_the_least_of_its_limit_left() -> None:
    reserve = check("free_reserve_min", D("0.06"), D("0.05"), step=5)
    capital = check("futures_capital_max", D("0.45"), D("0.50"), step=6)
    assert headroom(reserve) == D("0.2")
    assert headroom(capital) == D("0.1")
    assert nearest_rule((reserve, capital)) is capital


def test_rules_of_single_orders_and_warnings_are_not_the_nearest() -> None:
    """A stop stands at its widest distance by construction: it would always be the nearest."""
    stop = check("stop_distance_l1", D("0.12"), D("0.12"))
    soft = check("hedge_ratio_guideline", D("0.25"), D("0.20"), kind=CheckKind.SOFT)
    assert nearest_rule((stop, soft)) is None


def test_a_rule_that_nothing_touches_is_not_the_nearest() -> None:
    """A plan by spot alone: no futures capital and no position; its free reserve is what is left to watch."""
    capital = check("futures_capital_max", D(0), D("0.50"), step=0)
    gap = check("shock_l1", D(1), D("0.25"), step=0)
    reserve = check("free_reserve_min", D("0.20"), D("0.05"), step=4)
    assert nearest_rule((capital, gap, reserve)) is reserve


@given(
    rule=st.sampled_from(WEIGHED),
    worst=st.decimals(0, 2, places=4, allow_nan=False),
    limit=st.decimals(D("0.01"), 2, places=4, allow_nan=False),
)
def test_headroom_is_negative_exactly_where_a_limit_is_broken(rule: str, worst: Decimal, limit: Decimal) -> None:
    broken = worst < limit if is_floor(rule) else worst > limit
    assert (headroom(check(rule, worst, limit)) < 0) == broken
