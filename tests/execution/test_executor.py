"""What the executor does with confirmations: each sends one step once, in order, from whichever screen it came."""

import asyncio
import logging
import re
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.execution.executor import Executor
from cockpit.execution.intents import client_order_id
from cockpit.execution.lock import ExecutorRunning
from cockpit.execution.progress import Progress
from cockpit.model.errors import CockpitError, RefusedByRule, StalePlan
from cockpit.model.orders import Role, StepState
from cockpit.model.plan import Plan
from cockpit.store.rows import PlanState
from cockpit.ui.crash_log import log_errors
from tests.execution.bench import Bench
from tests.execution.worked import SETTINGS, UNIVERSE, Desk, check_done

D = Decimal


def test_the_thread_carries_the_worked_plan_out(tmp_path: Path) -> None:
    told: list[Progress] = []
    desk = Desk(tmp_path, listener=told.append)
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.executor.start()
    for step in plan.steps:
        assert desk.run_step(plan.plan.id, step.number).state is StepState.DONE
    check_done(desk, plan)
    done = [p.step for p in told if p.state is StepState.DONE]
    assert done == [1, 2, 3, 4, 5, 6]
    with desk.store.view(desk.book.name) as view:
        row = view.plan(plan.plan.id)
    assert row is not None
    desk.close()
    assert row.state in (PlanState.BEGUN, PlanState.DONE)


def test_a_listener_that_breaks_keeps_no_order_and_no_stop_from_its_way(tmp_path: Path) -> None:
    def broken(_: Progress) -> None:
        raise ZeroDivisionError("a picture could not be made")

    desk = Desk(tmp_path, listener=broken)
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.executor.start()
    for step in plan.steps:
        assert desk.run_step(plan.plan.id, step.number).state is StepState.DONE
    check_done(desk, plan)
    assert desk.executor.failure is None
    desk.close()


async def _broken() -> None:
    raise KeyError("hunter2-canary")


def test_what_nobody_expected_is_named_without_its_words_and_kept_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("handlers", []), ("propagate", True)):
        monkeypatch.setattr(logging.getLogger("cockpit"), name, value)
    log_errors(tmp_path / "cockpit.log")
    told: list[Progress] = []
    desk = Desk(tmp_path, listener=told.append)
    plan = desk.plan()
    desk.executor.begin(plan)
    monkeypatch.setattr(desk.executor.core, "cycle", _broken)

    def start() -> None:
        desk.executor.start()  # it may break before this comes back, or after
        desk.executor.wait(plan.plan.id, 1)

    with pytest.raises(CockpitError, match=r"unexpected KeyError; details are in cockpit\.log$"):
        start()
    assert str(desk.executor.failure) == "unexpected KeyError; details are in cockpit.log"
    desk.executor.stop()
    assert told[-1].message == "the executor has stopped: unexpected KeyError; details are in cockpit.log"
    kept = (tmp_path / "cockpit.log").read_text("utf-8")
    assert "_broken" in kept
    assert "canary" not in kept.replace('raise KeyError("hunter2-canary")', "")
    assert "canary" not in "".join(capfd.readouterr())


def test_the_ledger_ends_where_the_preview_said(bench: Bench) -> None:
    bench.do(1, 2, 3, 4, 5, 6)
    (account,) = bench.desk.now().accounts
    assert account.spot["USDT"] == bench.plan.end.cash
    assert account.futures_wallet == bench.plan.end.futures_wallet
    assert account.margin_used == bench.plan.end.margin_used


def test_a_confirmation_binds_the_revision_that_was_shown(bench: Bench) -> None:
    shown = bench.revision()
    bench.do(1)
    with pytest.raises(StalePlan) as refused:
        bench.executor.confirm(bench.id, 2, "shown", shown)
    assert refused.value.rule == "revision"
    assert f"revision {shown}, it is at {shown + 1}" in refused.value.changes[0]


def test_steps_go_out_in_their_order(bench: Bench) -> None:
    with pytest.raises(RefusedByRule, match="step 1 is PREVIEWED: it comes before step 2"):
        bench.confirm(2)
    bench.executor.skip(bench.id, 1)
    assert bench.state(1) is StepState.SKIPPED


def test_one_confirmation_sends_one_step_once(bench: Bench) -> None:
    bench.confirm(1)
    with pytest.raises(RefusedByRule, match="step 1 is CONFIRMED"):
        bench.confirm(1)
    bench.cycle(3)
    with pytest.raises(RefusedByRule, match="step 1 is DONE"):
        bench.confirm(1)
    assert len(bench.desk.accepted()) == 1
    assert bench.state(2) is StepState.PREVIEWED


def test_after_a_restart_a_confirmation_without_an_intent_is_asked_for_again(bench: Bench) -> None:
    bench.confirm(1)
    asyncio.run(bench.executor.core.begin())
    bench.cycle(2)
    assert bench.state(1) is StepState.PREVIEWED
    assert bench.desk.accepted() == []
    bench.do(1)
    assert bench.state(1) is StepState.DONE


def test_a_screen_of_another_process_confirms_through_the_store(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.executor.start()
    other = Desk(tmp_path)
    with pytest.raises(ExecutorRunning, match="another cockpit"):
        other.executor.start()
    assert other.run_step(plan.plan.id, 1).state is StepState.DONE
    other.store.close()
    desk.close()
    again = Desk(tmp_path)
    again.executor.start()
    again.close()


def test_a_client_order_id_is_26_letters_and_digits_of_its_own(bench: Bench) -> None:
    ids = {client_order_id("store", "plan", step, attempt, role) for step in range(1, 30) for attempt in (1, 2) for role in Role}
    assert len(ids) == 29 * 2 * 3
    assert all(re.fullmatch(r"rc[a-z2-7]{24}", coid) for coid in ids)


def test_a_plan_replaces_another_in_one_go(bench: Bench) -> None:
    bench.do(1)
    fresh: Plan = bench.desk.plan()
    bench.executor.begin(fresh, replaces=bench.id)
    with bench.desk.store.view(bench.desk.book.name) as view:
        old = view.plan(bench.id)
    assert old is not None
    assert old.state is PlanState.STOPPED
    with pytest.raises(StalePlan, match="stopped"):
        bench.confirm(2)


def test_the_executor_needs_a_book(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    lost = Executor(
        desk.store,
        "no such book",
        desk.paper,
        desk.market.snapshot,
        universe=UNIVERSE,
        settings=SETTINGS,
        lock_path=tmp_path / "other.lock",
    )
    with pytest.raises(CockpitError, match="no portfolio"):
        lost.start()
    desk.store.close()
