"""The loopback market speaks the vendors' formats: the real ccxt reads from it what the world says, to the last digit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cockpit.model.instruments import Kind
from tests.loopback import Clock, Loopback, World, simulated_world
from tests.loopback.binance import Binance
from tests.loopback.bybit import Bybit
from tests.loopback.world import millis
from tests.markets.live.reaching import reach

NOON = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
SPOT, PERP = "ETH/USDT", "ETH/USDT:USDT"
VENUES = ("binance", "bybit")
BOTH = [(venue, symbol) for venue in VENUES for symbol in (SPOT, PERP)]


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    """A market that stands at noon."""
    with Loopback(simulated_world(7, Clock(NOON, speed=0)), beat=0.05) as running:
        yield running


@pytest.fixture
def world(loopback: Loopback) -> World:
    """What is true there."""
    loopback.heal()
    return loopback.world


@asynccontextmanager
async def asking(venue: str, loopback: Loopback) -> AsyncIterator[Any]:
    """A ccxt instance that knows the venue's markets."""
    exchange = reach(venue, loopback.gateway)
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


def kind(symbol: str) -> dict[str, str]:
    """The parameter that tells ccxt which market of a venue is meant."""
    return {"type": "swap" if ":" in symbol else "spot"}


@pytest.mark.parametrize("venue", VENUES)
async def test_steps_and_smallest_orders_are_the_worlds(venue: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        for symbol, one in world.instruments().items():
            market = exchange.market(symbol)
            assert market["active"]
            assert (market["precision"]["price"], market["precision"]["amount"]) == (one.tick, one.lot)
            assert market["limits"]["cost"]["min"] == one.min_notional
            assert market["contractSize"] == (1 if one.kind is Kind.PERP else None)


@pytest.mark.parametrize("venue", VENUES)
async def test_what_is_no_market_of_the_universe_is_listed_too(venue: str, loopback: Loopback) -> None:
    async with asking(venue, loopback) as exchange:
        assert any(market["future"] for market in exchange.markets.values())
        assert any(market["settle"] == "USDC" for market in exchange.markets.values())
        assert any(not market["active"] for market in exchange.markets.values())


@pytest.mark.parametrize("venue", VENUES)
async def test_who_asks_for_coin_margined_contracts_gets_them(venue: str, loopback: Loopback) -> None:
    exchange = reach(venue, loopback.gateway, options={"fetchMarkets": {"types": ["spot", "linear", "inverse"]}})
    try:
        await exchange.load_markets()
        assert exchange.market("BTC/USD:BTC")["inverse"]
    finally:
        await exchange.close()


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_tickers_are_the_worlds(venue: str, symbol: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        tickers = await exchange.fetch_tickers(params=kind(symbol))
        best = await exchange.fetch_bids_asks(params=kind(symbol))
        for name, one in world.instruments().items():
            if (":" in name) == (":" in symbol):
                quote = world.quote(name)
                assert tickers[name]["last"] == quote.mark
                assert (best[name]["bid"], best[name]["ask"]) == (quote.bid, quote.ask)
                assert best[name]["bidVolume"] == quote.bids[0].size
                assert tickers[name]["open"] == world.last_close(one.asset)


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_an_order_book_is_the_worlds(venue: str, symbol: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        book = await exchange.fetch_order_book(symbol, 50)
        quote = world.quote(symbol)
        assert [(Decimal(str(p)), Decimal(str(s))) for p, s in book["bids"]] == [(x.price, x.size) for x in quote.bids]
        assert [(Decimal(str(p)), Decimal(str(s))) for p, s in book["asks"]] == [(x.price, x.size) for x in quote.asks]


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_daily_candles_page_through_the_worlds_history(venue: str, symbol: str, loopback: Loopback, world: World) -> None:
    days = world.candles(symbol)
    async with asking(venue, loopback) as exchange:
        newest = await exchange.fetch_ohlcv(symbol, "1d", limit=3)
        assert [row[4] for row in newest] == [candle.close for candle in days[-3:]]
        since = datetime(days[0].day.year, days[0].day.month, days[0].day.day, tzinfo=UTC)
        first = await exchange.fetch_ohlcv(symbol, "1d", millis(since), 200)
        second = await exchange.fetch_ohlcv(symbol, "1d", first[-1][0] + 1, 200)
        assert [row[1:5] for row in first + second] == [[c.open, c.high, c.low, c.close] for c in days[:400]]
        assert first[0][0] == millis(since)


@pytest.mark.parametrize("venue", VENUES)
async def test_funding_is_the_worlds_and_settles_next_when_it_says(venue: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        rates = await exchange.fetch_funding_rates()
        for name, one in world.instruments().items():
            if one.kind is Kind.PERP:
                assert rates[name]["fundingRate"] == world.funding(name).rate
                assert rates[name]["fundingTimestamp"] == millis(world.funding(name).next_at)
        history = await exchange.fetch_funding_rate_history(PERP, millis(NOON - timedelta(days=30)), 100)
        wanted = [each for each in world.prints(PERP) if each.time >= NOON - timedelta(days=30)]
        assert [(row["timestamp"], row["fundingRate"]) for row in history] == [(millis(x.time), x.rate) for x in wanted]
        assert len(history) > 80


@pytest.mark.parametrize("venue", VENUES)
async def test_open_interest_is_the_worlds(venue: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        given = await exchange.fetch_open_interest(PERP)
        assert Decimal(given["info"]["openInterest"]) == world.open_interest(PERP)


async def test_margin_tiers_of_bybit_are_the_worlds_over_all_pages(loopback: Loopback, world: World) -> None:
    async with asking("bybit", loopback) as exchange:
        everyone = await exchange.fetch_leverage_tiers()
        one = await exchange.fetch_market_leverage_tiers(PERP)
        for symbol, rows in {**everyone, PERP: one}.items():
            tiers = world.tiers(symbol)
            assert [row["minNotional"] for row in rows] == [tier.floor for tier in tiers]
            assert [row["maintenanceMarginRate"] for row in rows] == [tier.rate for tier in tiers]
            assert [row["maxLeverage"] for row in rows] == [tier.max_leverage for tier in tiers]
            assert [Decimal(row["info"]["mmDeduction"] or 0) for row in rows] == [tier.amount for tier in tiers]
        assert set(everyone) == {name for name, each in world.instruments().items() if each.kind is Kind.PERP}


@pytest.mark.parametrize("venue", VENUES)
async def test_the_clock_of_the_venue_is_the_worlds(venue: str, loopback: Loopback, world: World) -> None:
    async with asking(venue, loopback) as exchange:
        assert await exchange.fetch_time() == millis(NOON)
        loopback.fault(venue, "skew", seconds=-90)
        assert await exchange.fetch_time() == millis(NOON - timedelta(seconds=90))


async def test_weight_is_counted_as_binance_counts_it_refused_and_then_banned() -> None:
    clock = Clock(NOON, speed=0)
    with Loopback(simulated_world(7, clock, ["BTC", "ETH"])) as loopback:
        async with asking("binance", loopback) as exchange:
            await exchange.fetch_tickers(params={"type": "spot"})
            assert exchange.last_response_headers["X-MBX-USED-WEIGHT-1M"] == "100"
            loopback.vendor(Binance).weights["api.binance.com"].limit = 100
            statuses = []
            for _ in range(7):
                with pytest.raises(Exception, match=r"binance (429|418)") as refusal:
                    await exchange.fetch_time()
                statuses.append(str(refusal.value).split()[1])
            assert statuses == ["429"] * 5 + ["418"] * 2
            clock.move(timedelta(minutes=5))
            assert await exchange.fetch_time() == millis(NOON + timedelta(minutes=5))


async def test_bybit_says_what_is_left_and_refuses_beyond_it() -> None:
    with Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC", "ETH"])) as loopback:
        async with asking("bybit", loopback) as exchange:
            limit = loopback.vendor(Bybit).requests
            left = int(exchange.last_response_headers["X-Bapi-Limit-Status"])
            await exchange.fetch_time()
            assert int(exchange.last_response_headers["X-Bapi-Limit-Status"]) == left - 1
            limit.limit = 3
            with pytest.raises(Exception, match="10018"):
                await exchange.fetch_time()


async def test_a_padded_listing_is_as_long_as_was_asked() -> None:
    import aiohttp

    with Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC"]), padding=15_000_000) as loopback:
        for address in ("api.binance.com/api/v3/exchangeInfo", "fapi.binance.com/fapi/v1/exchangeInfo"):
            async with aiohttp.ClientSession() as session, session.get(f"{loopback.gateway}/{address}") as response:
                assert 13_000_000 < len(await response.read()) < 17_000_000
