"""A TCP line on loopback that delays, throttles, stands still and breaks when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

HOST = "127.0.0.1"
CHUNK = 1024
"""Bytes read at a time: a throttled line delivers in pieces of this size."""
HELD = 64
"""Pieces in flight each way: a line that stands still soon pushes back, as a router with a short queue does."""
BUFFER = 32 * 1024
"""Bytes asked of the kernel for each socket, so that what waits in a stall waits in the programs."""
Result = TypeVar("Result")


class Way:
    """One direction of the line: `delay` in seconds, `rate` in bytes a second (None: as fast as it goes)."""

    def __init__(self, delay: float, rate: float | None) -> None:
        self.delay = delay
        self.rate = rate
        self.bytes = 0
        """Bytes delivered so far, over all connections."""

    async def carry(self, source: socket.socket, sink: socket.socket, flowing: asyncio.Event) -> None:
        """Carry bytes from source to sink, whole and in order, until the source ends."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(HELD)
        async with asyncio.TaskGroup() as both:
            both.create_task(self._take(source, held, flowing))
            both.create_task(self._give(sink, held, flowing))

    async def _take(self, source: socket.socket, held: asyncio.Queue[tuple[float, bytes]], flowing: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await flowing.wait()
            data = await loop.sock_recv(source, CHUNK)
            await held.put((loop.time() + self.delay, data))
            if not data:
                return

    async def _give(self, sink: socket.socket, held: asyncio.Queue[tuple[float, bytes]], flowing: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due, data = await held.get()
            await asyncio.sleep(max(0.0, due - loop.time()))
            if self.rate is not None:
                await asyncio.sleep(len(data) / self.rate)
            await flowing.wait()
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(sink, data)
            self.bytes += len(data)


class Relay:
    """Connections to `port` go on to `target`; entering the context opens it, leaving it breaks every connection.

    `delay` seconds each way, `rate` bytes a second towards the client.
    """

    def __init__(self, target: int, *, delay: float = 0.0, rate: float | None = None) -> None:
        self.target = target
        self.to_client = Way(delay, rate)
        self.to_server = Way(delay, None)
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._listening = socket.create_server((HOST, 0))
        self._listening.setblocking(False)
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.port = int(self._listening.getsockname()[1])
        self._ends: set[socket.socket] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        self._ask(self._start())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ask(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def pause(self) -> None:
        """The line stands still: nothing passes from now on, and no connection ends."""
        self._call(self._flowing.clear)

    def resume(self) -> None:
        """The line goes on with what was on its way."""
        self._call(self._flowing.set)

    def cut(self) -> None:
        """Every connection breaks, at both ends; new ones are still taken."""
        self._ask(self._break())

    def _call(self, change: Callable[[], None]) -> None:
        async def changed() -> None:
            change()

        self._ask(changed())

    def _ask(self, asked: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()

    async def _start(self) -> None:
        self._accepting = self._loop.create_task(self._accept())

    async def _stop(self) -> None:
        self._accepting.cancel()
        await asyncio.gather(self._accepting, return_exceptions=True)
        self._listening.close()
        await self._break()

    async def _accept(self) -> None:
        while True:
            client, _ = await self._loop.sock_accept(self._listening)
            task = self._loop.create_task(self._connect(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            self._ends |= {client, server}
            try:
                for end in (client, server):
                    end.setblocking(False)
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # An end that breaks is one way for a connection to end: the other end then hears of it.
                with contextlib.suppress(ExceptionGroup, OSError):
                    await self._loop.sock_connect(server, (HOST, self.target))
                    async with asyncio.TaskGroup() as ways:
                        ways.create_task(self.to_server.carry(client, server, self._flowing))
                        ways.create_task(self.to_client.carry(server, client, self._flowing))
            finally:
                self._ends -= {client, server}

    async def _break(self) -> None:
        for end in self._ends:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
