"""The limits of a vendor that counts weight by the minute, and bans who goes on."""

from __future__ import annotations

from tests.loopback.vendor import Answer
from tests.loopback.world import World

BAN = 120
"""Seconds of a first ban."""


class Weights:
    """Weight used in this minute of the world's clock. Beyond `limit` the answer is 429, for who then goes on 418."""

    def __init__(self, limit: int, *, patience: int = 5) -> None:
        self.limit = limit
        self.used = 0
        self._patience = patience
        self._minute = 0
        self._refused = 0
        self._banned_until = 0

    def spend(self, weight: int, world: World) -> Answer | None:
        """Count a request; the refusal, if it is one too many."""
        now = world.millis() // 1000
        if now // 60 != self._minute:
            self._minute, self.used, self._refused = now // 60, 0, 0
        self.used += weight
        if now < self._banned_until:
            return self._refuse(418, self._banned_until - now, now)
        if self.used <= self.limit:
            return None
        self._refused += 1
        if self._refused > self._patience:
            self._banned_until = now + BAN
            return self._refuse(418, BAN, now)
        return self._refuse(429, 60 - now % 60, now)

    def _refuse(self, status: int, wait: int, now: int) -> Answer:
        reason = "Way too much request weight used"
        if status == 418:
            message = (
                f"{reason}; IP banned until {(now + wait) * 1000}. Please use WebSocket Streams for live updates to avoid bans."
            )
        else:
            message = f"Too much request weight used; current limit is {self.limit} request weight per 1 MINUTE."
        return Answer({"code": -1003, "msg": message}, status, {"Retry-After": str(wait)})


class Requests:
    """So many requests in so many seconds of the world's clock."""

    def __init__(self, limit: int, seconds: int) -> None:
        self.limit = limit
        self._seconds = seconds
        self._window = 0
        self._used = 0

    def spend(self, world: World) -> bool:
        """Count a request; whether it is still allowed."""
        window = world.millis() // 1000 // self._seconds
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        return self._used <= self.limit

    def headers(self, world: World) -> dict[str, str]:
        """What is left, as Bybit says it."""
        end = (world.millis() // 1000 // self._seconds + 1) * self._seconds * 1000
        left = max(0, self.limit - self._used)
        return {
            "X-Bapi-Limit": str(self.limit),
            "X-Bapi-Limit-Status": str(left),
            "X-Bapi-Limit-Reset-Timestamp": str(end),
            "Timenow": str(world.millis()),
        }
