"""How a source has answered: when, how fast, what went wrong, and from when on it may be asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.sources import Health, Source, without_secret

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
"""Seconds of back-off after the first fault in a row, doubled with each that follows, up to the longest."""
OVERDUE = 4.0
"""Seconds without the answer on which prices wait, after which another source should stand in: prices are soon old."""
REMEMBERED = 15.0
"""Seconds for which the last answer tells how long a source takes: one that nobody asks may have been slow once."""
RESTED = {Kind.LIMITED, Kind.BANNED, Kind.GEO_BLOCKED, Kind.FORBIDDEN, Kind.MAINTENANCE, Kind.FROZEN}
"""After these a source is left alone at once; the others may be a single bad answer."""


class Meter:
    """One source. Written by the network thread, read by any. `clock` gives the time in UTC."""

    def __init__(self, name: str, clock: Callable[[], datetime], *, through: str = "") -> None:
        self.name = name
        self._clock = clock
        self._through = without_secret(through)
        self._lock = threading.Lock()
        self._heard_at: datetime | None = None
        self._latency: timedelta | None = None
        self._fault: Fault | None = None
        self._faults = 0
        self._not_before: datetime | None = None
        self._rest = 0.0
        self._left = ""
        self._awaited_since: float | None = None
        self._took, self._answered = 0.0, 0.0

    def good(self, seconds: float) -> None:
        """An answer that could be used came after so many seconds."""
        with self._lock:
            self._heard_at, self._latency = self._clock(), timedelta(seconds=seconds)
            self._fault, self._faults, self._not_before = None, 0, None

    def bad(self, fault: Fault) -> None:
        """A request failed. That something is not there says little against the source: it is told where nothing else is."""
        with self._lock:
            if fault.kind is Kind.MISSING:
                self._fault = self._fault or (fault if self._heard_at is None else None)
                return
            self._faults += 1
            self._fault = fault
            doubled = FIRST_WAIT * 2 ** min(self._faults - 1, 10)
            self._rest = max(fault.wait or 0.0, min(doubled, LONGEST_WAIT))
            self._not_before = self._clock() + timedelta(seconds=self._rest)

    def leaves(self, left: str) -> None:
        """What the source says is left of its limits."""
        with self._lock:
            self._left = left

    @property
    def wait(self) -> float:
        """Seconds until it may be asked again; 0 where it may be now."""
        with self._lock:
            return self._wait()

    @property
    def forbids(self) -> Fault | None:
        """Why it must not be asked now; None where it may be."""
        return (self._fault or Fault(Kind.LIMITED)) if self.wait else None

    @property
    def fault(self) -> Fault | None:
        """What went wrong last; None after a good answer."""
        return self._fault

    @property
    def failing(self) -> bool:
        """Whether it does not work: it must be left alone, let one wait in vain, or failed twice in a row."""
        with self._lock:
            return self._fault is not None and (self._fault.kind in RESTED | {Kind.TIMEOUT} or self._faults > 1)

    @property
    def gives_way(self) -> bool:
        """Whether another source should stand in now: it fails, or lets what must come soon wait."""
        return self.failing or self._slow() > OVERDUE

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Something that must come soon is asked for within this block."""
        began = self._awaited_since = time.monotonic()
        try:
            yield
        finally:
            self._answered = time.monotonic()
            self._took, self._awaited_since = self._answered - began, None

    @property
    def heard_at(self) -> datetime | None:
        """When the last good answer came."""
        return self._heard_at

    def line(self, used_for: tuple[str, ...] = (), stands_in_for: str = "") -> Source:
        """The source as it stands."""
        with self._lock:
            wait, fault, slow = self._wait(), self._fault, self._slow()
            health = Health.UNASKED if self._heard_at is None else Health.GOOD
            sentence = ""
            if fault is not None:
                health = Health.RESTING if wait and fault.kind in RESTED else Health.FAILING
                sentence = f"{fault.sentence(self.name)}; {_next(wait)}"
            elif slow > OVERDUE:
                health = Health.FAILING
                sentence = f"{self.name} takes {slow:.0f} s to tell prices; it is still asked"
            return Source(
                name=self.name,
                health=health,
                used_for=used_for,
                stands_in_for=stands_in_for,
                sentence=sentence,
                latency=self._latency,
                heard_at=self._heard_at,
                left=self._left,
                through=self._through,
            )

    def _slow(self) -> float:
        """Seconds that what must come soon took when it was asked for just before, or has taken by now."""
        since, now = self._awaited_since, time.monotonic()
        took = self._took if now - self._answered < REMEMBERED else 0.0
        return took if since is None else max(took, now - since)

    def _wait(self) -> float:
        if self._not_before is None:
            return 0.0
        left = (self._not_before - self._clock()).total_seconds()
        return min(max(0.0, left), self._rest)  # a clock that was set back makes no rest longer


def _next(wait: float) -> str:
    if wait < 1:
        return "it may be asked again"
    return f"it is asked again in {wait:.0f} s" if wait < 120 else f"it is asked again in {wait / 60:.0f} min"
