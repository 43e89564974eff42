"""Funding is read by the venue's own interval, and the next payment lies in the future."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.live.funding import hours, moment, next_payment, prints, rate_of
from cockpit.markets.venue_terms import Funding, Paging, Series

NOW = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
TERMS = Funding(rates=None, history=Series(most=100, paging=Paging.FORWARD))
WEEX = Funding(rates=None, rate=("nextFundingRate", "fundingRate"), history=Series(most=100, paging=Paging.FORWARD))
EIGHT = Decimal(8)


def stamp(time: datetime) -> int:
    """Milliseconds since 1970."""
    return int(time.timestamp() * 1000)


def row(at: datetime, rate: str) -> dict[str, Any]:
    """A payment as ccxt tells it."""
    return {"timestamp": stamp(at), "fundingRate": Decimal(rate)}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("8h", 8),
        ("1h", 1),
        ("30m", Decimal("0.5")),
        ("240m", 4),
        (None, None),
        ("", None),
        ("h", None),
        ("0h", None),
        ("3d", None),
    ],
)
def test_an_interval_is_read_as_ccxt_writes_it(told: str | None, expected: Decimal | None) -> None:
    assert hours(told) == expected


@pytest.mark.parametrize("value", [None, "", "x", -1, 0, "NaN", 10**15])
def test_a_stamp_that_cannot_be_is_none(value: Any) -> None:
    assert moment(value) is None


def test_the_next_payment_is_the_first_that_lies_in_the_future() -> None:
    soon, later = NOW + timedelta(hours=3), NOW + timedelta(hours=11)
    assert next_payment([stamp(NOW), stamp(later), stamp(soon)], EIGHT, NOW) == soon.replace(microsecond=0)


def test_just_after_a_payment_the_next_is_an_interval_later() -> None:
    paid = NOW - timedelta(seconds=3)
    assert next_payment([stamp(paid)], Decimal(4), NOW) == paid + timedelta(hours=4)


def test_a_payment_long_past_says_nothing_of_the_next() -> None:
    assert next_payment([stamp(NOW - timedelta(days=2))], EIGHT, NOW) is None
    assert next_payment([None], EIGHT, NOW) is None


def test_weex_pays_the_forecast_rate_next() -> None:
    told = {"fundingRate": Decimal("0.0009"), "nextFundingRate": Decimal("0.0001"), "fundingTimestamp": stamp(NOW)}
    told["nextFundingTimestamp"] = stamp(NOW + timedelta(hours=2))
    found = rate_of("ETH/USDT:USDT", told, WEEX, Decimal(4), NOW)
    assert found is not None
    assert (found.rate, found.per_8h, found.next_at) == (Decimal("0.0001"), Decimal("0.0002"), NOW + timedelta(hours=2))


@pytest.mark.parametrize("rate", [None, "", "NaN", "1", "-1.5"])
def test_a_rate_that_cannot_be_is_left_out(rate: str | None) -> None:
    told = {"fundingRate": rate, "fundingTimestamp": stamp(NOW + timedelta(hours=1))}
    assert rate_of("ETH/USDT:USDT", told, TERMS, EIGHT, NOW) is None


def test_without_an_interval_there_is_no_rate() -> None:
    told = {"fundingRate": "0.0001", "fundingTimestamp": stamp(NOW + timedelta(hours=1))}
    assert rate_of("ETH/USDT:USDT", told, TERMS, None, NOW) is None


def test_a_print_has_the_interval_that_ended_with_it() -> None:
    start = datetime(2026, 8, 1, tzinfo=UTC)
    rows = [row(start + timedelta(hours=h), "0.0001") for h in (0, 8, 16, 20, 24)]
    assert [print.interval_hours for print in prints(rows, start, Decimal(4))] == [4, 8, 8, 4, 4]


def test_a_missing_print_does_not_stretch_the_next_one() -> None:
    start = datetime(2026, 8, 1, tzinfo=UTC)
    rows = [row(start + timedelta(hours=h), "0.0001") for h in (0, 8, 24)]
    assert [print.interval_hours for print in prints(rows, start, EIGHT)] == [8, 8, 8]


@given(st.lists(st.integers(0, 60), min_size=1), st.randoms())
def test_prints_come_once_and_oldest_first(places: list[int], random: Any) -> None:
    start = datetime(2026, 8, 1, tzinfo=UTC)
    rows = [row(start + timedelta(hours=8 * place), "0.0001") for place in places]
    random.shuffle(rows)
    times = [print.time for print in prints(rows, start, EIGHT)]
    assert times == sorted({start + timedelta(hours=8 * place) for place in places})
