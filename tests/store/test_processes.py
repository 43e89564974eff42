"""Several processes share one store: each sees the others' revisions, none loses a change, and a kill leaves it whole."""

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cockpit.model.journal import JournalKind
from cockpit.store.store import Store
from tests.store.examples import NAME, portfolio, richer

SEES = """
import sys, time
from cockpit.store.store import Store
store = Store(sys.argv[1], timeout=60)
watch = store.watch()
print(store.revision("Hundred thousand"), flush=True)
end = time.monotonic() + 60
while not watch.changed() and time.monotonic() < end:
    time.sleep(0.01)
print(store.revision("Hundred thousand"), store.journal()[-1].message, flush=True)
"""

RAISES = """
import sys
from cockpit.store.store import Store
from cockpit.store.rows import RevisionConflict
from decimal import Decimal
store = Store(sys.argv[1], timeout=60)
for _ in range(int(sys.argv[2])):
    with store.begin("Hundred thousand") as unit:
        book = unit.book()
        unit.save_book(book.with_account(book.accounts[0].with_spot("USDT", Decimal(1))), book.revision)
"""

WRITES_FOR_EVER = """
import sys
from decimal import Decimal
from cockpit.model.journal import JournalKind
from cockpit.store.store import Store
store = Store(sys.argv[1], timeout=60)
print("ready", flush=True)
while True:
    with store.begin("Hundred thousand") as unit:
        book = unit.book()
        revision = unit.save_book(book.with_account(book.accounts[0].with_spot("USDT", Decimal(1))), book.revision)
        unit.journal(JournalKind.FUNDING, f"{revision}", data={"much": "y" * 6000})
    print(revision, flush=True)
"""

OPENS = """
import sys
from cockpit.store.store import Store
print(Store(sys.argv[1], timeout=60).id)
"""


def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_a_second_process_sees_a_change_of_the_first(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    other = start(SEES, str(path))
    assert line(other) == "1"
    with store.begin(NAME) as unit:
        unit.save_book(richer(portfolio()), 1)
        unit.journal(JournalKind.FILL, "filled 2.5 ETH")
    assert line(other) == "2 filled 2.5 ETH"
    other.communicate()


def test_processes_that_open_at_once_share_one_store(path: Path) -> None:
    opened = [start(OPENS, str(path)) for _ in range(4)]
    ids = {process.communicate()[0].strip() for process in opened}
    assert all(process.returncode == 0 for process in opened)
    assert len(ids) == 1


def test_no_change_is_lost_between_processes(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    writers = [start(RAISES, str(path), "20") for _ in range(3)]
    for writer in writers:
        writer.communicate()
    assert all(writer.returncode == 0 for writer in writers)
    with store.view(NAME) as view:
        book = view.book()
    assert book is not None
    assert book.revision == 61
    assert book.accounts[0].spot["USDT"] == 35060


@pytest.mark.kills
def test_a_killed_writer_leaves_a_whole_store_with_every_change_it_told_of(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    for turn in range(12):
        writer = start(WRITES_FOR_EVER, str(path))
        assert line(writer) == "ready"
        time.sleep(0.003 * turn)
        writer.send_signal(signal.SIGKILL)
        told = [int(text) for text in writer.communicate()[0].splitlines() if text.strip()]
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with store.view(NAME) as view:
            book = view.book()
            rows = view.journal_rows()
        assert book is not None
        assert book.revision >= max(told, default=1)
        assert book.accounts[0].spot["USDT"] == 35000 + book.revision - 1
        assert [row.message for row in rows[1:]] == [str(n) for n in range(2, book.revision + 1)]
