"""Each venue whose order books are streamed, in its own format: exact, whole across a gap, come and gone on one connection."""

from __future__ import annotations

import asyncio
import gc
import zlib
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import ccxt.pro
import pytest

from cockpit.markets.live import lane, tap, taps
from cockpit.markets.venues import VENUES
from cockpit.model.instruments import Kind
from tests.loopback import Clock, Loopback
from tests.markets.captured import holds
from tests.markets.live.streaming import STREAM_HOST, Followed, all_said, breathing, following
from tests.pseudo_terminal import PATIENCE

SYMBOLS = {Kind.SPOT: ("ETH/USDT", "SOL/USDT"), Kind.PERP: ("ETH/USDT:USDT", "SOL/USDT:USDT")}
STREAMED = {
    row.id: tuple(symbol for side in row.sides if side.stream is not None for symbol in SYMBOLS[side.kind])
    for row in VENUES.values()
    if any(side.stream is not None for side in row.sides)
}
WHOLE = {"bingx"}
"""Venues that send the whole book each time: there is nothing to miss."""
UPDATE = r'"update"|"delta"|depthUpdate|push\.depth|"e":"depth"|@depth'
"""What is in a message that changes a book, at any of them."""
EVERY = pytest.mark.parametrize("venue", STREAMED)


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A market whose seconds are short, and whose every update matters."""
    with Loopback(breathing(Clock(speed=10)), beat=0.05) as running:
        yield running


@pytest.fixture
def driven(loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Followed]:
    """Run a scenario over the streams of a venue that are quick to look and ping often; nothing is left of them."""
    for name, value in {"PULSE": 0.05, "FIRST_WAIT": 0.05, "LONGEST_WAIT": 0.4}.items():
        monkeypatch.setattr(lane, name, value)
    monkeypatch.setattr(tap, "PING_EVERY", 0.2)

    def drive(venue: str, scenario: Callable[[Followed], Awaitable[Any]], *symbols: str) -> Followed:
        async def run() -> Followed:
            async with following(loopback, venue, tmp_path, *symbols) as followed:
                await scenario(followed)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.wait(others, timeout=PATIENCE) if others else None
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return followed

        followed = asyncio.run(run())
        gc.collect()
        assert [one for one in gc.get_objects() if isinstance(one, ccxt.Exchange) and isinstance(one, tap.Tap)] == []
        return followed

    return drive


@EVERY
@holds("checksums-go-unread", "kraken")
@holds("gaps-go-unseen", "weex", "mexc")
@holds("packed-unless-told", "mexc")
def test_a_book_is_the_venues_own_level_by_level_whatever_is_missing(
    venue: str, driven: Callable[..., Followed], loopback: Loopback
) -> None:
    symbols = STREAMED[venue]

    async def miss(followed: Followed) -> None:
        loopback.fault(STREAM_HOST[venue], "gap", times=1, message=UPDATE)
        await followed.more(*symbols, count=4)

    async def scenario(followed: Followed) -> None:
        await followed.more(*symbols, count=8)
        async with asyncio.timeout(PATIENCE):
            for _ in range(2):
                await miss(followed)
                while venue not in WHOLE and not followed.unsubscribed():
                    await miss(followed)

    followed = driven(venue, scenario, *symbols)
    assert all_said(followed)
    assert not followed.late
    assert {quote.venue for quote in followed.quotes} == {venue}
    assert all(message.upper().count("USDT") <= 1 for message in followed.messages(""))  # some take ten in a request at most
    assert not (followed.unsubscribed() and venue in WHOLE)
    assert followed.dials() == len({":" in symbol for symbol in symbols})


@EVERY
@holds("one-refusal-fails-all", "okx", "bingx", "weex")
@holds("refusals-have-no-name", "mexc")
@holds("left-streams-wait-on", "bingx")
@holds("streams-cannot-be-left", "kraken")
def test_symbols_come_and_go_on_one_connection_and_one_that_vanished_disturbs_no_other(
    venue: str, driven: Callable[..., Followed], loopback: Loopback
) -> None:
    first, second = STREAMED[venue][:2]

    async def scenario(followed: Followed) -> None:
        await followed.more(first)
        followed.streams.follow([second])
        await followed.more(second)
        await followed.until(followed.unsubscribed)
        left = len(followed.of(first))
        await followed.more(second, count=6)
        assert len(followed.of(first)) <= left + 1
        followed.streams.follow([first])
        await followed.more(first)
        loopback.fault(".", "vanish", assets=["SOL"])
        known = len(followed.messages("SOL") + followed.messages("sol"))
        followed.streams.follow([first, second])
        await followed.until(lambda: len(followed.messages("SOL") + followed.messages("sol")) > known)
        gone = len(followed.of(second))
        await followed.more(first, count=10)
        assert len(followed.of(second)) <= gone + 1

    followed = driven(venue, scenario, first)
    assert followed.dials() == 1
    assert all_said(followed)


@holds("spot-streams-are-protobuf", "mexc")
def test_what_ccxt_cannot_read_is_polled() -> None:
    spot = VENUES["mexc"].side(Kind.SPOT)
    assert spot is not None
    assert spot.stream is None
    with pytest.raises(ccxt.NotSupported, match="protobuf"):
        ccxt.pro.mexc().decode_proto_msg(b"")


def test_the_checksum_of_kraken_is_that_of_its_own_example() -> None:
    # docs.kraken.com, "Book checksum (WebSocket v2)": the snapshot of BTC/USD comes to 3310070434.
    bids = """45283.5 0.10000000 45283.4 1.54582015 45282.1 0.10000000 45281.0 0.10000000 45280.3 1.54592586
        45279.0 0.07990000 45277.6 0.03310103 45277.5 0.30000000 45277.3 1.54602737 45276.6 0.15445238 45276.5 1.00000000"""
    asks = """45285.2 0.00100000 45286.4 1.54571953 45286.6 1.54571109 45289.6 1.54560911 45290.2 0.15890660
        45291.8 1.54553491 45294.7 0.04454749 45296.1 0.35380000 45297.5 0.09945542 45299.5 0.18772827"""
    book = {"bids": _rows(bids), "asks": _rows(asks)}
    short = {side: [[price.normalize(), size.normalize()] for price, size in rows] for side, rows in book.items()}
    assert taps.checksum(book, 1, 8) == 3310070434
    assert taps.checksum(book, 0, 0) == 3310070434
    assert taps.checksum(short, 1, 8) == 3310070434
    assert taps.checksum({**book, "asks": book["asks"][1:]}, 1, 8) != 3310070434


def test_a_book_agrees_with_its_checksum_whatever_places_the_listing_names() -> None:
    # A quantity is sent with the places of its coin, 5, where the listing allows orders of 8, and 0.9990 keeps its last zero.
    book = {"bids": _rows("0.9990 1500.00000 0.9980 2.50000"), "asks": _rows("1.0000 7.12340")}
    told = zlib.crc32("".join(("10000", "712340", "9990", "150000000", "9980", "250000")).encode())
    assert taps.agrees(book, told, 4, 8)
    short = {side: [(price.normalize(), size.normalize()) for price, size in rows] for side, rows in book.items()}
    assert taps.agrees(short, told, 4, 5)
    assert not taps.agrees({**book, "asks": _rows("1.0000 7.12350")}, told, 4, 8)


def _rows(numbers: str) -> list[tuple[Decimal, Decimal]]:
    told = [Decimal(number) for number in numbers.split()]
    return list(zip(told[::2], told[1::2], strict=True))
