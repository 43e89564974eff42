"""A crash at every commit and every call of the venue: the plan is still carried out once, with every stop.

A crash leaves what was committed and nothing else, so the store is copied at every boundary of an undisturbed run, and a new
executor goes on from each copy: the real one without its thread, on a real SQLite file, with a clock of the test's own.
"""

import asyncio
import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.model.orders import StepState
from cockpit.model.plan import Plan
from tests.execution.boundaries import Hook
from tests.execution.worked import Desk, VirtualClock, check_done, check_rest

MAX_CYCLES = 200
WAITING = (StepState.INTENT, StepState.PROTECTING, StepState.CONFIRMED)


def carry_on(desk: Desk, plan: Plan, clock: VirtualClock) -> None:
    """Take over and confirm step by step until the plan is done; what a crash cut short is resolved first."""
    asyncio.run(desk.executor.core.begin())
    for _ in range(MAX_CYCLES):
        asyncio.run(desk.executor.core.cycle())
        number = desk.executor.current(plan.plan.id)
        if number is None:
            return
        state = desk.states(plan)[number - 1]
        if not state.blocks and state not in WAITING:
            with desk.store.view(desk.book.name) as view:
                revision = view.revision()
            desk.executor.confirm(plan.plan.id, number, f"shown {number}", revision)
        clock.advance(0.5)
    raise AssertionError(f"not done after {MAX_CYCLES} cycles: {desk.states(plan)}")


class Copies:
    """Copies the store at every boundary at which it differs from the last copy; `names` says where each was taken."""

    def __init__(self, store: Path, folder: Path, most: int | None = None) -> None:
        self.store, self.folder, self.most = store, folder, most
        self.names: dict[Path, str] = {}
        self._last = ""

    def __call__(self, name: str) -> None:
        content = hashlib.blake2b(self.store.read_bytes()).hexdigest()
        if name == "commit:within" or content == self._last or len(self.names) == self.most:
            return
        self._last = content
        copy = self.folder / f"{len(self.names):03}"
        copy.mkdir(parents=True)
        with closing(sqlite3.connect(self.store)) as source, closing(sqlite3.connect(copy / "store.db")) as target:
            source.backup(target)
        self.names[copy] = name


def begun(folder: Path) -> Plan:
    """A store in which the worked plan has been taken up."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(folder, clock=VirtualClock())
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.store.close()
    return plan


def go_on(folder: Path, plan: Plan, hook: Hook | None = None) -> None:
    """A new executor on what a crash left: to the end, and the end is right."""
    clock = VirtualClock()
    clock.advance(60)
    desk = Desk(folder, clock=clock, hook=hook)
    carry_on(desk, plan, clock)
    check_done(desk, plan)
    desk.store.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, dict[Path, str]]:
    """The worked plan, and the store as it stood at every boundary of carrying it out."""
    folder = tmp_path_factory.mktemp("crashes")
    plan = begun(folder / "run")
    copies = Copies(folder / "run" / "store.db", folder / "copies")
    go_on(folder / "run", plan, copies)
    return plan, copies.names


def test_the_plan_survives_a_crash_at_every_boundary(undisturbed: tuple[Plan, dict[Path, str]]) -> None:
    plan, copies = undisturbed
    assert {"submit:after", "place_stop:after", "transfer:after", "commit:after"} <= set(copies.values())
    assert len(copies) >= 30
    for folder in copies:
        go_on(folder, plan)


def test_the_plan_survives_a_second_crash_while_recovering(tmp_path: Path) -> None:
    plan = begun(tmp_path / "run")
    first = Copies(tmp_path / "run" / "store.db", tmp_path / "first")
    go_on(tmp_path / "run", plan, first)
    answered = [folder for folder, name in first.names.items() if name in ("submit:after", "place_stop:after", "transfer:after")]
    assert len(answered) == 9
    for folder in answered[:4]:
        again = Copies(folder / "store.db", folder / "again", most=8)
        go_on(folder, plan, again)
        for second in again.names:
            go_on(second, plan)


def test_recovery_is_idempotent(tmp_path: Path) -> None:
    plan = begun(tmp_path)
    go_on(tmp_path, plan)
    clock = VirtualClock()
    desk = Desk(tmp_path, clock=clock)
    before = desk.now()
    for _ in range(3):
        asyncio.run(desk.executor.core.begin())
        asyncio.run(desk.executor.core.cycle())
        clock.advance(1)
    assert desk.now() == before
    check_rest(desk, plan)
    desk.store.close()


@pytest.mark.parametrize("name", ["submit:before", "place_stop:before", "transfer:before"])
def test_nothing_goes_out_without_a_durable_intent(tmp_path: Path, name: str) -> None:
    clock = VirtualClock()
    waiting: list[int] = []

    def hook(passed: str) -> None:
        if passed == name:
            with sqlite3.connect(tmp_path / "store.db") as other:  # what another process sees: the durable part only
                waiting.append(other.execute("SELECT count(*) FROM intent WHERE NOT resolved").fetchone()[0])

    desk = Desk(tmp_path, clock=clock, hook=hook)
    plan = desk.plan()
    desk.executor.begin(plan)
    carry_on(desk, plan, clock)
    assert waiting == [1, 1, 1]
    desk.store.close()
