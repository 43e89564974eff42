"""A vendor that fails stops no other, the next one stands in, and what is kept stays whole."""

from __future__ import annotations

import pytest

from cockpit.markets.daily.kept import read_prints
from cockpit.markets.daily.series import DAY
from cockpit.markets.recorded import RecordedFeed
from cockpit.model.errors import BadInput
from tests.markets.daily.conftest import NOON, UNIVERSE, Bench

TODAY = NOON.date()
YESTERDAY = TODAY - DAY


@pytest.mark.parametrize("kind", ["reset", "html", "451", "429"])
async def test_without_prices_of_the_first_source_the_venues_candles_stand_in(bench: Bench, kind: str) -> None:
    bench.venues = ("binance",)
    bench.loopback.fault("coins.llama.fi", kind)
    found = await bench.collect(5)
    assert "DefiLlama prices" in found.faults["DefiLlama prices"]
    true = bench.truth("prices")
    assert bench.table("prices")["ETH"] == {day: true["ETH"][day] for day in bench.table("prices")["ETH"]}
    assert found.last == YESTERDAY
    assert 'prices = "binance' in (bench.folder / "manifest.toml").read_text()


async def test_without_any_venue_reference_rates_stand_in_and_the_sources_say_so(bench: Bench) -> None:
    bench.loopback.fault("coins.llama.fi", "5xx")
    await bench.collect(5)
    true = bench.truth("prices")
    assert bench.table("prices")["AAVE"] == {day: true["AAVE"][day] for day in bench.table("prices")["AAVE"]}
    assert len(bench.table("prices")["AAVE"]) == 5
    lines = {line.name: line for line in bench.collector.sources()}
    assert lines["Coin Metrics"].stands_in_for == "DefiLlama prices"
    assert "prices" in lines["Coin Metrics"].used_for
    assert "DefiLlama prices has trouble of its own" in lines["DefiLlama prices"].sentence


async def test_the_first_source_takes_its_place_again_the_next_day_and_its_own_rounding_is_no_restatement(bench: Bench) -> None:
    bench.loopback.fault("coins.llama.fi", "5xx")
    await bench.collect(5)
    bench.loopback.heal()
    bench.llama.twist = lambda column, _day, v: v if column != "ETH" else v + v / 100
    bench.move(days=1)
    found = await bench.collect(5)
    assert 'prices = "DefiLlama' in (bench.folder / "manifest.toml").read_text()
    assert not found.restated


async def test_every_other_table_comes_when_one_vendor_is_gone(bench: Bench) -> None:
    for host, missing in (("api.llama.fi", {"tvl", "tvl_units"}), ("alternative", {"sentiment"}), ("coinmetrics", set[str]())):
        bench.folder = bench.folder.with_name(host)
        bench.loopback.heal()
        bench.loopback.fault(host, "5xx")
        found = await bench.collect(5)
        assert len(found.faults) == 1
        assert {"prices", "tvl", "tvl_units", "fees", "activity", "sentiment"} - set(found.new) == missing
        assert found.last == YESTERDAY


async def test_one_bad_answer_is_asked_for_again_at_once(bench: Bench) -> None:
    bench.loopback.fault("api.llama.fi", "truncated", path="historicalChainTvl", times=1)
    bench.loopback.fault("coins.llama.fi", "429", times=1, retry_after=3)
    found = await bench.collect(5)
    assert not found.faults
    assert TODAY in bench.table("tvl")["total"]


async def test_fees_of_the_second_source_stand_in_for_a_chain_of_which_the_first_knows_none(bench: Bench) -> None:
    bench.loopback.fault("api.llama.fi", "body", path="/summary/fees/Bitcoin", status=400, body="{}")
    found = await bench.collect(5)
    true = bench.truth("fees")["BTC"]
    kept = bench.table("fees")["BTC"]
    assert len(kept) == 5
    assert all(abs(kept[day] / true[day] - 1) < 1e-6 for day in kept)
    assert not found.faults


async def test_the_next_node_gives_the_gas_when_the_first_fails(bench: Bench) -> None:
    bench.loopback.fault("publicnode", "403")
    found = await bench.collect(5)
    assert YESTERDAY in bench.table("activity")["ETH.gas_gwei"]
    assert not found.faults
    lines = {line.name: line for line in bench.collector.sources()}
    assert lines["eth.llamarpc.com"].stands_in_for == "ethereum-rpc.publicnode.com"


async def test_with_nobody_there_nothing_is_written_over_and_nothing_is_claimed(bench: Bench) -> None:
    await bench.collect(5)
    before = {path.name: path.read_bytes() for path in bench.folder.glob("*.csv")}
    bench.loopback.fault("", "reset")
    bench.move(days=2)
    found = await bench.collect(5)
    assert (found.new, found.last) == ({}, YESTERDAY)
    assert {"DefiLlama prices", "DefiLlama", "Coin Metrics", "Ethereum nodes", "alternative.me"} <= set(found.faults)
    assert {path.name: path.read_bytes() for path in bench.folder.glob("*.csv")} == before


async def test_with_nobody_there_from_the_start_there_is_no_market(bench: Bench) -> None:
    bench.loopback.fault("", "reset")
    found = await bench.collect(5)
    assert (found.first, found.last) == (None, None)
    assert not list(bench.folder.glob("*.csv"))


@pytest.mark.parametrize("table", ["prices", "tvl", "funding"])
async def test_a_damaged_table_is_fetched_again_whole(bench: Bench, table: str) -> None:
    bench.venues = ("binance",)
    await bench.collect(5)
    path = bench.folder / f"{table}.csv"
    whole = path.read_text()
    path.write_text(whole[: len(whole) // 2] + "\x00,,x")
    found = await bench.collect(5)
    assert f"{table}.csv cannot be read and is fetched again" in found.notes
    assert path.read_text() == whole
    RecordedFeed(bench.folder, universe=UNIVERSE).history()


async def test_a_folder_that_cannot_be_written_is_a_sentence(bench: Bench) -> None:
    bench.folder.write_text("a file where the folder should be")
    with pytest.raises(BadInput, match="cache: cannot be made: file exists"):
        await bench.collect(5)


async def test_a_name_that_the_vendor_does_not_know_is_no_failure(bench: Bench) -> None:
    bench.loopback.fault("api.llama.fi", "body", path="/protocol/dydx", status=400, body='{"message":"Protocol not found"}')
    found = await bench.collect(5)
    assert not found.faults
    assert "dydx" not in bench.table("tvl")
    assert TODAY in bench.table("tvl")["uniswap"]
    assert not bench.collector.sources()[1].sentence
    asked = len(bench.loopback.requests)
    bench.move(hours=1)
    await bench.collect(5)
    assert len(bench.loopback.requests) == asked


async def test_funding_comes_from_the_next_venue_and_no_print_counts_twice(bench: Bench) -> None:
    bench.venues = ("binance", "bybit")
    bench.loopback.fault("binance.com", "451")
    found = await bench.collect(5)
    assert "binance does not serve this country" in found.faults["binance"]
    first = read_prints(bench.folder / "funding.csv")
    assert 'funding = "bybit"' in (bench.folder / "manifest.toml").read_text()
    bench.loopback.heal()
    bench.move(days=1)
    await bench.collect(5)
    both = read_prints(bench.folder / "funding.csv")
    assert 'funding = "binance"' in (bench.folder / "manifest.toml").read_text()
    assert {time: both["ETH"][time] for time in first["ETH"]} == first["ETH"]
    true = [one.time for one in bench.world.prints("ETH/USDT:USDT") if one.time >= min(first["ETH"])]
    assert sorted(both["ETH"]) == true


async def test_funding_that_nobody_could_give_is_asked_for_again_soon(bench: Bench) -> None:
    bench.venues = ("binance",)
    bench.loopback.fault("binance.com", "5xx")
    assert "funding" not in (await bench.collect(5)).new
    bench.loopback.heal()
    bench.move(minutes=2)
    assert (await bench.collect(5)).new["funding"] > 0


async def test_what_is_whole_is_not_written_again(bench: Bench) -> None:
    await bench.collect(5)
    before = {path.name: path.stat().st_mtime_ns for path in bench.folder.glob("*.csv")}
    bench.move(hours=1)
    await bench.collect(5)
    assert {path.name: path.stat().st_mtime_ns for path in bench.folder.glob("*.csv")} == before
