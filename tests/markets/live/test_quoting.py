"""Only prices that can be become a quote."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.quoting import book, field, number, positive, quote

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
ETH = "ETH/USDT"
prices = st.decimals("0.00000001", "1000000", places=8)
sizes = st.decimals("0.001", "1000", places=3)
anything = st.one_of(st.none(), st.booleans(), st.text(max_size=8), st.decimals(), st.floats(), st.integers())


@given(anything)
def test_a_number_is_finite_or_none(value: Any) -> None:
    found = number(value)
    assert found is None or found.is_finite()
    assert positive(value) is None or positive(value) == found


@given(anything, anything, anything, st.booleans())
def test_a_quote_is_whole_or_there_is_none(bid: Any, ask: Any, mark: Any, marked: bool) -> None:
    made = None
    with contextlib.suppress(Fault):
        made = quote(ETH, "binance", NOW, bid, ask, mark, marked=marked)
    if made is not None:
        assert 0 < made.bid <= made.ask
        assert made.mark > 0
        assert marked or made.bid <= made.mark <= made.ask


@given(prices, st.lists(sizes, min_size=1, max_size=20), st.lists(sizes, min_size=1, max_size=20), st.sampled_from(["1", "0.01"]))
def test_a_book_in_order_is_kept_to_the_digit(price: Decimal, bids: list[Decimal], asks: list[Decimal], contract: str) -> None:
    step = price / 100
    below = [[price - step * place, size] for place, size in enumerate(bids, 1)]
    above = [[price + step * place, size] for place, size in enumerate(asks, 1)]
    made = book(ETH, "okx", NOW, below, above, contract=Decimal(contract))
    assert [[level.price, level.size] for level in made.bids] == [[at, size * Decimal(contract)] for at, size in below]
    assert [[level.price, level.size] for level in made.asks] == [[at, size * Decimal(contract)] for at, size in above]
    assert (made.bid, made.ask) == (below[0][0], above[0][0])


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], [["100", "1"]]),
        ([["99", "1"]], []),
        ([["99", "0"]], [["100", "1"]]),
        ([["100", "1"]], [["100", "1"]]),
        ([["101", "1"]], [["100", "1"]]),
        ([["98", "1"], ["99", "1"]], [["100", "1"]]),
        ([["99", "1"], ["99", "1"]], [["100", "1"]]),
        ([["99", "1"]], [["101", "1"], ["100", "1"]]),
        ([["0", "1"]], [["100", "1"]]),
        ([["99", "-1"]], [["100", "1"]]),
        ([["99", "NaN"]], [["100", "1"]]),
        ([["99", "Infinity"]], [["100", "1"]]),
        ([[None, "1"]], [["100", "1"]]),
    ],
)
def test_a_book_that_cannot_be_is_a_fault(bids: list[Any], asks: list[Any]) -> None:
    with pytest.raises(Fault) as caught:
        book(ETH, "okx", NOW, bids, asks, contract=Decimal(1))
    assert caught.value.kind is Kind.NONSENSE


def test_levels_of_no_size_are_no_levels() -> None:
    made = book(ETH, "okx", NOW, [["99", "1"], ["98", "0"], ["97", "2"]], [["100", "1"]], contract=Decimal(1))
    assert [level.price for level in made.bids] == [99, 97]


def test_a_path_leads_into_the_venues_own_answer() -> None:
    assert field({"info": {"fairPrice": "5"}}, "info.fairPrice") == "5"
    assert field({"info": ["5"]}, "info.fairPrice") is None
    assert field({}, "info.fairPrice") is None
