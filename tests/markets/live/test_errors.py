"""How long a venue wants to be left alone is read from what it says; and what it says is one line."""

from __future__ import annotations

import ccxt
import pytest

from cockpit.markets.live.errors import Answer, code_of, fault_of, message, until
from cockpit.markets.live.fault import Kind

NOW = 1_659_146_340.0
BAN = '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1659146400000. Please use WebSocket Streams."}'


def over(error: ccxt.BaseError, status: int, body: str, headers: dict[str, str] | None = None) -> ccxt.BaseError:
    """An error of ccxt over an HTTP answer."""
    error.answer = Answer(status, headers or {}, body)
    return error


def test_a_ban_ends_when_the_venue_says_so() -> None:
    assert until(message(BAN), NOW) == 60
    assert until(message(BAN), NOW + 61) is None
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
        ('{"code":-1121,"msg":"Invalid symbol."}', "-1121", "Invalid symbol. (-1121)"),
        ('{"retCode":10001,"retMsg":""}', "10001", "code 10001"),
        ('{"error":["EGeneral:Internal error"]}', "EGeneral:Internal error", "code EGeneral:Internal error"),
        ("[1,2]", "", ""),
        ("{", "", ""),
        ("[" * 100_000, "", ""),
    ],
)
def test_a_venues_words_are_found_in_any_of_their_forms(body: str, code: str, said: str) -> None:
    assert (code_of(body), message(body)) == (code, said)


def test_errors_of_this_program_are_no_faults_of_a_venue() -> None:
    with pytest.raises(AssertionError):
        fault_of(AssertionError("a bug"))
    with pytest.raises(KeyboardInterrupt):
        fault_of(KeyboardInterrupt())
