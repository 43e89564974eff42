"""Keeps the market ticking in a thread of its own, and says when it stands still."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from cockpit.model.errors import CockpitError
from cockpit.ui.crash import unexpected
from cockpit.ui.port import DeskLike


class Ticker:
    """Ticks the desk until `stopped` is set: a slow terminal slows the painting, not the market.

    While ticks fail, `tell` is called at each with the reason and the seconds since the last good one; then once with "".
    """

    def __init__(
        self,
        desk: DeskLike,
        seconds: float,
        stopped: threading.Event,
        tell: Callable[[str, float], None],
        log_file: Path | None = None,
    ) -> None:
        self._desk = desk
        self._seconds = seconds
        self._stopped = stopped
        self._tell = tell
        self._log_file = log_file

    def run(self) -> None:
        """The loop of the thread."""
        good, failing = time.monotonic(), ""
        while not self._stopped.wait(self._seconds):
            try:
                self._desk.tick()
                problem = ""
            except CockpitError as error:
                problem = str(error)
            except Exception as error:  # noqa: BLE001 - whatever breaks must be told: numbers that stand still look like numbers
                problem = failing or unexpected("market", error, self._log_file)
            if not problem:
                good = time.monotonic()
            if problem or failing:
                self._tell(problem, time.monotonic() - good)
            failing = problem
