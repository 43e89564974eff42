"""Waits for what another thread or process brings about; patience is generous, so that a busy machine fails no test."""

import time
from collections.abc import Callable

PATIENCE = 60.0


def eventually(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once something holds; AssertionError if it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.02)
