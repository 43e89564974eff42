"""The one HTTP client for sources that are no exchange: JSON with a deadline, a size, and every failure as a fault."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from cockpit import __version__
from cockpit.markets.live import gently
from cockpit.markets.live.fault import Fault, Kind, of_status
from cockpit.markets.live.meter import Meter

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import aiohttp

DEADLINE = 20.0
"""Seconds within which a whole answer must be there."""
LARGEST = 96 * 1024 * 1024
"""Bytes of an answer, unpacked, beyond which it is not read on."""
_PIECE = 64 * 1024


def through(gateway: str | None, url: str) -> str:
    """`url` as it is asked: itself, or by way of a gateway as GATEWAY/HOST/PATH, with ws for wss where the gateway has no TLS."""
    if not gateway:
        return url
    parts, relay = urlsplit(url), urlsplit(gateway)
    plain = relay.scheme in ("http", "ws")
    scheme = {"wss": "ws" if plain else "wss", "ws": "ws" if plain else "wss"}.get(parts.scheme, "http" if plain else "https")
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{relay.netloc}{relay.path.rstrip('/')}/{parts.netloc}{parts.path or '/'}{query}"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that a Retry-After header asks for, at most a day; None without one that can be read."""
    value = headers.get("Retry-After", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), 86400.0) if seconds == seconds else None


class Http:
    """GET and POST of JSON. One session, made on the loop that first asks; `close` it there."""

    def __init__(self, gateway: str | None = None, *, deadline: float = DEADLINE) -> None:
        self._gateway = gateway
        self._deadline = deadline
        self._session: aiohttp.ClientSession | None = None

    async def get(
        self,
        meter: Meter,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        whole: bool = False,
        absent: Collection[int] = (),
    ) -> Any:
        """The JSON at `url`, with `whole` its bytes as they are. Fault where it cannot be had; the meter has heard of it.

        `absent` are the statuses by which the source says that it does not have this.
        """
        return await self._ask(meter, "GET", url, whole=whole, absent=absent, params=params)

    async def post(self, meter: Meter, url: str, body: Any) -> Any:
        """The JSON answer to a JSON body. Errors as `get`."""
        return await self._ask(meter, "POST", url, data=msgspec.json.encode(body))

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self, meter: Meter, method: str, url: str, *, whole: bool = False, absent: Collection[int] = (), **options: Any
    ) -> Any:
        if (why := meter.forbids) is not None:
            raise why
        began = time.monotonic()
        try:
            answer = await self._answer(method, through(self._gateway, url), whole, absent, **options)
        except Fault as fault:
            meter.bad(fault)
            raise
        meter.good(time.monotonic() - began)
        return answer

    async def _answer(self, method: str, url: str, whole: bool, absent: Collection[int], **options: Any) -> Any:
        import aiohttp

        if self._session is None:
            headers = {"User-Agent": f"rotation-cockpit/{__version__}", "Accept": "application/json"}
            self._session = aiohttp.ClientSession(headers=headers, trust_env=True)
        if "data" in options:
            options["headers"] = {"Content-Type": "application/json"}
        try:
            async with asyncio.timeout(self._deadline), self._session.request(method, url, **options) as response:
                body = await _read(response)
                status, wait = response.status, retry_after(response.headers)
        except TimeoutError:
            raise Fault(Kind.TIMEOUT) from None
        except aiohttp.ClientConnectorError as error:
            raise Fault(Kind.UNREACHABLE, str(error.os_error)) from None
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            raise Fault(Kind.BROKEN_OFF) from None
        except aiohttp.ClientError as error:
            raise Fault(Kind.UNREADABLE, type(error).__name__) from None
        if status in absent:
            raise Fault(Kind.MISSING)
        if (fault := of_status(status, retry_after=wait)) is not None:
            raise fault
        if whole:
            return body
        try:
            return gently.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise Fault(Kind.UNREADABLE, "it is no JSON") from None


async def _read(response: aiohttp.ClientResponse) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_chunked(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise Fault(Kind.UNREADABLE, f"it is longer than {LARGEST // 2**20} MB")
        pieces.append(piece)
    return b"".join(pieces)
