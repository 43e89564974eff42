"""What the screens call a target and its band is what a plan would start from."""

from decimal import Decimal

import pytest

from cockpit.files.strategies import load_strategies
from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.exposure import expose
from cockpit.rotation.asked import RISK, standing
from tests.rotation.worlds import D, account, book, hundred_thousand, make, pinned, settings, universe

STRATEGIES = load_strategies()
DRIFT = settings().drift


def asked(of: Book, strategy: str) -> dict[Sector, Decimal]:
    return standing(STRATEGIES[strategy], expose(of, pinned(), universe()), DRIFT).weights


@pytest.mark.parametrize("strategy", ["A", "B", "C"])
def test_the_standing_targets_are_those_of_the_plan(strategy: str) -> None:
    of = hundred_thousand()
    made = make(of, strategy).target
    assert asked(of, strategy) == {Sector.L1: made.L1, Sector.DEFI: made.DEFI, Sector.STABLE: made.STABLE}


def test_a_sector_that_the_strategy_never_raises_has_at_most_its_present_weight_as_target() -> None:
    of = book(account({"USDT": "60000", "ETH": "6", "UNI": "1000", "AAVE": "24"}))
    weights = asked(of, "C")
    assert weights[Sector.DEFI] == D("0.16")
    assert weights[Sector.STABLE] == D("0.44")


def test_the_targets_close_and_only_what_is_traded_has_a_band() -> None:
    for strategy in STRATEGIES.values():
        found = standing(strategy, None, DRIFT)
        assert sum(found.weights.values()) == 1
        assert set(found.bands) == set(RISK)


def test_a_band_is_the_smaller_of_five_points_and_a_quarter_of_the_target() -> None:
    # "5/25": the smaller of 5 points and 25 % of the target.
    found = standing(STRATEGIES["A"], None, DRIFT)
    assert found.weights[Sector.DEFI] == D("0.20")
    assert found.bands[Sector.DEFI] == D("0.05")
    small = standing(STRATEGIES["C"], expose(small_defi(), pinned(), universe()), DRIFT)
    assert small.bands[Sector.DEFI] == D("0.25") * small.weights[Sector.DEFI]
    assert small.bands[Sector.DEFI] < D("0.05")


def small_defi() -> Book:
    """A tenth in DeFi."""
    return book(account({"USDT": "50000", "ETH": "10", "UNI": "1000"}))


def test_the_edge_of_a_band_counts_only_where_a_plan_trades_anyway() -> None:
    """DeFi is 4.95 points over its target, its band is 5, and a plan may cost .08 of them: that alone is no reason to trade."""
    alone = book(account({"USDT": "15050", "ETH": "15", "UNI": "2495"}))
    assert make(alone, "A").steps == ()
    beside_a_trade = book(account({"USDT": "40050", "ETH": "8.75", "UNI": "2495"}))
    assert "UNI" in {step.asset for step in make(beside_a_trade, "A").steps}
    farther_in = book(account({"USDT": "40100", "ETH": "8.75", "UNI": "2490"}))
    assert "UNI" not in {step.asset for step in make(farther_in, "A").steps}
