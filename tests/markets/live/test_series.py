"""A long series comes whole, whatever way a venue gives it piece by piece."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.live.series import pages
from cockpit.markets.venue_terms import Paging, Series

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = 3_600_000


def stamp(hour: int) -> int:
    """Milliseconds of an hour after the start."""
    return int(START.timestamp() * 1000) + hour * HOUR


class Vendor:
    """Holds rows [stamp], one an hour, and gives them as a venue of its kind does; `newest`: of a span the newest, they first."""

    def __init__(self, hours: int, paging: Paging, most: int, *, newest: bool = False) -> None:
        self.newest = newest
        self.rows = [[stamp(hour)] for hour in range(hours)]
        self.series = Series(most=most, paging=paging, until="until" if paging is not Paging.NEWEST else "")
        self.asked = 0

    async def ask(self, symbol: str, since: int | None, limit: int, params: dict[str, Any]) -> list[Any]:
        """One piece."""
        self.asked += 1
        assert limit == self.series.most
        match self.series.paging:
            case Paging.FORWARD:
                assert since is not None
                span = [row for row in self.rows if since <= row[0] <= params["until"]]
                return span[-limit:][::-1] if self.newest else span[:limit]
            case Paging.BACKWARD:
                return [row for row in self.rows if row[0] < params["until"]][-limit:]
            case Paging.PAGES:
                newest_first = self.rows[::-1]
                return newest_first[(params["until"] - 1) * limit : params["until"] * limit]
            case Paging.NEWEST:
                return self.rows[-limit:]


async def got(vendor: Vendor, first: int, end: int) -> list[int]:
    """The hours that are got of [first, end)."""
    since, until = START + timedelta(hours=first), START + timedelta(hours=end)
    rows = await pages(vendor.ask, vendor.series, "ETH/USDT", since, until, lambda row: row[0])
    return sorted({row[0] for row in rows if stamp(first) <= row[0] < stamp(end)})


@pytest.mark.parametrize("paging", [Paging.FORWARD, Paging.BACKWARD, Paging.PAGES])
@given(hours=st.integers(0, 60), most=st.integers(1, 20), data=st.data())
async def test_every_row_comes(paging: Paging, hours: int, most: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, hours))
    vendor = Vendor(hours, paging, most)
    assert await got(vendor, first, hours) == [stamp(hour) for hour in range(first, hours)]
    assert vendor.asked <= hours // most + 2


@given(hours=st.integers(0, 60), most=st.integers(1, 20), data=st.data())
async def test_every_row_comes_of_a_venue_that_gives_the_newest_of_a_span(hours: int, most: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, hours))
    vendor = Vendor(hours, Paging.FORWARD, most, newest=True)
    assert await got(vendor, first, hours) == [stamp(hour) for hour in range(first, hours)]
    assert vendor.asked <= hours // most + 4


async def test_a_venue_that_gives_only_the_newest_is_asked_once() -> None:
    vendor = Vendor(50, Paging.NEWEST, 20)
    assert await got(vendor, 0, 50) == [stamp(hour) for hour in range(30, 50)]
    assert vendor.asked == 1


@pytest.mark.parametrize("paging", [Paging.FORWARD, Paging.BACKWARD, Paging.PAGES])
async def test_a_venue_that_repeats_itself_is_not_asked_for_ever(paging: Paging) -> None:
    vendor = Vendor(10, paging, 2)
    asked = 0

    async def same(symbol: str, since: int | None, limit: int, params: dict[str, Any]) -> list[Any]:
        nonlocal asked
        asked += 1
        return vendor.rows[4:6]

    await pages(same, vendor.series, "ETH/USDT", START, START + timedelta(hours=9), lambda row: row[0])
    assert asked <= 3
