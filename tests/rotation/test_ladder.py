"""The same shock, scaled: its proportions stay, and it says where on the way the stops and liquidations of a book are."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.inquiry import Reach, Shocks
from cockpit.model.market import MarketSnapshot
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.shock import ladder_moves, leading_move, reached, scaled
from tests.rotation.generated import World, worlds
from tests.rotation.shocks import apply, cases, one_long, reconciled
from tests.rotation.worlds import D, account, book, pinned, settings, universe

BOTH = Shocks(sectors={Sector.L1: D("-0.20"), Sector.DEFI: D("-0.30")})


def reaches(held: Book, shocks: Shocks, market: MarketSnapshot | None = None) -> dict[tuple[str, bool], Decimal]:
    """The leading move at which each asset's stop (False) and liquidation (True) is reached, to four places."""
    return {(row.asset, row.liquidation): round(row.move, 4) for row in _reached(held, market or pinned(), shocks)}


def _reached(held: Book, market: MarketSnapshot, shocks: Shocks) -> tuple[Reach, ...]:
    return reached(held, market, universe(), settings().limits, settings().fees, shocks)


def test_a_scaled_shock_keeps_its_proportions_whichever_way_it_goes() -> None:
    mixed = replace(BOTH, assets={"ETH": D("0.15")})
    assert leading_move(mixed) == D("-0.30")
    assert scaled(mixed, D("-0.30")) == mixed
    assert scaled(mixed, D("0.15")) == Shocks(sectors={Sector.L1: D("0.10"), Sector.DEFI: D("0.15")}, assets={"ETH": D("-0.075")})
    assert scaled(mixed, D(0)).sectors == {Sector.L1: 0, Sector.DEFI: 0}
    assert leading_move(Shocks()) == leading_move(Shocks(assets={"ETH": D(0)})) == 0


def test_a_ladder_goes_to_50_percent_both_ways_in_steps_of_5_and_has_the_shock_itself() -> None:
    even = [D(step) / 100 for step in range(-50, 55, 5)]
    assert list(ladder_moves(BOTH)) == even
    assert list(ladder_moves(Shocks(assets={"ETH": D("-0.325")}))) == sorted([*even, D("-0.325")])
    assert ladder_moves(Shocks(assets={"ETH": D("0.8")}))[-2:] == (D("0.50"), D("0.8"))


def test_at_half_the_shock_both_longs_stop_and_the_hedge_has_earned_1_000() -> None:
    """DeFi -15 %, L1 -10 %: ETH -4,000 + 1,000, DeFi spot -3,750, the longs -3,750, or 2 x 1,912.1715625 as their stops fill."""
    found = apply(reconciled(), pinned(), scaled(BOTH, D("-0.15")))
    assert found.nav_gap == D("99982.50") - 4000 + 1000 - 3750 - 3750
    assert found.nav_after == D("99982.50") - 4000 + 1000 - 3750 - 2 * D("1912.1715625")


def test_stops_and_liquidations_are_reached_at_their_own_prices_told_as_the_leading_move() -> None:
    """Longs stop at -15 %; at 2x they are lost at 6,250 / 50 / .99 (AAVE, 250 now) and 6,250 / 1,250 / .994 (UNI, 10 now).

    The formula is that of facts/domain.md 2.4. ETH moves 2/3 as far as DeFi: its stop at 12 % is 18 % of the ladder, and its
    liquidation at 5,976.0956 / 4,000 - 1 is 1.5 times as far, too.
    """
    found = _reached(reconciled(), pinned(), BOTH)
    assert [(row.asset, row.liquidation) for row in found[:3]] == [("AAVE", False), ("UNI", False), ("ETH", False)]
    assert reaches(reconciled(), BOTH) == {
        ("AAVE", False): D("-0.15"),
        ("UNI", False): D("-0.15"),
        ("ETH", False): D("0.18"),
        ("AAVE", True): D("-0.4949"),
        ("UNI", True): D("-0.4970"),
        ("ETH", True): D("0.7410"),
    }
    assert all(row.account == "main" for row in found)


def test_a_fall_of_one_asset_alone_reaches_no_other_position() -> None:
    assert reaches(reconciled(), Shocks(assets={"UNI": D("-0.1")})) == {("UNI", False): D("-0.15"), ("UNI", True): D("-0.4970")}
    assert reaches(reconciled(), Shocks()) == {}


def test_a_stop_behind_liquidation_is_not_on_the_way() -> None:
    found = reaches(one_long("10"), BOTH)
    assert list(found) == [("UNI", True)]
    assert -0.1 < found["UNI", True] < 0


def test_without_known_tiers_liquidation_is_where_the_margin_is_used_up() -> None:
    bare = replace(pinned(), instruments={})
    assert reaches(one_long(stop=None), BOTH, bare) == {("UNI", True): D("-0.5")}
    assert reaches(one_long("1", stop=None), BOTH, bare) == {}


def test_what_is_past_its_liquidation_is_reached_at_once() -> None:
    under = replace(one_long("10", stop=None).accounts[0].positions[0], entry_price=D(12))
    held = book(account({"USDT": "1000"}, futures_wallet=under.margin, positions=(under,)))
    assert reaches(held, BOTH) == {("UNI", True): 0}


@given(cases(), st.integers(-10, 10))
def test_a_rung_stops_and_liquidates_what_lies_on_the_way_to_it(case: tuple[World, Shocks], step: int) -> None:
    world, shocks = case
    assume(leading_move(shocks))
    move = step * D("0.05")
    found = apply(world.book, world.market, scaled(shocks, move))
    way = {(row.account, row.asset, row.liquidation): row.move for row in _reached(world.book, world.market, shocks)}
    for row in found.positions:
        for liquidation, told in ((False, row.stopped), (True, row.liquidated)):
            at = way.get((row.account, row.asset, liquidation))
            if at:
                assert told is (at * move > 0 and abs(at) <= abs(move))
            elif at is None:
                assert not told


@given(cases())
def test_the_rung_of_the_shock_itself_is_the_shock_to_the_last_digit(case: tuple[World, Shocks]) -> None:
    _, shocks = case
    lead = leading_move(shocks)
    assume(lead)
    assert lead in ladder_moves(shocks)
    assert scaled(shocks, lead) == shocks


@given(worlds(), st.integers(-10, 9))
def test_nav_without_perpetuals_is_linear_in_the_leading_move(world: World, step: int) -> None:
    bare = replace(world.book, accounts=tuple(replace(a, positions=(), futures_wallet=D(0)) for a in world.book.accounts))
    navs = [apply(bare, world.market, scaled(BOTH, (step + n) * D("0.05"))).nav_after for n in (0, 1)]
    whole = apply(bare, world.market, BOTH)
    with localcontext(prec=PRECISION):
        slope = (whole.nav_after - whole.nav_before) / D("-0.30")
        assert navs[1] - navs[0] == pytest.approx(slope * D("0.05"), rel=D("1e-30"), abs=D("1e-30"))
        assert navs[0] == pytest.approx(whole.nav_before + slope * step * D("0.05"), rel=D("1e-30"))
