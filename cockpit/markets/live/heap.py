"""Keeps the garbage collector from stopping the screen while much comes in at once: imports, listings."""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_within = 0
_usual = gc.get_threshold()


@contextlib.contextmanager
def filling() -> Iterator[None]:
    """Within it, no collection goes through everything; what is there in the end is left out of the later ones.

    A collection of all that ccxt and a venue's listing make holds the interpreter for hundreds of milliseconds, and finds
    nothing: those objects stay until the process ends. May be entered by several at once, in any thread.
    """
    global _within, _usual  # noqa: PLW0603
    with _lock:
        if not _within:
            _usual = gc.get_threshold()
            gc.set_threshold(_usual[0], _usual[1], 1_000_000)
        _within += 1
    try:
        yield
    finally:
        with _lock:
            _within -= 1
            if not _within:
                gc.freeze()
                gc.set_threshold(*_usual)
