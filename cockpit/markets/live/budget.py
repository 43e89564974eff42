"""How much of a venue's rate limit is used by this process, over instances and accounts, and who waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from msgspec import Struct

from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venue_terms import Budget as Limit

RESERVE = 0.25
"""The share of a limit that stays for orders: other requests wait instead of using it."""
LAST = 2
"""Requests that stay for orders where a venue only says how many are left, of a limit that may be another for each path."""


class Said(Struct, frozen=True):
    """What a host's headers said at `at`, in Unix seconds: weight used, or requests left."""

    at: float
    used: int | None
    left: int | None


class Budget:
    """What each host says of its limits. `limits` are those of every host; hosts that say nothing are left to ccxt's own pace.

    Written by the network thread. `told` hears in words what is left. `clock` gives Unix seconds, since venues count by the
    minutes of the day's clock; `sleep` waits for seconds.
    """

    def __init__(
        self,
        limits: Mapping[str, Limit],
        told: Callable[[str], None] = lambda left: None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._limits = dict(limits)
        self._told = told
        self._clock = clock
        self._sleep = sleep
        self._said: dict[str, Said] = {}
        self._rest: tuple[Fault, float] | None = None

    @property
    def forbids(self) -> Fault | None:
        """Why nobody may ask the venue now, with the seconds that are left of it; None where one may."""
        if self._rest is None:
            return None
        fault, until = self._rest
        left = until - self._clock()
        # More than the whole of it is left where the clock was set back: who knows how long it has been.
        return Fault(fault.kind, fault.detail, retry_after=left) if 0 < left <= (fault.wait or 0.0) else None

    def rests(self, fault: Fault) -> None:
        """After too many requests the address is left alone by everybody here, whoever it was that heard of it."""
        if fault.kind in (Kind.LIMITED, Kind.BANNED) and fault.wait:
            until = self._clock() + fault.wait
            if self._rest is None or until > self._rest[1]:
                self._rest = fault, until

    async def turn(self, host: str, *, urgent: bool = False) -> None:
        """Return when a request may go out: at once while more than the reserve is left, else when the host counts anew.

        An `urgent` one, an order, never waits.
        """
        while not urgent and (wait := self.wait(host)) > 0:
            await self._sleep(wait)

    def wait(self, host: str) -> float:
        """Seconds until a request that is not urgent may go out."""
        said = self._in_force(host)
        if said is None:
            return 0.0
        limit = self._limits[host]
        spent = said.used is not None and said.used >= limit.weight * (1 - RESERVE)
        if spent or (said.left is not None and said.left <= LAST):
            return limit.seconds - self._clock() % limit.seconds
        return 0.0

    def hears(self, host: str, headers: Mapping[str, str]) -> None:
        """What an answer's headers say."""
        limit = self._limits.get(host)
        if limit is None:
            return
        named = {name.lower(): value for name, value in headers.items()}
        used, left = _count(named.get(limit.used.lower())), _count(named.get(limit.left.lower()))
        if used is not None or left is not None:
            self._said[host] = Said(self._clock(), used, left)
            self._told(self.left())

    def left(self) -> str:
        """What is left where least is, in words; "" while no host has said anything."""
        shares = {host: self._share(host) for host in self._said}
        if not shares:
            return ""
        host = min(shares, key=lambda host: shares[host])
        limit, said = self._limits[host], self._said[host]
        if said.left is not None:
            return f"{said.left:,} requests in {limit.seconds} s"
        window = "a minute" if limit.seconds == 60 else f"in {limit.seconds} s"
        return f"{max(0, limit.weight - self._used(host)):,} of {limit.weight:,} weight {window}"

    def _in_force(self, host: str) -> Said | None:
        """What was said in the running window."""
        said = self._said.get(host)
        if said is None:
            return None
        seconds = self._limits[host].seconds
        return said if self._clock() // seconds == said.at // seconds else None

    def _used(self, host: str) -> int:
        said = self._in_force(host)
        return said.used if said is not None and said.used is not None else 0

    def _share(self, host: str) -> float:
        said = self._said[host]
        weight = self._limits[host].weight
        return said.left / weight if said.left is not None else 1 - self._used(host) / weight


def _count(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 10 else None
