"""Keeps the market ticking in a thread of its own, and says when it stands still."""

import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cockpit.model.errors import CockpitError
from cockpit.ui.crash import unexpected
from cockpit.ui.port import DeskLike

RECENT = 5.0
"""Seconds for which it is remembered that the thread was kept from running: who asks was kept from it as well."""
NEVER = (-math.inf, 0.0)


class Ticker:
    """Ticks the desk until `stopped` is set: a slow terminal slows the painting, not the market.

    While ticks fail, `tell` is called at each with the reason and the seconds since the last good one; then once with "".
    `clock` counts seconds.
    """

    def __init__(
        self,
        desk: DeskLike,
        seconds: float,
        stopped: threading.Event,
        tell: Callable[[str, float], None],
        log_file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = desk
        self._seconds = seconds
        self._stopped = stopped
        self._tell = tell
        self._log_file = log_file
        self._clock = clock
        self._due = math.inf
        self._late = NEVER

    def overslept(self) -> float:
        """For how many seconds this thread is, or was just now, kept from running; what was asked for is not told again.

        Where the process was stopped, that was for so long, and for up to the seconds between two ticks more.
        """
        now = self._clock()
        (woke, late), self._late = self._late, NEVER
        due, self._due = self._due, max(self._due, now)
        return max(now - due, late if now - woke < RECENT else 0.0, 0.0)

    def run(self) -> None:
        """The loop of the thread."""
        good, failing = self._clock(), ""
        self._alive(self._seconds)
        while not self._stopped.wait(self._seconds):
            self._alive(0)
            try:
                self._desk.tick()
                problem = ""
            except CockpitError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001 - whatever breaks must be told: numbers that stand still look like numbers
                problem = failing or unexpected("market", error, self._log_file)
            if not problem:
                good = self._clock()
            if problem or failing:
                self._tell(problem, self._clock() - good)
            failing = problem
            self._alive(self._seconds)

    def _alive(self, rests: float) -> None:
        """The thread runs, and will again in `rests` seconds if nothing keeps it."""
        now = self._clock()
        late = now - self._due
        if late >= self._late[1] or now - self._late[0] >= RECENT:
            self._late = (now, late)
        self._due = now + rests
