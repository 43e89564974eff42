"""A glitch of a vendor never goes in silently, and a history that is rewritten is told."""

from __future__ import annotations

from decimal import Decimal

from cockpit.markets.daily.series import DAY
from cockpit.model.format import number
from tests.markets.daily.conftest import NOON, Bench

TODAY = NOON.date()
YESTERDAY = TODAY - DAY


async def test_a_tvl_of_zero_is_held_back_and_told_then_dropped_when_the_vendor_mends_it(bench: Bench) -> None:
    broken = True
    bench.llama.twist = lambda column, day, v: Decimal(0) if broken and (column, day) == ("makerdao", TODAY) else v
    found = await bench.collect()
    assert TODAY not in bench.table("tvl")["makerdao"]
    assert TODAY not in bench.table("tvl_units")["makerdao:ETH"]
    assert [(one.table, one.column, one.day, one.value) for one in found.waiting] == [("tvl", "makerdao", TODAY, Decimal(0))]
    before = number(float(bench.table("tvl")["makerdao"][YESTERDAY]))
    assert f"tvl of makerdao for 2025-10-22 is 0 after {before}: held back until it is seen again" in found.notes
    bench.move(minutes=20)
    asked = len(bench.loopback.requests)
    assert (await bench.collect()).waiting
    assert len(bench.loopback.requests) == asked
    broken = False
    bench.move(minutes=11)
    mended = await bench.collect()
    assert not mended.waiting
    assert bench.table("tvl")["makerdao"][TODAY] == bench.truth("tvl")["makerdao"][TODAY]
    assert [one.path for one in bench.loopback.requests[asked:]] == ["/protocol/makerdao"]


async def test_a_loss_that_is_seen_again_half_an_hour_later_is_taken(bench: Bench) -> None:
    bench.llama.twist = lambda column, day, v: v / 50 if (column, day) == ("gmx", TODAY) else v
    assert (await bench.collect()).waiting
    bench.move(minutes=31)
    again = await bench.collect()
    assert not again.waiting
    true = bench.truth("tvl")["gmx"][TODAY]
    assert abs(bench.table("tvl")["gmx"][TODAY] / true * 50 - 1) < Decimal("0.001")


async def test_a_glitch_of_one_day_in_the_past_is_left_out_and_told_once(bench: Bench) -> None:
    glitch = TODAY - 20 * DAY
    bench.llama.twist = lambda column, day, v: v / 100 if (column, day) == ("makerdao", glitch) else v
    found = await bench.collect()
    assert glitch not in bench.table("tvl")["makerdao"]
    assert [note for note in found.notes if f"tvl of makerdao for {glitch}" in note and "which the next day contradicts" in note]
    bench.move(days=1)
    again = await bench.collect()
    assert not again.notes
    assert glitch not in bench.table("tvl")["makerdao"]


async def test_a_fall_of_prices_is_no_loss_of_what_is_locked(bench: Bench) -> None:
    crash = Decimal("0.3")

    def twist(column: str, day: object, value: Decimal) -> Decimal:
        if column in ("ETH", "BTC") and day == YESTERDAY:
            return value * crash
        return value * crash if column == "lido" and day == TODAY else value

    bench.llama.twist = twist
    found = await bench.collect()
    held = {one.column for one in found.waiting}
    # Half of what lido holds here is ETH and BTC; the prices alone explain most of its fall, and none of one that they do not.
    assert "lido" not in held


async def test_a_price_ten_times_too_high_goes_in_only_by_the_word_of_a_second_source(bench: Bench) -> None:
    bench.loopback.fault("coinmetrics", "5xx")
    bench.llama.twist = lambda column, day, v: v * 12 if (column, day) == ("UNI", YESTERDAY) else v
    found = await bench.collect()
    assert YESTERDAY not in bench.table("prices")["UNI"]
    assert ("prices", "UNI", YESTERDAY) in {(one.table, one.column, one.day) for one in found.waiting}
    bench.loopback.heal()
    bench.move(minutes=2)
    mended = await bench.collect()
    assert bench.table("prices")["UNI"][YESTERDAY] == bench.truth("prices")["UNI"][YESTERDAY]
    assert not mended.waiting


async def test_prices_of_zero_are_never_kept(bench: Bench) -> None:
    bench.loopback.fault("coinmetrics", "5xx")
    bench.llama.twist = lambda column, day, v: Decimal(0) if column == "SOL" and day >= YESTERDAY - 3 * DAY else v
    await bench.collect()
    assert max(bench.table("prices")["SOL"]) == YESTERDAY - 4 * DAY


async def test_a_history_that_is_rewritten_is_told_and_the_old_values_are_noted(bench: Bench) -> None:
    await bench.collect()
    old = bench.table("tvl")["curve"]
    rewritten = {TODAY - number * DAY for number in range(5, 12)}
    bench.llama.twist = lambda column, day, v: v * Decimal("1.034") if column == "curve" and day in rewritten else v
    bench.move(days=1)
    found = await bench.collect()
    (told,) = found.restated
    assert (told.table, told.column, told.days) == ("tvl", "curve", 7)
    assert abs(told.most - Decimal("0.034")) < Decimal("0.0001")
    assert told.sentence in found.notes
    assert "DefiLlama restated tvl of curve: 7 days, by 3.4 % at most" in told.sentence
    now = bench.table("tvl")["curve"]
    assert all(abs(now[day] / old[day] - Decimal("1.034")) < Decimal("0.0001") for day in rewritten)
    rows = [row.split(",") for row in (bench.folder / "restated.csv").read_text().splitlines()[1:]]
    assert {(row[1], row[2], row[3]) for row in rows} == {("tvl", "curve", str(day)) for day in rewritten}
    assert all(Decimal(row[4]) == old[day] for row in rows for day in rewritten if row[3] == str(day))
    bench.move(days=1)
    assert not (await bench.collect()).restated


async def test_a_difference_in_rounding_is_no_restatement(bench: Bench) -> None:
    await bench.collect()
    bench.llama.twist = lambda column, _day, v: v * Decimal("1.002") if column == "curve" else v
    bench.move(days=1)
    assert not (await bench.collect()).restated
