"""Keeps type-ahead from pressing a button that nobody has read."""

from math import inf

PAUSE = 0.15
"""Seconds between a key and one that presses or skips: hands need them, a paste that no terminal framed does not."""


class Gate:
    """Takes a key only after `settle` seconds without one, counted from the moment the ticket was painted.

    Times are those of the events (monotonic seconds at which the key was read), so that keys which waited in a queue count as
    what they are: older than the paint. A held key repeats faster than `settle` and therefore never gets through.
    """

    def __init__(self, settle: float) -> None:
        self._settle = settle
        self._pause = min(PAUSE, settle)
        self._quiet_since: float | None = None
        self._last = -inf

    def shut(self) -> None:
        """Something else is being shown: nothing passes until it is painted."""
        self._quiet_since = None

    def painted(self, at: float) -> None:
        """It stands on the screen since `at`."""
        self._quiet_since = at

    def uncovered(self, at: float) -> None:
        """What stood over it is gone since `at`: keys that were meant for that are not taken for this. A shut gate stays shut."""
        if self._quiet_since is not None:
            self._quiet_since = max(self._quiet_since, at)

    def opens_in(self, at: float) -> float | None:
        """Seconds from `at` until every key may act, if none comes; 0 if it may already, None while it is shut."""
        if self._quiet_since is None:
            return None
        return max(0.0, self._quiet_since + self._settle - at, self._last + self._pause - at)

    def takes(self, at: float, *, alone: bool = False) -> bool:
        """Whether a key of that time may act. One that may not starts the quiet time again.

        `alone` is for a key that must not come in one breath with the one before it.
        """
        paused, self._last = at >= self._last + self._pause, at
        if self._quiet_since is None:
            return False
        if at - self._quiet_since < self._settle:
            self._quiet_since = max(self._quiet_since, at)
            return False
        return paused or not alone
