"""A screen that is closed leaves nothing of what was painted on it."""

from textual.pilot import Pilot

from tests.census import census
from tests.ui.driving import cockpit, press
from tests.ui.small_desk import SmallDesk


async def lines(pilot: Pilot[None], *keys: str) -> int:
    """How many painted lines are kept once these keys were pressed."""
    await press(pilot, *keys)
    return census()["textual.strip.Strip"]


async def test_closed_screens_leave_no_painted_lines() -> None:
    async with cockpit(SmallDesk()) as (_, pilot):
        opened = ("D", "escape", "question_mark", "escape", "ctrl+p", "escape")  # the last one has a scroll bar
        before = await lines(pilot, *opened)
        assert await lines(pilot, *opened) < before + 40  # a screen has 40 lines, and each of them some forms
