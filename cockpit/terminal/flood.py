"""Tells hands from noise: nobody presses keys faster than a key repeats, and what is faster is not obeyed."""

from __future__ import annotations

import time
from collections.abc import Callable

AT_ONCE = 150
"""Keys that may come together: one held down for three seconds on a line that stood still."""
A_SECOND = 60.0
"""Keys a second that hands can go on with: the fastest repeat there is."""
CALM = 0.3
"""Seconds without anything after which it is hands again: until then no key out of the noise is taken for one."""


class Flood:
    """Counts keys and mouse events; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = float(AT_ONCE)
        self._last = clock()
        self._drowned = False

    def drown(self) -> None:
        """What came now was noise, and what follows at once is more of it."""
        self._last, self._drowned = self._clock(), True

    def takes(self) -> bool:
        """Whether one more key may be obeyed now."""
        now = self._clock()
        passed, self._last = now - self._last, now
        if self._drowned and passed < CALM:
            return False
        self._drowned = False
        self._left = min(AT_ONCE, self._left + passed * A_SECOND)
        if self._left < 1:
            self._drowned = True
            return False
        self._left -= 1
        return True
