"""The streams of the loopback market carry the world's books and tickers to the real ccxt.pro, and lose what they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from cockpit.model.market import Quote
from tests.loopback import Clock, Loopback, World, simulated_world
from tests.loopback.world import millis
from tests.markets.live.reaching import reach
from tests.pseudo_terminal import PATIENCE

NOON = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
SPOT, PERP = "ETH/USDT", "ETH/USDT:USDT"
BOTH = [(venue, symbol) for venue in ("binance", "bybit") for symbol in (SPOT, PERP)]
BINANCE_SPOT = "stream.binance.com"


@pytest.fixture
def clock() -> Clock:
    """A time that stands until it is moved."""
    return Clock(NOON, speed=0)


@pytest.fixture
def loopback(clock: Clock) -> Iterator[Loopback]:
    """A market of a few assets, quick to push."""
    with Loopback(simulated_world(7, clock, ["BTC", "ETH", "UNI", "AAVE"]), beat=0.03) as running:
        yield running


@pytest.fixture
def world(loopback: Loopback) -> World:
    """What is true there."""
    return loopback.world


@asynccontextmanager
async def asking(venue: str, loopback: Loopback, **settings: Any) -> AsyncIterator[Any]:
    """A ccxt instance that knows the venue's markets."""
    exchange = reach(venue, loopback.gateway, **settings)
    try:
        await exchange.load_markets()
        yield exchange
    finally:
        await exchange.close()


async def soon(work: Any) -> Any:
    """What a watch gives, within patience."""
    return await asyncio.wait_for(work, PATIENCE)


def same(book: Any, quote: Quote) -> bool:
    """Whether a local book is the world's, level by level."""
    sides = ((book["bids"], quote.bids), (book["asks"], quote.asks))
    return all([(Decimal(str(p)), Decimal(str(s))) for p, s in one] == [(x.price, x.size) for x in two] for one, two in sides)


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_a_watched_book_follows_the_world(venue: str, symbol: str, loopback: Loopback, world: World, clock: Clock) -> None:
    async with asking(venue, loopback) as exchange:
        for _ in range(4):
            while not same(await soon(exchange.watch_order_book(symbol)), world.quote(symbol)):
                pass
            before = world.quote(symbol)
            clock.move(timedelta(seconds=7))
            assert before.bids != world.quote(symbol).bids


@pytest.mark.parametrize("venue", ["binance", "bybit"])
async def test_several_books_come_on_one_connection(venue: str, loopback: Loopback, world: World) -> None:
    symbols = ["ETH/USDT:USDT", "BTC/USDT:USDT", "UNI/USDT:USDT"]
    async with asking(venue, loopback) as exchange:
        seen: set[str] = set()
        while seen != set(symbols):
            await soon(exchange.watch_order_book_for_symbols(symbols))
            seen |= {
                name for name in symbols if name in exchange.orderbooks and same(exchange.orderbooks[name], world.quote(name))
            }
        assert loopback.open_sockets == 1


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_watched_tickers_follow_the_world(venue: str, symbol: str, loopback: Loopback, world: World, clock: Clock) -> None:
    async with asking(venue, loopback) as exchange:
        for _ in range(2):
            while True:
                ticker = (await soon(exchange.watch_tickers([symbol]))).get(symbol)
                if ticker is not None and ticker["last"] == world.quote(symbol).mark:
                    break
            assert ticker["open"] == world.last_close("ETH")
            clock.move(timedelta(seconds=61))


@pytest.mark.parametrize(("venue", "symbol"), BOTH)
async def test_watched_bids_and_asks_are_the_worlds(venue: str, symbol: str, loopback: Loopback, world: World) -> None:
    # ccxt makes nothing of bids and asks that are exact already.
    async with asking(venue, loopback, number=float) as exchange:
        best = (await soon(exchange.watch_bids_asks([symbol])))[symbol]
        quote = world.quote(symbol)
        assert (Decimal(str(best["bid"])), Decimal(str(best["ask"]))) == (quote.bid, quote.ask)


async def test_mark_prices_of_binance_carry_funding(loopback: Loopback, world: World) -> None:
    async with asking("binance", loopback) as exchange:
        mark = (await soon(exchange.watch_mark_prices([PERP])))[PERP]
        assert mark["markPrice"] == world.quote(PERP).mark
        assert Decimal(mark["info"]["r"]) == world.funding(PERP).rate
        assert mark["info"]["T"] == millis(world.funding(PERP).next_at)
        everyone = await soon(exchange.watch_mark_prices())
        assert {name for name in everyone if name in world.quotes()} == {name for name in world.quotes() if ":" in name}


@pytest.mark.parametrize("symbol", [SPOT, PERP])
async def test_a_lost_diff_of_binance_is_noticed_by_ccxt(symbol: str, loopback: Loopback) -> None:
    from ccxt.base.errors import ChecksumError

    async with asking("binance", loopback) as exchange:
        for _ in range(3):
            await soon(exchange.watch_order_book(symbol))
        loopback.fault("stream", "gap", times=1, message="depthUpdate")

        async def until_noticed() -> None:
            while True:
                await exchange.watch_order_book(symbol)

        with pytest.raises(ChecksumError):
            await soon(until_noticed())


async def test_a_lost_delta_of_bybit_leaves_a_hole_in_its_update_ids(loopback: Loopback) -> None:
    ids = await _update_ids(loopback, lost=0)
    assert {after - before for before, after in pairwise(ids)} == {1}
    ids = await _update_ids(loopback, lost=2)
    assert {after - before for before, after in pairwise(ids)} == {1, 3}


async def _update_ids(loopback: Loopback, lost: int) -> list[int]:
    import aiohttp

    address = loopback.gateway.replace("http", "ws") + "/stream.bybit.com/v5/public/linear"
    ids: list[int] = []
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as stream:
        await stream.send_str('{"op":"subscribe","args":["orderbook.50.ETHUSDT"]}')
        while len(ids) < 8:
            message = msgspec.json.decode(await stream.receive_str(timeout=PATIENCE))
            if "data" in message:
                ids.append(message["data"]["u"])
            if len(ids) == 3 and lost:
                loopback.fault("bybit", "gap", times=lost, message='"delta"')
                lost = 0
    return ids


async def test_the_spot_market_of_bybit_takes_ten_topics_a_request(loopback: Loopback) -> None:
    import aiohttp

    address = loopback.gateway.replace("http", "ws") + "/stream.bybit.com/v5/public/"
    topics = ["tickers.ETHUSDT"] * 11
    async with aiohttp.ClientSession() as session:
        for category, accepted in (("spot", False), ("linear", True)):
            async with session.ws_connect(address + category) as stream:
                await stream.send_bytes(msgspec.json.encode({"op": "subscribe", "args": topics}))
                answer = msgspec.json.decode(await stream.receive_str(timeout=PATIENCE))
                assert answer["success"] is accepted
                assert answer["ret_msg"] == ("" if accepted else "args size >10")


async def test_a_silent_stream_stays_open_and_says_nothing_until_it_is_healed(loopback: Loopback) -> None:
    import aiohttp

    address = loopback.gateway.replace("http", "ws") + "/stream.binance.com:9443/ws/ethusdt@depth@100ms"
    async with aiohttp.ClientSession() as session, session.ws_connect(address) as stream:
        await stream.receive_str(timeout=PATIENCE)
        loopback.fault(BINANCE_SPOT, "silent")
        await _until_silent(stream)
        assert not stream.closed
        loopback.heal()
        assert "depthUpdate" in await stream.receive_str(timeout=PATIENCE)


async def _until_silent(stream: Any) -> None:
    try:
        while True:
            await stream.receive_str(timeout=0.5)
    except TimeoutError:
        return


@pytest.mark.parametrize("kind", ["reset", "drop"])
async def test_a_stream_that_breaks_off_fails_and_comes_back(kind: str, loopback: Loopback, world: World) -> None:
    from ccxt.base.errors import NetworkError

    async with asking("bybit", loopback) as exchange:
        await soon(exchange.watch_order_book(PERP))

        async def until_broken() -> None:
            while True:
                await exchange.watch_order_book(PERP)

        if kind == "reset":
            loopback.fault("stream.bybit.com", "reset", times=1)
        else:
            loopback.drop()
        with pytest.raises(NetworkError):
            await soon(until_broken())
        while not same(await soon(exchange.watch_order_book(PERP)), world.quote(PERP)):
            pass
