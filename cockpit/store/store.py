"""The shared portfolio store: opening portfolios, transactions, the journal, and noticing what other processes change."""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from sqlalchemy import inspect, select, text

from cockpit.model.book import Book
from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalRow
from cockpit.store import schema
from cockpit.store.database import Database
from cockpit.store.opening import open_book
from cockpit.store.rows import Opened
from cockpit.store.unit import Unit
from cockpit.store.view import View, journal_rows

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Store:
    """One store; safe to use from several threads, and shared by any number of processes."""

    def __init__(self, url: str, *, clock: Clock = utc_now, timeout: float = 5.0, create: bool = True) -> None:
        """Open the store at `url` (SQLAlchemy URL or path of an SQLite file); made where `create`. StoreError if it fails."""
        self.database = Database(url, timeout=timeout, create=create)
        self._clock = clock
        try:
            self.id = self._make_or_check(create)
        except BaseException:
            self.close()
            raise

    def now(self) -> datetime:
        """The time of the store's clock, which stamps every row."""
        return self._clock()

    @contextlib.contextmanager
    def begin(self, name: str) -> Iterator[Unit]:
        """A transaction on the portfolio `name` that may write; it commits at the end and rolls back on any error."""
        with self.database.write() as connection:
            yield Unit(self.database, connection, name, self._clock())

    @contextlib.contextmanager
    def view(self, name: str) -> Iterator[View]:
        """One moment of the portfolio `name`, to read."""
        with self.database.read() as connection:
            yield View(self.database, connection, name)

    def open_book(self, portfolio: Book, source_path: str, *, fresh: bool = False) -> Opened:
        """The store's book for a portfolio file: made the first time, resumed after that, started over where `fresh`."""
        with self.begin(portfolio.name) as unit:
            return open_book(unit, portfolio, source_path, fresh=fresh)

    def revision(self, name: str) -> int:
        """The revision of a book; 0 if it was never opened."""
        with self.view(name) as view:
            return view.revision()

    def books(self) -> tuple[str, ...]:
        """The names of every portfolio, sorted."""
        with self.database.read() as connection:
            return tuple(row.name for row in connection.execute(select(schema.book.c.name).order_by(schema.book.c.name)))

    def journal(self, book: str | None = None, *, limit: int | None = None, after: int = 0) -> tuple[JournalRow, ...]:
        """The newest `limit` events with a `seq` above `after`, oldest first, of one portfolio or of all."""
        with self.database.read() as connection:
            return journal_rows(connection, book=book, after=after, limit=limit)

    def watch(self) -> "Watch":
        """A way to notice other commits, in this process and in others."""
        return Watch(self.database)

    def close(self) -> None:
        """Close every connection."""
        self.database.close()

    def _make_or_check(self, create: bool) -> str:
        with self.database.read() as connection:
            made = inspect(connection).has_table(schema.meta.name)
        if not made and not create:
            raise StoreError(f"store {self.database.name} is empty: open a portfolio first")
        if not made:
            self._make()
        with self.database.read() as connection:
            found = {row.key: row.value for row in connection.execute(select(schema.meta))}
        version = int(found.get("schema", "0"))
        if version != schema.VERSION:
            newer = (
                "a newer version of the cockpit; upgrade, or" if version > schema.VERSION else "another version of the cockpit;"
            )
            raise StoreError(
                f"store {self.database.name} was written by {newer} name another one with --store (schema {version})"
            )
        return str(found["id"])

    def _make(self) -> None:
        with self.database.write() as connection:
            if inspect(connection).has_table(schema.meta.name):
                return  # another process was faster
            schema.metadata.create_all(connection)
            for statement in schema.trigger_statements(self.database.dialect):
                connection.exec_driver_sql(statement)
            if self.database.dialect == "sqlite":
                connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION_ID}")
            rows = [{"key": "schema", "value": str(schema.VERSION)}, {"key": "id", "value": uuid.uuid4().hex}]
            connection.execute(schema.meta.insert(), rows)


class Watch:
    """Notices commits: cheap enough to be asked many times a second. Holds a connection of its own until closed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        with database.sentences():
            self._connection = database.engine.raw_connection() if database.dialect == "sqlite" else None
        self._seen = self._version()

    def changed(self) -> bool:
        """Whether anything was committed since the last time this was asked."""
        with self._lock:
            found = self._version()
            changed, self._seen = found != self._seen, found
            return changed

    def version(self) -> str:
        """Another text after every commit. What is read after asking for it is at least as new as it says.

        StoreLost where the file of the store is not there any more, as in every transaction.
        """
        self._database.refuse_lost()
        with self._lock:
            return self._version()

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _version(self) -> str:
        if self._database.dialect == "sqlite":
            if self._connection is None:
                return ""
            with self._database.sentences():
                return str(self._connection.cursor().execute("PRAGMA data_version").fetchone()[0])
        with self._database.read() as connection:
            return str(connection.execute(text("SELECT CAST(txid_current_snapshot() AS text)")).scalar_one())
