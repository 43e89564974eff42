"""Whatever happens to an account, money is conserved, nothing becomes negative, and no order flips a position."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model import ledger
from cockpit.model.book import Account, Side, initial_margin
from cockpit.model.ledger import LedgerError
from cockpit.model.money import ceil_to, floor_to, nearest_to, plain
from cockpit.model.plan import Wallet

D = Decimal

amounts = st.decimals(min_value="0.001", max_value="100000", places=3)
prices = st.decimals(min_value="0.0001", max_value="100000", places=4)
leverages = st.sampled_from([D(1), D("1.5"), D(2), D(3), D(7)])
fees = st.decimals(min_value="0", max_value="50", places=4)
CENT = D("0.01")


PLENTY = D(10**12)


def account(cash: D = PLENTY, wallet: D = PLENTY) -> Account:
    return Account(id="main", venue="paper", spot={"USDT": cash, "ETH": D(10**6)}, futures_wallet=wallet)


def equity(held: Account, price: D) -> D:
    pnl = sum((p.unrealised_pnl(price) for p in held.positions), D(0))
    return held.spot.get("USDT", D(0)) + held.spot.get("ETH", D(0)) * price + held.futures_wallet + pnl


@given(st.booleans(), amounts, prices, fees)
def test_a_spot_fill_costs_its_fee_and_nothing_else(buys: bool, quantity: D, price: D, fee: D) -> None:
    before = account()
    after = ledger.trade_spot(before, "ETH", buys, quantity, price, fee)
    assert equity(after, price) == equity(before, price) - fee
    assert after.spot["ETH"] - before.spot["ETH"] == (quantity if buys else -quantity)


@given(st.sampled_from(Side), amounts, prices, amounts, prices, prices, leverages, fees)
def test_opening_growing_and_closing_realises_the_price_moves_to_the_cent(
    side: Side, first: D, entry: D, second: D, later: D, exit_price: D, leverage: D, fee: D
) -> None:
    start = account()
    held = ledger.open_position(start, "ETH", side, first, entry, leverage, fee)
    held = ledger.open_position(held, "ETH", side, second, later, leverage, fee)
    closed = ledger.reduce_position(held, "ETH", first + second, exit_price, fee)
    moves = side.sign * (first * (exit_price - entry) + second * (exit_price - later))
    assert not closed.positions
    assert abs(closed.futures_wallet - (start.futures_wallet + moves - 3 * fee)) < CENT


@given(st.sampled_from(Side), amounts, prices, st.integers(1, 99), leverages)
def test_reducing_releases_margin_in_proportion_and_keeps_entry_and_leverage(
    side: Side, quantity: D, entry: D, percent: int, leverage: D
) -> None:
    held = ledger.open_position(account(), "ETH", side, quantity, entry, leverage, D(0))
    part = quantity * percent / 100
    left = ledger.reduce_position(held, "ETH", part, entry, D(0)).position("ETH")
    before = held.position("ETH")
    assert left is not None
    assert before is not None
    assert left.entry_price == before.entry_price
    assert left.quantity == quantity - part
    assert abs(left.margin - before.margin * (100 - percent) / 100) <= D("0.00000001")


@given(amounts, prices, leverages)
def test_margin_is_rounded_up_so_that_leverage_never_exceeds_what_was_asked(quantity: D, price: D, leverage: D) -> None:
    margin = initial_margin(quantity, price, leverage)
    assert quantity * price / margin <= leverage
    assert margin - quantity * price / leverage < D("0.00000001")


@given(amounts, st.booleans())
def test_a_transfer_moves_and_loses_nothing(amount: D, back: bool) -> None:
    start = account()
    source = Wallet.FUTURES if back else Wallet.SPOT
    moved = ledger.transfer(start, source, amount)
    assert equity(moved, D(1)) == equity(start, D(1))
    sign = -1 if back else 1
    assert moved.futures_wallet - start.futures_wallet == sign * amount


def test_the_free_wallet_bounds_what_can_be_opened_moved_and_added() -> None:
    poor = account(wallet=D(100))
    held = ledger.open_position(poor, "ETH", Side.LONG, D(1), D(150), D(2), D(0))
    assert held.free_wallet == 25
    with pytest.raises(LedgerError, match="25 is free"):
        ledger.transfer(held, Wallet.FUTURES, D(26))
    with pytest.raises(LedgerError, match="margin"):
        ledger.add_margin(held, "ETH", D(26))
    with pytest.raises(LedgerError, match="is free"):
        ledger.open_position(held, "UNI", Side.LONG, D(1), D(60), D(2), D(0))
    assert ledger.add_margin(held, "ETH", D(25)).free_wallet == 0


def test_a_position_is_as_old_as_the_fill_that_opened_it_until_it_is_closed() -> None:
    first, second, third = (datetime(2026, 3, day, tzinfo=UTC) for day in (2, 3, 4))
    held = ledger.open_position(account(), "ETH", Side.SHORT, D(1), D(100), D(2), D(0), at=first)
    held = ledger.open_position(held, "ETH", Side.SHORT, D(1), D(100), D(2), D(0), at=second)
    held = ledger.reduce_position(held, "ETH", D("1.5"), D(100), D(0))
    grown = held.position("ETH")
    assert grown is not None
    assert grown.opened_at == first
    closed = ledger.reduce_position(held, "ETH", D("0.5"), D(100), D(0))
    again = ledger.open_position(closed, "ETH", Side.SHORT, D(1), D(100), D(2), D(0), at=third).position("ETH")
    assert again is not None
    assert again.opened_at == third


def test_no_order_flips_a_position_and_no_reduction_exceeds_it() -> None:
    held = ledger.open_position(account(), "ETH", Side.SHORT, D(1), D(100), D(2), D(0))
    with pytest.raises(LedgerError, match="flip"):
        ledger.open_position(held, "ETH", Side.LONG, D(1), D(100), D(2), D(0))
    with pytest.raises(LedgerError, match="more than the position"):
        ledger.reduce_position(held, "ETH", D(2), D(100), D(0))
    with pytest.raises(LedgerError, match="holds less"):
        ledger.trade_spot(held, "UNI", False, D(1), D(10), D(0))
    with pytest.raises(LedgerError, match="more than it holds"):
        ledger.trade_spot(account(cash=D(5)), "ETH", True, D(1), D(5), D("0.01"))


def test_funding_settles_in_the_wallet_and_then_out_of_the_margin() -> None:
    held = ledger.open_position(account(wallet=D(60)), "ETH", Side.LONG, D(1), D(100), D(2), D(0))
    paid = ledger.settle_funding(held, "ETH", D(-4))
    assert (paid.futures_wallet, paid.free_wallet) == (D(56), D(6))
    drained = ledger.settle_funding(paid, "ETH", D(-10))
    assert (drained.futures_wallet, drained.margin_used, drained.free_wallet) == (D(46), D(46), D(0))


@given(st.decimals(min_value="0", max_value="1e9", places=6), st.sampled_from([D("0.001"), D("0.5"), D(25), D(0)]))
def test_rounding_to_steps_stays_within_one_step(value: D, step: D) -> None:
    low, near, high = floor_to(value, step), nearest_to(value, step), ceil_to(value, step)
    assert low <= near <= high
    assert low <= value <= high
    assert high - low <= step
    if step:
        assert near % step == 0


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=D("-1e20"), max_value=D("1e20")))
def test_plain_text_reads_back_exactly_and_has_no_exponent(value: D) -> None:
    text = plain(value)
    assert D(text) == value
    assert "e" not in text.lower()
