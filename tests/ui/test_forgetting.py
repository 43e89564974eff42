"""A screen that is closed leaves nothing of what was painted on it."""

import gc

from textual.pilot import Pilot
from textual.strip import Strip

from tests.ui.driving import cockpit, press
from tests.ui.small_desk import SmallDesk


async def lines(pilot: Pilot[None], *keys: str) -> int:
    """How many painted lines are kept once these keys were pressed."""
    await press(pilot, *keys)
    gc.collect()
    return sum(1 for one in gc.get_objects() if type(one) is Strip)


async def test_closed_screens_leave_no_painted_lines() -> None:
    async with cockpit(SmallDesk()) as (_, pilot):
        opened = ("D", "escape", "question_mark", "escape", "ctrl+p", "escape")  # the last one has a scroll bar
        before = await lines(pilot, *opened)
        assert await lines(pilot, *opened) < before + 40  # a screen has 40 lines, and each of them some forms
