"""One executor for each portfolio on a machine: an exclusive lock on a file of its own, gone with the process that held it.

The file says which process holds it and when that was last alive, because a process that is stopped, or hangs, keeps its lock.
It is no part of the store: a sign of life commits nothing that others would have to read again.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from cockpit.model.errors import CockpitError

BEAT = 1.0
"""Seconds between two signs of life."""
SILENT = 5 * BEAT
"""Seconds without one after which nobody counts on the holder: a slow machine delays one, and not so many."""
_LONGEST = 200


class ExecutorRunning(CockpitError):
    """Another process carries out the orders of this portfolio."""


class Holder(NamedTuple):
    """Who holds a lock: its process, its last sign of life in UTC, and how many seconds ago that was."""

    process: int
    at: datetime
    silence: float


class ExecutorLock:
    """An exclusive flock, never taken over by time-out. The file descriptor is closed on exec.

    `now` gives the UTC time for whoever reads it, `clock` the seconds since the machine's start, which every process has alike.
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._now = now
        self._clock = clock
        self._descriptor: int | None = None
        self._refused = False

    def acquire(self) -> None:
        """Take the lock; ExecutorRunning if another process, or another executor of this one, holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            self._refused = True
            raise ExecutorRunning(
                f"another cockpit carries out the orders of this portfolio (lock {self._path.name}); "
                "confirmations made here are carried out there"
            ) from None
        self._descriptor, self._refused = descriptor, False
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
        self.beat()

    def beat(self) -> None:
        """Give a sign of life, if this is the holder. A disk that does not take it stops no order."""
        if self._descriptor is not None:
            sign = f"{os.getpid()} {self._clock():.3f} {self._now().isoformat(timespec='seconds')}\n"
            with contextlib.suppress(OSError):
                os.pwrite(self._descriptor, sign.encode(), 0)

    @property
    def holder(self) -> Holder | None:
        """Who held the lock when it could not be taken; None where it was not tried, was taken, or the file does not say."""
        if not self._refused:
            return None
        try:
            with self._path.open("rb") as file:
                process, seconds, at = file.read(_LONGEST).decode("ascii").split()
            return Holder(int(process), datetime.fromisoformat(at), self._clock() - float(seconds))
        except (OSError, ValueError):
            return None

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
