"""Ethereum nodes, after the execution API (ethereum.github.io/execution-apis): a block every 12 s, some slots missed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cockpit.model.sources import LiveSettings
from tests.loopback.vendor import Asked, Vendor, rest
from tests.loopback.world import World

HOSTS = tuple(urlsplit(url).netloc for url in LiveSettings().ethereum)
MISSED = 97
"""Every so manieth slot has no block."""
FIRST = int(datetime(2015, 7, 30, tzinfo=UTC).timestamp())
TIP = 500_000_000
"""Wei: the tip that every transaction of every block pays."""


class Ethereum(Vendor):
    """JSON-RPC over POST; `most` blocks an answer of eth_feeHistory, however many are asked for."""

    most = 600

    @rest("POST", HOSTS, "/?")
    def call(self, asked: Asked) -> Any:
        request = asked.json()
        method, params = request["method"], request["params"]
        latest = _at(int(asked.world.now().timestamp()))
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": request["id"]}
        if method == "eth_getBlockByNumber":
            number = latest if params[0] == "latest" else int(params[0], 16)
            known = {"number": hex(number), "timestamp": hex(time_of(number)), "transactions": []}
            return answer | {"result": known if number <= latest else None}
        if method == "eth_feeHistory":
            count, newest = int(params[0], 16), int(params[1], 16)
            oldest = newest - min(count, self.most) + 1
            prices = [_gas(asked.world, number) for number in range(oldest, newest + 2)]
            fees = {"oldestBlock": hex(oldest), "baseFeePerGas": [hex(price - TIP) for price in prices]}
            blocks = newest - oldest + 1
            return answer | {"result": fees | {"gasUsedRatio": [0.5] * blocks, "reward": [[hex(TIP)] * len(params[2])] * blocks}}
        return answer | {"error": {"code": -32601, "message": f"the method {method} does not exist/is not available"}}


def time_of(number: int) -> int:
    """The time (unix s) of a block."""
    return FIRST + 12 * (number + number // (MISSED - 1))


def _at(moment: int) -> int:
    """The last block up to a moment."""
    number = (moment - FIRST) // 12 * (MISSED - 1) // MISSED + 2
    while time_of(number) > moment:
        number -= 1
    return number


def _gas(world: World, number: int) -> int:
    """Wei: the world's gas price of the block's day, of its last known day for a later one."""
    gas = world.column("activity", "ETH.gas_gwei")
    day = datetime.fromtimestamp(time_of(number), UTC).date()
    return round(gas[min(day, next(reversed(gas)))] * 1e9)
