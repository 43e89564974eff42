"""What opening a portfolio file means: a book made, resumed, or started over."""

import hashlib

from msgspec.structs import replace
from sqlalchemy import insert, update

from cockpit.model.book import Book
from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.model.wire import canonical_json, json_of
from cockpit.store import schema
from cockpit.store.encoding import time_text
from cockpit.store.rows import OF_BOOK, BookRow, Opened, PlanState
from cockpit.store.unit import Unit

_EDITED_BEFORE = "edited-file"


def fingerprint(portfolio: Book) -> str:
    """What identifies the content of a portfolio file, whatever its revision."""
    return hashlib.blake2b(canonical_json(replace(portfolio, revision=0)).encode(), digest_size=16).hexdigest()


def open_book(unit: Unit, portfolio: Book, source_path: str, *, fresh: bool) -> Opened:
    """Open a portfolio file within a transaction.

    The first time its book is made. After that the store's book is resumed, with what happened since; a file that was edited
    meanwhile is told and changes nothing. `fresh` replaces the book by the file's and keeps the old one in the journal;
    StoreError if an order may still be open.
    """
    row = unit.book_row()
    if row is None:
        return _first(unit, portfolio, source_path)
    return _fresh(unit, row, portfolio, source_path) if fresh else _resume(unit, row, portfolio, source_path)


def _first(unit: Unit, portfolio: Book, source_path: str) -> Opened:
    book = replace(portfolio, revision=1)
    values = _values(unit, book, source_path)
    unit.run(insert(schema.book).values(name=unit.name, **values, opened_seq=0))
    message = f"{unit.name} opened for the first time from {source_path}"
    _mark_seq(unit, unit.journal(JournalKind.OPENED, message, data={"book": json_of(book)}).seq)
    return Opened(book=book, resumed=False, message=message, first=True)


def _fresh(unit: Unit, row: BookRow, portfolio: Book, source_path: str) -> Opened:
    waiting = unit.unresolved_intents(protective=False)
    if waiting:
        raise StoreError(
            f"{unit.name} cannot start over: the order of step {waiting[0].step} may still be open ({waiting[0].state}); "
            "open the portfolio without --fresh and let it be resolved first"
        )
    book = replace(portfolio, revision=row.book.revision + 1)
    _retire_executors(unit)
    table = schema.book
    values = _values(unit, book, source_path)
    unit.run(update(table).where(table.c.name == unit.name).values(**values))
    message = f"{unit.name} started over from {source_path}; the book at revision {row.book.revision} is kept in this entry"
    _mark_seq(unit, unit.journal(JournalKind.FRESH, message, data={"old_book": json_of(row.book), "book": json_of(book)}).seq)
    return Opened(book=book, resumed=False, message=message)


def _resume(unit: Unit, row: BookRow, portfolio: Book, source_path: str) -> Opened:
    message = f"{unit.name} resumed at revision {row.book.revision}: {_since(unit, row)}"
    found = fingerprint(portfolio)
    difference = ""
    if found != row.source_fingerprint:
        other = "" if source_path == row.source_path else f" (that was {row.source_path})"
        difference = (
            f"{source_path} differs from the file opened then{other}: its changes are not used; --fresh starts over from it"
        )
        message += f". {difference}"
        if unit.bookmark(_EDITED_BEFORE) != found:
            unit.set_bookmark(_EDITED_BEFORE, found)
            unit.journal(JournalKind.EDITED, message)
    return Opened(book=row.book, resumed=True, message=message, difference=difference)


def _since(unit: Unit, row: BookRow) -> str:
    """What happened since the file was opened, in words."""
    opened = f"since the file was opened on {row.opened_at:%Y-%m-%d %H:%M} UTC"
    changes = row.book.revision - row.opened_revision
    if steps := unit.steps_done():
        return f"{_count(steps, 'step')} done {opened}"
    return f"{_count(changes, 'change')} {opened}" if changes else f"nothing has changed {opened}"


def _retire_executors(unit: Unit) -> None:
    """Raise every epoch of the portfolio, so that a running executor stops, and close what belonged to the old book."""
    for account in unit.leased_accounts():
        epoch = unit.take_lease(account, "fresh start")
        for intent in unit.unresolved_intents(account):
            unit.update_intent(intent.coid, StepState.CANCELLED, epoch=epoch, resolved=True)
    for row in unit.plans(PlanState.MADE, PlanState.BEGUN):
        unit.set_plan_state(row.id, PlanState.STOPPED)
    unit.drop_bookmarks(OF_BOOK)


def _values(unit: Unit, book: Book, source_path: str) -> dict[str, object]:
    return {
        "revision": book.revision,
        "content": json_of(book),
        "source_path": source_path,
        "source_fingerprint": fingerprint(book),
        "opened_revision": book.revision,
        "opened_at": time_text(unit.now),
        "updated_at": time_text(unit.now),
    }


def _mark_seq(unit: Unit, seq: int) -> None:
    unit.run(update(schema.book).where(schema.book.c.name == unit.name).values(opened_seq=seq))


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
