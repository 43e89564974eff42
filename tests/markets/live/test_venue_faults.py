"""Whatever goes wrong between a venue and the cockpit is one kind of fault, never an error of ccxt, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import json
import urllib.request
import warnings
from datetime import timedelta
from typing import Any

import pytest

from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import Kind as Market
from cockpit.model.sources import Health
from tests.loopback import Loopback
from tests.markets.live.conftest import SPOKEN, MakeVenue
from tests.pseudo_terminal import PATIENCE

SYMBOL = "ETH/USDT"
WAYS: list[tuple[str, dict[str, Any], Kind]] = [
    ("timeout", {}, Kind.TIMEOUT),
    ("reset", {}, Kind.BROKEN_OFF),
    ("429", {"retry_after": 7}, Kind.LIMITED),
    ("418", {"retry_after": 90}, Kind.BANNED),
    ("451", {}, Kind.GEO_BLOCKED),
    ("403", {}, Kind.FORBIDDEN),
    ("500", {}, Kind.SERVER),
    ("502", {}, Kind.SERVER),
    ("503", {}, Kind.MAINTENANCE),
    ("504", {}, Kind.TIMEOUT),
    ("html", {}, Kind.UNREADABLE),
    ("truncated", {}, Kind.UNREADABLE),
    ("truncated", {"announced": False}, Kind.UNREADABLE),
    ("gzip", {}, Kind.UNREADABLE),
    ("slow", {"seconds": 30}, Kind.TIMEOUT),
    ("body", {"body": ""}, Kind.UNREADABLE),
    ("body", {"body": "null"}, Kind.UNREADABLE),
    ("body", {"body": '"maintenance"'}, Kind.UNREADABLE),
]
BRIEF_MS = 400
"""What a test waits for an answer, in milliseconds."""


@pytest.mark.parametrize("id", SPOKEN)
async def test_every_fault_has_its_kind(venue: MakeVenue, id: str, loopback: Loopback) -> None:
    one = venue(id)
    await one.open()
    made = one.exchange(Market.SPOT if one.row.side(Market.SPOT) is not None else Market.PERP)
    made.enableRateLimit = False
    patience = made.timeout
    for way, options, kind in WAYS:
        made.timeout = BRIEF_MS if kind is Kind.TIMEOUT else patience
        loopback.fault(".", way, **options)
        with pytest.raises(Fault) as caught:
            await one.skew()
        assert caught.value.kind is kind, (way, options, caught.value.detail)
        assert one.meter.wait == options.get("retry_after", one.meter.wait)
        assert one.meter.wait > 0
        assert one.meter.line().sentence.startswith(f"{one.row.name} ")
        loopback.heal()
        one.meter.good(0)
        one.budget._rest = None
    assert isinstance(await one.skew(), timedelta)


CODES: list[tuple[str, int, str, Kind]] = [
    ("binance", 400, '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}', Kind.CLOCK),
    ("binance", 200, '{"code":-1001,"msg":"Internal error; unable to process your request."}', Kind.SERVER),
    ("binance", 400, '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1659146400000."}', Kind.BANNED),
    ("binance", 400, '{"code":-1121,"msg":"Invalid symbol."}', Kind.MISSING),
    ("binance", 401, '{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}', Kind.REFUSED),
    ("bybit", 200, '{"retCode":10016,"retMsg":"Server error.","result":{}}', Kind.SERVER),
    ("bybit", 200, '{"retCode":10006,"retMsg":"Too many visits!","result":{}}', Kind.LIMITED),
    ("bybit", 200, '{"retCode":10002,"retMsg":"invalid request, please check your timestamp.","result":{}}', Kind.CLOCK),
    ("bybit", 403, '{"retCode":10009,"retMsg":"IP has been banned.","result":{}}', Kind.BANNED),
    ("bybit", 403, "<H1>403 ERROR</H1>The distribution is configured to block access from your country.", Kind.GEO_BLOCKED),
    ("okx", 429, '{"code":"50011","msg":"Too Many Requests","data":[]}', Kind.LIMITED),
    ("okx", 503, '{"code":"50001","msg":"Service temporarily unavailable","data":[]}', Kind.MAINTENANCE),
    ("okx", 200, '{"code":"50013","msg":"Systems are busy","data":[]}', Kind.SERVER),
    ("bingx", 200, '{"code":100410,"msg":"rate limited","data":{}}', Kind.LIMITED),
    ("bingx", 200, '{"code":100500,"msg":"internal server error","data":{}}', Kind.SERVER),
    ("bingx", 200, '{"code":100421,"msg":"timestamp is invalid","data":{}}', Kind.CLOCK),
    ("bingx", 200, '{"code":100421,"msg":"the pair is restricted from trading by API","data":{}}', Kind.MISSING),
    ("okx", 401, '{"code":"50102","msg":"Timestamp request expired","data":[]}', Kind.CLOCK),
    ("okx", 401, '{"code":"50112","msg":"Invalid OK-ACCESS-TIMESTAMP","data":[]}', Kind.CLOCK),
    ("weex", 400, '{"code":-1046,"msg":"Request timestamp expired."}', Kind.CLOCK),
    ("mexc", 400, '{"code":700003,"msg":"Timestamp for this request is outside of the recvWindow."}', Kind.CLOCK),
    ("mexc", 200, '{"success":false,"code":513,"message":"Invalid request"}', Kind.CLOCK),
    ("kraken", 200, '{"error":["EAPI:Rate limit exceeded"]}', Kind.LIMITED),
    ("kraken", 200, '{"error":["EService:Unavailable"]}', Kind.SERVER),
    ("kraken", 200, '{"error":["EQuery:Unknown asset pair"]}', Kind.MISSING),
    ("hyperliquid", 429, "null", Kind.LIMITED),
]


@pytest.mark.parametrize(("id", "status", "body", "kind"), CODES)
async def test_a_venues_own_codes_are_understood(
    venue: MakeVenue, loopback: Loopback, id: str, status: int, body: str, kind: Kind
) -> None:
    one = venue(id)
    await one.open()
    loopback.fault(".", "body", status=status, body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(Fault) as caught:
        await one.skew()
    assert caught.value.kind is kind, caught.value.detail


async def test_nobody_at_the_other_end_is_unreachable(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    loopback.__exit__()
    try:
        with pytest.raises(Fault) as caught:
            await one.book(SYMBOL)
        assert caught.value.kind is Kind.UNREACHABLE
    finally:
        loopback.__enter__()


async def test_foreign_text_in_an_error_is_harmless(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    loopback.fault(".", "body", status=400, body='{"code":-9,"msg":"\\u001b]52;c;aGk=\\u0007 no\\nway"}')
    with pytest.raises(Fault) as caught:
        await one.book(SYMBOL)
    assert caught.value.detail == "no way (-9)"


async def test_a_source_that_rests_is_not_asked(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    loopback.fault(".", "429", retry_after=30)
    for _ in range(3):
        with pytest.raises(Fault):
            await one.tickers()
    assert len(loopback.asked(path="ticker")) <= 2


async def test_a_source_that_bans_whoever_asks_from_here_is_left_alone(venue: MakeVenue, loopback: Loopback) -> None:
    """It may have told an account's client, which asks from the same address."""
    one = venue("binance")
    await one.open()
    loopback.requests.clear()
    one.budget.rests(Fault(Kind.BANNED, retry_after=30))
    with pytest.raises(Fault) as caught:
        await one.tickers()
    assert caught.value.kind is Kind.BANNED
    assert one.meter.failing
    assert not loopback.requests
    assert one.meter.line().health is Health.RESTING


async def test_requests_that_fail_together_are_one_failure(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    loopback.fault(".", "500")
    results = await asyncio.gather(*(one.book(SYMBOL) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, Fault) for result in results)
    assert not one.meter.failing


async def test_numbers_with_a_point_stay_as_they_are(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    body = '{"lastUpdateId":1,"bids":[[0.123456789012345678901,2]],"asks":[[0.2,1e-7]]}'
    loopback.fault("^api.binance.com", "body", path="depth", body=body, headers={"Content-Type": "application/json"})
    book = await one.book(SYMBOL)
    assert str(book.bids[0].price) == "0.123456789012345678901"
    assert book.asks[0].size * 10_000_000 == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"lastUpdateId":1,"bids":[["100","1"]],"asks":[["99","1"]]}',
        '{"lastUpdateId":1,"bids":[],"asks":[["99","1"]]}',
        '{"lastUpdateId":1,"bids":[["-5","1"]],"asks":[["99","1"]]}',
        '{"lastUpdateId":1,"bids":[["NaN","1"]],"asks":[["99","1"]]}',
        '{"lastUpdateId":1,"bids":[["98","-1"]],"asks":[["99","1"]]}',
    ],
)
async def test_a_book_that_cannot_be_is_no_quote(venue: MakeVenue, loopback: Loopback, body: str) -> None:
    one = venue("binance")
    await one.open()
    loopback.fault("^api.binance.com", "body", path="depth", body=body, headers={"Content-Type": "application/json"})
    with pytest.raises(Fault) as caught:
        await one.book(SYMBOL)
    assert caught.value.kind is Kind.NONSENSE


@pytest.mark.filterwarnings("error")
async def test_two_hundred_faulty_requests_leave_nothing_open(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("bybit")
    await one.open()
    tasks = len(asyncio.all_tasks())
    made = one.exchange(Market.SPOT)
    made.timeout, made.enableRateLimit = BRIEF_MS, False
    for number, (way, options, _) in enumerate(WAYS * 12):
        if way in ("timeout", "slow") and number >= len(WAYS):
            continue
        loopback.fault(".", way, **options)
        with pytest.raises(Fault):
            await one.book(SYMBOL)
        loopback.heal()
        one.meter.good(0)
    connector = made.session.connector
    assert len(connector._acquired) == 0
    assert len(asyncio.all_tasks()) == tasks
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        await one.close()
        assert connector.closed
        assert made.session is None
        del made, connector
        gc.collect()
    assert not [warning for warning in heard if issubclass(warning.category, ResourceWarning)]
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"riskLimitMode": "INCREASE", "riskLevelLimit": 10**9, "riskIncrVol": 1},
        {"riskLimitMode": "INCREASE", "riskLevelLimit": 3, "riskIncrVol": 0},
        {"riskLimitMode": "INCREASE", "riskLevelLimit": 3, "riskIncrVol": "soon"},
        {"riskLimitType": "BY_VALUE"},
        {"riskLongShortSwitch": 1},
        {"riskLimitCustom": None},
        {"riskLimitCustom": [{"level": 1, "mmr": 0.01, "maxLeverage": 50}]},
        {"riskLimitCustom": ["level 1"]},
    ],
)
async def test_margin_tiers_that_cannot_be_read_are_none(venue: MakeVenue, loopback: Loopback, odd: dict[str, Any]) -> None:
    one = venue("mexc")
    await one.open()
    one.exchange(Market.PERP).enableRateLimit = False
    with urllib.request.urlopen(
        f"{loopback.gateway}/{loopback.asked(path='contract/detail')[0].host}/api/v1/contract/detail"
    ) as told:
        listing = json.load(told)
    listing["data"] = [row | odd for row in listing["data"]]
    loopback.fault(".", "body", path="contract/detail", body=json.dumps(listing), headers={"Content-Type": "application/json"})
    with pytest.raises(Fault) as caught:
        await one.tiers("ETH/USDT:USDT")
    assert caught.value.kind is Kind.MISSING


async def test_a_venue_that_never_opened_leaves_no_session(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    loopback.fault(".", "500")
    for _ in range(3):
        with pytest.raises(Fault):
            await one.open()
        one.meter.good(0)
    with pytest.raises(Fault, match="does not have"):
        one.exchange(Market.SPOT)
    await one.close()
    async with asyncio.timeout(PATIENCE):
        while len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0.01)
    loopback.heal()
    await one.open()
    assert one.lists(SYMBOL)
