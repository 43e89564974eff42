"""The blueprint's 100,000 example, read so that it closes, gives exactly the published numbers; read literally it is refused."""

from decimal import Decimal

import pytest

from cockpit.model.assets import Sector
from cockpit.model.book import Side
from cockpit.model.errors import RefusedByRule
from cockpit.model.plan import Action, CostKind, Plan
from cockpit.rotation.margin import unrealised_pnl
from tests.rotation.worlds import D, hundred_thousand, make


@pytest.fixture(scope="module")
def reconciled() -> Plan:
    return make(hundred_thousand(), preset="reconciled")


def test_the_steps_are_exactly_these(reconciled: Plan) -> None:
    assert [(s.action, s.asset, s.quantity) for s in reconciled.steps] == [
        (Action.TRANSFER, None, D(5005)),
        (Action.OPEN_SHORT, "ETH", D("2.5")),
        (Action.TRANSFER, None, D("6256.25")),
        (Action.OPEN_LONG, "AAVE", D(50)),
        (Action.TRANSFER, None, D("6256.25")),
        (Action.OPEN_LONG, "UNI", D(1250)),
    ]


def test_the_end_is_exactly_this(reconciled: Plan) -> None:
    end = reconciled.end
    assert end.cash == D("17482.50")
    assert end.margin_used == 17500
    assert end.futures_wallet == 17500
    assert end.gross_futures_notional == 35000
    assert end.nav == D("99982.50")
    assert end.sectors[Sector.L1].net == 30000
    assert end.sectors[Sector.DEFI].net == 50000
    assert reconciled.target.base == 100000
    assert (D(".3"), D(".5"), D(".2")) == (reconciled.target.L1, reconciled.target.DEFI, reconciled.target.STABLE)


def test_the_hedge_step_shows_its_margin_stop_and_liquidation(reconciled: Plan) -> None:
    short = reconciled.steps[1]
    assert (short.price, short.expected_price, short.slippage_bps) == (D(4000), D(4000), D(0))
    assert (short.notional, short.leverage, short.margin, short.fee) == (D(10000), D(2), D(5000), D(5))
    assert short.stop_price == 4480
    assert short.liquidation_price == D("5976.0956")
    assert short.reason == "hedge 25 % of L1 spot"
    assert round(short.after.nearest_liquidation or Decimal(0), 4) == D("0.4940")


def test_every_hard_rule_holds_and_the_hedge_is_flagged_above_its_guideline(reconciled: Plan) -> None:
    checks = {check.rule: check for check in reconciled.checks}
    assert all(check.passed for check in reconciled.checks if check.kind == "hard")
    assert checks["hedge_ratio_guideline"].worst == D(".25")
    assert not checks["hedge_ratio_guideline"].passed
    assert checks["free_reserve_min"].worst_step == 5


def test_the_costs_are_the_published_ones(reconciled: Plan) -> None:
    """Fees 17.50; funding 4.50 a day at .01 % per 8 hours; perpetuals stay cheaper than spot for 7.8 days."""
    costs = {cost.kind: cost.amount for cost in reconciled.costs}
    assert costs[CostKind.FEE] == D("17.5")
    assert costs[CostKind.SLIPPAGE] == 0
    assert costs[CostKind.FUNDING] == D("4.5")
    assert round(costs[CostKind.BREAK_EVEN], 1) == D("7.8")


def test_a_fall_of_five_percent_gains_500_on_the_hedge_against_2000_lost_on_spot(reconciled: Plan) -> None:
    short = reconciled.steps[1]
    assert short.expected_price is not None
    fallen = short.expected_price * D("0.95")
    assert unrealised_pnl(Side.SHORT, short.quantity, short.expected_price, fallen) == 500
    assert 10 * (fallen - 4000) == -2000


def test_plain_b_overlay_gives_the_same_hedge() -> None:
    made = make(hundred_thousand())
    assert [(s.action, s.quantity) for s in made.steps if s.action.trades] == [
        (Action.OPEN_SHORT, D("2.5")),
        (Action.OPEN_LONG, D(50)),
        (Action.OPEN_LONG, D(1250)),
    ]


def test_the_literal_reading_is_refused_and_names_the_free_reserve() -> None:
    with pytest.raises(RefusedByRule) as refused:
        make(hundred_thousand(), preset="literal")
    assert refused.value.rule == "free_reserve_min"
    assert "4.97 % of NAV, limit 5 %" in str(refused.value)
    assert "short by 28.50 USDT" in str(refused.value)
