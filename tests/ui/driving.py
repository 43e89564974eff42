"""Runs the app over a desk and reads its screen as text."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from cockpit.ui.app import CockpitApp
from tests.ui.small_desk import SmallDesk

WIDE = (120, 40)
NARROW = (80, 24)


@asynccontextmanager
async def cockpit(
    desk: SmallDesk, *, size: tuple[int, int] = WIDE, settle: float = 0.0, directory: Path | None = None
) -> AsyncIterator[tuple[CockpitApp, Pilot[None]]]:
    """The app with everything loaded; the market does not tick and a ticket takes keys as soon as it is painted."""
    app = CockpitApp(desk, tick_seconds=None, settle=settle, directory=directory)
    async with app.run_test(size=size) as pilot:
        await quiet(pilot)
        yield app, pilot


async def quiet(pilot: Pilot[None]) -> None:
    """Until no worker runs, what they brought back is painted, and that has begun no other worker: three looks in a row."""
    calm = 0
    while calm < 3:
        if all(worker.is_finished for worker in pilot.app.workers):
            calm += 1
            await pilot.pause()
        else:
            calm = 0
            await asyncio.sleep(0.005)


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Keys of a trader who waits for each answer."""
    for key in keys:
        await pilot.press(key)
        await quiet(pilot)


def screen_text(app: CockpitApp) -> str:
    """What the terminal shows, line by line, after every filter."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)
