"""Processor time and bytes of the difference, a whole frame at a time and a tick at a time, beside Textual's own rendering."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from cockpit.desk import Desk, DeskOptions
from cockpit.files.shipped import sample_portfolios
from cockpit.terminal.canvas import Canvas
from cockpit.ui.app import CockpitApp
from tests.benchmarks.measuring import Effort, Row, Table, main

COLUMNS, ROWS = 120, 40
VIEWS = "2345671"
ADDED = 8.0
"""Milliseconds that feed and difference may add to a full frame."""


def measure(effort: Effort) -> Iterable[Table]:
    """Each view as a whole frame after the view before."""
    rendered, fed, found, stock, sent = asyncio.run(_frames(effort.runs))
    count = len(fed)
    own = [a + b for a, b in zip(fed, found, strict=True)]
    yield Table(
        f"A whole frame of {COLUMNS}x{ROWS}, after another view",
        (
            Row("Textual renders it", sum(rendered) / count, "ms"),
            Row("the canvas takes it", sum(fed) / count, "ms"),
            Row("the difference", sum(found) / count, "ms"),
            Row("both, mean", sum(own) / count, "ms", sum(own) / sum(rendered), most=ADDED),
            Row("both, worst view", max(own), "ms", most=ADDED),
            Row("bytes, Textual's", sum(stock) / count, "B"),
            Row("bytes, difference", sum(sent) / count, "B", sum(sent) / sum(stock), most_ratio=1 / 8),
        ),
        f"processor time, {count} frames; ratios to Textual's",
    )


async def _frames(runs: int) -> tuple[list[float], list[float], list[float], list[int], list[int]]:
    figures: tuple[list[float], list[float], list[float], list[int], list[int]] = ([], [], [], [], [])
    rendered, fed, found, stock, sent = figures
    portfolio = next(str(path) for path in sample_portfolios() if path.stem == "hundred_thousand")
    app = CockpitApp(Desk(DeskOptions(portfolio=portfolio, store="sqlite:///:memory:")))
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        canvas = Canvas(COLUMNS, ROWS)
        for _ in range(runs):
            for key in VIEWS:
                await pilot.press(key)
                await app.workers.wait_for_complete()
                await pilot.pause()
                begin = time.process_time()
                data = app.screen._compositor.render_update(full=True).render_segments(app.console)
                middle = time.process_time()
                for _ in canvas.feed(data):
                    pass
                taken = time.process_time()
                difference = canvas.difference()
                done = time.process_time()
                rendered.append((middle - begin) * 1000)
                fed.append((taken - middle) * 1000)
                found.append((done - taken) * 1000)
                stock.append(len(data.encode()))
                sent.append(len(difference.encode()))
    return figures


if __name__ == "__main__":
    main(measure, __doc__)
