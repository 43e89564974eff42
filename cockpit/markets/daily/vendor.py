"""How a vendor of daily numbers is asked: a few requests at a time, a short wait where it asks for one, then it is left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter

TRIES = 3
PATIENCE = 30.0
"""Seconds that are waited for a vendor that asks for it; one that wants longer is left for this time."""
AT_ONCE = 4
PASSING = {Kind.UNREACHABLE, Kind.TIMEOUT, Kind.BROKEN_OFF, Kind.LIMITED, Kind.SERVER, Kind.MAINTENANCE, Kind.UNREADABLE}
"""Faults that may be gone at the next request."""
Pause = Callable[[float], Awaitable[None]]


class Vendor:
    """One source of daily numbers. Every coroutine raises Fault and nothing else for what the network does."""

    def __init__(self, meter: Meter, http: Http, pause: Pause = asyncio.sleep) -> None:
        self.meter = meter
        self._http = http
        self._pause = pause
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def get(
        self, url: str, params: Mapping[str, str] | None = None, *, whole: bool = False, absent: Collection[int] = ()
    ) -> Any:
        """The JSON at `url`; with `whole` its bytes, for one that is decoded elsewhere. `absent`: as Http.get."""
        return await self._asked(lambda: self._http.get(self.meter, url, params, whole=whole, absent=absent))

    async def post(self, url: str, body: Any) -> Any:
        """The JSON answer to a JSON body."""
        return await self._asked(lambda: self._http.post(self.meter, url, body))

    def unreadable(self, what: str) -> Fault:
        """The fault of an answer that is JSON, and not what it should be."""
        fault = Fault(Kind.UNREADABLE, what)
        self.meter.bad(fault)
        return fault

    async def _asked(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        async with self._turns:
            for left in reversed(range(TRIES)):
                wait, why = self.meter.wait, self.meter.forbids
                if why is not None and wait > PATIENCE:
                    raise why
                if wait:
                    await self._pause(wait)
                try:
                    return await ask()
                except Fault as fault:
                    if not left or fault.kind not in PASSING:
                        raise
            raise AssertionError("unreachable")
