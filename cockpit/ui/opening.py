"""Fills the first screen: the book alone until positions stand; then the store; the slow signals last. The market ticks."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.model.errors import CockpitError
from cockpit.model.picture import Picture
from cockpit.ui.collecting import resume
from cockpit.ui.messages import Answer
from cockpit.ui.ticker import Ticker

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp


PAINTS = 3
"""A view is laid out, filled, and its rows are shared out: then the book stands."""
LONGEST_WAIT = 0.5
"""Seconds after which the store opens whether or not anything was painted."""


class Opening:
    """The start of an app. `tick_seconds` None leaves the ticking of the market to the caller."""

    def __init__(self, app: CockpitApp, tick_seconds: float | None, log_file: Path | None) -> None:
        self._app = app
        self._tick_seconds = tick_seconds
        self._log_file = log_file
        self._painted = threading.Event()

    def start(self) -> None:
        """Begin; each part follows the one before, also where that failed: the market may answer at the next tick."""
        self._app.ask("book", self._app.desk.open_book, self._book_is_open, self._book_failed)

    def _book_failed(self, error: CockpitError) -> None:
        self._app.complain(error)
        self._book_is_open(self._app.desk.picture)

    def _book_is_open(self, _picture: Picture) -> None:
        app = self._app
        if self._tick_seconds is not None:
            app.ticker = Ticker(app.desk, self._tick_seconds, app.stopped, self._standing_still, self._log_file)
            app.run_worker(app.ticker.run, group="tick", thread=True, exit_on_error=False)
        self._paint(PAINTS)
        app.ask("store", self._open_store, lambda _: self._load_signals(), self._store_failed)

    def _paint(self, paints: int) -> None:
        """Let so many paints go first."""
        if paints:
            self._app.call_after_refresh(self._paint, paints - 1)
        else:
            self._painted.set()

    def _open_store(self) -> Picture:
        """In a worker: what it imports takes the interpreter away from the paints that show the book."""
        self._painted.wait(LONGEST_WAIT)
        return self._app.desk.open_store()

    def _store_failed(self, error: CockpitError) -> None:
        self._app.complain(error)
        self._load_signals()

    def _load_signals(self) -> None:
        self._app.ask("signals", self._app.desk.load_signals, lambda _: resume(), self._signals_failed)

    def _signals_failed(self, error: CockpitError) -> None:
        self._app.complain(error)
        resume()

    def _standing_still(self, problem: str, seconds: float) -> None:
        """From the market's thread."""
        if not self._app.stopped.is_set():
            self._app.post_message(Answer(partial(self._app.show_outage, problem, seconds)))
