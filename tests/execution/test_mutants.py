"""The protocol is broken on purpose, and the tests of this folder must see it: each mutant is caught."""

import contextlib
from pathlib import Path

import pytest

from cockpit.execution import recovery, sending
from cockpit.execution.context import Context
from cockpit.execution.recovery import Recovery
from cockpit.model.orders import OrderReport, StepState
from cockpit.model.plan import Plan, Step
from cockpit.store.rows import Intent
from tests.execution.simulation import Simulation
from tests.execution.test_crashes import Copies, begun, go_on
from tests.execution.unclear import Faults

SEEDS = 40
LOSSES = Faults(lost_before=0.1, lost_after=0.3, late=0.2, hidden=0.4, query_fails=0.05)
LATE = Faults(lost_after=0.4, late=0.5, hidden=0.8)


def caught_by_the_simulation(folder: Path, faults: Faults = LOSSES) -> bool:
    """Whether any schedule shows the mutant."""
    for seed in range(SEEDS):
        (folder / str(seed)).mkdir()
        with contextlib.suppress(AssertionError):
            Simulation(folder / str(seed), seed, faults).run()
            continue
        return True
    return False


def go_on_all(copies: Copies, plan: Plan) -> None:
    """A new executor on every copy."""
    for folder in copies.names:
        go_on(folder, plan)


def test_the_protocol_itself_is_not_caught(tmp_path: Path) -> None:
    for seed in range(4):
        (tmp_path / str(seed)).mkdir()
        assert Simulation(tmp_path / str(seed), seed, LOSSES).run() == "done"


def test_sending_again_what_was_not_found_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    climb = Recovery._climb

    async def resend(self: Recovery, intent: Intent) -> OrderReport | None:
        return await climb(self, intent) or await sending.dispatch(self._ctx, intent)

    monkeypatch.setattr(Recovery, "_climb", resend)
    assert caught_by_the_simulation(tmp_path)


def test_reading_an_unclear_answer_as_a_rejection_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def reject(ctx: Context, intent: Intent, reason: str) -> None:
        with ctx.store.begin(ctx.book) as unit:
            unit.update_intent(intent.coid, StepState.NOT_PLACED, epoch=ctx.epochs[intent.account], resolved=True)
            unit.set_step(intent.plan_id, intent.step, StepState.NOT_PLACED, message=reason)

    monkeypatch.setattr(sending, "mark_unknown", reject)
    assert caught_by_the_simulation(tmp_path)


def test_taking_the_first_clean_look_up_as_proof_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def anything_goes(self: Recovery, account: str) -> bool:
        return True

    monkeypatch.setattr(Recovery, "_proven_absent", lambda self, intent: True)
    monkeypatch.setattr(Recovery, "_nothing_unexplained", anything_goes)
    assert caught_by_the_simulation(tmp_path, LATE)


def test_ignoring_the_horizon_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_horizon(self: Recovery, intent: Intent) -> bool:
        now = self._ctx.now()
        return now - self._absent_since.setdefault(intent.coid, now) >= recovery.APART

    monkeypatch.setattr(Recovery, "_proven_absent", without_horizon)
    assert caught_by_the_simulation(tmp_path, LATE)


def test_a_stop_outside_of_the_transaction_of_its_fill_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take, stop_of = sending.take_report, sending._stop_of

    async def later(ctx: Context, plan: Plan, step: Step, intent: Intent, report: OrderReport) -> None:
        monkeypatch.setattr(sending, "_stop_of", lambda *_, **__: None)
        await take(ctx, plan, step, intent, report)
        monkeypatch.setattr(sending, "_stop_of", stop_of)
        with ctx.store.begin(ctx.book) as unit:
            stop = stop_of(ctx, unit, plan, step, intent, grew=bool(report.fills))
            if stop is not None:
                unit.set_step(plan.plan.id, step.number, StepState.PROTECTING)
        if stop is not None:
            ctx.unsent.add(stop)

    monkeypatch.setattr(sending, "take_report", later)
    plan = begun(tmp_path / "run")
    copies = Copies(tmp_path / "run" / "store.db", tmp_path / "copies")
    go_on(tmp_path / "run", plan, copies)
    with pytest.raises(AssertionError, match=r"protected by exactly one stop|not done"):
        go_on_all(copies, plan)
