"""What goes wrong on command goes wrong as it does outside, for the requests that were meant and for as long as was said."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import psutil
import pytest

from tests.loopback import Clock, Loopback, binance, simulated_world
from tests.pseudo_terminal import PATIENCE

NOON = datetime(2026, 5, 1, 12, 34, 56, tzinfo=UTC)
HOST = "api.binance.com"
PRICES = f"{HOST}/api/v3/ticker/price"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    """A market of three assets that stands."""
    with Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC", "ETH", "UNI"]), beat=0.03) as running:
        yield running


async def get(loopback: Loopback, address: str = PRICES, seconds: float = PATIENCE) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"{loopback.gateway}/{address}") as response,
    ):
        return response.status, dict(response.headers), await response.read()


async def prices(loopback: Loopback) -> dict[str, str]:
    """Last prices, by the vendor's names."""
    return {row["symbol"]: row["price"] for row in msgspec.json.decode((await get(loopback))[2])}


async def test_a_timeout_says_nothing(loopback: Loopback) -> None:
    loopback.fault(HOST, "timeout")
    with pytest.raises(asyncio.TimeoutError):
        await get(loopback, seconds=0.3)


async def test_a_reset_breaks_the_connection(loopback: Loopback) -> None:
    loopback.fault(HOST, "reset")
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await get(loopback)


@pytest.mark.parametrize(
    ("kind", "options", "status"),
    [("429", {"retry_after": 7}, 429), ("418", {"retry_after": 120}, 418), ("451", {}, 451), ("403", {}, 403), ("503", {}, 503)],
)
async def test_a_status_comes_with_what_belongs_to_it(
    kind: str, options: dict[str, Any], status: int, loopback: Loopback
) -> None:
    loopback.fault(HOST, kind, **options)
    given, headers, _ = await get(loopback)
    assert given == status
    assert headers.get("Retry-After") == (str(options["retry_after"]) if options else None)


async def test_html_comes_with_status_200(loopback: Loopback) -> None:
    loopback.fault(HOST, "html")
    status, headers, body = await get(loopback)
    assert (status, headers["Content-Type"], body[:9]) == (200, "text/html", b"<!DOCTYPE")


async def test_a_truncated_answer_is_shorter_than_it_announced(loopback: Loopback) -> None:
    loopback.fault(HOST, "truncated", times=1)
    with pytest.raises(aiohttp.ClientPayloadError):
        await get(loopback)
    loopback.fault(HOST, "truncated", times=1, announced=False)
    status, _, body = await get(loopback)
    assert status == 200
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(body)
    assert len(await prices(loopback)) == 3


async def test_garbage_says_it_is_gzip(loopback: Loopback) -> None:
    loopback.fault(HOST, "gzip")
    with pytest.raises(aiohttp.ClientError):
        await get(loopback)


async def test_a_slow_body_comes_whole_in_drips(loopback: Loopback) -> None:
    loopback.fault(HOST, "slow", seconds=0.4, pieces=8)
    with pytest.raises(asyncio.TimeoutError):
        await get(loopback, seconds=0.1)
    assert len(await prices(loopback)) == 3


async def test_symbols_vanish_and_prices_become_zero_where_that_was_said(loopback: Loopback) -> None:
    loopback.fault(f"^{HOST}", "vanish", assets=["UNI"])
    loopback.fault(f"^{HOST}", "zero", assets=["ETH"])
    given = await prices(loopback)
    assert set(given) == {"BTCUSDT", "ETHUSDT"}
    assert float(given["ETHUSDT"]) == 0 < float(given["BTCUSDT"])
    _, _, futures = await get(loopback, "fapi.binance.com/fapi/v1/ticker/price")
    assert len(msgspec.json.decode(futures)) == 3
    loopback.heal()
    assert len(await prices(loopback)) == 3


async def test_a_fault_meets_its_path_so_many_times(loopback: Loopback) -> None:
    loopback.fault(HOST, "5xx", path="ticker/price", times=2)
    assert [(await get(loopback))[0] for _ in range(3)] == [502, 502, 200]
    assert (await get(loopback, f"{HOST}/api/v3/ping"))[0] == 200
    assert [one.path for one in loopback.asked("binance", "ticker")] == ["/api/v3/ticker/price"] * 3


async def test_a_stream_is_refused_at_its_door(loopback: Loopback) -> None:
    loopback.fault("stream.bybit.com", "451")
    address = loopback.gateway.replace("http", "ws") + "/stream.bybit.com/v5/public/linear"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(address)
    assert refusal.value.status == 451


def test_a_fault_that_does_not_exist_is_refused(loopback: Loopback) -> None:
    with pytest.raises(ValueError, match="there is no fault 'rain'"):
        loopback.fault(HOST, "rain")


async def test_nothing_is_left_behind_even_while_requests_hang_and_streams_are_open() -> None:
    threads = set(threading.enumerate())
    with Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC"]), beat=0.03) as loopback:
        loopback.fault(HOST, "timeout")
        hanging = asyncio.ensure_future(get(loopback))
        session = aiohttp.ClientSession()
        stream = await session.ws_connect(loopback.gateway.replace("http", "ws") + "/stream.bybit.com/v5/public/linear")
        while not loopback.asked(HOST):
            await asyncio.sleep(0.01)
    assert (await stream.receive(timeout=PATIENCE)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
    with pytest.raises(aiohttp.ClientError):
        await hanging
    await session.close()
    assert not [one for one in threading.enumerate() if one not in threads and one.name == "loopback"]
    port = int(loopback.gateway.rpartition(":")[2])
    assert not [one for one in psutil.Process().net_connections() if port in (one.laddr[1], one.raddr[1:] and one.raddr[1])]


async def test_a_handler_that_breaks_is_told_when_the_market_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(binance, "one_id", broken)
    market = Loopback(simulated_world(7, Clock(NOON, speed=0), ["BTC"]))
    market.__enter__()
    assert (await get(market))[0] == 500
    with pytest.raises(ExceptionGroup, match="handlers of the loopback market broke") as told:
        market.__exit__()
    assert [type(one) for one in told.value.exceptions] == [ZeroDivisionError]


async def test_a_process_of_its_own_obeys_commands() -> None:
    command = [sys.executable, "-m", "tests.loopback", "--port", "0", "--start", NOON.isoformat(), "--speed", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        gateway = process.stdout.readline().strip()
        async with aiohttp.ClientSession() as session:

            async def tell(what: str, **given: Any) -> Any:
                async with session.post(f"{gateway}/control/{what}", json=given) as response:
                    return await response.json()

            async def status() -> int:
                async with session.get(f"{gateway}/{PRICES}") as response:
                    return response.status

            await tell("fault", host="binance", kind="429", retry_after=3)
            assert await status() == 429
            await tell("heal")
            assert await status() == 200
            moved = await tell("move", seconds=60)
            assert datetime.fromisoformat(moved["now"]).minute == NOON.minute + 1
            assert len((await tell("requests", path="ticker"))["requests"]) == 2
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.communicate()
