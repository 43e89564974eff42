"""Numbers are written one way, and missing is never zero."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model import format as fmt

D = Decimal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("100000"), "100,000.00"),
        (D("17482.5"), "17,482.50"),
        (D("-1210"), "−1,210.00"),
        (D("-0.001"), "0.00"),
        (D("0.005"), "0.00"),
        (D("0.015"), "0.02"),
        (None, "–"),
    ],
)
def test_amounts_are_grouped_and_rounded_half_to_even(value: Decimal | None, text: str) -> None:
    assert fmt.amount(value) == text


def test_a_signed_zero_has_no_sign() -> None:
    assert fmt.amount(D("0.001"), signed=True) == "0.00"
    assert fmt.amount(D("12"), signed=True) == "+12.00"


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=8))
def test_an_exact_quantity_keeps_every_digit(value: Decimal) -> None:
    assert Decimal(fmt.exact(value).replace(",", "").replace("−", "-")) == value


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=8))
def test_an_amount_is_within_half_a_cent_of_the_value(value: Decimal) -> None:
    assert abs(Decimal(fmt.amount(value).replace(",", "").replace("−", "-")) - value) <= D("0.005")


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        (D("4000"), D("0.01"), "4,000.00"),
        (D("5976.0956"), D("0.01"), "5,976.10"),
        (D("0.00001234"), D("0.00000001"), "0.00001234"),
        (D("0.00001234"), None, "0.000012340"),
        (D("10"), D("1"), "10.00"),
    ],
)
def test_prices_stand_on_their_tick(value: Decimal, tick: Decimal | None, text: str) -> None:
    assert fmt.price(value, tick) == text


def test_missing_and_nan_look_like_no_number() -> None:
    assert {fmt.score(None), fmt.score(float("nan")), fmt.number(float("inf")), fmt.percent(float("nan")), fmt.age(None)} == {
        fmt.NONE
    }
    assert fmt.score(0.0) == "0.00"


@pytest.mark.parametrize(
    ("seconds", "text"), [(2, "2 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (-3, "0 s"), (172_800, "2 d")]
)
def test_ages_are_in_their_largest_unit(seconds: int, text: str) -> None:
    assert fmt.age(timedelta(seconds=seconds)) == text


def test_a_limit_is_written_in_its_own_unit() -> None:
    assert fmt.limit_value("free_reserve_min", D("0.0497")) == "4.97 %"
    assert fmt.limit_value("free_reserve_min", D("0.05")) == "5.0 %"
    assert fmt.limit_value("leverage_max", D("3")) == "3x"
    assert fmt.limit_value("slippage_max_bps", D("30")) == "30 bps"
    assert fmt.limit_value("funding_warn", D("0.00047")) == "0.0470 %"
    assert fmt.limit_value("hedge_ratio_max", fmt.NO_SPOT) == "no spot"


def test_a_broken_limit_never_looks_like_one_that_holds() -> None:
    assert fmt.limit_pair("hedge_ratio_guideline", D("0.2004"), D("0.20")) == ("0.2004", "0.2000")
    assert fmt.limit_pair("free_reserve_min", D("0.04997"), D("0.05")) == ("4.997 %", "5.000 %")
    assert fmt.limit_pair("leverage_max", D("3.001"), D(3)) == ("3.001x", "3x")
    assert fmt.limit_pair("free_reserve_min", D("0.175"), D("0.05")) == ("17.5 %", "5.0 %")
    assert fmt.limit_pair("leverage_max", D(3), D(3)) == ("3x", "3x")


def test_the_drift_bar_points_to_the_side_of_the_target() -> None:
    assert fmt.drift_bar(D("0.25"), D("0.50")) == "▇▇▇▇│····"
    assert fmt.drift_bar(D("0.40"), D("0.30")) == "····│▇▇··"
    assert fmt.drift_bar(D("0.30"), D("0.30")) == "····│····"
