"""How an indicator's number is written: rounded as on the screens, in few characters, the same wherever it stands."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model import format as fmt
from cockpit.signals.indicators import ALL, Indicator
from cockpit.ui.blocks.raw import raw_text


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert ALL["div"].text(-0.001) == "0.00"
    assert ALL["div"].text(-0.001, 1) == "-0.001"
    assert ALL["fund_l1"].text(-4e-7) == "0.000 %/8h"


def test_a_rate_in_the_middle_is_rounded_half_to_even_as_every_number_is() -> None:
    """0.0135 % and 0.0085 % to three places: 0.014 and 0.008; binary rounding has 0.013 and 0.009."""
    assert ALL["funding"].text(0.000135) == "0.014 %/8h"
    assert ALL["funding"].text(8.5e-05) == "0.008 %/8h"


@pytest.mark.parametrize("indicator", ALL.values(), ids=ALL.keys())
@given(units=st.integers(-(10**7), 10**7))
def test_a_cell_and_its_detail_write_the_same_number(indicator: Indicator, units: int) -> None:
    value = float(Decimal(units).scaleb(-6))
    cell, detail = fmt.minus(indicator.text(value)), raw_text(value, indicator.unit)
    assert cell.replace("+", "") == detail.replace("+", "")


@given(st.floats(-0.99, 1e12))
def test_growth_from_next_to_nothing_keeps_to_a_cell(value: float) -> None:
    number = ALL["tvl_30d"].text(value).partition(" ")[0]
    assert len(number) <= 8
    assert len(ALL["activity"].text(value)) <= 8


def test_growth_from_next_to_nothing_is_told_in_few_digits() -> None:
    """Uniswap's TVL on 2020-05-28 had been next to nothing a week before."""
    assert ALL["tvl_30d"].text(0.123) == "+12.3 %/30d"
    assert ALL["tvl_30d"].text(12.34) == "+1,234 %/30d"
    assert ALL["tvl_30d"].text(354581815287.8) == "+35.5T %/30d"
    assert raw_text(354581815287.8, "per 30 days") == "35.5T %/30d"
