"""What a key costs the loop that paints, as ratios to a key in a bare Textual app in the same run.

Run it by hand: `python -m tests.benchmarks.bench_keys [--runs N]`. Processor time of the loop's thread, so that a busy machine
changes little; what workers do for the key is not in it. What a user sees of it is measured by bench_paint.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from textual.app import App
from textual.events import Key
from textual.keys import _character_to_key

from cockpit.desk import Desk
from cockpit.ui.actions import VIEWS
from cockpit.ui.app import CockpitApp
from cockpit.ui.collecting import paused
from tests.benchmarks.bare import Bare
from tests.benchmarks.measuring import Effort, Row, Table, main
from tests.benchmarks.watching import home
from tests.ui.driving import WIDE, quiet

TYPED = ("0", ".", "1", "backspace", "backspace", "backspace")
"""A hedge ratio, typed and taken back."""

LOOK = 0.03
"""Seconds between two looks whether the app is at rest: two paints are no further apart."""
CALM = 3
"""So many looks in a row that find no worker at work."""
Costs = defaultdict[str, list[float]]


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """This process's own environment, for a while."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


async def press(app: App[None], key: str) -> float:
    """Seconds of processor time from a key until all it began is painted.

    The key is posted as a driver does, and looked after seldom: a pilot would take half as much time as the key itself.
    """
    start = time.thread_time()
    app.post_message(Key(_character_to_key(key), key if len(key) == 1 else None))
    calm = 0
    while calm < CALM:
        await asyncio.sleep(LOOK)
        calm = calm + 1 if all(worker.is_finished for worker in app.workers) else 0
    return time.thread_time() - start


async def press_all(runs: int) -> Costs:
    """Every view for the first time, then again and again; a ratio typed in the rotation; a key of the bare app."""
    costs: Costs = defaultdict(list)
    async with Bare().run_test(size=WIDE) as pilot:
        costs["a key in a bare Textual app"] = [await press(pilot.app, "a") for _ in range(10 * runs)]
    desk = Desk()
    with paused():  # as `cockpit` does
        async with CockpitApp(desk, tick_seconds=None).run_test(size=WIDE) as pilot:
            await quiet(pilot)
            for run in range(runs + 1):
                for number in (*range(2, len(VIEWS) + 1), 1):
                    costs["a view, again" if run else "a view, the first time"].append(await press(pilot.app, str(number)))
            await press(pilot.app, "r")
            await press(pilot.app, "d")
            for _ in range(runs):
                costs["a character typed in the rotation"] += [await press(pilot.app, key) for key in TYPED]
    desk.close()
    return costs


def measure(effort: Effort) -> Iterator[Table]:
    """Medians, the slowest, and the ratios of the medians."""
    with home() as env, environment(env):
        costs = asyncio.run(press_all(effort.runs))
    base = statistics.median(next(iter(costs.values())))
    rows = []
    for name, values in costs.items():
        median = statistics.median(values)
        rows.append(Row(name, 1000 * median, "ms", median / base))
        rows.append(Row(f"{name}, the slowest", 1000 * max(values), "ms", max(values) / base))
    yield Table("Processor time of the painting loop for a key", rows, "Ratios are to a key in a bare Textual app.")


if __name__ == "__main__":
    main(measure, __doc__)
