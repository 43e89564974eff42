"""An executor with nothing to do asks the store for nothing, and misses nothing that anyone commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from cockpit.model.orders import StepState
from cockpit.store.store import Store
from tests.execution.bench import Bench, NoStops


@contextmanager
def read_of_the_book(engine: Engine) -> Iterator[list[str]]:
    """What is asked of plans, steps, orders and commands meanwhile; the venue has tables of its own."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if any(f"FROM {table}" in statement for table in ("plan", "step", "intent", "command", "halt")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_round_with_nothing_to_do_reads_no_plan_no_order_and_no_command(bench: Bench) -> None:
    bench.do(1, 2, 3)
    bench.cycle(3)
    with read_of_the_book(bench.desk.store.database.engine) as asked:
        bench.cycle(5)
    assert asked == []


@pytest.mark.parametrize("idle", [0, 1, 5])
def test_what_another_process_confirms_is_carried_out_in_the_next_round(bench: Bench, idle: int) -> None:
    bench.do(1)
    bench.cycle(idle)
    mine = bench.executor._ctx.store
    other = Store(str(mine.database.engine.url))
    try:
        bench.executor._ctx.store = other
        bench.confirm(2)
        bench.executor._ctx.store = mine
        bench.cycle()
    finally:
        other.close()
    assert bench.state(2) is StepState.DONE


def test_a_halt_of_another_process_is_met_in_the_next_round(bench: Bench) -> None:
    bench.cycle(5)
    other = Store(str(bench.desk.store.database.engine.url))
    try:
        with other.begin(bench.desk.book.name) as unit:
            unit.set_halt(True, "halted elsewhere")
    finally:
        other.close()
    with read_of_the_book(bench.desk.store.database.engine) as asked:
        bench.cycle()
    assert any("FROM halt" in statement for statement in asked)


def test_a_position_without_its_stop_is_looked_at_in_every_round(tmp_path: Path) -> None:
    bench = Bench(tmp_path, venue=NoStops)
    bench.do(1, 2)
    for _ in range(3):
        with read_of_the_book(bench.desk.store.database.engine) as asked:
            bench.cycle()
        assert any("FROM step" in statement for statement in asked)
    bench.desk.close()
