"""What is collected is what the vendors say of the world, by the right day, and nothing is asked for twice."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from cockpit.markets.daily.kept import read_prints
from cockpit.markets.daily.series import DAY
from tests.loopback.ethereum import Ethereum
from tests.markets.daily.conftest import DAYS, NOON, UNIVERSE, Bench, Chronicle

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

TODAY = NOON.date()
YESTERDAY = TODAY - DAY
FIRST = TODAY - DAYS * DAY


async def test_every_table_is_the_worlds(bench: Bench) -> None:
    bench.venues = ("binance",)
    found = await bench.collect()
    assert (found.first, found.last) == (FIRST, YESTERDAY)
    assert not found.faults
    for table, newest in (("prices", YESTERDAY), ("tvl", TODAY), ("tvl_units", TODAY), ("fees", YESTERDAY)):
        true = {column: {d: v for d, v in s.items() if FIRST <= d <= newest} for column, s in bench.truth(table).items()}
        assert bench.table(table) == {column: true[column] for column in bench.table(table)}
        assert set(bench.table(table)) == set(true)
    activity = bench.table("activity")
    true = bench.truth("activity")
    assert all(
        activity[f"{asset}.tx_count"][YESTERDAY] == true[f"{asset}.tx_count"][YESTERDAY] for asset in ("BTC", "ETH", "ADA")
    )
    assert list(bench.table("sentiment")["fear_greed"]) == [FIRST + number * DAY for number in range(DAYS)]
    assert found.new["funding"] > 0
    asked = NOON - timedelta(days=30)
    prints = [one for one in bench.world.prints("UNI/USDT:USDT") if one.time >= asked]
    kept = read_prints(bench.folder / "funding.csv")["UNI"]
    assert [(time, *one) for time, one in kept.items()] == [(one.time, one.rate, one.interval_hours) for one in prints]


async def test_a_protocol_that_the_vendor_renamed_keeps_its_column(bench: Bench) -> None:
    found = await bench.collect(5)
    assert [one.path for one in bench.loopback.asked(path="/protocol/curve")] == ["/protocol/curve", "/protocol/curve-finance"]
    assert bench.table("tvl")["curve"] == {day: bench.truth("tvl")["curve"][day] for day in bench.table("tvl")["curve"]}
    assert "curve-finance" not in bench.table("tvl")
    assert not found.faults


async def test_the_fees_of_a_chain_are_its_gas_and_not_what_everybody_on_it_takes(bench: Bench) -> None:
    await bench.collect(5)
    assert bench.table("fees")["ETH"][YESTERDAY] == bench.truth("fees")["ETH"][YESTERDAY]
    assert not bench.loopback.asked(path="/overview/fees")


async def test_gas_is_the_mean_over_the_blocks_of_the_day_whatever_a_node_gives_at_once(bench: Bench) -> None:
    bench.loopback.vendor(Ethereum).most = 700
    await bench.collect()
    gas = bench.table("activity")["ETH.gas_gwei"]
    true = bench.truth("activity")["ETH.gas_gwei"]
    assert list(gas) == [TODAY - 3 * DAY, TODAY - 2 * DAY, YESTERDAY]
    assert all(float(gas[day]) == pytest.approx(float(true[day]), rel=1e-6) for day in gas)


async def test_the_point_of_now_is_no_snapshot_and_the_day_that_runs_is_no_close(bench: Bench) -> None:
    await bench.collect()
    assert max(bench.table("tvl")["uniswap"]) == TODAY
    assert bench.table("tvl")["uniswap"][TODAY] == bench.truth("tvl")["uniswap"][TODAY]
    for table in ("prices", "fees", "activity", "sentiment"):
        assert max(day for series in bench.table(table).values() for day in series) == YESTERDAY


@pytest.mark.parametrize(("ends", "kept"), [((0,), [YESTERDAY]), ((0, 45296), [YESTERDAY, TODAY])])
async def test_a_last_point_stamped_at_midnight_may_still_be_of_now(
    bench: Bench, ends: tuple[int, ...], kept: list[date]
) -> None:
    midnight = int(datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC).timestamp())
    points = [{"date": midnight - 86400, "tvl": 1.2e11}, *({"date": midnight + later, "tvl": 1.21e11} for later in ends)]
    bench.loopback.fault("api.llama.fi", "body", path="historicalChainTvl", status=200, body=json.dumps(points))
    await bench.collect(5)
    assert list(bench.table("tvl")["total"]) == kept


async def test_a_second_start_on_the_same_day_asks_nobody(bench: Bench) -> None:
    await bench.collect()
    asked = len(bench.loopback.requests)
    bench.move(hours=3)
    again = await bench.collect()
    assert len(bench.loopback.requests) == asked
    assert (again.new, again.last) == ({}, YESTERDAY)


async def test_funding_alone_is_asked_for_again_when_the_next_print_is_due(bench: Bench) -> None:
    bench.venues = ("binance",)
    await bench.collect()
    asked = len(bench.loopback.requests)
    bench.move(hours=2)
    await bench.collect()
    assert {one.path for one in bench.loopback.requests[asked:]} <= {"/fapi/v1/fundingRate", "/fapi/v1/fundingInfo"}


class Shorter(Chronicle):
    """Of late funding is paid every four hours, and the venue lists eight."""

    def history(self) -> MarketHistory:
        known = super().history()
        late = known.funding["time"] >= datetime(YESTERDAY.year, YESTERDAY.month, YESTERDAY.day, tzinfo=UTC)
        four = known.funding[late].assign(interval_hours=4.0)
        both = pd.concat([known.funding[~late], four, four.assign(time=four["time"] + timedelta(hours=4))])
        return replace(known, funding=both.sort_values("time", kind="stable", ignore_index=True))


async def test_a_print_that_comes_alone_has_the_interval_since_the_one_that_is_kept(bench: Bench) -> None:
    bench.world.feed = Shorter(7, universe=UNIVERSE, clock=bench.clock)
    bench.venues = ("binance",)
    await bench.collect()
    bench.move(hours=4)
    found = await bench.collect()
    kept = read_prints(bench.folder / "funding.csv")["UNI"]
    newest = max(kept)
    assert found.new["funding"] > 0
    assert newest.hour == 16
    assert kept[newest].hours == 4
    assert bench.world.prints("UNI/USDT:USDT")[-1].interval_hours == 4


async def test_the_next_day_asks_only_for_what_is_new(bench: Bench) -> None:
    await bench.collect()
    asked = len(bench.loopback.requests)
    bench.move(days=1)
    found = await bench.collect()
    new = bench.loopback.requests[asked:]
    charts = [one for one in new if one.path.startswith("/chart/")]
    assert [one.query["span"] for one in charts] == ["3"]
    assert found.new["prices"] == len(bench.table("prices"))
    assert found.last == TODAY
    assert bench.table("prices")["ETH"][TODAY] == bench.truth("prices")["ETH"][TODAY]
    assert not found.restated


async def test_more_days_than_before_are_fetched_and_none_is_lost(bench: Bench) -> None:
    await bench.collect(20)
    kept = bench.table("prices")["ETH"]
    found = await bench.collect(40)
    longer = bench.table("prices")["ETH"]
    assert found.first == TODAY - 40 * DAY
    assert {day: longer[day] for day in kept} == kept
    assert (await bench.collect(10)).first == TODAY - 40 * DAY


async def test_requests_for_prices_keep_to_the_points_that_clients_may_ask_for(bench: Bench) -> None:
    await bench.collect(400)
    charts = bench.loopback.asked("coins.llama.fi")
    assert all(int(one.query["span"]) * (one.path.count("coingecko:")) <= 500 for one in charts)
    assert len(bench.table("prices")["ETH"]) == 400


async def test_right_after_midnight_a_vendor_that_is_late_is_asked_again_within_the_hour(bench: Bench) -> None:
    bench.clock.move(timedelta(hours=11, minutes=35))
    late = {TODAY}
    bench.llama.twist = lambda column, day, value: None if day in late and column == "ETH" else value
    bench.loopback.fault("coinmetrics", "5xx")
    assert (await bench.collect()).last == TODAY
    assert TODAY not in bench.table("prices")["ETH"]
    bench.move(minutes=30)
    asked = len(bench.loopback.asked("coins.llama.fi"))
    await bench.collect()
    assert len(bench.loopback.asked("coins.llama.fi")) == asked
    late.clear()
    bench.move(minutes=31)
    await bench.collect()
    assert bench.table("prices")["ETH"][TODAY] == bench.truth("prices")["ETH"][TODAY]


async def test_fees_of_a_day_that_may_lack_its_last_hours_wait_until_it_cannot(bench: Bench) -> None:
    """Three minutes after midnight the vendor has yesterday as it was at its last refresh."""
    bench.llama.today = False
    bench.llama.twist = lambda column, day, value: value / 2 if column == "ETH fees" and day == TODAY else value
    bench.clock.move(timedelta(hours=11, minutes=28, seconds=4))
    await bench.collect()
    assert max(bench.table("fees")["ETH"]) == YESTERDAY
    bench.llama.twist = lambda _column, _day, value: value
    bench.move(hours=2)
    found = await bench.collect()
    assert bench.table("fees")["ETH"][TODAY] == bench.truth("fees")["ETH"][TODAY]
    assert not found.restated


async def test_the_point_of_now_is_none_of_midnight_in_whatever_order_points_come(bench: Bench) -> None:
    bench.llama.newest_first = True
    bench.clock.move(timedelta(hours=12, minutes=25))
    await bench.collect()
    true = bench.truth("tvl")["total"]
    assert bench.table("tvl")["total"] == {day: true[day] for day in bench.table("tvl")["total"]}
    assert max(bench.table("tvl")["total"]) == TODAY + DAY


@pytest.mark.parametrize("late", [{TODAY}, {TODAY - 5 * DAY}, {TODAY, YESTERDAY}])
async def test_a_day_on_which_a_large_chain_is_lacking_has_no_sum(bench: Bench, late: set[date]) -> None:
    bench.llama.twist = lambda column, day, value: None if column == "uniswap Arbitrum" and day in late else value
    await bench.collect()
    kept, true = bench.table("tvl")["uniswap"], bench.truth("tvl")["uniswap"]
    assert kept == {day: true[day] for day in true if FIRST <= day <= TODAY and day not in late}
    units = {day for column, days in bench.table("tvl_units").items() if column.startswith("uniswap:") for day in days}
    assert units
    assert not late & units
    bench.llama.twist = lambda _column, _day, value: value
    bench.move(days=1)
    await bench.collect()
    kept, true = bench.table("tvl")["uniswap"], bench.truth("tvl")["uniswap"]
    assert kept == {day: true[day] for day in true if FIRST <= day <= TODAY + DAY}


async def test_a_small_chain_that_is_lacking_and_one_that_is_gone_take_no_day_away(bench: Bench) -> None:
    ended = TODAY - 10 * DAY

    def twist(column: str, day: date, value: Decimal) -> Decimal | None:
        if column == "uniswap Arbitrum":
            return value / 20 if day < TODAY - 20 * DAY else None if day == TODAY - 20 * DAY or day > ended else value / 20
        return value

    bench.llama.twist = twist
    await bench.collect()
    assert set(bench.table("tvl")["uniswap"]) == {FIRST + number * DAY for number in range(DAYS + 1)}
