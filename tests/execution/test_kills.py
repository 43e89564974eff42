"""Real processes, really killed: after any SIGKILL the plan goes on at the right step, no order twice, no stop missing."""

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from cockpit.model.plan import Plan
from tests.execution.killed import carry_out
from tests.execution.test_crashes import begun
from tests.execution.worked import Desk, VirtualClock, check_done

KILLS = 200
PER_STORE = 10
"""How often one and the same plan is killed before it may finish."""
SEED = 20210820
NAMES = (
    "commit:before",
    "commit:within",
    "commit:after",
    "submit:before",
    "submit:after",
    "place_stop:before",
    "place_stop:after",
    "transfer:before",
    "transfer:after",
    "account:after",
    "events:after",
    "find:after",
)

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.execution.killed"])


class Killer:
    """Starts the process, has it killed, and keeps count."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.kills = 0

    def life(self, folder: Path, plan: Plan, at: int | None, name: str, after: float | None) -> bool:
        """One life of the process: whether it came to the end of the plan."""
        process = CONTEXT.Process(target=carry_out, args=(str(folder), plan.plan.id, at, name))
        process.start()
        if after is not None:
            time.sleep(after)
            assert process.pid is not None
            with contextlib.suppress(ProcessLookupError):  # it came to its end first, which counts as no kill
                os.kill(process.pid, signal.SIGKILL)
        process.join(60)
        if process.exitcode == -signal.SIGKILL:
            self.kills += 1
            return False
        assert process.exitcode == 0, f"the process ended with {process.exitcode}"
        return True

    def torment(self, folder: Path, plan: Plan, times: int) -> None:
        """Kill one store's process again and again, at named boundaries and at any moment, then let it finish."""
        for _ in range(times):
            if self.chance.random() < 0.3:
                done = self.life(folder, plan, None, "", self.chance.uniform(0.0, 0.25))
            else:
                done = self.life(folder, plan, self.chance.choice((1, 1, 1, 2, 3)), self.chance.choice(NAMES), None)
            if done:
                return
        assert self.life(folder, plan, None, "", None)


@pytest.mark.kills
@pytest.mark.timeout(600)
def test_two_hundred_kills_leave_every_step_done_once_with_its_stop(tmp_path: Path) -> None:
    plan = begun(tmp_path / "template")
    killer = Killer(SEED)
    run = 0
    while killer.kills < KILLS:
        folder = tmp_path / str(run)
        run += 1
        shutil.copytree(tmp_path / "template", folder)
        killer.torment(folder, plan, PER_STORE)
        desk = Desk(folder, clock=VirtualClock())
        check_done(desk, plan)
        desk.store.close()
    assert killer.kills >= KILLS, f"seed {SEED}"
