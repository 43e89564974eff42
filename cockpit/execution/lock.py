"""One executor for each portfolio on a machine: an exclusive lock on a file of its own, gone with the process that held it."""

import fcntl
import os
from pathlib import Path

from cockpit.model.errors import CockpitError


class ExecutorRunning(CockpitError):
    """Another process carries out the orders of this portfolio."""


class ExecutorLock:
    """An exclusive flock, never taken over by time-out. The file descriptor is closed on exec."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock; ExecutorRunning if another process, or another executor of this one, holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise ExecutorRunning(
                f"another cockpit carries out the orders of this portfolio (lock {self._path.name}); "
                "confirmations made here are carried out there"
            ) from None
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
