"""The network thread: one event loop on which everything that leaves this machine runs, apart from the screen's."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")
CLOSING = 0.7
"""Seconds that everything together has for its end: whoever leaves waits for it. What hangs then is abandoned."""
STOPPING = 0.2
"""Seconds that the loop has for its own end after that."""

log = logging.getLogger(__name__)


class Network:
    """One thread with one event loop. Its tasks end with it; what must be closed is registered with `at_end`."""

    def __init__(self, name: str = "network") -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(_Abandonable())
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._closers: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._starting, self._closing = threading.Lock(), threading.Lock()
        self._closed = False
        self._thread.start()

    def start(self, task: Coroutine[Any, Any, Result]) -> concurrent.futures.Future[Result]:
        """Run a coroutine on the loop; the future is of the caller's thread."""
        with self._starting:
            if self._closed:
                task.close()
                raise RuntimeError("the network is closed")
            return asyncio.run_coroutine_threadsafe(task, self._loop)

    def at_end(self, closer: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Call and await `closer` before the loop ends."""
        self._closers.append(closer)

    def close(self) -> None:
        """Cancel every task, close every session and end the thread, within a second; a second call does nothing."""
        with self._closing:
            with self._starting:  # what was started before is ended with the rest, and nothing is started after
                if self._closed:
                    return
                self._closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSING + STOPPING)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._end())
        finally:
            self._loop.close()

    async def _end(self) -> None:
        until = self._loop.time() + CLOSING
        await _cancel_all(CLOSING / 2)
        # What does not heed that keeps nobody from being closed.
        closing = asyncio.gather(*(closer() for closer in self._closers), return_exceptions=True)
        await asyncio.wait([closing], timeout=max(0.0, until - self._loop.time()))
        # Nothing is left that never ran: Python would tell of it on the terminal that was given back.
        await _cancel_all(STOPPING / 2)


async def _cancel_all(seconds: float) -> None:
    """Cancel every task but this one and wait for their ends, so long at most."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)


class _Abandonable(concurrent.futures.ThreadPoolExecutor):
    """Each call in a daemon thread of its own: one that does not come back, as to a name server, keeps no process from ending."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[Any]:
        """Begin the call."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - whoever awaits the call gets it
                future.set_exception(error)
            else:
                future.set_result(result)

        threading.Thread(target=run, name="network call", daemon=True).start()
        return future
