"""What a trader types is read as it is written, and what means nothing is refused in words."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.errors import BadInput
from cockpit.ui import typed
from tests.ui import worked_example as example

D = Decimal


@pytest.mark.parametrize(
    ("read", "told", "value"),
    [
        (typed.hedge_ratio, " .25 ", D("0.25")),
        (typed.hedge_ratio, "25 %", D("0.25")),
        (typed.hedge_ratio, "", None),
        (typed.leverage, "1.5x", D("1.5")),
        (typed.leverage, " ", None),
        (typed.tranche, "40", D("0.4")),
        (typed.tranche, "100 %", D(1)),
        (typed.shock, "−20", D("-0.2")),
        (typed.shock, "+15 %", D("0.15")),
        (typed.shock, "", D(0)),
    ],
)
def test_a_number_is_read_as_a_trader_writes_it(read: Callable[[str], Decimal | None], told: str, value: Decimal | None) -> None:
    assert read(told) == value


@pytest.mark.parametrize(
    ("read", "told", "words"),
    [
        (typed.hedge_ratio, "0,25", "a point parts the places: 0.25"),
        (typed.hedge_ratio, "25", "more than the whole spot; a quarter: 0.25 or 25 %"),
        (typed.hedge_ratio, "1e99999999", "'1e99999999' is no number in use here"),
        (typed.leverage, "1e99999999", "'1e99999999' is no number in use here"),
        (typed.hedge_ratio, "-0.1", "0 or more"),
        (typed.hedge_ratio, "NaN", "'NaN' is no number"),
        (typed.hedge_ratio, "Infinity", "'Infinity' is no number"),
        (typed.hedge_ratio, "1_0", "is no number"),
        (typed.leverage, "0.5", "1 or more"),
        (typed.leverage, "two", "'two' is no number"),
        (typed.tranche, "0", "more than 0 %"),
        (typed.tranche, "101", "at most 100 %"),
        (typed.shock, "-101", "no price falls by more than 100 %"),
        (typed.shock, "1e-99999999", "is no number in use here"),
    ],
)
def test_what_means_nothing_is_refused_in_words(read: Callable[[str], object], told: str, words: str) -> None:
    with pytest.raises(BadInput, match=words.replace("(", r"\(")):
        read(told)


@given(told=st.text(alphabet="0123456789eE+-−.,%xX _naNif", max_size=60))
def test_a_typed_number_is_of_human_size_or_refused_in_a_sentence_that_fits_beside_the_field_at_80_columns(told: str) -> None:
    for read in (typed.hedge_ratio, typed.leverage, typed.tranche, typed.shock):
        try:
            value = read(told)
        except BadInput as error:
            refused = str(error)
        else:
            refused = ""
            assert value is None or (abs(value) <= 200 and abs(value.adjusted()) <= typed.PLACES + 2)
        assert len(refused) <= 51


def test_tokens_are_checked_against_the_universe_with_the_nearest_match() -> None:
    assert typed.tokens("uni, aave  UNI", example.SECTORS) == ("UNI", "AAVE")
    assert typed.tokens("", example.SECTORS) == ()
    with pytest.raises(BadInput, match=r"AAEV is unknown: AAVE\?"):
        typed.tokens("UNI AAEV", example.SECTORS)
    with pytest.raises(BadInput, match="USDT is STABLE: only L1 and DEFI tokens carry a change"):
        typed.tokens("USDT", example.SECTORS)
