"""What gas costs on Ethereum: the mean over the blocks of a closed day, from any of a list of nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from cockpit.markets.daily.series import DAY, midnight
from cockpit.markets.daily.vendor import Pause, Vendor
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter

BLOCKS = 1024
"""Blocks that one request asks for; a node may give fewer."""
SLOT = 12
"""Seconds between two blocks."""
LOOKS = 12
PIECES = 40
GWEI = Decimal(10**9)
SHORTEST_KEY = 8
"""Characters from which on a piece of an address may be a key."""
MEDIAN = 50
"""The percentile of the tips within a block that is added to its base fee."""


class Ethereum:
    """Nodes that speak JSON-RPC, asked in turn: the one that answered last is asked first."""

    def __init__(self, nodes: Sequence[tuple[str, Meter]], http: Http, pause: Pause = asyncio.sleep) -> None:
        self.nodes = [(url, Vendor(meter, http, pause)) for url, meter in nodes]
        self._first = 0

    async def gas(self, day: date) -> Decimal:
        """Base fee and median tip in gwei, the mean over the blocks of a closed day. Fault where no node gives it."""
        fault = Fault(Kind.MISSING, "no node is named")
        for turn in range(len(self.nodes)):
            at = (self._first + turn) % len(self.nodes)
            url, node = self.nodes[at]
            try:
                price = await _gas(node, url, day)
            except Fault as one:
                fault = one
                continue
            self._first = at
            return price
        raise fault

    @property
    def host(self) -> str:
        """The host of the node that is asked first."""
        return urlsplit(self.nodes[self._first][0]).hostname or "" if self.nodes else ""


async def _gas(node: Vendor, url: str, day: date) -> Decimal:
    latest, at = _block(node, await _call(node, url, "eth_getBlockByNumber", ["latest", False]))
    end = await _first_block(node, url, int(midnight(day + DAY).timestamp()), latest, at)
    begin = await _first_block(node, url, int(midnight(day).timestamp()), end, int(midnight(day + DAY).timestamp()))
    total, count, newest = Decimal(0), 0, end - 1
    for _ in range(PIECES):
        if newest < begin:
            return total / count / GWEI
        wanted = min(BLOCKS, newest - begin + 1)
        answer = await _call(node, url, "eth_feeHistory", [hex(wanted), hex(newest), [MEDIAN]])
        try:
            oldest = int(answer["oldestBlock"], 16)
            tips = answer.get("reward") or []
            fees = [int(fee, 16) for fee in answer["baseFeePerGas"][:-1]]
            prices = [fee + (int(tips[at][0], 16) if at < len(tips) and tips[at] else 0) for at, fee in enumerate(fees)]
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            raise node.unreadable("the fee history has another shape") from None
        if not prices or oldest + len(prices) - 1 != newest or oldest > newest:
            raise node.unreadable("the fee history has a gap")
        total += sum(price for number, price in enumerate(prices, oldest) if number >= begin)
        count += sum(1 for number in range(oldest, newest + 1) if number >= begin)
        newest = oldest - 1
    raise node.unreadable(f"the fee history of a day takes more than {PIECES} requests")


async def _first_block(node: Vendor, url: str, moment: int, known: int, known_at: int) -> int:
    """The number of the first block at or after a moment (unix s), from a later block whose time is known."""
    low, high = 0, known
    guess = max(0, known - (known_at - moment) // SLOT)
    for _ in range(LOOKS):
        number, at = _block(node, await _call(node, url, "eth_getBlockByNumber", [hex(guess), False]))
        if at >= moment:
            high = number
        else:
            low = number + 1
        if low >= high:
            return high
        step = (at - moment) / SLOT
        guess = min(max(number - (int(step) if abs(step) >= 1 else (1 if at >= moment else -1)), low), high - 1)
    raise node.unreadable("its blocks cannot be placed in time")


async def _call(node: Vendor, url: str, method: str, params: list[Any]) -> Any:
    answer = await node.post(url, {"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    if not isinstance(answer, dict) or answer.get("result") is None:
        error = answer.get("error") if isinstance(answer, dict) else None
        words = str(error.get("message", "")) if isinstance(error, dict) else ""
        fault = Fault(Kind.REFUSED, f"{method}: {_without_key(words, url) or 'no result'}")
        node.meter.bad(fault)
        raise fault
    return answer["result"]


def _without_key(words: str, url: str) -> str:
    """What a node says, without the key in its own address: some say it back."""
    parts = urlsplit(url)
    for piece in (*parts.path.split("/"), *parts.query.replace("=", "&").split("&")):
        words = words.replace(piece, "…") if len(piece) >= SHORTEST_KEY else words
    return words


def _block(node: Vendor, block: Any) -> tuple[int, int]:
    """The number and the time (unix s) of a block."""
    try:
        return int(block["number"], 16), int(block["timestamp"], 16)
    except (KeyError, TypeError, ValueError):
        raise node.unreadable("the block has another shape") from None
