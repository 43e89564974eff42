"""What the terminal and the shell tell a job by signals, heard in its loop: the size changed, it shall stop, it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any


class Job:
    """`resized`, `stop` and `goes_on` are called in the loop that it was made in, which runs in the main thread.

    Signals come by plain handlers: the loop's own would take the descriptor that wakes a `Departure`.
    """

    def __init__(self, resized: Callable[[], None], stop: Callable[[], None], goes_on: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._heard = {signal.SIGWINCH: resized, signal.SIGTSTP: stop, signal.SIGCONT: goes_on}
        self._before: dict[signal.Signals, Any] = {}

    def listen(self) -> None:
        """Hear them from now on."""
        if not self._before:
            self._before = {number: signal.signal(number, self._hear) for number in self._heard}

    def deafen(self) -> None:
        """Let them do what they did before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just closed
            self._loop.call_soon_threadsafe(self._heard[signal.Signals(number)])

    def stand(self) -> None:
        """Stop the whole job, as ctrl+z does: whoever started this program in a script gets its prompt back too.

        Comes back when the job goes on; at once where nobody could let it go on, for then the kernel does not stop it.
        """
        self.deafen()
        os.kill(0, signal.SIGTSTP)
