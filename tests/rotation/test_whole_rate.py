"""Where a venue charges the rate of a tier on the whole position, it is liquidated where that is met first."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.book import Side
from cockpit.model.instruments import margin_tiers
from cockpit.rotation import margin

D = Decimal
LONG, SHORT = Side.LONG, Side.SHORT

# One rate for the whole position: 1 % up to 1000 USDT of notional, 10 % above.
WHOLE = margin_tiers([(D(0), D("0.01"), D(10)), (D(1000), D("0.1"), D(5))], whole_position=True)


@pytest.mark.parametrize(
    ("side", "quantity", "entry", "wallet", "expected"),
    [
        (SHORT, "10", "90", "50", "94.0594"),  # below the floor: (50 + 900) / (10 * 1.01)
        (SHORT, "10", "90", "150", "100"),  # at the floor 140 would be needed, 10 below it: the step over it liquidates
        (SHORT, "10", "90", "300", "109.0909"),  # above it: 1200 / (10 * 1.1)
        (LONG, "10", "120", "100", "122.2222"),  # the rate above the floor: 1100 / (10 * .9)
        (LONG, "10", "120", "300", "90.9091"),  # past the floor with 100 of 100 needed to spare: 900 / (10 * .99)
        (LONG, "10", "120", "299", "100.1111"),  # one short of it: 901 / (10 * .9), and no price further down
    ],
)
def test_a_rate_for_the_whole_position_liquidates_where_it_is_met_first(
    side: Side, quantity: str, entry: str, wallet: str, expected: str
) -> None:
    price = margin.liquidation_price(side, D(quantity), D(entry), D(wallet), WHOLE)
    assert price is not None
    assert abs(price - D(expected)) <= D("0.00005")


@given(
    side=st.sampled_from(Side),
    quantity=st.decimals("0.1", "50", places=1),
    entry=st.decimals("1", "400", places=2),
    wallet=st.decimals("1", "5000", places=0),
    near=st.decimals("0.9", "1.1", places=3),
)
def test_before_its_liquidation_a_position_has_its_maintenance_margin_whatever_its_venue_charges(
    side: Side, quantity: Decimal, entry: Decimal, wallet: Decimal, near: Decimal
) -> None:
    price = margin.liquidation_price(side, quantity, entry, wallet, WHOLE)
    before = entry if price is None else max(price, price * near) if side is LONG else min(price, price * near)
    if price is not None and (before == price or not before):
        return
    equity = wallet + margin.unrealised_pnl(side, quantity, entry, before)
    assert equity >= margin.maintenance_margin(quantity * before, WHOLE)


@given(
    side=st.sampled_from(Side),
    quantity=st.decimals("0.1", "50", places=1),
    entry=st.decimals("1", "400", places=2),
    price=st.decimals("1", "400", places=2),
)
def test_with_the_margin_for_a_price_no_position_is_liquidated_before_it(
    side: Side, quantity: Decimal, entry: Decimal, price: Decimal
) -> None:
    needed = margin.margin_for_liquidation_at(side, quantity, entry, price, WHOLE)
    found = margin.liquidation_price(side, quantity, entry, needed + D("0.000001"), WHOLE)
    assert found is None or (found <= price if side is LONG else found >= price)
