"""What a key costs the loop that paints, as ratios to a key in a bare Textual app in the same run.

Run it by hand: `python -m tests.benchmarks.bench_keys [--runs N]`. Processor time of the loop's thread, so that a busy machine
changes little; what workers do for the key is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections import defaultdict

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

from cockpit.desk import Desk
from cockpit.ui.actions import VIEWS
from cockpit.ui.app import CockpitApp
from cockpit.ui.collecting import paused
from tests.ui.driving import WIDE, quiet

TYPED = ("0", ".", "1", "backspace", "backspace", "backspace")
"""A hedge ratio, typed and taken back."""

Costs = defaultdict[str, list[float]]


class Bare(App[None]):
    """A key changes a word."""

    BINDINGS = [("a", "turn")]  # noqa: RUF012 - as short as an app can be

    def compose(self) -> ComposeResult:
        yield Static("OFF")

    def action_turn(self) -> None:
        word = self.query_one(Static)
        word.update("OFF" if word.content == "ON" else "ON")


async def press(pilot: Pilot[None], key: str) -> float:
    """Seconds of processor time from a key until all it began is painted."""
    start = time.thread_time()
    await pilot.press(key)
    await quiet(pilot)
    return time.thread_time() - start


async def measure(runs: int) -> Costs:
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


def main() -> None:
    """Print medians, the slowest, and the ratios of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"XDG_STATE_HOME": f"{home}/state", "XDG_CONFIG_HOME": f"{home}/config"}
        costs = asyncio.run(measure(runs))
    base = statistics.median(next(iter(costs.values())))
    print(f"{'':34}  median ms  slowest  ratio to bare")
    for name, values in costs.items():
        median = statistics.median(values)
        print(f"{name:34}  {median * 1000:9.1f}  {max(values) * 1000:7.1f}  {median / base:13.1f}")


if __name__ == "__main__":
    main()
