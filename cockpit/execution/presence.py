"""Whether a trader looks at a book: marks until when it was seen, and tells the next opening what happened after that."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from cockpit.model.absence import CUT_OFF, Absence, tally
from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind
from cockpit.store.seen import gone_marks, new_mark, put_mark
from cockpit.store.store import Store

RENEWED = timedelta(seconds=60)
"""How often the mark of an open cockpit is renewed. What happened after the last one is told again if it ends without a word."""


class Presence:
    """One open cockpit at a book that is in the store. Safe from any thread; StoreError where the store fails.

    Until it has been open for RENEWED it leaves no mark: who is cut off before has hardly read what happened.
    """

    def __init__(self, store: Store, book: str, clock: Callable[[], datetime] | None = None) -> None:
        """Find until when the book was seen: by the last cockpit that is gone, else when its file was opened."""
        self._store, self._book = store, book
        self._clock = clock or (lambda: datetime.now(UTC))
        with store.view(book) as view:
            row, self._gone = view.book_row(), gone_marks(view, store.now())
        if row is None:
            raise StoreError(f"the store has no portfolio {book}")
        self._ended = ""
        self._mark = new_mark(row.opened_at, row.opened_seq)
        before = self._gone[-1] if self._gone else None
        if before is not None and before.seq >= row.opened_seq:
            self._ended = CUT_OFF if before.ended is None else before.ended
            self._mark = replace(self._mark, at=before.at, seq=before.seq)
        self._renewed_at = self._clock()
        self._over = False
        self._lock = threading.Lock()

    def absence(self) -> Absence:
        """What happened since the book was seen."""
        seen = self._mark
        with self._store.view(self._book) as view:
            return Absence(
                since=seen.at,
                until=self._store.now(),
                after=seen.seq,
                upto=view.newest_seq(),
                ended=self._ended,
                steps=view.steps_done(seen.at),
                tally=tally(view.journal_rows(after=seen.seq)),
            )

    def renew(self) -> None:
        """Once in RENEWED: what happened until now was seen."""
        with self._lock:
            if not self._over and self._clock() - self._renewed_at >= RENEWED:
                self._renewed_at = self._clock()
                self._put(None)

    def end(self) -> None:
        """The trader leaves: everything was seen, unless `cut` has said otherwise."""
        with self._lock:
            if not self._over:
                self._over = True
                self._put("")

    def cut(self, reason: str, since: datetime | None = None) -> None:
        """Journal, in one transaction, that this cockpit has to end, and why.

        What happened after `since`, a time of the store, was not seen; without it, what happened after the last renewal.
        """
        with self._lock:
            if self._over:
                return
            self._over = True
            with self._store.begin(self._book) as unit:
                mark = self._mark if since is None else replace(self._mark, at=since, seq=unit.newest_seq(since))
                put_mark(unit, replace(mark, ended=reason), self._gone)
                unit.journal(JournalKind.CLOSED, f"the cockpit ended: {reason}")

    def _put(self, ended: str | None) -> None:
        with self._store.begin(self._book) as unit:
            self._mark = replace(self._mark, at=unit.now, seq=unit.newest_seq(), ended=ended)
            put_mark(unit, self._mark, self._gone)
