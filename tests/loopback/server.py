"""The loopback market's server: one thread, one port, every vendor's hosts as the first part of the path.

A cockpit whose `[live] gateway` is this server's asks https://HOST/PATH as http://127.0.0.1:PORT/HOST/PATH, and the same with
ws for wss. Each module that is a vendor names, at its top, what it speaks and after which documentation; all that vendors say
is read from one `World`, in the vendors' own units, spellings, orders and envelopes, with their limits counted:

- market data by REST: Binance, Bybit, BingX, WEEX, MEXC, OKX, Hyperliquid, Kraken; by WebSocket where there is a `_streams`;
- what belongs to a key (`private_`), its signature checked;
- daily history: DefiLlama, Coin Metrics, an Ethereum node, the fear and greed index.

Beside the world's markets the listings have what a cockpit must not stumble over: dated, delisted, coin-margined, USDC-margined
and unknown contracts, names that are not ASCII. What a vendor does not do here is answered with 404 and one sentence. A handler
that breaks is an error of the test that uses it: it is raised when the market is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import pkgutil
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, TypeVar

from aiohttp import web

import tests.loopback as package
from tests.loopback.faults import AFTER, BEFORE, Faults, instead, mangled
from tests.loopback.vendor import Asked, Options, Route, Vendor
from tests.loopback.wire import Gone, Wire, farewell
from tests.loopback.world import World, simulated_world

Kind = TypeVar("Kind", bound=Vendor)
CLOSING = 0.2
"""Seconds for which the other side of a closed stream is waited for: it may be the very thread that closes the market."""


@dataclass(frozen=True)
class Request:
    """What was asked, and when by the world's clock; a message on a WebSocket has the method WS and its text as `message`."""

    method: str
    host: str
    path: str
    query: Mapping[str, str]
    time: datetime
    message: str = ""


class Loopback:
    """The server, running between `with` and its end. `gateway` is its address; `requests` are all that came, in order."""

    def __init__(self, world: World | None = None, *, port: int = 0, padding: int = 0, beat: float = 0.2) -> None:
        self.world = world or simulated_world()
        self.options = Options(padding, beat)
        self.requests: list[Request] = []
        self.gateway = ""
        self._port = port
        self._faults = Faults()
        self._vendors = [kind(self.world, self.options) for kind in _kinds()]
        for vendor in self._vendors:
            vendor.meet(self._vendors)
        self._rest = [(vendor, route) for vendor in self._vendors for route in vendor.routes()]
        self._sockets = [(vendor, route) for vendor in self._vendors for route in vendor.routes("_socket")]
        self._open: set[web.WebSocketResponse] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._began = threading.Event()
        self._failure: BaseException | None = None
        self._broken: list[Exception] = []

    def __enter__(self) -> Self:
        self._began.clear()  # it may have run before
        self._thread = threading.Thread(target=self._run, name="loopback", daemon=True)
        self._thread.start()
        self._began.wait()
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()
        if self._broken:
            raise ExceptionGroup("handlers of the loopback market broke", self._broken)

    def fault(self, host: str, kind: str, *, path: str = "", times: int | None = None, **options: Any) -> None:
        """From now on `kind` (of `faults.KINDS`) goes wrong, so many `times` or until healed.

        `host` and `path` are regular expressions that are searched for: "api.binance" is futures too, "^api.binance" is not.
        """
        self._faults.add(host, kind, path, times, options)

    def heal(self, host: str = "") -> None:
        """Nothing goes wrong any more (at the hosts whose faults were commanded with such a pattern)."""
        self._faults.heal(host)

    def drop(self) -> None:
        """Close every WebSocket, as a server that is restarted does."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self.close_streams(), self._loop).result(60)

    async def close_streams(self) -> None:
        """The same, on the server's own loop."""
        await asyncio.gather(*(farewell(one) for one in list(self._open)))

    def vendor(self, kind: type[Kind]) -> Kind:
        """The vendor of this class."""
        return next(one for one in self._vendors if isinstance(one, kind))

    @property
    def open_sockets(self) -> int:
        """How many WebSockets are open."""
        return len(self._open)

    def asked(self, host: str = "", path: str = "") -> list[Request]:
        """The requests whose host and path contain these words."""
        return [one for one in list(self.requests) if host in one.host and path in one.path]

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            try:
                runner.run(self._serve())
            except OSError as error:
                self._failure = error
            finally:
                self._began.set()

    async def _serve(self) -> None:
        self._end = asyncio.Event()
        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/{host}{path:/.*}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        try:
            await site.start()
            self.gateway = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._began.set()
            await self._end.wait()
            await self.close_streams()
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        host, path = request.match_info["host"], request.match_info["path"]
        if host == "control":
            return await self._control(path.strip("/"), request)
        upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
        self.requests.append(Request(request.method, host, path, dict(request.query), self.world.now()))
        if (fault := self._faults.take(host, path, *BEFORE)) is not None:
            return await instead(fault, request)
        asked = Asked(
            method=request.method,
            host=host,
            path=path,
            query=dict(request.query),
            headers=request.headers,
            body=await request.read(),
            world=self._faults.seen(self.world.of(host), host, path),
            raw_query=request.rel_url.raw_query_string,
        )
        return await self._talk(request, asked) if upgrade else await self._answer(request, asked)

    async def _answer(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        found = _find(self._rest, asked)
        if found is None:
            return web.Response(status=404, text=f"the loopback market has no {asked.method} {asked.host}{asked.path}")
        vendor, route, asked = found
        try:
            answer = vendor.answer(asked, route)
        except Exception as error:
            self._broken.append(error)
            raise
        status, body = answer.status, answer.bytes()
        headers = {"Content-Type": "application/json"} | dict(answer.headers)
        fault = self._faults.take(asked.host, asked.path, *AFTER)
        if fault is not None:
            return await mangled(fault, request, status, headers, body)
        return web.Response(body=body, status=status, headers=headers)

    async def _talk(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        found = _find(self._sockets, asked)
        if found is None:
            return web.Response(status=404, text=f"the loopback market has no stream at {asked.host}{asked.path}")
        vendor, route, asked = found
        asked = replace(asked, world=self.world.of(asked.host))
        response = web.WebSocketResponse(timeout=CLOSING)
        await response.prepare(request)
        self._open.add(response)

        def heard(message: str) -> None:
            self.requests.append(Request("WS", asked.host, asked.path, dict(asked.query), self.world.now(), message))

        def abort() -> None:
            if request.transport is not None:
                request.transport.abort()

        try:
            with contextlib.suppress(Gone):
                await getattr(vendor, route.name)(Wire(asked, response, self._faults, heard, abort))
        except Exception as error:
            self._broken.append(error)
            raise
        finally:
            self._open.discard(response)
            await farewell(response)
        return response

    async def _control(self, command: str, request: web.Request) -> web.StreamResponse:
        from tests.loopback.control import obey

        given = await request.json() if request.can_read_body else {}
        return web.json_response(await obey(self, command, given))


def _find(routes: list[tuple[Vendor, Route]], asked: Asked) -> tuple[Vendor, Route, Asked] | None:
    for vendor, route in routes:
        if asked.host in route.hosts and asked.method == route.method and (match := route.path.fullmatch(asked.path)):
            return vendor, route, replace(asked, parts=match.groupdict())
    return None


def _kinds() -> list[type[Vendor]]:
    for module in pkgutil.iter_modules(package.__path__):
        if module.name != "__main__":
            importlib.import_module(f"{package.__name__}.{module.name}")
    return [kind for kind in Vendor.kinds if kind.__module__.startswith(package.__name__)]
