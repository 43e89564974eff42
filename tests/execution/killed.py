"""A process that carries the worked plan out and is killed on the way. Forked from a server that has imported everything."""

import os
import signal
from pathlib import Path

from cockpit.execution.standing import CONFIRMABLE
from tests.execution.boundaries import Countdown
from tests.execution.worked import Desk


def kill_myself() -> None:
    """SIGKILL: no handler, no clean-up, no flush."""
    os.kill(os.getpid(), signal.SIGKILL)


def carry_out(folder: str, plan_id: str, at: int | None, name: str) -> None:
    """Open the store, start the executor's thread, confirm what is next until the plan is done; die at a boundary if told to."""
    desk = Desk(Path(folder), hook=Countdown(kill_myself, at, name))
    desk.executor.start()
    # One look decides: between two of them the executor's thread may end the step that an earlier life has sent.
    while (status := next((s for s in desk.executor.status(plan_id) if not s.state.over), None)) is not None:
        if status.state in CONFIRMABLE:
            desk.run_step(plan_id, status.number)
        else:
            desk.executor.wait(plan_id, status.number)
    desk.close()
