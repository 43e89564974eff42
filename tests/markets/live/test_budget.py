"""What is left of a venue's limit is heard from its headers, and a reserve of it stays for orders."""

from __future__ import annotations

import pytest

from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venue_terms import Budget as Limit
from cockpit.model.instruments import Kind as Market
from tests.loopback import Loopback
from tests.markets.live.conftest import MakeVenue

SPOT, FUTURES, OTHER = "api.binance.com", "fapi.binance.com", "api.bybit.com"
LIMITS = {
    SPOT: Limit(weight=6000, seconds=60, used="X-MBX-USED-WEIGHT-1M"),
    FUTURES: Limit(weight=2400, seconds=60, used="X-MBX-USED-WEIGHT-1M"),
    OTHER: Limit(weight=600, seconds=5, left="X-Bapi-Limit-Status"),
}


class Watch:
    """A clock in Unix seconds that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1_700_000_010.0  # 30 s into a minute
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def budget(watch: Watch, said: list[str]) -> Budget:
    return Budget(LIMITS, said.append, clock=watch, sleep=watch.sleep)


async def test_nobody_waits_while_more_than_the_reserve_is_left(budget: Budget, watch: Watch) -> None:
    await budget.turn(SPOT)
    budget.hears(SPOT, {"x-mbx-used-weight-1m": "4499"})
    await budget.turn(SPOT)
    assert watch.slept == []


async def test_data_waits_for_the_next_minute_and_orders_do_not(budget: Budget, watch: Watch) -> None:
    budget.hears(SPOT, {"X-MBX-USED-WEIGHT-1M": "4500"})
    await budget.turn(SPOT, urgent=True)
    await budget.turn(FUTURES)
    assert watch.slept == []
    await budget.turn(SPOT)
    assert watch.slept == [60 - 1_700_000_010 % 60]
    await budget.turn(SPOT)
    assert len(watch.slept) == 1


async def test_a_host_that_says_what_is_left_keeps_its_last_requests_for_orders(budget: Budget, watch: Watch) -> None:
    budget.hears(OTHER, {"X-Bapi-Limit-Status": "3"})
    await budget.turn(OTHER)
    assert watch.slept == []
    budget.hears(OTHER, {"X-Bapi-Limit-Status": "2"})
    await budget.turn(OTHER)
    assert watch.slept == [5]


def test_what_is_left_is_said_where_least_is(budget: Budget, said: list[str], watch: Watch) -> None:
    budget.hears(SPOT, {"X-MBX-USED-WEIGHT-1M": "680"})
    budget.hears(FUTURES, {"X-MBX-USED-WEIGHT-1M": "1200"})
    budget.hears(OTHER, {"X-Bapi-Limit-Status": "12"})
    assert said == ["5,320 of 6,000 weight a minute", "1,200 of 2,400 weight a minute", "12 requests in 5 s"]


def test_a_new_minute_begins_with_the_whole_limit(budget: Budget, watch: Watch) -> None:
    budget.hears(SPOT, {"X-MBX-USED-WEIGHT-1M": "5999"})
    watch.now += 60
    assert budget.wait(SPOT) == 0
    assert budget.left() == "6,000 of 6,000 weight a minute"


@pytest.mark.parametrize("value", ["", "-1", "many", "1e9", "9" * 40])
def test_a_header_that_is_no_count_is_not_heard(budget: Budget, said: list[str], value: str) -> None:
    budget.hears(SPOT, {"X-MBX-USED-WEIGHT-1M": value})
    assert said == []
    budget.hears("www.example.org", {"X-MBX-USED-WEIGHT-1M": "5"})
    assert budget.wait(SPOT) == 0


async def test_every_instance_of_a_venue_adds_to_one_budget(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.tickers()
    heard = one.meter.line().left
    other = await one.share(Market.PERP, urgent=True)
    try:
        assert other.urgent
        assert not one.exchange(Market.PERP).urgent
        for _ in range(3):
            await other.fapiPublicGetTicker24hr()
        assert one.meter.line().left != heard
        assert one.meter.line().left.endswith("of 2,400 weight a minute")
    finally:
        await other.close()


async def test_requests_keep_the_pace_that_ccxt_knows_of_the_venue(venue: MakeVenue) -> None:
    one = venue("binance")
    await one.open()
    other = await one.share(Market.SPOT, urgent=True)
    try:
        for made in (one.exchange(Market.SPOT), other):
            assert made.enableRateLimit
            assert made.throttler.config["refillRate"] == 1 / made.rateLimit
    finally:
        await other.close()


def test_the_address_rests_for_everybody_until_the_longest_time_that_was_named(budget: Budget, watch: Watch) -> None:
    for kind, seconds in ((Kind.LIMITED, 20), (Kind.BANNED, 60), (Kind.LIMITED, 5)):
        budget.rests(Fault(kind, retry_after=seconds))
    assert budget.forbids is not None
    assert (budget.forbids.kind, budget.forbids.wait) == (Kind.BANNED, 60)
    watch.now += 59
    assert budget.forbids.wait == 1
    watch.now += 1
    assert budget.forbids is None


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.REFUSED, Kind.MAINTENANCE, Kind.SERVER])
def test_what_says_nothing_of_too_many_requests_keeps_nobody_else_from_asking(budget: Budget, kind: Kind) -> None:
    budget.rests(Fault(kind, retry_after=60))
    assert budget.forbids is None


def test_a_clock_that_is_set_back_makes_no_rest_longer(budget: Budget, watch: Watch) -> None:
    budget.rests(Fault(Kind.LIMITED, retry_after=20))
    watch.now -= 3600
    assert budget.forbids is None
