"""How much of a venue's rate limit is used by this process, over all its instances, and who waits when little is left."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

from cockpit.markets.venue_terms import Budget as Limit

RESERVE = 0.25
"""The share of the limit that stays for orders: data requests wait instead of using it."""


class Budget:
    """The weight used at each host, as the hosts' answers say. `limits` are those of the hosts that say it.

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
        self._limits = {host: limit for host, limit in limits.items() if limit.used or limit.left}
        self._told = told
        self._clock = clock
        self._sleep = sleep
        self._used: dict[str, tuple[float, int]] = {}

    async def turn(self, host: str, *, urgent: bool = False) -> None:
        """Return when a request may go out: at once while more than the reserve is left, else when the host counts anew.

        An `urgent` one, an order, never waits.
        """
        while not urgent and (wait := self.wait(host)) > 0:
            await self._sleep(wait)

    def wait(self, host: str) -> float:
        """Seconds until a data request may go out."""
        limit = self._limits.get(host)
        if limit is None or self.used(host) < limit.weight * (1 - RESERVE):
            return 0.0
        return limit.seconds - self._clock() % limit.seconds

    def used(self, host: str) -> int:
        """The weight used in the running window, as the host said last."""
        limit = self._limits.get(host)
        at, used = self._used.get(host, (0.0, 0))
        return used if limit is not None and self._clock() // limit.seconds == at // limit.seconds else 0

    def hears(self, host: str, headers: Mapping[str, str]) -> None:
        """What an answer's headers say of the weight used."""
        limit = self._limits.get(host)
        if limit is None:
            return
        said = {name.lower(): value for name, value in headers.items()}
        used, left = said.get(limit.used.lower(), ""), said.get(limit.left.lower(), "")
        if used.isdecimal():
            self._used[host] = (self._clock(), int(used))
        elif left.isdecimal():
            self._used[host] = (self._clock(), max(0, limit.weight - int(left)))
        else:
            return
        self._told(self.left())

    def left(self) -> str:
        """What is left where least is, in words; "" while no host has said anything."""
        if not self._used:
            return ""
        host = max(self._used, key=lambda host: self.used(host) / self._limits[host].weight)
        limit = self._limits[host]
        window = "a minute" if limit.seconds == 60 else f"in {limit.seconds} s"
        return f"{max(0, limit.weight - self.used(host)):,} of {limit.weight:,} weight {window}"
