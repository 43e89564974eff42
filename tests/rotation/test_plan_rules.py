"""What a plan does with a book in breach, a small book, several accounts, thin markets, and a wish beyond the rules."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side
from cockpit.model.errors import BadInput, MarketUnavailable, RefusedByRule
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import FundingRate, Level, MarketSnapshot
from cockpit.model.plan import Action, CheckKind, CostKind, Plan
from cockpit.model.request import Destination
from cockpit.model.strategy import Mode
from cockpit.rotation.markets import too_old
from cockpit.rotation.protection import stop_distance
from tests.rotation.worlds import NOW, D, account, book, hundred_thousand, make, pinned, settings


def position(asset: str, side: Side, quantity: str, entry: str, leverage: str = "2", stop: str | None = None) -> Position:
    """An isolated position."""
    return Position(
        asset=asset,
        side=side,
        quantity=D(quantity),
        entry_price=D(entry),
        margin=D(quantity) * D(entry) / D(leverage),
        stop_price=None if stop is None else D(stop),
    )


def trades(made: Plan) -> list[tuple[Action, str | None, Decimal]]:
    """The orders of a plan."""
    return [(step.action, step.asset, step.quantity) for step in made.steps if step.action.trades]


def futures_heavy() -> Plan:
    """More than half of NAV in the futures wallet, and less than 5 % of it in cash."""
    start = book(
        account(
            {"USDT": "2500", "ETH": "6", "AAVE": "40"},
            futures_wallet=D(45000),
            positions=(
                position("ETH", Side.SHORT, "5", "4000", "2", "4480"),
                position("UNI", Side.LONG, "2000", "10", "2.5", "8.5"),
            ),
        )
    )
    return make(start, "B")


def test_a_book_in_breach_of_two_rules_is_repaired_first_and_never_worsened() -> None:
    made = futures_heavy()
    checks = {check.rule: check for check in made.checks if check.kind is CheckKind.HARD}
    assert made.steps[0].action is Action.TRANSFER
    for rule in ("free_reserve_min", "futures_capital_max"):
        assert checks[rule].worst_step == 0
        assert checks[rule].passed
        assert "broken at the start, never made worse" in checks[rule].message
    assert made.end.cash >= made.end.nav * D("0.05")
    assert made.end.futures_wallet <= made.end.nav / 2


def test_a_reserve_that_only_positions_can_restore_is_restored_by_cutting_them() -> None:
    held = position("UNI", Side.LONG, "1400", "10", "2", "8.5")
    made = make(book(account({"USDT": "100", "ETH": "5"}, futures_wallet=D(7000), positions=(held,))), "B")
    assert [step.action for step in made.steps] == [Action.REDUCE_LONG, Action.TRANSFER]
    assert D("0.05") <= made.end.cash / made.end.nav < D("0.052")
    assert all(check.passed for check in made.checks if check.kind is CheckKind.HARD)
    assert any("free reserve" in row.reason or "repair first" in row.reason or "USDT" in row.reason for row in made.skipped)


def test_a_breach_that_overlay_cannot_cure_is_refused_with_the_way_out() -> None:
    start = book(account({"USDT": "100", "ETH": "10"}))
    with pytest.raises(RefusedByRule, match="spot or blend") as refused:
        make(start, "B", mode=Mode.OVERLAY)
    assert refused.value.rule == "free_reserve_min"
    assert make(start, "B", mode=Mode.SPOT).end.cash > 5000


def test_a_naked_position_gets_its_stop_before_anything_else() -> None:
    start = book(
        account(
            {"USDT": "35000", "ETH": "10", "UNI": "2500"},
            futures_wallet=D(2000),
            positions=(position("SOL", Side.LONG, "20", "200"),),
        )
    )
    first = make(start, "A").steps[0]
    assert (first.action, first.asset, first.stop_price) == (Action.SET_STOP, "SOL", D("176"))


def test_a_stop_that_the_price_has_passed_is_measured_from_mark() -> None:
    start = book(
        account({"USDT": "65000", "ETH": "4"}, futures_wallet=D(5000), positions=(position("SOL", Side.LONG, "20", "250"),))
    )
    first = make(start, "A").steps[0]
    assert (first.action, first.stop_price) == (Action.SET_STOP, D("176"))


def test_margin_is_added_where_leverage_is_too_high() -> None:
    start = book(
        account(
            {"USDT": "65000", "ETH": "4"},
            futures_wallet=D(1000),
            positions=(position("SOL", Side.LONG, "30", "200", "6", "176"),),
        )
    )
    made = make(start, "A")
    assert [step.action for step in made.steps[:2]] == [Action.TRANSFER, Action.ADD_MARGIN]
    checks = {check.rule: check for check in made.checks}
    assert checks["leverage_max"].worst == 6
    assert checks["leverage_max"].passed


def test_spot_rotation_sells_before_it_buys_and_splits_large_orders() -> None:
    made = make(hundred_thousand(), "A", mode=Mode.SPOT)
    assert [step.action for step in made.steps] == [Action.SELL, Action.SELL, Action.BUY, Action.BUY]
    assert {sector: round(row.weight, 3) for sector, row in made.end.sectors.items()} == {
        Sector.L1: D("0.600"),
        Sector.DEFI: D("0.200"),
        Sector.STABLE: D("0.200"),
    }
    assert all((step.notional or 0) <= D("0.15") * made.start.nav for step in made.steps)
    back = make(book(account({"USDT": "5000", "ETH": "20", "UNI": "1000", "AAVE": "20"})), "B", mode=Mode.SPOT)
    sides = [step.action for step in back.steps]
    assert sides == sorted(sides, key=lambda action: action is Action.BUY)
    assert Action.SELL in sides
    assert Action.BUY in sides


def test_c_never_raises_defi_and_leaves_what_that_frees_in_cash() -> None:
    made = make(book(account({"USDT": "60000", "ETH": "6", "UNI": "1000", "AAVE": "24"})), "C")
    assert D("0.16") == made.target.DEFI
    assert D("0.44") == made.target.STABLE
    assert not any(step.asset in ("UNI", "AAVE") for step in made.steps)


def test_blend_splits_a_cut_between_sales_and_shorts() -> None:
    made = make(book(account({"USDT": "10000", "ETH": "10", "UNI": "5000"})), "C")
    sold = sum((s.notional or D(0) for s in made.steps if s.action is Action.SELL), D(0))
    short = sum((s.notional or D(0) for s in made.steps if s.action is Action.OPEN_SHORT and s.asset == "UNI"), D(0))
    assert sold == short == 10000


def test_a_hedge_ratio_caps_the_shorts_and_the_rest_is_named() -> None:
    made = make(hundred_thousand(), hedge_ratio=D("0.20"))
    assert trades(made)[0] == (Action.OPEN_SHORT, "ETH", D(2))
    assert any("hedge ratio of 0.2" in row.reason and row.wanted == -2000 for row in made.skipped)
    assert {check.rule: check.passed for check in made.checks}["hedge_ratio_guideline"]


def test_shorts_are_covered_before_longs_are_opened() -> None:
    start = book(
        account(
            {"USDT": "40000", "ETH": "10", "UNI": "1000"},
            futures_wallet=D(5500),
            positions=(position("UNI", Side.SHORT, "1000", "10", "2", "11.5"),),
        )
    )
    assert trades(make(start, "B"))[0] == (Action.REDUCE_SHORT, "UNI", D(1000))


def test_what_stands_outside_is_counted_and_never_traded() -> None:
    start = book(
        account({"USDT": "35000", "ETH": "10", "UNI": "2500", "BTC": "0.5", "WIF": "8000", "AAVE": "40"}), excluded=("AAVE",)
    )
    made = make(start, "A")
    assert made.target.base == made.start.nav - 50000 - 10000 - 10000
    assert {s for s in made.start.sectors if not s.rotates} == {Sector.BENCHMARK, Sector.UNCLASSIFIED, Sector.EXCLUDED}
    assert not {step.asset for step in made.steps} & {"BTC", "WIF", "AAVE"}


def test_accounts_trade_for_themselves() -> None:
    start = book(account({"USDT": "500", "ETH": "10"}, "east"), account({"USDT": "40000", "UNI": "1000"}, "west"))
    made = make(start, "B")
    opened = [step for step in made.steps if step.action.opens]
    assert {step.account for step in opened} == {"west"}
    for step in made.steps:
        if step.action is Action.TRANSFER:
            after = made.steps[step.number]
            assert after.account == step.account


def test_other_stablecoins_are_turned_into_margin_where_it_is_missing() -> None:
    made = make(book(account({"USDT": "1000", "USDC": "34000", "ETH": "10", "UNI": "1250", "AAVE": "50"})))
    assert (made.steps[0].action, made.steps[0].asset) == (Action.SELL, "USDC")
    assert [step.action for step in made.steps[1:3]] == [Action.TRANSFER, Action.OPEN_SHORT]


def test_small_change_is_left_alone_with_its_reason() -> None:
    tiny = make(book(account({"USDT": "41", "ETH": "0.0075", "UNI": "2.9"})), "A", mode=Mode.SPOT)
    for step in tiny.steps:
        assert (step.notional or 0) >= 10
    near = make(book(account({"USDT": "22000", "ETH": "14.5", "UNI": "2000"})), "A")
    assert near.steps == ()
    assert [(row.asset, row.wanted) for row in near.skipped] == [("L1", D(2000))]
    assert "drift band of 5 %" in near.skipped[0].reason


def test_a_book_on_target_gets_an_empty_plan() -> None:
    made = make(book(account({"USDT": "20000", "ETH": "15", "UNI": "2000"})), "A")
    assert made.steps == ()
    assert made.start == made.end


def test_half_way_stops_inside_the_band_and_a_tranche_goes_part_of_the_way() -> None:
    start = book(account({"USDT": "35000", "ETH": "11.25", "UNI": "2000"}))
    full = make(start, "A", mode=Mode.SPOT).end.sectors[Sector.L1].weight
    half = make(start, "A", mode=Mode.SPOT, destination=Destination.HALF_WAY).end.sectors[Sector.L1].weight
    part = make(start, "A", mode=Mode.SPOT, tranche=D("0.4")).end.sectors[Sector.L1].weight
    assert round(full, 3) == D("0.600")
    assert round(half, 3) == D("0.575")
    assert round(part, 2) == D("0.51")


def test_additions_stop_at_the_asset_cap_while_another_token_has_room() -> None:
    made = make(book(account({"USDT": "60000", "ETH": "2", "SOL": "20", "AVAX": "80", "UNI": "2000"})), "A", mode=Mode.SPOT)
    bought = {asset: D(0) for asset in ("ETH", "SOL", "AVAX")}
    for step in made.steps:
        if step.asset in bought:
            bought[step.asset] += step.notional or D(0)
    assert 8000 + bought["ETH"] <= D("0.4") * made.target.L1 * made.target.base + 10
    assert min(bought.values()) > 0


def test_a_thin_order_book_is_named_and_never_swept() -> None:
    market = pinned()
    symbol = perp_symbol("AAVE")
    asks = (Level(D("250.1"), D("1")), Level(D("260"), D("100")))
    quote = replace(market.quotes[symbol], asks=asks, bids=(Level(D("249.9"), D("1")),), pinned=False)
    made = make(hundred_thousand(), market=replace(market, quotes={**market.quotes, symbol: quote}))
    assert all((step.slippage_bps or 0) <= 30 for step in made.steps)
    aave = [step for step in made.steps if step.asset == "AAVE"]
    assert aave == [] or all(step.quantity <= 1 for step in aave)


def aged(market: MarketSnapshot, seconds: int, *symbols: str) -> MarketSnapshot:
    """The market with unpinned quotes of that age."""
    quotes = dict(market.quotes)
    for symbol in symbols or tuple(quotes):
        quote = quotes[symbol]
        levels = (Level(quote.mark, D(1000000)),)
        quotes[symbol] = replace(quote, at=NOW - timedelta(seconds=seconds), pinned=False, bids=levels, asks=levels)
    return replace(market, quotes=quotes)


def test_old_quotes_are_not_traded_on() -> None:
    with pytest.raises(MarketUnavailable, match="45 s old, limit 10 s"):
        make(hundred_thousand(), market=aged(pinned(), 45))
    some = make(hundred_thousand(), market=aged(pinned(), 45, perp_symbol("UNI"), spot_symbol("UNI")))
    assert {step.asset for step in some.steps if step.action.opens} == {"ETH", "AAVE"}


def test_an_old_quote_is_told_with_its_venue_and_an_age_that_can_be_read() -> None:
    quote = replace(pinned().quotes[perp_symbol("UNI")], venue="binance")
    assert too_old(quote, D("12.34"), settings().limits) == "the quote of UNI/USDT:USDT (binance) is 12.3 s old, limit 10 s"
    assert too_old(quote, D(3 * 86400), settings().limits) == "the quote of UNI/USDT:USDT (binance) is 3 d old, limit 10 s"
    assert too_old(replace(quote, venue=""), D(119), settings().limits) == "the quote of UNI/USDT:USDT is 119 s old, limit 10 s"


def test_an_asset_without_any_price_makes_the_market_unavailable() -> None:
    with pytest.raises(MarketUnavailable, match="no price of PEPE"):
        make(book(account({"USDT": "100", "PEPE": "1"})))


def test_margin_is_moved_for_the_dearest_fill_where_prices_move() -> None:
    made = make(hundred_thousand(), market=aged(pinned(), 1), preset="reconciled")
    transfer, short = made.steps[:2]
    dearest = (short.notional or D(0)) * D("1.003")
    assert transfer.quantity == (dearest / 2 + dearest * D("0.0005")).quantize(D("0.01"))
    assert short.price == D("3988")


def test_a_stop_keeps_its_distance_from_every_fill_that_the_limit_allows() -> None:
    """A fill at the limit is worse than the mark: counted from the mark its stop would break the rule that set it."""
    made = make(hundred_thousand(), market=aged(pinned(), 1), preset="reconciled")
    opening = [step for step in made.steps if step.action.opens]
    assert {step.asset for step in opening} == {"ETH", "AAVE", "UNI"}
    for step in opening:
        assert step.stop_price is not None
        assert step.price is not None
        assert step.expected_price not in (None, step.price)
        side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
        most = settings().limits.stop_distance(Sector.L1 if step.asset == "ETH" else Sector.DEFI)
        for fill in (step.price, step.expected_price or step.price):
            assert stop_distance(side, step.stop_price, fill, fill) <= most


def test_funding_against_a_position_is_flagged_and_no_funding_breaks_nothing_even() -> None:
    dear = make(hundred_thousand(), market=pinned(funding="0.0006"))
    checks = {check.rule: check for check in dear.checks}
    assert checks["funding_warn"].worst == D("0.0006")
    assert not checks["funding_warn"].passed
    paid = make(hundred_thousand(), market=pinned(funding="-0.0001"))
    costs = {cost.kind: cost.amount for cost in paid.costs}
    assert costs[CostKind.FUNDING] == D("-4.5")
    assert CostKind.BREAK_EVEN not in costs
    unknown = replace(pinned(), funding=dict[str, FundingRate]())
    note = next(c.note for c in make(hundred_thousand(), market=unknown).costs if c.kind is CostKind.FUNDING)
    assert "no funding known for AAVE, ETH, UNI" in note


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        ({"leverage": D(0)}, BadInput, "leverage 0"),
        ({"leverage": D("NaN")}, BadInput, "leverage NaN"),
        ({"leverage": D(126)}, RefusedByRule, "leverage 126 was asked for, the limit is 3"),
        ({"hedge_ratio": D("-0.1")}, BadInput, "hedge ratio -0.1"),
        ({"hedge_ratio": D("1.2")}, RefusedByRule, "hedge ratio 1.2"),
        ({"tranche": D(0)}, BadInput, "tranche 0"),
        ({"tranche": D("1.5")}, BadInput, "tranche 1.5"),
        ({"preset": "liberal"}, BadInput, "reconciled, literal"),
    ],
)
def test_a_wish_that_means_nothing_or_breaks_a_limit_is_refused(
    asked: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        make(hundred_thousand(), **asked)


def test_a_book_without_value_is_no_book_to_plan_on() -> None:
    with pytest.raises(BadInput, match="nothing to rotate: all of NAV stands outside the rotation"):
        make(book(account({"BTC": "1"})))
    with pytest.raises(BadInput, match=r"nothing to rotate: NAV is 0\.00 USDT"):
        make(book(account({})))


def test_a_stricter_limit_binds_and_is_named() -> None:
    rules = settings()
    strict = replace(rules, limits=replace(rules.limits, gross_notional_max=D("0.30")))
    with pytest.raises(RefusedByRule, match=r"35.01 % of NAV, limit 30 %: over by 5,0") as refused:
        make(hundred_thousand(), rules=strict)
    assert refused.value.rule == "gross_notional_max"
    strict = replace(rules, limits=replace(rules.limits, futures_capital_max=D("0.10")))
    with pytest.raises(RefusedByRule) as refused:
        make(hundred_thousand(), rules=strict)
    assert refused.value.rule == "futures_capital_max"


@pytest.mark.parametrize("sector", [Sector.UNCLASSIFIED, Sector.L1, Sector.DEFI, Sector.STABLE])
@pytest.mark.parametrize("name", ["A", "B", "C"])
@pytest.mark.parametrize("mode", [Mode.SPOT, Mode.BLEND])
def test_coins_that_no_venue_lists_are_never_traded_and_change_nothing_else(sector: Sector, name: str, mode: Mode) -> None:
    (own,) = hundred_thousand().accounts
    held = book(replace(own, spot={**own.spot, "XYZ": D(1000)}), sectors={"XYZ": sector})
    made = make(held, name, replace(pinned(), unlisted=("XYZ",)), mode=mode)
    without = make(book(own), name, mode=mode)
    assert trades(made) == trades(without)
    assert (made.start.nav, made.start.cash, made.end.nav) == (without.start.nav, without.start.cash, without.end.nav)
