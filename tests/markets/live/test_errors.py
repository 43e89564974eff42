"""How long a venue wants to be left alone is read from what it says; and what it says is one line."""

from __future__ import annotations

import json

import ccxt
import pytest

from cockpit.markets.live.errors import LONGEST_CLAUSE, Answer, clause, code_of, fault_of, message, until
from cockpit.markets.live.fault import Kind

RESTRICTED = "Service unavailable from a restricted location"
NOW = 1_659_146_340.0
BAN = '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1659146400000. Please use WebSocket Streams."}'


def over(error: ccxt.BaseError, status: int, body: str, headers: dict[str, str] | None = None) -> ccxt.BaseError:
    """An error of ccxt over an HTTP answer."""
    error.answer = Answer(status, headers or {}, body)
    return error


def test_a_ban_ends_when_the_venue_says_so() -> None:
    assert until(BAN, NOW) == 60
    assert until(BAN, NOW + 61) is None
    assert until("until 9999999999999", NOW) == 86_400
    assert until("until tomorrow", NOW) is None


def test_a_header_counts_before_words() -> None:
    fault = fault_of(over(ccxt.DDoSProtection("x"), 418, BAN.replace("1659146400000", "9999999999999"), {"retry-after": "7"}))
    assert (fault.kind, fault.wait) == (Kind.BANNED, 7)
    fault = fault_of(over(ccxt.DDoSProtection("x"), 418, BAN.replace("1659146400000", "9999999999999")))
    assert (fault.kind, fault.wait) == (Kind.BANNED, 86_400)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ('{"code":-1121,"msg":"Invalid symbol."}', "-1121", "Invalid symbol (-1121)"),
        ('{"code":0,"msg":"Service unavailable from a restricted location. See https://x.example/terms"}', "0", RESTRICTED),
        ('{"code":1,"msg":"Busy; try https://x.example <b>later</b>"}', "1", "Busy (1)"),
        ('{"code":1,"msg":"<html><body>no</body></html>"}', "1", "code 1"),
        ('{"code":7,"msg":"at 1.5 of v. 2 <b>"}', "7", "at 1.5 of v. 2 (7)"),
        ('{"code":0}', "0", ""),
        ('{"retCode":10001,"retMsg":""}', "10001", "code 10001"),
        ('{"error":["EGeneral:Internal error"]}', "EGeneral:Internal error", "code EGeneral:Internal error"),
        ("[1,2]", "", ""),
        ("{", "", ""),
        ("[" * 100_000, "", ""),
    ],
)
def test_a_venues_words_are_found_in_any_of_their_forms(body: str, code: str, said: str) -> None:
    assert (code_of(body), message(body)) == (code, said)


def test_what_a_venue_says_at_length_is_one_clause() -> None:
    assert clause("word " * 60) == "word " * 15 + "…"
    assert len(clause("word " * 60)) <= LONGEST_CLAUSE
    body = json.dumps({"code": 0, "msg": f"{RESTRICTED} according to 'b. Eligibility'. Please contact customer service."})
    fault = fault_of(over(ccxt.ExchangeNotAvailable("x"), 451, body))
    assert fault.sentence("Binance") == "Binance does not serve this country or this host's address"
    fault = fault_of(over(ccxt.ExchangeError("x"), 400, body))
    assert fault.sentence("Binance") == f"Binance refused the request: {RESTRICTED} according to 'b. Eligibility'"


def test_errors_of_this_program_are_no_faults_of_a_venue() -> None:
    with pytest.raises(AssertionError):
        fault_of(AssertionError("a bug"))
    with pytest.raises(KeyboardInterrupt):
        fault_of(KeyboardInterrupt())
