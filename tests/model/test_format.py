"""Numbers are written one way, and missing is never zero."""

import ast
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model import format as fmt
from tests.conftest import ROOT

D = Decimal
MONEY = st.decimals(min_value=-(10**15), max_value=10**15, places=10)
DIGITS = st.integers(0, 8)
STEPS = st.builds(lambda digits, unit: D(unit).scaleb(-digits), st.integers(0, 8), st.sampled_from((1, 2, 5, 10)))
"""Ticks and lots: 10, 5, 0.2, 0.001 and their like."""
WIDE = Context(prec=200, rounding=ROUND_HALF_EVEN)


def read(text: str) -> Decimal:
    """The number in a text."""
    return D(fmt.in_ascii(text).replace(",", ""))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("100000"), "100,000.00"),
        (D("17482.5"), "17,482.50"),
        (D("-1210"), "−1,210.00"),
        (D("-0.001"), "0.00"),
        (D("-0"), "0.00"),
        (D("0.005"), "0.00"),
        (D("0.015"), "0.02"),
        (None, "–"),
        (D("NaN"), "–"),
        (D("1e30"), "1" + ",000" * 10 + ".00"),
    ],
)
def test_amounts_are_grouped_and_rounded_half_to_even(value: Decimal | None, text: str) -> None:
    assert fmt.amount(value) == text


def test_a_signed_zero_has_no_sign() -> None:
    assert fmt.amount(D("0.001"), signed=True) == "0.00"
    assert fmt.amount(D("12"), signed=True) == "+12.00"


@given(MONEY, DIGITS)
def test_an_amount_is_the_value_rounded_once_half_to_even(value: Decimal, digits: int) -> None:
    assert read(fmt.amount(value, digits)) == value.quantize(D(1).scaleb(-digits), context=WIDE)


@given(st.integers(-(10**9), 10**9), DIGITS)
def test_a_tie_goes_to_the_even_digit(units: int, digits: int) -> None:
    tie = (D(units) + D("0.5")).scaleb(-digits)
    assert int(read(fmt.amount(tie, digits)).scaleb(digits)) % 2 == 0


@given(MONEY, MONEY, DIGITS)
def test_rounding_never_changes_the_order(one: Decimal, other: Decimal, digits: int) -> None:
    low, high = sorted((one, other))
    assert read(fmt.amount(low, digits)) <= read(fmt.amount(high, digits))


@given(MONEY, DIGITS)
def test_grouping_changes_no_digit(value: Decimal, digits: int) -> None:
    text = fmt.in_ascii(fmt.amount(value, digits))
    assert re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", text)
    rounded = value.quantize(D(1).scaleb(-digits), context=WIDE)
    assert text.replace(",", "").lstrip("-") == format(abs(rounded), "f")


Written = Callable[[Decimal], str]
WRITERS: dict[str, Written] = {
    "amount": fmt.amount,
    "signed amount": lambda value: fmt.amount(value, signed=True),
    "whole": fmt.whole,
    "exact": fmt.exact,
    "price": fmt.price,
    "price on a tick": lambda value: fmt.price(value, D("0.1")),
    "quantity": lambda value: fmt.quantity(value, D("0.001")),
    "percent": fmt.percent,
    "percent without unit": lambda value: fmt.percent(value, 0, unit=False),
    "score": lambda value: fmt.score(float(value)),
    "weight": lambda value: fmt.plain_score(float(value)),
    "number": lambda value: fmt.number(float(value)),
    "leverage": fmt.times,
}
VALUES = MONEY | st.decimals(min_value=-1, max_value=1, places=12)


@pytest.mark.parametrize("writer", WRITERS)
@given(value=VALUES)
def test_zero_never_has_a_sign_and_a_sign_is_never_lost(writer: str, value: Decimal) -> None:
    text = WRITERS[writer](value)
    shown = re.search(r"[1-9]", text) is not None
    assert (fmt.MINUS in text) == (value < 0 and shown)
    assert "-" not in text
    assert "+" not in text or (value > 0 and shown)


@pytest.mark.parametrize("writer", WRITERS)
@given(value=VALUES)
def test_in_a_pipe_the_same_digits_stand_in_ascii(writer: str, value: Decimal) -> None:
    text = WRITERS[writer](value)
    plain = fmt.in_ascii(text)
    assert plain.isascii()
    assert plain == text.replace("−", "-")


def test_every_sign_of_this_module_has_its_ascii_twin() -> None:
    written = (fmt.NONE, fmt.MINUS, fmt.bar(0.5, 4))
    assert all(fmt.in_ascii(text).isascii() for text in written)
    assert fmt.in_ascii(fmt.amount(None)) == "-"


@given(VALUES)
def test_an_exact_quantity_keeps_every_digit(value: Decimal) -> None:
    assert read(fmt.exact(value)) == value


def test_thirty_digits_are_as_exact_as_three() -> None:
    assert fmt.exact(D("-123456789012345678901234567890.123456789")) == "−123,456,789,012,345,678,901,234,567,890.123456789"
    assert fmt.exact(D(70) / D(9), 8) == "7.77777778"
    assert fmt.exact(D("2.50"), 8) == "2.5"


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        (D("4000"), D("0.01"), "4,000.00"),
        (D("5976.0956"), D("0.01"), "5,976.10"),
        (D("0.00001234"), D("0.00000001"), "0.00001234"),
        (D("0.00001234"), None, "0.000012340"),
        (D("10"), D("1"), "10.00"),
        (D("4000.3"), D("0.5"), "4,000.30"),
        (D("0.9312"), D("0.0005"), "0.9312"),
        (D("0.0031"), D("0.01"), "0.0031000"),
        (D("0"), D("0.001"), "0.000"),
    ],
)
def test_prices_have_the_places_of_their_tick(value: Decimal, tick: Decimal | None, text: str) -> None:
    assert fmt.price(value, tick) == text


@pytest.mark.parametrize(
    ("value", "lot", "text"),
    [
        (D("2.5"), D("0.001"), "2.500"),
        (D("1250"), D("1"), "1,250"),
        (D("1250"), D("10"), "1,250"),
        (D("0.0004"), D("0.001"), "0.0004"),
        (D("-2.5"), D("0.01"), "−2.50"),
        (D("2.50"), None, "2.5"),
        (D("0"), D("0.1"), "0.0"),
        (None, D("0.1"), "–"),
    ],
)
def test_quantities_have_the_places_of_their_lot(value: Decimal | None, lot: Decimal | None, text: str) -> None:
    assert fmt.quantity(value, lot) == text


@given(st.integers(-(10**9), 10**9), STEPS)
def test_what_stands_on_its_tick_or_lot_is_written_whole(count: int, step: Decimal) -> None:
    value = count * step
    assert read(fmt.price(value, step)) == value
    assert read(fmt.quantity(value, step)) == value


@given(VALUES, STEPS)
def test_something_is_never_written_as_nothing(value: Decimal, step: Decimal) -> None:
    assert bool(read(fmt.price(value, step))) == bool(value)
    assert bool(read(fmt.quantity(value, step))) == bool(value)


@given(STEPS)
def test_the_places_of_a_step_are_those_that_it_needs(step: Decimal) -> None:
    digits = fmt.places(step)
    assert step == step.quantize(D(1).scaleb(-digits))
    assert digits == 0 or step != step.quantize(D(1).scaleb(-digits + 1))


@given(st.lists(st.builds(fmt.amount, MONEY | st.none(), DIGITS), min_size=1))
def test_the_points_of_an_aligned_column_stand_below_one_another(texts: list[str]) -> None:
    filled = fmt.aligned(texts)
    assert [text.rstrip() for text in filled] == texts
    width = max(map(len, filled))
    ones = {(text.rjust(width) + ".").index(".") if "." in text else len(text.rjust(width).rstrip()) for text in filled}
    assert len(ones) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (99_999.4, "99,999"),
        (250_000.0, "250.0k"),
        (999_949.0, "999.9k"),
        (999_950.0, "1.0M"),
        (9.9996e11, "1.0T"),
        (2e13, "20.0T"),
    ],
)
def test_a_large_number_goes_over_to_the_next_letter_where_it_would_round_to_a_thousand(value: float, text: str) -> None:
    assert fmt.number(value) == text
    assert fmt.compact(value, 2, signed=True) == f"+{text}"


def test_units_stay_behind_an_aligned_number() -> None:
    assert fmt.aligned(["12 %", "3.5 %", "–", "none"]) == ["12 %  ", "3.5 %", "–    ", "none    "]


def test_missing_and_nan_look_like_no_number() -> None:
    missing = {
        fmt.score(None), fmt.score(float("nan")), fmt.number(float("inf")), fmt.percent(float("nan")), fmt.percent(D("NaN")),
        fmt.exact(D("Infinity")), fmt.price(D("NaN")), fmt.quantity(D("NaN")), fmt.age(None),
    }  # fmt: skip
    assert missing == {fmt.NONE}
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


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (1250, "1,250"), (31.6, "32"), (None, "–"), (float("nan"), "–")])
def test_counts_are_whole(value: float | None, text: str) -> None:
    assert fmt.count(value) == text
    assert fmt.fixed(-0.04, 1) == "0.0"


WRITES_NUMBERS = re.compile(r"[,%]|[eEfFgGn]$")
"""Format specifications that group, round or scale; widths, alignments and times are something else."""


def test_screens_and_pipes_write_no_number_but_with_this_formatter() -> None:
    found = []
    for path in [*(ROOT / "cockpit" / "ui").rglob("*.py"), ROOT / "cockpit" / "printing.py", ROOT / "cockpit" / "apply.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
                spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
                if WRITES_NUMBERS.search(spec) and not re.search(r"%[YmdHMSj]", spec) and spec != CSV:
                    found.append((path.name, node.lineno, spec))
    assert found == []


CSV = ".6f"
"""What `phase --history` writes for programs."""
