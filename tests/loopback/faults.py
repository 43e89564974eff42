"""What goes wrong on command: which requests a fault meets, and what it does to an answer or to a stream."""

from __future__ import annotations

import asyncio
import re
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from aiohttp import web

from tests.loopback.world import World

KINDS = {
    "timeout": "the request is taken and nothing is ever said",
    "reset": "the connection is reset instead of an answer, or in the middle of a stream",
    "429": "too many requests; option retry_after in seconds",
    "418": "banned; option retry_after in seconds",
    "451": "not served in this country",
    "403": "refused by whoever stands before the server, as HTML",
    "5xx": "a status of its own; options status, body",
    "html": "HTML with status 200",
    "truncated": "half of the answer, then the end; option announced=False: as if that half were all",
    "gzip": "Content-Encoding: gzip over what is none",
    "slow": "the body in drips; options seconds, pieces",
    "copy": "the first answer to a request again and again, as from a cache",
    "gap": "messages of a stream left out; option message, a pattern of which",
    "silent": "a stream that stays open and says nothing",
    "skew": "the vendor's clock is off; option seconds",
    "vanish": "symbols are listed no more; option assets",
    "zero": "prices at zero; option assets, without it all",
    "body": "an answer of the test's own; options status, body, headers",
}
_HTML = "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


@dataclass
class Fault:
    """One thing that goes wrong: at hosts and paths that match, so many times (None: until healed)."""

    host: re.Pattern[str]
    kind: str
    path: re.Pattern[str]
    times: int | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def meets(self, host: str, path: str) -> bool:
        """Whether it is about this request."""
        return self.times != 0 and bool(self.host.search(host)) and bool(self.path.search(path))


class Faults:
    """All that goes wrong now. Commanded from any thread, obeyed by the server's."""

    def __init__(self) -> None:
        self._list: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, host: str, kind: str, path: str, times: int | None, options: dict[str, Any]) -> None:
        """One more. ValueError for a kind that does not exist."""
        if kind not in KINDS and not re.fullmatch(r"5\d\d", kind):
            raise ValueError(f"there is no fault {kind!r}; there are {', '.join(KINDS)}")
        if kind not in KINDS:
            kind, options = "5xx", {"status": int(kind)} | options
        with self._lock:
            self._list.append(Fault(re.compile(host), kind, re.compile(path), times, options))

    def heal(self, host: str = "") -> None:
        """Nothing goes wrong any more, or nothing at the hosts that match."""
        with self._lock:
            self._list = [one for one in self._list if host and not re.search(host, one.host.pattern)]

    def take(self, host: str, path: str, *kinds: str, message: str = "") -> Fault | None:
        """The first fault of these kinds that meets a request (or a message on a stream); it has then happened once more."""
        with self._lock:
            for one in self._list:
                if one.kind in kinds and one.meets(host, path) and re.search(one.options.get("message", ""), message):
                    if one.times is not None:
                        one.times -= 1
                    return one
        return None

    def seen(self, world: World, host: str, path: str) -> World:
        """The world as this host tells it: with its clock off, symbols gone and prices at zero."""
        with self._lock:
            met = [one for one in self._list if one.kind in ("skew", "vanish", "zero") and one.meets(host, path)]
        if not met:
            return world
        skew = sum(float(one.options.get("seconds", 0)) for one in met if one.kind == "skew")
        gone = {asset for one in met if one.kind == "vanish" for asset in one.options.get("assets", ())}
        zeros = [one.options.get("assets") for one in met if one.kind == "zero"]
        zero = None if None in zeros else frozenset(asset for some in zeros for asset in some or ())
        return world.distorted(skew=timedelta(seconds=skew), gone=frozenset(gone), zero=zero)


BEFORE = ("timeout", "reset", "429", "418", "451", "403", "5xx", "html", "body")
"""Instead of an answer."""
AFTER = ("truncated", "gzip", "slow", "copy")
"""Something done to an answer."""


async def instead(fault: Fault, request: web.Request) -> web.StreamResponse:
    """What comes in the place of an answer."""
    options = fault.options
    if fault.kind == "timeout":
        await asyncio.sleep(float(options.get("seconds", 3600)))
    if fault.kind in ("timeout", "reset"):
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError
    if fault.kind == "body":
        return _text(options.get("body", ""), int(options.get("status", 200)), options.get("headers", {}))
    if fault.kind in ("429", "418"):
        wait = {"Retry-After": str(options["retry_after"])} if options.get("retry_after") is not None else {}
        body = '{"code":-1003,"msg":"Way too many requests; IP banned."}'
        return _text(options.get("body", body), int(fault.kind), wait | {"Content-Type": "application/json"})
    if fault.kind == "451":
        body = '{"code":0,"msg":"Service unavailable from a restricted location according to \'b. Eligibility\'."}'
        return _text(options.get("body", body), 451, {"Content-Type": "application/json"})
    status = {"403": 403, "html": 200}.get(fault.kind) or int(options.get("status", 502))
    title = {403: "Attention Required! | Cloudflare", 200: "Just a moment..."}.get(status, f"{status} Server Error")
    return _text(options.get("body", _HTML.format(title=title)), status, {"Content-Type": "text/html"})


async def mangled(fault: Fault, request: web.Request, status: int, headers: dict[str, str], body: bytes) -> web.StreamResponse:
    """A good answer, sent badly."""
    options = fault.options
    if fault.kind == "copy":
        asked = request.path, *sorted(item for item in request.query.items() if item[0] != "timestamp")
        body = options.setdefault("copies", {}).setdefault(asked, body)
        return web.Response(body=body, status=status, headers=headers)
    if fault.kind == "gzip":
        return web.Response(body=body, status=status, headers=headers | {"Content-Encoding": "gzip"})
    half = body[: len(body) // 2]
    if fault.kind == "truncated" and not options.get("announced", True):
        return web.Response(body=half, status=status, headers=headers)
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    if fault.kind == "truncated":
        await response.write(half)
        if request.transport is not None:
            request.transport.close()
        raise ConnectionResetError
    pieces = int(options.get("pieces", 10))
    step = max(1, -(-len(body) // pieces))
    for start in range(0, len(body), step):
        await asyncio.sleep(float(options.get("seconds", 5)) / pieces)
        await response.write(body[start : start + step])
    await response.write_eof()
    return response


def _text(body: str, status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=body.encode(), status=status, headers=headers)
