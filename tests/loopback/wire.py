"""One WebSocket of the loopback market, through which faults reach what is said on it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from tests.loopback.faults import Faults
from tests.loopback.vendor import Asked
from tests.loopback.world import World


class Gone(Exception):
    """The other side has left, or the fault ended it."""


class Wire:
    """What a vendor's coroutine talks on. Every `send` and `hear` raises Gone once it is over."""

    def __init__(
        self,
        asked: Asked,
        response: web.WebSocketResponse,
        faults: Faults,
        heard: Callable[[str], None],
        abort: Callable[[], None],
    ) -> None:
        self.asked = asked
        self._response = response
        self._faults = faults
        self._heard = heard
        self._abort = abort

    @property
    def world(self) -> World:
        """The world as this host tells it now."""
        return self._faults.seen(self.asked.world, self.asked.host, self.asked.path)

    async def hear(self, seconds: float | None = None) -> str | None:
        """The next message, as text; None when there was none for so many seconds."""
        self._check()
        try:
            message = await self._response.receive(timeout=seconds if seconds is None else max(seconds, 0.001))
        except TimeoutError:
            return None
        except (ConnectionError, RuntimeError) as error:
            raise Gone from error
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            raise Gone
        text = message.data if isinstance(message.data, str) else message.data.decode()
        self._heard(text)
        return text

    async def send(self, message: Any, *, packed: bool = False) -> None:
        """Say something: text as it is, anything else as JSON; `packed` with gzip, as some vendors do."""
        self._check()
        host, path = self.asked.host, self.asked.path
        text = message if isinstance(message, str) else msgspec.json.encode(message).decode()
        if self._faults.take(host, path, "silent", "gap", message=text) is not None:
            return
        if self._faults.take(host, path, "truncated") is not None:
            text = text[: len(text) // 2]
        if self._faults.take(host, path, "html") is not None:
            text = "<html><body>maintenance</body></html>"
        garbage = self._faults.take(host, path, "gzip") is not None
        if (slow := self._faults.take(host, path, "slow")) is not None:
            await asyncio.sleep(float(slow.options.get("seconds", 5)))
        try:
            if garbage:
                await self._response.send_bytes(b"\x1f\x8b\x08garbage")
            elif packed:
                await self._response.send_bytes(gzip.compress(text.encode()))
            else:
                await self._response.send_str(text)
        except (ConnectionError, RuntimeError) as error:
            raise Gone from error

    def _check(self) -> None:
        if self._faults.take(self.asked.host, self.asked.path, "reset") is not None:
            self._abort()
            raise Gone
        if self._response.closed:
            raise Gone


async def farewell(response: web.WebSocketResponse) -> None:
    """Close it as a server that goes away does."""
    if not response.closed:
        await response.close(code=WSCloseCode.GOING_AWAY)
