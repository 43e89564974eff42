"""What a sudden move of prices does to a book: exposure times move, until a stop fills or an isolated margin is lost."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Side
from cockpit.model.errors import BadInput, MarketUnavailable
from cockpit.model.exposure import expose
from cockpit.model.inquiry import Shocks
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import Action
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.shock import book_after, risk_share
from tests.rotation.generated import DEFI, L1, World, decimals, markets, worlds
from tests.rotation.shocks import apply, cases, one_long, only, position, reconciled, shocked
from tests.rotation.worlds import D, account, book, hundred_thousand, make, pinned, settings, state_of, universe

FALLS = decimals("-1", "0", 3)
SMALL = decimals("-0.05", "0.05", 3)


def literal() -> Book:
    """The literal reading of the example: 25,000 of margin at 2x carry longs of 50,000 beside the same hedge."""
    held = (
        ("ETH", Side.SHORT, "2.5", "4000", "4480"),
        ("UNI", Side.LONG, "2500", "10", "8.5"),
        ("AAVE", Side.LONG, "100", "250", "212.5"),
    )
    rows = tuple(position(asset, side, D(q), D(entry), D(stop)) for asset, side, q, entry, stop in held)
    spot = {"USDT": "4970", "ETH": "10", "UNI": "1250", "AAVE": "50"}
    return book(account(spot, futures_wallet=D(30_000), positions=rows))


# The worked example


def test_the_worked_book_over_every_stop_loses_the_published_21_000() -> None:
    """L1 -20 %, DeFi -30 %: 30,000 x .2 + 50,000 x .3 (facts/domain.md 2.7); no position comes near its liquidation."""
    found = shocked(reconciled(), L1="-0.20", DEFI="-0.30")
    assert found.nav_before == D("99982.50")
    assert found.nav_gap == D("99982.50") - 21_000
    assert not any(row.liquidated for row in found.positions)


def test_the_literal_reading_loses_the_published_28_500() -> None:
    """30,000 x .2 + 75,000 x .3 (facts/domain.md 2.7)."""
    found = shocked(literal(), L1="-0.20", DEFI="-0.30")
    assert found.nav_before - found.nav_gap == 28_500


def test_a_fall_of_5_percent_costs_2_000_of_spot_and_the_hedge_gives_back_500() -> None:
    """The blueprint's own illustration, read with its spot leg (facts/domain.md 1, row 21)."""
    found = shocked(reconciled(), ETH="-0.05")
    short = next(row for row in found.positions if row.asset == "ETH")
    assert short.pnl == 500
    assert found.nav_after - found.nav_before == -1500


def test_in_an_orderly_fall_the_stops_fill_with_slippage_and_fee() -> None:
    """Both longs stop at -15 %: 8.5 x .997 = 8.4745, loss 1,250 x 1.5255 + fee 1,250 x 8.4745 x .0005 = 1,912.1715625 each.

    Spot loses 8,000 + 7,500, the short earns 2,000: 99,982.50 - 13,500 - 2 x 1,912.1715625.
    """
    found = shocked(reconciled(), L1="-0.20", DEFI="-0.30")
    stops = {row.asset: row.stop_pnl for row in found.positions if row.stopped}
    assert stops == {"UNI": D("-1912.1715625"), "AAVE": D("-1912.1715625")}
    assert found.nav_after == D("82658.156875")
    assert found.margin_used_after == 5000
    assert found.futures_wallet_after == D("17500") - 2 * D("1912.1715625")
    assert found.cash_after == found.cash == D("17482.50")
    assert found.free_reserve_after == pytest.approx(D("17482.50") / D("82658.156875"))


def test_the_weights_after_add_up_and_show_the_longs_gone() -> None:
    """L1: 8 x 4,000 spot less 8,000 short = 24,000; DeFi: 17,500 of spot; the rest is stable."""
    found = shocked(reconciled(), L1="-0.20", DEFI="-0.30")
    nav = D("82658.156875")
    assert found.weights_after[Sector.L1] == pytest.approx(24_000 / nav)
    assert found.weights_after[Sector.DEFI] == pytest.approx(17_500 / nav)
    assert sum(found.weights_after.values()) == pytest.approx(1)
    assert found.nearest_liquidation_after == pytest.approx(D("5976.0956") / 3200 - 1, rel=D("1e-7"))


# Liquidation and stops


def test_a_gap_beyond_liquidation_loses_the_margin_and_no_more() -> None:
    """UNI 25,000 at 2x is liquidated at 5.0343 (facts/domain.md 2.4); the move to 4 would lose 15,000, its margin is 12,500."""
    found = shocked(one_long(stop=None), UNI="-0.60")
    row = only(found)
    assert row.liquidated
    assert round(row.liquidation_price or 0, 4) == D("5.0343")
    assert row.pnl == -12_500
    assert found.nav_gap == found.nav_after == 1000
    assert found.futures_wallet_after == found.margin_used_after == 0


@pytest.mark.parametrize(("price", "gone"), [("5.04", False), ("5.03", True)])
def test_liquidation_begins_at_the_published_price(price: str, gone: bool) -> None:
    assert only(shocked(one_long(stop=None), UNI=str(D(price) / 10 - 1))).liquidated is gone


def test_a_short_is_liquidated_by_a_rise() -> None:
    """ETH 10,000 short at 2x: liquidation 5,976.0956 (facts/domain.md 2.4); its 5,000 of margin are all it can lose."""
    found = shocked(reconciled(), ETH="0.60")
    short = next(row for row in found.positions if row.asset == "ETH")
    assert short.liquidated
    assert short.pnl == -5000
    assert short.stopped
    assert short.stop_pnl == -(D("4480") * D("1.003") * D("1.0005") - 4000) * D("2.5")


def test_a_stop_behind_liquidation_never_fills() -> None:
    """At 10x UNI is liquidated near 9.04: a stop at 8.5 comes too late, in an orderly fall too."""
    row = only(found := shocked(one_long("10"), UNI="-0.30"))
    assert (row.stopped, row.stop_pnl, row.liquidated) == (False, None, True)
    assert found.nav_after == found.nav_gap == found.nav_before - 2500


def test_a_stop_on_the_wrong_side_of_mark_does_not_count() -> None:
    row = only(found := shocked(one_long(stop="10.5"), UNI="-0.20"))
    assert not row.stopped
    assert found.nav_after == found.nav_before - 5000


def test_a_stop_that_slips_over_the_margin_loses_the_margin_only() -> None:
    """A stop at 9.61, a hair before the 1,000 of margin at 25x are gone (9.60): with 30 bps its fill would lose 1,047."""
    row = only(apply(one_long("25", stop="9.61"), replace(pinned(), instruments={}), Shocks(assets={"UNI": D("-0.039")})))
    assert row.stopped
    assert row.stop_pnl == -1000


def test_without_known_tiers_a_position_is_lost_once_its_margin_is_gone() -> None:
    bare = replace(pinned(), instruments={})
    assert only(apply(one_long(stop=None), bare, Shocks(assets={"UNI": D("-0.49")}))).liquidated is False
    row = only(apply(one_long(stop=None), bare, Shocks(assets={"UNI": D("-0.51")})))
    assert row.liquidated
    assert row.pnl == -12_500
    assert row.liquidation_price is None
    assert not row.liquidation_known


# Which assets move


def test_an_asset_of_its_own_move_does_not_follow_its_sector() -> None:
    found = shocked(hundred_thousand(), DEFI="-0.30", UNI="0.10")
    assert found.nav_after == 100_000 + 1_250 - 3_750


def test_stablecoins_stay_unless_they_are_named_and_the_unit_of_account_always() -> None:
    held = book(account({"USDT": "10000", "USDC": "10000", "BTC": "0.1"}))
    assert shocked(held, L1="-0.5", DEFI="-0.5").nav_after == 30_000
    assert shocked(held, STABLE="-0.10").nav_after == 29_000
    assert shocked(held, USDC="-0.10").cash_after == 19_000
    assert shocked(held, BTC="-0.5").nav_after == 25_000


def test_an_excluded_asset_still_falls_with_its_market() -> None:
    held = replace(hundred_thousand(), excluded=("AAVE",))
    assert shocked(held, DEFI="-0.10").nav_after == 97_500
    assert shocked(held, DEFI="-0.10", EXCLUDED="0").nav_after == 98_750


@pytest.mark.parametrize(
    ("shocks", "named"),
    [
        (Shocks(sectors={Sector.L1: D("-1.01")}), "L1"),
        (Shocks(assets={"UNI": D("NaN")}), "UNI"),
        (Shocks(assets={"USDT": D("-0.1")}), "USDT"),
    ],
)
def test_a_move_that_no_price_can_make_is_refused_by_name(shocks: Shocks, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        apply(hundred_thousand(), pinned(), shocks)


def test_an_asset_without_a_price_is_named_not_dropped() -> None:
    with pytest.raises(MarketUnavailable, match="DOGE"):
        shocked(book(account({"USDT": "10", "DOGE": "5"})), L1="-0.1")


# After a plan


def test_the_book_after_a_plan_is_the_end_that_the_plan_shows() -> None:
    for preset in ("reconciled", None):
        start = hundred_thousand()
        made = make(start, preset=preset)
        assert state_of(book_after(start, pinned(), universe(), made.steps), pinned()) == made.end


def test_a_plan_that_the_book_cannot_carry_says_so() -> None:
    start = hundred_thousand()
    steps = [s for s in make(start, preset="reconciled").steps if s.action is not Action.TRANSFER]
    with pytest.raises(LedgerError, match="futures wallet"):
        book_after(start, pinned(), universe(), steps)


# Share of risk


def test_the_share_of_risk_is_the_assets_loss_over_the_books() -> None:
    """ETH net 30,000 x .25, UNI and AAVE net 25,000 x .30 each: 7,500 of 22,500 each."""
    for asset in ("ETH", "UNI", "AAVE"):
        found = risk_share(asset, reconciled(), pinned(), universe(), settings().limits, settings().fees)
        assert found.shock_loss == 7500
        assert found.share == pytest.approx(D(1) / 3)
    assert found.stop_loss == D("1912.1715625")
    assert found.shock == D("0.30")


def test_cash_carries_no_risk_and_a_net_short_takes_some_away() -> None:
    held = reconciled()
    cash = risk_share("USDT", held, pinned(), universe(), settings().limits, settings().fees)
    assert cash.shock == cash.shock_loss == cash.share == 0
    assert cash.stop_loss is None
    bare = replace(held.accounts[0], spot={"USDT": D(1000), "UNI": D(1250)})
    short = risk_share("ETH", replace(held, accounts=(bare,)), pinned(), universe(), settings().limits, settings().fees)
    assert short.shock_loss == -2500
    assert short.share is not None
    assert short.share < 0


# Properties


@given(worlds())
def test_no_shock_changes_nothing(world: World) -> None:
    found = apply(world.book, world.market, Shocks())
    assert found.nav_before == found.nav_after == found.nav_gap
    assert (found.cash, found.futures_wallet, found.margin_used) == (
        found.cash_after,
        found.futures_wallet_after,
        found.margin_used_after,
    )
    assert found.weights == found.weights_after
    assert all(not row.pnl and not row.stopped and not row.liquidated for row in found.positions)


@given(cases(SMALL))
def test_nav_moves_by_exposure_times_move_while_no_stop_and_no_liquidation_is_reached(case: tuple[World, Shocks]) -> None:
    world, shocks = case
    found = apply(world.book, world.market, shocks)
    with localcontext(prec=PRECISION):
        exposure = expose(world.book, world.market, universe())
        linear = sum((row.net * shocks.of(row.asset, _natural(row.asset)) for row in exposure.assets), D(0))
        if not any(row.stopped or row.liquidated for row in found.positions):
            assert found.nav_after == found.nav_gap == found.nav_before + linear


@given(cases())
def test_what_the_positions_and_the_spot_lose_is_what_nav_loses(case: tuple[World, Shocks]) -> None:
    world, shocks = case
    found = apply(world.book, world.market, shocks)
    with localcontext(prec=PRECISION):
        exposure = expose(world.book, world.market, universe())
        spot = sum((row.spot * shocks.of(row.asset, _natural(row.asset)) for row in exposure.assets), D(0))
        gap = sum((row.pnl for row in found.positions), D(0))
        orderly = sum((row.pnl if row.stop_pnl is None else row.stop_pnl for row in found.positions), D(0))
        assert found.nav_gap - found.nav_before == spot + gap
        assert found.nav_after - found.nav_before == spot + orderly


@given(cases())
def test_a_position_never_loses_more_than_its_margin_and_unrealised_pnl(case: tuple[World, Shocks]) -> None:
    world, shocks = case
    found = apply(world.book, world.market, shocks)
    for row, (_, held) in zip(found.positions, world.book.positions(), strict=True):
        with localcontext(prec=PRECISION):
            equity = held.margin + held.unrealised_pnl(row.mark)
        assert -row.pnl <= equity
        assert row.stop_pnl is None or -row.stop_pnl <= equity


@st.composite
def long_books(draw: st.DrawFn) -> tuple[Book, MarketSnapshot, str]:
    """One long of any leverage, with a stop anywhere below mark or without one, beside spot of the same asset."""
    market = draw(markets())
    asset = draw(st.sampled_from((*L1, *DEFI)))
    mark = market.price(asset)
    stop = draw(st.one_of(st.none(), decimals("0.3", "0.99", 3)))
    held = position(asset, Side.LONG, D(100), mark, None if stop is None else mark * stop, str(draw(decimals("1", "20", 1))))
    spot = {"USDT": D(1000), asset: draw(decimals("0.1", "50", 1))}
    return (
        book(Account(id="main", venue="paper", spot=spot, futures_wallet=held.margin, positions=(held,))),
        market,
        asset,
    )


@given(long_books(), FALLS, FALLS)
def test_a_larger_fall_is_never_better_for_a_long(
    found: tuple[Book, MarketSnapshot, str], first: Decimal, second: Decimal
) -> None:
    held, market, asset = found
    smaller, larger = (apply(held, market, Shocks(assets={asset: fall})) for fall in (max(first, second), min(first, second)))
    assert larger.nav_after <= smaller.nav_after
    assert larger.nav_gap <= smaller.nav_gap


@given(worlds())
def test_the_shares_of_risk_add_up_to_the_whole(world: World) -> None:
    rules = (world.book, world.market, universe(), settings().limits, settings().fees)
    shares = [risk_share(asset, *rules).share for asset in world.book.assets()]
    known = [share for share in shares if share is not None]
    assert not known or sum(known) == pytest.approx(1)


def _natural(asset: str) -> Sector:
    """The sector whose market an asset follows: excluded assets move too."""
    return universe().sector(asset)
