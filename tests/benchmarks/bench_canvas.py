"""Processor time of the difference, a whole frame at a time, beside Textual's own rendering.

Run it by hand: `python -m tests.benchmarks.bench_canvas [--runs N]`.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from cockpit.desk import Desk, DeskOptions
from cockpit.files.shipped import sample_portfolios
from cockpit.terminal.canvas import Canvas
from cockpit.ui.app import CockpitApp
from tests.benchmarks.measuring import Effort, Row, Table, main
from tests.ui.driving import press, quiet

COLUMNS, ROWS = 120, 40
VIEWS = "2345671"
ADDED = 8.0
"""Milliseconds that feed and difference may add to a full frame."""


def measure(effort: Effort) -> Iterable[Table]:
    """Each view as a whole frame after the view before."""
    with tempfile.TemporaryDirectory() as folder:
        rendered, fed, found = asyncio.run(_frames(effort.runs, folder))
    count = len(fed)
    own = [a + b for a, b in zip(fed, found, strict=True)]
    worst = max(statistics.median(own[view :: len(VIEWS)]) for view in range(len(VIEWS)))
    yield Table(
        f"A whole frame of {COLUMNS}x{ROWS}, after another view",
        (
            Row("Textual renders it", sum(rendered) / count, "ms"),
            Row("the canvas takes it", sum(fed) / count, "ms"),
            Row("the difference", sum(found) / count, "ms"),
            Row("both, mean", sum(own) / count, "ms", sum(own) / sum(rendered), most=ADDED),
            Row("both, worst view", worst, "ms", most=ADDED),
        ),
        f"processor time, {count} frames in full colour, the worst view as the median of its own; ratios to Textual's",
    )


async def _frames(runs: int, folder: str) -> tuple[list[float], list[float], list[float]]:
    figures: tuple[list[float], list[float], list[float]] = ([], [], [])
    rendered, fed, found = figures
    portfolio = next(str(path) for path in sample_portfolios() if path.stem == "hundred_thousand")
    desk = Desk(DeskOptions(portfolio=portfolio, store=f"sqlite:///{folder}/store.db"))
    app = CockpitApp(desk, tick_seconds=None)
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        await quiet(pilot)
        console = Console(color_system="truecolor", force_terminal=True)
        canvas = Canvas(COLUMNS, ROWS)
        for _ in range(runs):
            for key in VIEWS:
                await press(pilot, key)
                begin = time.process_time()
                update: Any = app.screen._compositor.render_update(full=True)
                data = update.render_segments(console)
                middle = time.process_time()
                for _ in canvas.feed(data):
                    pass
                taken = time.process_time()
                canvas.difference()
                done = time.process_time()
                rendered.append((middle - begin) * 1000)
                fed.append((taken - middle) * 1000)
                found.append((done - taken) * 1000)
    desk.close()
    return figures


if __name__ == "__main__":
    main(measure, __doc__)
