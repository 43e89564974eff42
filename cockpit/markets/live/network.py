"""The network thread: one event loop on which everything that leaves this machine runs, apart from the screen's."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
CLOSING = 3.0
"""Seconds that sessions have for closing."""

log = logging.getLogger(__name__)


class Network:
    """One thread with one event loop. Its tasks end with it; what must be closed is registered with `at_end`."""

    def __init__(self, name: str = "network") -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._closers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._closing = threading.Lock()
        self._closed = False
        self._thread.start()

    def start(self, task: Coroutine[Any, Any, Result]) -> concurrent.futures.Future[Result]:
        """Run a coroutine on the loop; the future is of the caller's thread."""
        if self._closed:
            task.close()
            raise RuntimeError("the network is closed")
        return asyncio.run_coroutine_threadsafe(task, self._loop)

    def at_end(self, closer: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Call and await `closer` before the loop ends."""
        self._closers.append(closer)

    def close(self) -> None:
        """Cancel every task, close every session and end the thread; a second call does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(concurrent.futures.TimeoutError):
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(2 * CLOSING)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSING)

    async def _end(self) -> None:
        mine = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not mine]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        closing = asyncio.gather(*(closer() for closer in self._closers), return_exceptions=True)
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(closing, CLOSING)
        await self._loop.shutdown_default_executor()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()
