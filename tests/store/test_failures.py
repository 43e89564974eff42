"""A store that cannot be used says in one sentence why, and nothing is lost by it."""

import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.model.errors import ExitCode, StoreError
from cockpit.model.journal import JournalKind
from cockpit.store import schema
from cockpit.store.database import network_filesystem, uses_wal
from cockpit.store.store import Store
from tests.store.examples import NAME, portfolio, richer
from tests.unprivileged import open_folder, ordinary_user


def refusal(url: str | Path) -> str:
    with pytest.raises(StoreError) as caught:
        Store(str(url), timeout=0.1)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert "\n" not in str(caught.value)
    return str(caught.value)


HOLDS_THE_LOCK = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def locked(store: Store, path: Path) -> Iterator[Store]:
    """An impatient store on which another process holds a write transaction."""
    store.open_book(portfolio(), "book.toml")
    impatient = Store(str(path), timeout=0.2)
    other = subprocess.Popen([sys.executable, "-c", HOLDS_THE_LOCK, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    yield impatient
    other.communicate()
    impatient.close()


def test_a_locked_store_can_be_read_and_writing_says_who_waits_for_whom(locked: Store) -> None:
    assert locked.revision(NAME) == 1
    with (
        pytest.raises(StoreError, match=r"is locked by another program for more than 0\.2 s; let that one finish"),
        locked.begin(NAME) as unit,
    ):
        unit.journal(JournalKind.FILL, "never written")
    assert len(locked.journal()) == 1


def test_a_store_locked_by_another_process_can_still_be_opened(locked: Store, path: Path) -> None:
    Store(str(path), timeout=0.1).close()


def test_text_in_place_of_a_store_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("this is no database, but it is long enough to look like one" * 50)
    assert "is damaged or no store at all" in refusal(path)
    assert path.read_text().startswith("this is no database")


@pytest.mark.parametrize("page", [1, 3, 5])
def test_a_store_with_a_damaged_page_is_called_damaged(store: Store, path: Path, page: int) -> None:
    store.open_book(portfolio(), "book.toml")
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as stream:
        stream.seek(page * 4096)
        stream.write(random.Random(page).randbytes(4096))
    assert "is damaged or no store at all; put a copy back" in refusal(path)
    assert path.stat().st_size == size


def test_a_store_cut_short_is_called_damaged(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    store.close()
    os.truncate(path, path.stat().st_size // 2)
    assert "is damaged" in refusal(path)


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (x)")
    assert "is another program's database; name another file" in refusal(path)
    assert [row[0] for row in sqlite3.connect(path).execute("SELECT name FROM sqlite_master")] == ["bookmarks"]


def test_a_store_of_a_newer_version_is_refused(store: Store, path: Path) -> None:
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(schema.VERSION + 1),))
    assert "was written by a newer version of the cockpit; upgrade" in refusal(path)


def test_reading_verbs_do_not_make_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="does not exist yet: open a portfolio first"):
        Store(str(tmp_path / "new" / "store.db"), create=False)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="is empty: open a portfolio first"):
        Store(str(tmp_path / "empty.db"), create=False)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    assert "is a folder; name a file" in refusal(tmp_path)


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "a part of its path is no folder" in refusal(tmp_path / "file" / "store.db")
    assert "a part of its path is no folder" in refusal(tmp_path / "file" / "more" / "store.db")


def test_a_folder_that_nobody_may_write_to_is_refused() -> None:
    assert "cannot be" in refusal("/proc/cockpit/store.db") or "may not be" in refusal("/proc/cockpit/store.db")


def test_a_folder_without_permission_is_refused() -> None:
    with open_folder() as folder:
        folder.chmod(0o555)
        with ordinary_user():
            assert "may not be written; check its permissions" in refusal(folder / "store.db")
            assert "may not be written; check its permissions" in refusal(folder / "below" / "store.db")
        assert list(folder.iterdir()) == []


def test_a_store_without_permission_is_refused() -> None:
    with open_folder() as folder:
        Store(str(folder / "store.db")).close()
        (folder / "store.db").chmod(0o444)
        with ordinary_user():
            assert "may not be written; check its permissions" in refusal(folder / "store.db")


def test_a_store_that_became_read_only_says_so(path: Path) -> None:
    with open_folder() as folder:
        os.chown(folder, 65534, 65534) if os.geteuid() == 0 else None
        with ordinary_user():
            store = Store(str(folder / "store.db"))
            store.open_book(portfolio(), "book.toml")
            folder.chmod(0o555)  # no room for the rollback journal
            with pytest.raises(StoreError, match=r"read-only|cannot be opened"), store.begin(NAME) as unit:
                unit.save_book(richer(portfolio()), 1)
            folder.chmod(0o755)
            assert store.revision(NAME) == 1
            store.close()


FULL_DISK = """
import resource, sys
from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind
from cockpit.store.store import Store
store = Store(sys.argv[1])
size = 400_000
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
written = 0
try:
    while True:
        with store.begin("Hundred thousand") as unit:
            unit.journal(JournalKind.PLAN, "x", data={"much": "y" * 20_000})
        written += 1
except StoreError as error:
    print(written)
    print(error)
    sys.exit(int(error.exit_code))
"""


def test_a_full_disk_is_one_sentence_and_what_was_committed_stays(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stderr
    written, sentence = run.stdout.splitlines()
    assert "could not be written: the disk is full or failing; nothing was changed" in sentence
    assert len(store.journal()) == 1 + int(written)
    assert store.revision(NAME) == 1


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite://", "must outlive the program"),
        ("sqlite:///:memory:", "must outlive the program"),
        ("mysql://root:hunter2@localhost/x", "SQLite and PostgreSQL"),
        ("nonsense://x", "SQLite and PostgreSQL"),
        ("://x", "is no URL"),
        ("sqlite:////a\0b", "cannot be opened"),
    ],
)
def test_a_url_that_names_no_store_is_refused(url: str, sentence: str) -> None:
    assert sentence in refusal(url)
    assert "hunter2" not in refusal(url)


def test_a_server_without_its_driver_or_without_an_answer_hides_the_password() -> None:
    sentence = refusal("postgresql+psycopg://me:hunter2@127.0.0.1:9/none?password=hunter2")
    assert "hunter2" not in sentence
    assert "postgresql+psycopg://me:[redacted]@127.0.0.1:9/none" in sentence


MOUNTS = r"""
22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /home rw shared:2 - nfs4 server:/home rw,vers=4.2
31 30 0:27 / /home/me/local rw shared:3 - btrfs /dev/vdb rw
32 22 0:28 / /mnt/with\040blank rw - cifs //server/share rw
33 22 0:29 / /mnt/keys rw - fuse.sshfs me@host: rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", None),
        ("/home/me/state", "nfs4"),
        ("/home/me/local/state", None),
        ("/homework", None),
        ("/mnt/with blank/x", "cifs"),
        ("/mnt/keys", "fuse.sshfs"),
    ],
)
def test_network_file_systems_are_recognised(path: str, kind: str | None) -> None:
    assert network_filesystem(Path(path), MOUNTS) == kind


@pytest.mark.parametrize(
    ("version", "wal"),
    [
        ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
        ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_the_write_ahead_log_is_used_only_where_it_is_sound(version: tuple[int, ...], wal: bool) -> None:
    """The WAL-reset fault is mended in 3.51.3 and in the back-ports 3.50.7 and 3.44.6 (sqlite.org release notes)."""
    assert uses_wal(version) is wal


def test_every_connection_commits_durably(store: Store) -> None:
    wal = uses_wal(sqlite3.sqlite_version_info)
    with store.database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == ("wal" if wal else "delete")
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == (2 if wal else 3)
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
