"""What the picture shows of the store is read anew after every commit of anyone, and only then."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from cockpit.desk import Desk
from cockpit.execution.looks import Look
from cockpit.execution.session import PaperSession
from cockpit.execution.standing import statuses
from cockpit.model.orders import StepState
from cockpit.model.request import PlanRequest
from cockpit.store.store import Store
from tests.desk.driving import carry_out, desk_on, do_step, session_of

NAV = Decimal(100000)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = desk_on("hundred_thousand", tmp_path)
    opened.open_store()
    plan = opened.propose(PlanRequest(strategy="B", preset="reconciled")).plan
    assert plan is not None
    opened.begin(plan)
    yield opened
    opened.close()


@contextmanager
def statements(session: PaperSession) -> Iterator[list[str]]:
    """What this thread asks the database for meanwhile; the executor's own thread is not counted."""
    asked: list[str] = []
    mine = threading.get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() == mine and statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    engine = session._store.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_an_idle_look_reads_nothing_of_plan_and_journal(desk: Desk) -> None:
    carry_out(desk)
    session = session_of(desk)
    session.executor.stop()
    before = session.progress(NAV)
    with statements(session) as asked:
        assert session.progress(NAV) == before
        assert session.book() is session.book()
    assert asked == []


def test_a_plan_of_many_steps_is_read_in_as_few_queries_as_a_short_one(desk: Desk) -> None:
    session = session_of(desk)
    row = session.active()
    assert row is not None
    do_step(desk, 1)
    do_step(desk, 2)
    with statements(session) as asked, session._store.view(session.name) as view:
        found = statuses(view, row)
    assert len(found) == 6
    assert len(asked) == 4


def test_every_commit_is_seen_whoever_made_it(desk: Desk) -> None:
    session = session_of(desk)
    other = Store(str(session._store.database.engine.url))
    try:
        states = [StepState.PREVIEWED, StepState.NEEDS_HUMAN, StepState.PREVIEWED, StepState.SKIPPED]
        row = session.active()
        assert row is not None
        for state in states:
            with other.begin(session.name) as unit:
                unit.set_step(row.id, 3, state, message=f"now {state}")
            shown = session.progress(NAV)["execution"].steps[2]
            assert (shown.state, shown.message) == (state, f"now {state}")
    finally:
        other.close()


def test_a_look_is_never_older_than_the_version_that_it_is_kept_under(desk: Desk) -> None:
    """A commit between the version and the reading makes the kept look newer than its version, which costs a second reading."""
    session = session_of(desk)
    row = session.active()
    assert row is not None
    looks = session._looks
    read = looks._read

    def late(today: date) -> Look:
        with session._store.begin(session.name) as unit:
            unit.set_step(row.id, 3, StepState.SKIPPED, message="in between")
        return read(today)

    looks._kept = None
    looks._read = late  # type: ignore[method-assign]
    assert session.progress(NAV)["execution"].steps[2].state is StepState.SKIPPED
    looks._read = read  # type: ignore[method-assign]
    with session._store.begin(session.name) as unit:
        unit.set_step(row.id, 3, StepState.PREVIEWED)
    assert session.progress(NAV)["execution"].steps[2].state is StepState.PREVIEWED
