"""A process that carries the worked plan out and is killed on the way. Forked from a server that has imported everything."""

import os
import signal
from pathlib import Path

from tests.execution.boundaries import Countdown
from tests.execution.worked import Desk


def kill_myself() -> None:
    """SIGKILL: no handler, no clean-up, no flush."""
    os.kill(os.getpid(), signal.SIGKILL)


def carry_out(folder: str, plan_id: str, at: int | None, name: str) -> None:
    """Open the store, start the executor's thread, confirm what is next until the plan is done; die at a boundary if told to."""
    desk = Desk(Path(folder), hook=Countdown(kill_myself, at, name))
    desk.executor.start()
    while (number := desk.executor.current(plan_id)) is not None:
        status = desk.executor.status(plan_id)[number - 1]
        if status.state.final or status.state.value in ("PREVIEWED", "STALE"):
            desk.executor.run_step(plan_id, number)
        else:
            desk.executor.wait(plan_id, number)
    desk.close()
