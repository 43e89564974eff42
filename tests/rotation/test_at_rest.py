"""A plan that was carried out leaves nothing to do: where a venue's least order is large, others carry what it cannot."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Book, Position, Side
from cockpit.model.errors import RefusedByRule
from cockpit.model.instruments import spot_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import Action, Plan
from cockpit.model.strategy import Mode
from tests.rotation.evaluate import applied
from tests.rotation.worlds import D, account, book, make, pinned


def asking(**least: str) -> MarketSnapshot:
    """The market with other least quantities of these assets' spot pairs."""
    market = pinned()
    pairs = {spot_symbol(asset): D(quantity) for asset, quantity in least.items()}
    known = {symbol: replace(market.instruments[symbol], min_quantity=quantity) for symbol, quantity in pairs.items()}
    return replace(market, instruments={**market.instruments, **known})


def position(asset: str, side: Side, quantity: str, entry: str, margin: str, stop: str) -> Position:
    """An isolated position."""
    return Position(asset=asset, side=side, quantity=D(quantity), entry_price=D(entry), margin=D(margin), stop_price=D(stop))


def end_of(start: Book, made: Plan) -> Book:
    """The book after every step, through the ledger alone."""
    for step in made.steps:
        start = start.with_account(applied(start.account(step.account), step))
    return start


def bought(made: Plan) -> dict[str | None, list[Decimal]]:
    """The purchases by asset, in quote units."""
    found: dict[str | None, list[Decimal]] = {}
    for step in made.steps:
        if step.action is Action.BUY:
            found.setdefault(step.asset, []).append(step.notional or D(0))
    return found


@pytest.mark.parametrize("tokens", [(), ("AVAX", "NEAR")])
def test_what_one_token_cannot_take_in_whole_orders_the_same_plan_gives_to_another(tokens: tuple[str, ...]) -> None:
    # An order of AVAX is worth 137.50 at least (125 and a tenth) and 164.83 at most, so 220 cannot be had in it.
    start, market = book(account({"USDT": "1100"})), asking(AVAX="2.5")
    made = make(start, "A", market, tokens=tokens)
    assert all(D(137) < order < D(165) for order in bought(made)["AVAX"])
    assert round(made.end.sectors[Sector.L1].weight, 2) == D("0.60")
    assert [row for row in made.skipped if abs(row.wanted) > 3] == []
    assert make(end_of(start, made), "A", market, tokens=tokens).steps == ()


def test_where_equal_orders_would_be_too_small_the_largest_ones_are_sent_and_the_rest_is_named() -> None:
    start, market = book(account({"USDT": "440", "SOL": "2.2", "UNI": "22"})), asking(AVAX="2.5")
    made = make(start, "A", market, tokens=("AVAX",))
    assert bought(made) == {"AVAX": [D("164.5")]}
    (rest,) = (row for row in made.skipped if row.asset == "AVAX")
    assert (rest.wanted, rest.reason) == (D("55.5"), "buy: what is left is below the smallest order")


def test_what_whole_steps_leave_of_a_target_is_named() -> None:
    # 224 of each are wanted, in steps of 50 and orders of at least 77: 200 are bought of each, and 72 are left.
    market = asking(SOL="0.35", AVAX="1.4", NEAR="14")
    lots = {spot_symbol(asset): D(lot) for asset, lot in (("SOL", "0.25"), ("AVAX", "1"), ("NEAR", "10"))}
    known = {symbol: replace(market.instruments[symbol], lot=lot) for symbol, lot in lots.items()}
    market = replace(market, instruments={**market.instruments, **known})
    made = make(book(account({"USDT": "896", "UNI": "22.4"})), "A", market, tokens=("SOL", "AVAX", "NEAR"))
    assert {asset: sum(orders) for asset, orders in bought(made).items()} == {"SOL": 200, "AVAX": 200, "NEAR": 200}
    (rest,) = made.skipped
    assert (rest.asset, rest.reason) == ("L1", "spot: below the smallest order")
    assert round(rest.wanted) == 72


def test_what_is_too_little_for_spot_orders_the_perpetuals_of_a_blend_carry() -> None:
    start, market = book(account({"USDT": "1100", "ETH": "0.25", "UNI": "50"})), asking(SOL="1.7")
    made = make(start, "A", market, mode=Mode.BLEND, tokens=("SOL",))
    assert {step.action for step in made.steps} == {Action.TRANSFER, Action.OPEN_LONG}
    assert round(made.end.sectors[Sector.L1].weight, 2) == D("0.60")
    assert make(end_of(start, made), "A", market, mode=Mode.BLEND, tokens=("SOL",)).steps == ()


def test_margin_that_a_position_lacks_is_added_at_the_end_where_only_the_trades_have_freed_it() -> None:
    start = book(
        account(
            {"ETH": "1.6", "UNI": "90"},
            "east",
            futures_wallet=D(1000),
            positions=(position("SOL", Side.LONG, "10", "200", "1000", "176"),),
        ),
        account(
            {"USDT": "520"}, "west", futures_wallet=D(200), positions=(position("UNI", Side.LONG, "100", "10", "200", "8.5"),)
        ),
    )
    made = make(start, "A", mode=Mode.OVERLAY)
    assert [step.action for step in made.steps[-2:]] == [Action.TRANSFER, Action.ADD_MARGIN]
    end = end_of(start, made)
    held = end.account("west").position("UNI")
    assert held is not None
    assert held.leverage <= 3
    assert make(end, "A", mode=Mode.OVERLAY).steps == ()


def test_what_protecting_the_book_takes_is_not_counted_on_for_the_target() -> None:
    # 14,048 of 15,000 are wanted, 768 have to stay free, and the position lacks 367 of margin at a leverage of 3.
    short = position("BTC", Side.SHORT, "0.022", "100000", "366", "112000")
    with pytest.raises(
        RefusedByRule, match=r"short by 20\d\.\d\d USDT; the margin that the present positions lack takes 367"
    ) as no:
        make(book(account({"USDT": "15000"}, futures_wallet=D(366), positions=(short,))), "A", mode=Mode.SPOT)
    assert no.value.rule == "free_reserve_min"
