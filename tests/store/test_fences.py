"""The database itself keeps the store's promises, whatever a program asks of it."""

import pytest
from sqlalchemy import text

from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind
from cockpit.store.rows import AlreadyThere, StaleEpoch
from cockpit.store.store import Store
from tests.store.conftest import every_kind
from tests.store.examples import NAME, PLAN, fill, intend, portfolio

pytestmark = every_kind()

COLUMNS = (
    "coid, book, account, plan_id, step, attempt, role, symbol, parameters, baseline, pinned_at, epoch, state, protective, "
    "resolved, updated_at"
)


@pytest.fixture
def full(store: Store) -> Store:
    """A store with one row in every table that a trigger guards."""
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.put_plan(PLAN, basis_revision=1)
        unit.take_lease("main", "one")
        unit.take_lease("main", "two")
        intend(unit, epoch=2)
        unit.insert_fill(fill(), epoch=2)
        unit.add_evidence("rc1", "answer", {"status": "ok"})
        unit.journal(JournalKind.FILL, "filled")
    return store


def run(store: Store, statement: str) -> None:
    with store.database.write() as connection:
        connection.execute(text(statement))


def dump(store: Store) -> list[tuple[object, ...]]:
    with store.database.read() as connection:
        tables = ("journal", "evidence", "fill", "intent", "lease", "book")
        return [tuple(row) for table in tables for row in connection.execute(text(f"SELECT * FROM {table}"))]


@pytest.mark.parametrize("table", ["journal", "evidence", "fill"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = 'never'", "DELETE FROM {}", "UPDATE {} SET seq = seq + 1"])
def test_what_is_append_only_is_never_changed_or_removed(full: Store, table: str, statement: str) -> None:
    before = dump(full)
    with pytest.raises(StoreError, match=f"{table}: this table is append-only"):
        run(full, statement.format(table))
    assert dump(full) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE intent SET state = 'FILLED', epoch = 1",
        "UPDATE intent SET epoch = 3",
        f"INSERT INTO intent ({COLUMNS}) SELECT 'rc9', book, account, plan_id, step, 9, 'stop', symbol, parameters, baseline, "
        "pinned_at, 1, state, TRUE, FALSE, updated_at FROM intent",
        f"INSERT INTO intent ({COLUMNS}) SELECT 'rc9', book, 'nobody', plan_id, step, 9, 'stop', symbol, parameters, baseline, "
        "pinned_at, 1, state, TRUE, FALSE, updated_at FROM intent",
        "INSERT INTO fill (book, account, symbol, trade_id, coid, epoch, at, content) "
        "SELECT book, account, symbol, 't9', coid, 1, at, content FROM fill",
        "UPDATE lease SET epoch = 1",
        "UPDATE lease SET owner = 'me'",
        "DELETE FROM lease",
    ],
)
def test_a_writer_of_another_epoch_is_refused(full: Store, statement: str) -> None:
    before = dump(full)
    with pytest.raises(StaleEpoch):
        run(full, statement)
    assert dump(full) == before


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO intent ({COLUMNS}) SELECT 'rc9', book, account, plan_id, step, 9, role, symbol, parameters, baseline, "
        "pinned_at, epoch, state, FALSE, FALSE, updated_at FROM intent",
        f"INSERT INTO intent ({COLUMNS}) SELECT 'rc9', book, account, plan_id, step, attempt, role, symbol, parameters, "
        "baseline, pinned_at, epoch, state, TRUE, TRUE, updated_at FROM intent",
        f"INSERT INTO intent ({COLUMNS}) SELECT coid, book, account, plan_id, step, 9, role, symbol, parameters, baseline, "
        "pinned_at, epoch, state, TRUE, TRUE, updated_at FROM intent",
        "INSERT INTO fill (book, account, symbol, trade_id, coid, epoch, at, content) "
        "SELECT book, account, symbol, trade_id, coid, epoch, at, content FROM fill",
    ],
    ids=["second unresolved entry", "attempt in the same role", "client order id", "trade"],
)
def test_what_may_exist_once_exists_once(full: Store, statement: str) -> None:
    before = dump(full)
    with pytest.raises(AlreadyThere):
        run(full, statement)
    assert dump(full) == before


@pytest.mark.parametrize("statement", ["UPDATE book SET revision = 0", "UPDATE book SET content = '{}'"])
def test_a_book_never_changes_without_a_higher_revision(full: Store, statement: str) -> None:
    before = dump(full)
    with pytest.raises(StoreError):
        run(full, statement)
    assert dump(full) == before


def test_a_second_unresolved_entry_is_allowed_once_the_first_is_resolved(full: Store) -> None:
    run(full, "UPDATE intent SET resolved = TRUE")
    run(
        full,
        f"INSERT INTO intent ({COLUMNS}) SELECT 'rc9', book, account, plan_id, step, 9, role, symbol, parameters, baseline, "
        "pinned_at, epoch, state, FALSE, FALSE, updated_at FROM intent",
    )
    with full.view(NAME) as view:
        assert [intent.coid for intent in view.unresolved_intents()] == ["rc9"]
