"""Order books that are streamed: exact, whole, of the right age, and begun anew whenever that is in doubt."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from cockpit.markets.live import lane, tap, taps
from cockpit.markets.live.fault import Kind
from cockpit.model.instruments import Kind as Market
from tests.loopback import Clock, Loopback
from tests.markets.captured import holds
from tests.markets.live.streaming import STREAM_HOST, Followed, Remembering, all_said, following, remembering
from tests.pseudo_terminal import PATIENCE

BOTH = pytest.mark.parametrize("venue", ["binance", "bybit"])
SPOT, PERP, OTHER = "ETH/USDT", "ETH/USDT:USDT", "SOL/USDT"


@pytest.fixture(autouse=True)
def quick(unpaced: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that is quicker to look, and to try again."""
    seconds = {"PULSE": 0.1, "FIRST_WAIT": 0.05, "LONGEST_WAIT": 0.4, "QUIET": 0.6, "GRACE": 1.0}
    for name, value in seconds.items():
        monkeypatch.setattr(lane, name, value)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A market of a few assets that pushes twenty times a second, each time what its next second brought."""
    with Loopback(remembering(Clock(speed=20)), beat=0.05) as running:
        yield running


@pytest.fixture
def driven(loopback: Loopback, tmp_path: Path) -> Callable[..., Followed]:
    """Run a scenario over the streams of a venue."""

    def drive(venue: str, scenario: Callable[[Followed], Awaitable[Any]], *symbols: str) -> Followed:
        async def run() -> Followed:
            async with following(loopback, venue, tmp_path, *symbols) as followed:
                await scenario(followed)
                return followed

        return asyncio.run(run())

    return drive


@pytest.mark.parametrize("venue", ["binance", "bybit", "okx", "bingx", "weex"])
@holds("streamed-levels-are-floats", "binance", "bybit", "okx", "bingx", "weex")
def test_a_streamed_level_keeps_every_digit_that_the_venue_writes(venue: str, loopback: Loopback, tmp_path: Path) -> None:
    row = ["0.00001234", "123456789012.12345678"]

    async def levels() -> list[Any]:
        async with following(loopback, venue, tmp_path) as followed:
            plain, made = await followed.venue.share(Market.SPOT), await followed.venue.share(Market.SPOT)
            taps.tapped(made, lambda symbol: None, depth=50)
            sides = [one.order_book()["bids"] for one in (plain, made)]
            plain.handle_delta(sides[0], row)
            made.handle_delta(sides[1], row)
            await asyncio.gather(plain.close(), made.end())
            return [side[0] for side in sides]

    ccxts, ours = asyncio.run(levels())
    assert [Decimal(str(number)) for number in ccxts] != [Decimal(text) for text in row]
    assert ours == [Decimal(text) for text in row]


@BOTH
def test_a_streamed_book_is_the_venues_own_level_by_level(venue: str, driven: Callable[..., Followed]) -> None:
    followed = driven(venue, lambda followed: followed.more(SPOT, PERP, OTHER, count=5), SPOT, PERP, OTHER)
    assert all_said(followed)
    newest = followed.of(PERP)[-1]
    assert all(isinstance(number, Decimal) for level in newest.bids for number in (level.price, level.size))
    assert (newest.bid, newest.ask, newest.venue) == (newest.bids[0].price, newest.asks[0].price, venue)
    assert not followed.late


@BOTH
def test_one_connection_a_side_serves_every_symbol(venue: str, driven: Callable[..., Followed]) -> None:
    symbols = (SPOT, OTHER, "BTC/USDT", PERP, "SOL/USDT:USDT", "BTC/USDT:USDT")
    followed = driven(venue, lambda followed: followed.more(*symbols), *symbols)
    assert followed.dials() == 2


@BOTH
def test_a_symbol_comes_once_a_pulse_however_often_the_venue_pushes(
    venue: str, driven: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "PULSE", 0.3)
    followed = driven(venue, lambda followed: followed.more(SPOT, count=4), SPOT)
    assert all(later - earlier > lane.PULSE * 0.9 for earlier, later in pairwise(followed.times))


@BOTH
def test_a_quote_is_as_old_as_its_event_by_this_machines_clock(
    venue: str, driven: Callable[..., Followed], loopback: Loopback
) -> None:
    loopback.fault("binance|bybit", "skew", seconds=90)
    began = loopback.world.now()
    followed = driven(venue, lambda followed: followed.more(SPOT, count=2), SPOT)
    assert not followed.late
    assert all(quote.at > began - timedelta(seconds=80) for quote in followed.quotes)


@BOTH
@holds("gaps-go-unseen", "bybit")
def test_a_missing_update_never_reaches_a_quote(
    venue: str, driven: Callable[..., Followed], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tap, "PING_EVERY", 1000.0)  # what is left out is an update, never the answer to a ping

    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        for _ in range(3):
            await followed.another(followed.unsubscribed, lambda: loopback.fault(STREAM_HOST[venue], "gap", times=1))
            await followed.more(SPOT)

    followed = driven(venue, scenario, SPOT)
    assert all_said(followed)
    assert followed.dials() == 1


@BOTH
def test_a_connection_that_says_nothing_is_opened_anew(
    venue: str, driven: Callable[..., Followed], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "DEAD", 1.0)
    monkeypatch.setattr(lane, "OPENING", 1.0)
    monkeypatch.setattr(tap, "PING_EVERY", 0.3)

    async def scenario(followed: Followed) -> None:
        await followed.more(PERP)
        loopback.fault(STREAM_HOST[venue], "silent")
        dials = followed.dials()
        if venue == "binance":  # its server answers pings all the while: what is asked for tells
            while followed.dials() == dials:
                followed.streams.heard(await followed.venue.book(PERP))
                await asyncio.sleep(0.1)
        await followed.until(lambda: followed.dials() > dials)
        assert not followed.streams.healthy(PERP)
        loopback.heal()
        await followed.more(PERP)

    driven(venue, scenario, PERP)


@BOTH
def test_a_quiet_stream_that_agrees_with_what_is_heard_goes_on(
    venue: str, driven: Callable[..., Followed], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "DEAD", PATIENCE)

    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        loopback.fault(STREAM_HOST[venue], "silent")
        await asyncio.sleep(2 * lane.QUIET)
        followed.streams.heard(followed.of(SPOT)[-1])
        await asyncio.sleep(2 * lane.GRACE)
        loopback.heal()
        await followed.more(SPOT)

    followed = driven(venue, scenario, SPOT)
    assert followed.dials() == 1


@pytest.mark.parametrize(
    ("venue", "kind"), [("binance", "reset"), ("bybit", "truncated"), ("bybit", "html"), ("binance", "gzip")]
)
def test_a_broken_connection_is_opened_anew(venue: str, kind: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        loopback.fault(STREAM_HOST[venue], kind, times=1)
        await followed.until(lambda: followed.dials() > 1)
        await followed.more(SPOT)

    assert all_said(driven(venue, scenario, SPOT))


@BOTH
def test_a_server_that_restarts_is_dialled_again(venue: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT, PERP)
        await asyncio.to_thread(loopback.drop)
        await followed.more(SPOT, PERP, count=3)

    assert driven(venue, scenario, SPOT, PERP).dials() >= 4


@pytest.mark.parametrize(
    ("venue", "kind", "meant"),
    [("binance", "451", Kind.GEO_BLOCKED), ("bybit", "429", Kind.LIMITED), ("binance", "418", Kind.BANNED)],
    ids=["451", "429", "418"],
)
def test_a_refusal_of_this_address_is_the_venues(
    venue: str, kind: str, meant: Kind, driven: Callable[..., Followed], loopback: Loopback
) -> None:
    loopback.fault(STREAM_HOST[venue], kind, retry_after=3600)

    async def scenario(followed: Followed) -> None:
        await followed.until(lambda: followed.venue.meter.fault is not None)
        assert followed.venue.meter.fault is not None
        assert followed.venue.meter.fault.kind is meant
        assert followed.venue.meter.wait > 1

    assert driven(venue, scenario, SPOT).dials() == 1


@BOTH
def test_failures_of_a_stream_alone_leave_the_venue_good(venue: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    loopback.fault(STREAM_HOST[venue], "5xx")

    async def scenario(followed: Followed) -> None:
        await followed.until(lambda: followed.dials() > 2)
        assert not followed.venue.meter.failing
        assert followed.streams.sources()[0].sentence

    driven(venue, scenario, SPOT)


@BOTH
def test_a_book_of_zeros_is_never_delivered(venue: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        loopback.fault("binance|bybit", "zero")
        before = len(followed.quotes)
        await followed.until(lambda: not followed.streams.healthy(SPOT))
        loopback.heal()
        await followed.more(SPOT)
        assert len(followed.quotes) > before

    followed = driven(venue, scenario, SPOT)
    assert all(level.price > 0 and level.size > 0 for quote in followed.quotes for level in (*quote.bids, *quote.asks))
    assert all(quote.bid < quote.ask for quote in followed.quotes)


@pytest.mark.parametrize(("venue", "host"), [("binance", "fapi.binance.com"), ("mexc", "api.mexc.com")])
@holds("streamed-books-have-an-edge", "binance", "mexc")
def test_a_book_ends_where_its_snapshot_ended_and_is_asked_for_again_when_the_price_leaves_it(
    venue: str, host: str, driven: Callable[..., Followed], loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "DEPTH", 5)
    monkeypatch.setattr(lane, "MOST", 5)
    monkeypatch.setattr(tap, "FEW", 5)

    async def scenario(followed: Followed) -> None:
        await followed.more(PERP)
        for _ in range(3):
            await followed.another(lambda: len(loopback.asked(host, "/depth")), lambda: None)
            await followed.more(PERP)

    followed = driven(venue, scenario, PERP)
    world = loopback.world
    assert isinstance(world, Remembering)
    for quote in followed.quotes:
        bids, asks = len(quote.bids), len(quote.asks)
        assert any((quote.bids, quote.asks) == (said[0][:bids], said[1][:asks]) for said in world.said[PERP])
    assert not followed.unsubscribed()
    assert followed.dials() == 1


@BOTH
def test_what_is_followed_changes_on_the_same_connection(venue: str, driven: Callable[..., Followed]) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        followed.streams.follow([OTHER])
        await followed.more(OTHER)
        await followed.until(lambda: not followed.streams.healthy(SPOT))
        await followed.until(followed.unsubscribed)
        before = len(followed.of(SPOT))
        await followed.more(OTHER, count=5)
        assert len(followed.of(SPOT)) <= before + 1
        followed.streams.follow([SPOT, OTHER])
        await followed.more(SPOT)

    followed = driven(venue, scenario, SPOT)
    assert followed.dials() == 1
    assert all_said(followed)


@BOTH
def test_nothing_followed_keeps_no_connection(venue: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        followed.streams.follow([])
        await followed.until(lambda: not loopback.open_sockets)
        followed.streams.follow([SPOT])
        await followed.more(SPOT)

    driven(venue, scenario, SPOT)


@BOTH
def test_a_symbol_that_vanished_disturbs_no_other(venue: str, driven: Callable[..., Followed], loopback: Loopback) -> None:
    async def scenario(followed: Followed) -> None:
        await followed.more(SPOT)
        loopback.fault("binance|bybit", "vanish", assets=["SOL"])
        followed.streams.follow([SPOT, OTHER])
        await followed.until(lambda: followed.messages("SOL") + followed.messages("sol"))
        await followed.more(SPOT, count=10)
        assert not followed.streams.healthy(OTHER)

    followed = driven(venue, scenario, SPOT)
    assert followed.dials() == 1
    assert not followed.of(OTHER)


def test_a_connection_that_is_given_up_before_it_is_dialled_leaves_nothing_that_never_ran(
    loopback: Loopback, tmp_path: Path
) -> None:
    async def run() -> None:
        async with following(loopback, "binance", tmp_path) as followed:
            made = taps.tapped(await followed.venue.share(Market.SPOT), lambda symbol: None, depth=50)
            made.open()
            client = made.client(f"{loopback.gateway}/stream.binance.com/ws")
            known = asyncio.all_tasks()
            dialling = asyncio.ensure_future(client.open(made.session))
            await asyncio.sleep(0)  # it has made the connection's task, which has not begun
            begun = asyncio.all_tasks() - known
            assert len(begun) == 2
            for task in begun:  # as at the end of the network
                task.cancel()
            await asyncio.gather(dialling, return_exceptions=True)
            assert not followed.dials()
            await made.end()

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", RuntimeWarning)
        asyncio.run(run())
        gc.collect()
    assert [str(each.message) for each in told] == []


@BOTH
def test_after_many_failures_and_the_end_nothing_is_left(
    venue: str, loopback: Loopback, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import ccxt

    async def run() -> None:
        async with following(loopback, venue, tmp_path, SPOT, PERP, OTHER) as followed:
            await followed.more(SPOT, PERP)
            for kind in ("reset", "truncated", "gzip"):
                await followed.another(followed.dials, partial(loopback.fault, STREAM_HOST[venue], kind, times=2))
                await followed.more(SPOT, PERP)
            loopback.fault(STREAM_HOST[venue], "timeout")  # at the end a connection is being made
            await followed.another(followed.dials, lambda: loopback.fault(STREAM_HOST[venue], "reset", times=2))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=PATIENCE) if others else None
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with caplog.at_level(logging.WARNING):
        asyncio.run(run())
        gc.collect()
    assert [record.message for record in caplog.records if record.name in ("asyncio", "ccxt")] == []
    assert [one for one in gc.get_objects() if isinstance(one, ccxt.Exchange) and isinstance(one, tap.Tap)] == []
