"""How the store's database is reached: connections, transactions, durability, and errors as sentences.

SQLite by default. Its journal mode follows its version: every version from 3.7.0 to 3.51.2 can corrupt a write-ahead log that
several connections use (fixed in 3.51.3, 3.50.7 and 3.44.6), so those write with a rollback journal instead.

SQLite goes on in a file that was deleted or replaced, and nobody could ever open again what is written there: every transaction
makes sure that the file which was opened still stands under its name.
"""

import contextlib
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from cockpit.model.errors import CockpitError, StoreError, StoreLost
from cockpit.store.encoding import redact
from cockpit.store.rows import AlreadyThere, StaleEpoch
from cockpit.store.schema import APPEND_ONLY_TEXT, APPLICATION_ID, STALE_EPOCH

NETWORK_FILESYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "afs",
        "ceph",
        "glusterfs",
        "lustre",
        "ncpfs",
        "fuse.sshfs",
        "fuse.glusterfs",
        "davfs",
    }
)
_QUICK_CHECK_BYTES = 64 * 1024 * 1024
_LOST = "while the cockpit ran: put it back before you start again"
_WRITERS_LOCK = 0x726F636B
"""The advisory lock that makes PostgreSQL writers take turns, as BEGIN IMMEDIATE does on SQLite."""


class Database:
    """One database and its pool of connections; safe to use from several threads."""

    def __init__(self, url: str, *, timeout: float = 5.0, create: bool = True) -> None:
        """Open `url` (an SQLAlchemy URL, or the path of an SQLite file, made where `create`). StoreError if that is not possible.

        `timeout` is how many seconds to wait for another process's transaction.
        """
        parsed = _parse(url)
        self.name = (
            parsed.database or "" if parsed.drivername == "sqlite" else redact(parsed.render_as_string(hide_password=True))
        )
        self.timeout = timeout
        self._path = Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None
        self._opened = _prepare_file(self._path, create) if self._path is not None else None
        with self.sentences():
            self.engine = self._sqlite(parsed) if self._path is not None else self._server(parsed)
            try:
                self._greet()
            except BaseException:
                self.engine.dispose()
                raise

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its first statement on; commits at the end, rolls back on any error.

        StoreLost where nobody could find again what it writes, also where that came about on the way.
        """
        self.refuse_lost()
        with self.sentences(), self.engine.connect().execution_options(cockpit_writes=True) as connection, connection.begin():
            if self.dialect == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
            yield connection
        self.refuse_lost()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment and changes nothing; StoreLost where the file of the store is not there any more."""
        self.refuse_lost()
        with self.sentences(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def sentences(self) -> Iterator[None]:
        """Turn what the database says into StoreError, StaleEpoch or AlreadyThere."""
        try:
            yield
        except DBAPIError as error:
            raise self._sentence(error) from None
        except sqlite3.Error as error:
            raise self._of_message(str(error)) from None
        except SQLAlchemyError as error:
            raise StoreError(f"store {self.name}: {_first_line(error)}") from None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def refuse_lost(self) -> None:
        """StoreLost unless the file that was opened still stands under the name of the store."""
        if self._path is None:
            return
        try:
            found = _identity(self._path.stat())
        except FileNotFoundError:
            raise StoreLost(f"store {self.name} was deleted or moved away {_LOST}") from None
        except OSError as error:
            raise StoreLost(f"store {self.name} cannot be reached any more ({error.strerror}) {_LOST}") from None
        if found != self._opened:
            raise StoreLost(f"store {self.name} was replaced by another file {_LOST}")

    def _sqlite(self, url: URL) -> Engine:
        engine = create_engine(url, connect_args={"timeout": self.timeout, "check_same_thread": False})
        wal = uses_wal(sqlite3.sqlite_version_info)

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # transactions are begun by the listener below, never by the driver
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {'FULL' if wal else 'EXTRA'}")

        @event.listens_for(engine, "begin")
        def _on_begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get("cockpit_writes", False)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _server(self, url: URL) -> Engine:
        if url.get_backend_name() != "postgresql":
            raise StoreError(f"store {self.name}: only SQLite and PostgreSQL can hold the store")
        try:
            return create_engine(url, pool_pre_ping=True)
        except (ImportError, NoSuchModuleError) as error:
            raise StoreError(f"store {self.name}: its driver is not installed ({_first_line(error)})") from None

    def _greet(self) -> None:
        """First contact: is it there, is it whole, is it ours; and the journal mode."""
        if self._path is None:
            with self.engine.connect():
                return
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            tables = cursor.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            mark = cursor.execute("PRAGMA application_id").fetchone()[0]
            if tables and mark != APPLICATION_ID:
                raise StoreError(f"store {self.name} is another program's database; name another file")
            if self._path.stat().st_size <= _QUICK_CHECK_BYTES:
                found = cursor.execute("PRAGMA quick_check(1)").fetchone()[0]
                if found != "ok":
                    raise self._corrupt()
            wanted = "wal" if uses_wal(sqlite3.sqlite_version_info) else "delete"
            if cursor.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
                cursor.execute(f"PRAGMA journal_mode = {wanted}")
        finally:
            connection.close()

    def _sentence(self, error: DBAPIError) -> CockpitError:
        message = str(error.orig)
        if STALE_EPOCH in message:
            return StaleEpoch(STALE_EPOCH)
        if APPEND_ONLY_TEXT in message or "raises the revision" in message:
            return StoreError(f"store {self.name}: {_first_line(error.orig)}")
        if isinstance(error, IntegrityError):
            return AlreadyThere(f"store {self.name}: this was written before ({_first_line(error.orig)})")
        return self._of_message(message)

    def _of_message(self, message: str) -> StoreError:
        lowered = message.lower()
        if "locked" in lowered or "busy" in lowered:
            return StoreError(
                f"store {self.name} is locked by another program for more than {self.timeout:g} s; "
                "let that one finish or close it, then try again"
            )
        if "malformed" in lowered or "not a database" in lowered or "encrypted" in lowered:
            return self._corrupt()
        if "readonly" in lowered or "read-only" in lowered:
            return StoreError(f"store {self.name} is read-only; change its permissions or name another one with --store")
        if "disk is full" in lowered or "disk i/o" in lowered:
            return StoreError(f"store {self.name} could not be written: the disk is full or failing; nothing was changed")
        if "unable to open" in lowered:
            return StoreError(f"store {self.name} cannot be opened; check the folder and its permissions")
        return StoreError(f"store {self.name}: {_first_line(message)}")

    def _corrupt(self) -> StoreError:
        return StoreError(f"store {self.name} is damaged or no store at all; put a copy back or name another one with --store")


def uses_wal(version: tuple[int, ...]) -> bool:
    """Whether an SQLite version's write-ahead log is safe with several connections."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def network_filesystem(path: Path, mounts: str) -> str | None:
    """The type of the network file system that holds `path`, if it is one; `mounts` is the text of /proc/self/mountinfo."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), right.split()[0]
    return kind if kind in NETWORK_FILESYSTEMS else None


def _parse(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=str(Path(url).expanduser().absolute()))
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("--store is no URL; write sqlite:////path/to/file or postgresql+psycopg://host/name") from None
    if parsed.get_backend_name() == "sqlite" and (not parsed.database or parsed.database == ":memory:"):
        raise StoreError("the store must outlive the program: name a file, sqlite:////path/to/file")
    return parsed


def _prepare_file(path: Path, create: bool) -> tuple[int, int]:
    """The folder (0700 where made) and the file (0600) of an SQLite store, which its journals inherit; which file it is."""
    try:
        if not create and not path.exists():
            raise StoreError(f"store {path} does not exist yet: open a portfolio first, or name another one with --store")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_network(path)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        status = path.stat()
        if stat.S_IMODE(status.st_mode) & 0o077 and status.st_uid == os.geteuid():
            path.chmod(0o600)
        return _identity(status)
    except IsADirectoryError:
        raise StoreError(f"store {path} is a folder; name a file") from None
    except (NotADirectoryError, FileExistsError):
        raise StoreError(f"store {path} cannot be made: a part of its path is no folder") from None
    except PermissionError:
        raise StoreError(f"store {path} may not be written; check its permissions or name another one with --store") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"store {path} cannot be opened: {why[:1].lower()}{why[1:]}") from None


def _identity(status: os.stat_result) -> tuple[int, int]:
    """Device and inode: the same as long as it is the same file."""
    return status.st_dev, status.st_ino


def _refuse_network(path: Path) -> None:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        kind = network_filesystem(path.parent.resolve(), Path("/proc/self/mountinfo").read_text())
        if kind:
            raise StoreError(
                f"store {path} lies on a network file system ({kind}), where locks cannot be trusted; use a local disk"
            )


def _first_line(error: object) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else "unknown error"
