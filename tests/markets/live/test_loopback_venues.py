"""The traps of market data, walked into with the real ccxt against the loopback market; and that every trap has its test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import ccxt.pro
import pytest

from cockpit.markets.live.budget import Budget
from cockpit.markets.live.exchange import instance
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venues import VENUES
from cockpit.model.instruments import Kind as Market
from cockpit.model.instruments import asset_of, margin_tiers
from tests.loopback import Clock, Loopback, World, mexc, okx, simulated_world
from tests.loopback.bybit import Bybit
from tests.loopback.weex import FUNDED
from tests.loopback.world import millis
from tests.markets import test_venue_orders
from tests.markets.captured import HELD, holds
from tests.markets.live import test_stream, test_streams_of_venues
from tests.markets.live.conftest import MakeVenue

NOON = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
SPOT, PERP = "ETH/USDT", "ETH/USDT:USDT"
TOLD = {("binance", "client-ids-come-again"), ("mexc", "futures-orders-unproven"), ("weex", "update-ids-unproven")}
"""Traps of which only the venue or its users tell: no request can show them."""


@pytest.fixture(scope="module")
def standing() -> Iterator[Loopback]:
    """A market that stands at noon."""
    with Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC", "ETH", "UNI"])) as running:
        yield running


@pytest.fixture
def world(standing: Loopback) -> World:
    """What is true there."""
    standing.heal()
    return standing.world


Asking = Callable[[str], Any]


@pytest.fixture
def asking(unpaced: None, standing: Loopback) -> Asking:
    """ccxt's class of a name, which knows everything that is listed."""

    @asynccontextmanager
    async def ask(name: str) -> AsyncIterator[Any]:
        options = next(dict(row.options) for row in VENUES.values() if name in row.classes)
        exchange = instance(name, Budget({}), gateway=standing.gateway, options=options, enableRateLimit=False)
        try:
            await exchange.load_markets()
            yield exchange
        finally:
            await exchange.close()

    return ask


@holds("no-best-price-in-tickers", "binance")
@holds("funding-intervals-are-exceptions", "binance")
async def test_binance_names_best_prices_and_intervals_elsewhere(asking: Asking, world: World) -> None:
    async with asking("binance") as exchange:
        ticker = (await exchange.fetch_tickers(params={"type": "swap", "subType": "linear"}))[PERP]
        assert ticker["bid"] is None
        assert ticker["ask"] is None
        perps = {symbol for symbol, one in world.instruments().items() if one.kind is Market.PERP}
        assert not perps <= set(await exchange.fetch_funding_intervals())


@holds("403-is-a-limit", "bybit")
async def test_bybit_is_left_alone_for_ten_minutes_after_too_many_requests(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("bybit")
    await one.open()
    loopback.vendor(Bybit).requests.limit = 0
    with pytest.raises(Fault) as caught:
        await one.tickers()
    assert caught.value.kind is Kind.LIMITED
    assert one.meter.wait >= 600


@holds("contracts", "okx", "mexc")
@pytest.mark.parametrize(("name", "size"), [("okx", okx.contract), ("mexc", mexc.contract)])
async def test_sizes_of_perpetuals_count_contracts(
    name: str, size: Callable[[Any], Decimal], asking: Asking, world: World
) -> None:
    one = world.instruments()[PERP]
    assert size(one) != 1
    async with asking(name) as exchange:
        assert exchange.market(PERP)["contractSize"] == size(one)
        book = await exchange.fetch_order_book(PERP)
        assert [Decimal(str(level[1])) * size(one) for level in book["bids"]] == [level.size for level in world.quote(PERP).bids]


@holds("tiers-in-contracts", "okx", "mexc")
async def test_tiers_of_okx_are_bounded_by_contracts(venue: MakeVenue, loopback: Loopback) -> None:
    world = loopback.world
    one, mark = world.instruments()[PERP], world.quote(PERP).mark
    unit = okx.contract(one) * mark
    rows = [(okx.tier_contracts(world, one, tier.floor) * unit, tier.rate, tier.max_leverage) for tier in one.tiers]
    assert await venue("okx").tiers(PERP) == margin_tiers(rows, whole_position=True)


@holds("tiers-of-its-own", "mexc")
async def test_tiers_of_mexc_are_those_of_its_table_in_contracts(venue: MakeVenue, loopback: Loopback) -> None:
    world = loopback.world
    one, mark = world.instruments()[PERP], world.quote(PERP).mark
    floors = [Decimal(0), *mexc.tier_ends(world, one)[:-1]]
    rows = zip((floor * mexc.contract(one) * mark for floor in floors), one.tiers, strict=True)
    found = await venue("mexc").tiers(PERP)
    assert found == margin_tiers([(floor, tier.rate, tier.max_leverage) for floor, tier in rows], whole_position=True)
    assert len(found) > 1


async def test_tiers_of_mexc_that_rise_begin_after_their_base(venue: MakeVenue, loopback: Loopback) -> None:
    world, symbol = loopback.world, "SOL/USDT:USDT"
    one, unit = world.instruments()[symbol], world.quote(symbol).mark
    base, step = (size(world, one) * mexc.contract(one) * unit for size in (mexc.tier_base, mexc.tier_step))
    found = await venue("mexc").tiers(symbol)
    first = one.tiers[0].rate
    assert [tier.floor for tier in found] == [Decimal(0), base, base + step, base + step * 2]
    assert [tier.rate for tier in found] == [first * number for number in (1, 2, 3, 4)]
    assert found[1].max_leverage == 1 / (first * 4)


@holds("two-funding-times", "okx")
@holds("funding-history-runs-back", "okx")
async def test_okx_tells_two_times_and_the_newest_history(asking: Asking, world: World) -> None:
    funding = world.funding(PERP)
    async with asking("okx") as exchange:
        rate = (await exchange.fetch_funding_rates())[PERP]
        assert rate["fundingTimestamp"] == millis(funding.next_at)
        assert rate["nextFundingTimestamp"] == millis(funding.next_at + timedelta(hours=float(funding.interval_hours)))
        since = NOON - timedelta(days=200)
        history = await exchange.fetch_funding_rate_history(PERP, millis(since), 100)
        assert [row["timestamp"] for row in history] == [millis(each.time) for each in world.prints(PERP)[-100:]]


@holds("mark-prices-under-pairs", "bingx")
@holds("open-interest-is-value", "bingx")
@holds("no-smallest-amount", "bingx")
async def test_bingx_names_values_and_amounts_in_its_own_way(asking: Asking, world: World) -> None:
    async with asking("bingx") as exchange:
        assert PERP not in await exchange.fetch_mark_prices(params={"subType": "linear"})
        assert (await exchange.fetch_funding_rates(params={"subType": "linear"}))[PERP]["markPrice"] == world.quote(PERP).mark
        told = await exchange.fetch_open_interest(PERP)
        assert told["openInterestValue"] == world.open_interest(PERP) * world.quote(PERP).mark
        assert exchange.market(SPOT)["limits"]["amount"]["min"] is None


@holds("book-says-sizes-twice", "bingx")
async def test_bingx_says_sizes_twice_and_ccxt_reads_the_first(asking: Asking, world: World) -> None:
    async with asking("bingx") as exchange:
        raw = (await exchange.swapV2PublicGetQuoteDepth({"symbol": "ETH-USDT"}))["data"]
        book = await exchange.fetch_order_book(PERP)
    lot = world.instruments()[PERP].lot
    assert all(Decimal(size) % lot == 0 for _, size in raw["bids"])
    assert Decimal(raw["bidsCoin"][0][1]) == Decimal(raw["bids"][0][1]) * lot // lot * lot
    assert Decimal(str(book["bids"][0][1])) == Decimal(raw["bids"][0][1])


@holds("contract-size-is-one", "weex")
@holds("last-funding-rate", "weex")
@holds("candles-of-now-only", "weex", "kraken")
async def test_weex_says_a_contract_size_that_nothing_counts_and_the_rate_of_before(asking: Asking, world: World) -> None:
    async with asking("weex") as exchange:
        assert exchange.market(PERP)["contractSize"] == world.instruments()[PERP].lot
        book = await exchange.fetch_order_book(PERP)
        assert Decimal(str(book["bids"][0][1])) == world.quote(PERP).bids[0].size
        rate = (await exchange.fetch_funding_rates())[PERP]
        assert rate["fundingRate"] == world.funding(PERP).rate + FUNDED
        assert rate["nextFundingRate"] == world.funding(PERP).rate
        assert rate["fundingTimestamp"] == millis(NOON)


@pytest.mark.parametrize(("name", "most"), [("weex", 100), ("kraken", 720)])
async def test_a_start_long_ago_gives_the_newest_candles_all_the_same(
    name: str, most: int, asking: Asking, standing: Loopback, world: World
) -> None:
    first = world.candles(SPOT)[0].day
    since = millis(datetime(first.year, first.month, first.day, tzinfo=UTC))
    async with asking(name) as exchange:
        candles = await exchange.fetch_ohlcv(SPOT, "1d", since)
    told = world.candles(SPOT)[-most:]
    assert [Decimal(str(candle[4])) for candle in candles] == [candle.close for candle in told]


@holds("fair-price-is-mark", "mexc")
@holds("funding-one-by-one", "mexc")
async def test_mexc_hides_its_mark_price_and_gives_funding_one_by_one(asking: Asking, world: World) -> None:
    async with asking("mexc") as exchange:
        ticker = (await exchange.fetch_tickers(params={"type": "swap"}))[PERP]
        assert ticker["markPrice"] is None
        assert Decimal(str(ticker["info"]["fairPrice"])) == world.quote(PERP).mark
        with pytest.raises(ccxt.NotSupported):
            await exchange.fetch_funding_rates()


@holds("settled-in-usdc", "hyperliquid")
@holds("impact-prices", "hyperliquid")
@holds("hourly-by-the-own-clock", "hyperliquid")
async def test_hyperliquid_is_in_usdc_and_bids_what_a_larger_trade_gets(asking: Asking, world: World) -> None:
    async with asking("hyperliquid") as exchange:
        assert {market["settle"] for market in exchange.markets.values()} == {"USDC"}
        exchange.number = float
        ticker = (await exchange.fetch_tickers(params={"type": "swap"}))["ETH/USDC:USDC"]
        assert ticker["bid"] == float(world.quote(PERP).bids[-1].price) < world.quote(PERP).bid
        rate = (await exchange.fetch_funding_rates())["ETH/USDC:USDC"]
        hour = 3_600_000
        assert rate["fundingTimestamp"] == (exchange.milliseconds() // hour + 1) * hour != millis(NOON) // hour * hour + hour


@holds("settled-in-usd", "kraken")
@holds("funding-is-absolute", "kraken")
@holds("no-funding-time", "kraken")
@holds("unlisted-symbol-fails", "kraken")
async def test_kraken_pays_amounts_of_usd_and_does_not_say_when(asking: Asking, world: World) -> None:
    async with asking("krakenfutures") as exchange:
        assert exchange.market("ETH/USD:USD")["settle"] == "USD"
        rate = (await exchange.fetch_funding_rates(["ETH/USD:USD"]))["ETH/USD:USD"]
        hourly = world.funding(PERP).rate / world.funding(PERP).interval_hours
        assert rate["fundingRate"] == hourly
        assert Decimal(str(rate["info"]["fundingRate"])) == hourly * world.quote(PERP).mark
        assert rate["fundingTimestamp"] is None
        assert rate["nextFundingTimestamp"] is None
        exchange.set_markets([exchange.market("ETH/USD:USD")])
        with pytest.raises(ccxt.BadSymbol):
            await exchange.fetch_funding_rates()


@pytest.mark.parametrize("name", ["okx", "bingx", "weex", "mexc", "kraken"])
async def test_what_is_no_market_of_the_universe_is_listed_too(name: str, asking: Asking, world: World) -> None:
    async with asking(name) as exchange:
        ours = set(world.instruments())
        assert {symbol for symbol in ours if ":" not in symbol} <= set(exchange.markets)
        assert set(exchange.markets) - ours
        assert any(not market["active"] or asset_of(market["symbol"]) == "BTC" for market in exchange.markets.values())


def test_every_trap_of_the_table_is_walked_into_by_a_test() -> None:
    assert test_venue_orders.OURS
    assert test_stream.SPOT
    assert test_streams_of_venues.STREAMED
    every = {(row.id, trap.id) for row in VENUES.values() for trap in row.traps}
    assert every == HELD | TOLD
    assert not HELD & TOLD


QUOTED = ["okx", "bingx", "weex", "mexc", "kraken"]


@pytest.mark.parametrize("name", QUOTED)
async def test_prices_of_zero_become_no_quote(name: str, venue: MakeVenue, loopback: Loopback) -> None:
    one = venue(name)
    await one.open()
    loopback.fault(".", "zero", assets=["ETH"])
    quotes = await one.tickers()
    assert "BTC/USDT" in quotes
    assert not {SPOT, PERP} & set(quotes)
    assert len(one.notes) == 1
    with pytest.raises(Fault) as caught:
        await one.book(SPOT)
    assert caught.value.kind is Kind.NONSENSE


@pytest.mark.parametrize("name", QUOTED)
async def test_a_market_that_vanishes_is_left_out_and_missing(name: str, venue: MakeVenue, loopback: Loopback) -> None:
    one = venue(name)
    await one.tickers()
    loopback.fault(".", "vanish", assets=["UNI"])
    quotes = await one.tickers()
    assert SPOT in quotes
    assert "UNI/USDT" not in quotes
    for symbol in ("UNI/USDT", "UNI/USDT:USDT"):
        if one.lists(symbol):
            with pytest.raises(Fault) as caught:
                await one.book(symbol)
            assert caught.value.kind is Kind.MISSING, symbol
    assert not one.meter.failing
