"""What an instance of ccxt does otherwise here, where a request tells it."""

from __future__ import annotations

import ccxt
import pytest

from cockpit.markets.live.budget import Budget
from cockpit.markets.live.exchange import instance
from cockpit.markets.venues import VENUES
from tests.loopback import Loopback

HOST = "api.binance.com"


async def test_what_is_signed_was_signed_after_it_had_waited(unpaced: None, loopback: Loopback) -> None:
    """A signature holds for five seconds, the wait for the next minute is longer."""
    seconds = [1_800_000_010.0]

    async def sleep(wait: float) -> None:
        seconds[0] += wait

    budget = Budget(VENUES["binance"].budgets, clock=lambda: seconds[0], sleep=sleep)
    budget.hears(HOST, {"X-MBX-USED-WEIGHT-1M": "5999"})
    exchange = instance("binance", budget, gateway=loopback.gateway, apiKey="key", secret="secret")
    exchange.milliseconds = lambda: int(seconds[0] * 1000)
    try:
        with pytest.raises(ccxt.AuthenticationError):
            await exchange.private_get_account()
    finally:
        await exchange.close()
    (asked,) = loopback.asked(HOST)
    assert seconds == [1_800_000_060.0]
    assert asked.query["timestamp"] == "1800000060000"
