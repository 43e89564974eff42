"""The way out to the terminal: takes bytes at once, writes them as the terminal takes them, and never waits."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable

CHUNK = 65536
MOST = 1 << 20
"""Bytes that wait at most: into a line that stands still nothing goes but a frame and what is no paint, a few bytes at a time."""


class Outlet:
    """Writes to a non-blocking descriptor from the loop that it was made in.

    `drained` is called when everything that waited is out of the house, `gone` once when there is no terminal any more.
    """

    def __init__(self, descriptor: int, drained: Callable[[], None], gone: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._drained = drained
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._listening = False
        self._dead = False
        self.sent = 0
        """Bytes that the terminal took."""

    @property
    def clear(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def send(self, data: bytes) -> None:
        """Write these bytes after all that were sent before; all of them or, where more than MOST waits, none."""
        if self._dead or len(self._waiting) > MOST:
            return
        self._waiting += data
        if not self._listening:
            self._write()

    def _write(self) -> None:
        while self._waiting:
            try:
                count = os.write(self._descriptor, self._waiting[:CHUNK])
            except BlockingIOError:
                if not self._listening:
                    self._listening = True
                    self._loop.add_writer(self._descriptor, self._write)
                return
            except OSError:
                self._dead = True
                self.discard()
                self._gone()
                return
            self.sent += count
            del self._waiting[:count]
        if self._listening:
            self._listening = False
            self._loop.remove_writer(self._descriptor)
            self._drained()

    def discard(self) -> None:
        """Forget what was not written yet."""
        self._waiting.clear()
        if self._listening:
            self._listening = False
            self._loop.remove_writer(self._descriptor)

    def finish(self, seconds: float) -> bool:
        """Wait until everything is written, at most so long; whether it is."""
        until = time.monotonic() + seconds
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        while self._waiting and (left := until - time.monotonic()) > 0:
            if not poll.poll(left * 1000):
                break
            try:
                del self._waiting[: os.write(self._descriptor, self._waiting[:CHUNK])]
            except BlockingIOError:
                continue
            except OSError:
                break
        done = not self._waiting
        self.discard()
        return done
