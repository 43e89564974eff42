"""How a program with a terminal ends when it is told to, or loses its terminal: soon, whatever its loop and its threads do."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType, TracebackType
from typing import Any

DEADLINE = 1.2
"""Seconds from the word to leave until the process is ended from outside its loop; giving the terminal back comes on top."""
LOOK = 0.1
"""Seconds of that between two looks at the clock. In a longer time the process was stopped: it counts as two looks."""


@dataclass(frozen=True)
class Ending:
    """Why a program ends before its user says so: the exit code (128 and the number of the signal) and the reason in words."""

    code: int
    reason: str


HANG_UP = Ending(128 + signal.SIGHUP, "its terminal was closed or its line was lost (SIGHUP)")
TERMINATED = Ending(128 + signal.SIGTERM, "it was told to end (SIGTERM)")
INTERRUPTED = Ending(128 + signal.SIGINT, "it was interrupted (SIGINT)")
SIGNALS = {signal.SIGHUP: HANG_UP, signal.SIGTERM: TERMINATED, signal.SIGINT: INTERRUPTED}


class Departure:
    """Within it, every way to end is heard, by a thread of its own that costs nothing until then.

    The first one counts: `leave` is called with it, in a thread of its own, to end the program in good order. If the process is
    still there `deadline` seconds later, the thread calls `restore` and ends it. A hang-up is heard from the terminal itself too,
    for whoever ignores SIGHUP. To be entered in the main thread.
    """

    def __init__(
        self,
        terminal: int,
        *,
        leave: Callable[[Ending], None],
        restore: Callable[[], None],
        deadline: float = DEADLINE,
        clock: Callable[[], float] = time.monotonic,
        end: Callable[[int], object] = os._exit,
    ) -> None:
        self._terminal = terminal
        self._leave = leave
        self._restore = restore
        self._deadline = deadline
        self._clock = clock
        self._end = end
        self._left = 0.0
        self._over = threading.Event()
        self._said = threading.Event()
        self.ending: Ending | None = None
        """Why the program ends, None as long as it need not."""

    def __enter__(self) -> Departure:
        self._ear, self._mouth = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._mouth, False)
        self._before: dict[signal.Signals, Any] = {}
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: whoever started us wants it ignored
                self._before[number] = signal.signal(number, _heard)
        # The number of a signal is written at once, also while the main thread is busy or blocked.
        self._woken_before = signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        self._thread = threading.Thread(target=self._watch, name="departure", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """After an end in good order nothing is watched any more; once leaving has begun, the deadline holds to the last."""
        if self.ending is not None:
            return
        self._over.set()
        os.write(self._mouth, b"\0")
        self._thread.join()
        signal.set_wakeup_fd(self._woken_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._ear)
        os.close(self._mouth)

    def settle(self) -> None:
        """If leaving has begun, wait until `leave` has done its part; the deadline ends that too."""
        if self.ending is not None:
            self._said.wait()

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        poll.register(self._terminal, 0)  # hang-ups are reported whatever is asked for
        seen = self._clock()
        while not self._over.is_set():
            heard, now = poll.poll(self._wait()), self._clock()
            self._left, seen = self._left - min(now - seen, 2 * LOOK), now
            for descriptor, _ in heard:
                if descriptor == self._terminal:
                    poll.unregister(descriptor)
                    self._begin(HANG_UP)
                else:
                    self._hear()
            if self.ending is not None and self._left <= 0:
                with contextlib.suppress(Exception):
                    self._restore()
                self._end(self.ending.code)
                return

    def _wait(self) -> float | None:
        """Milliseconds until the next look at the clock; None where there is no deadline."""
        return None if self.ending is None else max(0.0, min(self._left, LOOK) * 1000)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for number in os.read(self._ear, 4096):
                if number in SIGNALS:
                    self._begin(SIGNALS[signal.Signals(number)])

    def _begin(self, ending: Ending) -> None:
        if self.ending is None:
            self._left = self._deadline
            self.ending = ending
            threading.Thread(target=self._say, args=(ending,), name="leaving", daemon=True).start()

    def _say(self, ending: Ending) -> None:
        try:
            self._leave(ending)
        finally:
            self._said.set()


def _heard(_number: int, _frame: FrameType | None) -> None:
    """The signal is heard through the descriptor; without a handler it would end the process."""
