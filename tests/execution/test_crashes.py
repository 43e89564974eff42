"""A crash at every commit and every call of the venue: the plan is still carried out once, with every stop.

The executor is the real one without its thread, on a real SQLite file, with a clock of the test's own.
"""

import asyncio
from pathlib import Path

import pytest

from cockpit.model.orders import StepState
from cockpit.model.plan import Plan
from tests.execution.boundaries import Countdown, Crash
from tests.execution.worked import Desk, VirtualClock, check_done, check_rest

MAX_CYCLES = 200


def strike() -> None:
    raise Crash


def carry_on(desk: Desk, plan: Plan, clock: VirtualClock) -> None:
    """Take over and confirm step by step until the plan is done; what a crash cut short is resolved first."""
    asyncio.run(desk.executor.core.begin())
    for _ in range(MAX_CYCLES):
        asyncio.run(desk.executor.core.cycle())
        number = desk.executor.current(plan.plan.id)
        if number is None:
            return
        state = desk.states(plan)[number - 1]
        if not state.blocks and state not in (StepState.INTENT, StepState.PROTECTING, StepState.CONFIRMED):
            with desk.store.view(desk.book.name) as view:
                revision = view.revision()
            desk.executor.confirm(plan.plan.id, number, f"shown {number}", revision)
        clock.advance(0.5)
    raise AssertionError(f"not done after {MAX_CYCLES} cycles: {desk.states(plan)}")


def run_with_crashes(folder: Path, crashes: list[Countdown]) -> Desk:
    """Carry the worked plan out, dying where each countdown says, and going on with the next."""
    clock = VirtualClock()
    first = Desk(folder, clock=clock)
    plan = first.plan()
    first.executor.begin(plan)
    first.store.close()
    for hook in [*crashes, Countdown(strike)]:
        desk = Desk(folder, clock=clock, hook=hook)
        try:
            carry_on(desk, plan, clock)
        except Crash:
            desk.store.close()
            clock.advance(1)
            continue
        check_done(desk, plan)
        return desk
    raise AssertionError("the last run has no crash in it")


def boundaries(folder: Path) -> list[str]:
    """Every boundary that an undisturbed run passes."""
    hook = Countdown(strike)
    folder.mkdir()
    run_with_crashes(folder, [hook]).store.close()
    return hook.passed


def test_the_plan_survives_a_crash_at_every_boundary(tmp_path: Path) -> None:
    passed = boundaries(tmp_path / "undisturbed")
    assert len(passed) > 100
    for at in range(1, len(passed) + 1):
        folder = tmp_path / str(at)
        folder.mkdir()
        run_with_crashes(folder, [Countdown(strike, at)]).store.close()


def test_the_plan_survives_a_second_crash_while_recovering(tmp_path: Path) -> None:
    calls = ("submit:after", "place_stop:after", "transfer:after", "commit:after")
    for name in calls:
        for at in (1, 2):
            for second in range(1, 24, 2):
                folder = tmp_path / f"{name.replace(':', '-')}-{at}-{second}"
                folder.mkdir()
                run_with_crashes(folder, [Countdown(strike, at, name), Countdown(strike, second)]).store.close()


def test_recovery_is_idempotent(tmp_path: Path) -> None:
    clock = VirtualClock()
    desk = run_with_crashes(tmp_path, [Countdown(strike, 1, "submit:after")])
    with desk.store.view(desk.book.name) as view:
        (row,) = view.plans()
        before = view.book()
    for _ in range(3):
        asyncio.run(desk.executor.core.begin())
        asyncio.run(desk.executor.core.cycle())
        clock.advance(1)
    assert desk.now() == before
    check_rest(desk, row.plan)
    desk.store.close()


@pytest.mark.parametrize("name", ["submit:after", "submit:before", "place_stop:before", "place_stop:after", "transfer:after"])
def test_nothing_goes_out_without_a_durable_intent(tmp_path: Path, name: str) -> None:
    clock = VirtualClock()
    sent: list[str] = []

    def hook(passed: str) -> None:
        if passed == name:
            with desk.store.view(desk.book.name) as view:
                sent.extend(intent.coid for intent in view.unresolved_intents())

    desk = Desk(tmp_path, clock=clock, hook=hook)
    plan = desk.plan()
    desk.executor.begin(plan)
    carry_on(desk, plan, clock)
    assert len(sent) >= 3
    desk.store.close()
