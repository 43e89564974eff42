"""What the store says of a portfolio now, read anew only where a commit of anyone, or another day, may have changed it."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from cockpit.execution.clock import Clock
from cockpit.execution.daily import day_start
from cockpit.execution.showing import execution_view
from cockpit.model.book import Book
from cockpit.model.journal import JournalRow
from cockpit.model.picture import ExecutionView
from cockpit.store.rows import PlanState
from cockpit.store.store import Store

JOURNAL_ROWS = 200
"""How many of the newest events a picture holds."""


class Look(NamedTuple):
    """What the store said at one of its versions, on one day.

    `day_start` is the NAV with which the day began, in quote units; None where it is not known yet.
    """

    book: Book | None
    day_start: Decimal | None
    halted: bool
    journal: tuple[JournalRow, ...]
    execution: ExecutionView | None
    abandoned: ExecutionView | None


class Looks:
    """Safe from any thread, like the store; holds a connection of its own until closed."""

    def __init__(self, store: Store, name: str, clock: Clock) -> None:
        self._store, self._name, self._clock = store, name, clock
        self._watch = store.watch()
        self._kept: tuple[tuple[str, date], Look] | None = None

    def version(self) -> str:
        """Another text after every commit of anyone."""
        return self._watch.version()

    def newest(self) -> Look:
        """What the store says now; StoreLost where its file is not there any more."""
        version = self._watch.version(), self._clock.now().date()
        kept = self._kept
        if kept is None or kept[0] != version:
            kept = version, self._read(version[1])
            self._kept = kept
        return kept[1]

    def close(self) -> None:
        """Give the connection back."""
        self._watch.close()

    def _read(self, today: date) -> Look:
        with self._store.view(self._name) as view:
            row, halted, start = view.book_row(), view.halted().halted, day_start(view, today)
            journal = view.journal_rows(limit=JOURNAL_ROWS)
            plan = view.newest_plan(row.opened_revision) if row is not None else None
            shown = execution_view(view, plan) if plan is not None else None
        stopped = plan is not None and plan.state is PlanState.STOPPED
        return Look(
            book=row.book if row is not None else None,
            day_start=start,
            halted=halted,
            journal=journal,
            execution=None if stopped else shown,
            abandoned=shown if stopped else None,
        )
