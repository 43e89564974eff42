"""How much of what was sent the far end has seen: every paint is followed by a question that the terminal answers in its turn.

A stalled SSH line swallows a megabyte before a program notices, and shows all of it when it comes back. So no more
is sent than the line can show soon, and where no answer comes the line stands still and nothing is painted into it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

QUESTION = "\x1b[5n"
"""Device status report (ECMA-48, 8.3.35); every terminal that answers anything answers this."""
WINDOW = 24 * 1024
"""Bytes on their way at most: what a line of 64 KB/s carries in the round trip of a bad one (.4 s)."""
PATIENCE = 3.0
"""Seconds without an answer after which a line stands still; a slow one has four of its round trips."""
ASK_AGAIN = 5.0
"""Seconds between questions into a line that stands still: an answer may have been lost with what was typed."""


class Flow:
    """Counts questions and answers; `clock` gives seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked: deque[tuple[float, int]] = deque()
        self._on_the_way = 0
        self._seen: float | None = None
        self.answers = False
        """Whether the terminal has ever answered."""
        self.round_trip: float | None = None
        """Seconds from the last answered question to its answer: the line and what was before it in the line."""

    def asked(self, size: int) -> None:
        """So many bytes were sent, with the question at their end."""
        self._asked.append((self._clock(), size))
        self._on_the_way += size

    def answered(self) -> float | None:
        """An answer came; the seconds that the line stood still, None where it did not."""
        self.answers = True
        if not self._asked:
            return None
        still = self.still
        since, size = self._asked.popleft()
        self._on_the_way -= size
        self.round_trip = self._clock() - since
        self._seen = since
        if not still:
            return None
        waited = self.round_trip
        self.forget()  # what else was asked into the silence: answers to it come now, or never
        return waited

    def forget(self) -> None:
        """The terminal was given away for a while: what was not answered will not be."""
        self._asked.clear()
        self._on_the_way = 0

    @property
    def still(self) -> bool:
        """Whether the far end has not answered for too long. A terminal that never answered anything may not know how."""
        if not self.answers or not self._asked:
            return False
        return self._clock() - self._asked[0][0] > max(PATIENCE, 4 * (self.round_trip or 0))

    @property
    def silence(self) -> float:
        """Seconds for which what was sent has not been answered; 0 where everything was seen, or nothing is ever answered."""
        return self._clock() - self._asked[0][0] if self.answers and self._asked else 0.0

    @property
    def unseen(self) -> float:
        """Seconds since what the far end has seen was sent: whatever was sent later may not have been seen."""
        return self.silence if self._seen is None else self._clock() - self._seen

    @property
    def open(self) -> bool:
        """Whether another paint may go."""
        return not self.answers or (self._on_the_way < WINDOW and not self.still)
