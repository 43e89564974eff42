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

from textual.pilot import Pilot

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


async def press(pilot: Pilot[None], key: str) -> float:
    """Seconds of processor time from a key until all it began is painted."""
    start = time.thread_time()
    await pilot.press(key)
    await quiet(pilot)
    return time.thread_time() - start


async def press_all(runs: int) -> Costs:
    """Every view for the first time, then again and again; a ratio typed in the rotation; a key of the bare app."""
    costs: Costs = defaultdict(list)
    async with Bare().run_test(size=WIDE) as pilot:
        costs["a key in a bare Textual app"] = [await press(pilot, "a") for _ in range(10 * runs)]
    desk = Desk()
    with paused():  # as `cockpit` does
        async with CockpitApp(desk, tick_seconds=None).run_test(size=WIDE) as pilot:
            await quiet(pilot)
            for run in range(runs + 1):
                for number in (*range(2, len(VIEWS) + 1), 1):
                    costs["a view, again" if run else "a view, the first time"].append(await press(pilot, str(number)))
            await press(pilot, "r")
            await press(pilot, "d")
            for _ in range(runs):
                costs["a character typed in the rotation"] += [await press(pilot, key) for key in TYPED]
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
