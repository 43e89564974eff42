"""At every size a screen comes to rest: no scroll bar makes another appear that makes it go away again, for ever."""

import asyncio
from itertools import cycle

import pytest
from textual.screen import Screen

from tests.ui.driving import cockpit, press, quiet
from tests.ui.small_desk import SmallDesk

WIDTHS = (40, 70, 85, 115, 130, 250)
HEIGHTS = (21, 80, 12, 26, 45, 14)
COVERED = ((39, 12), (30, 8), (20, 5))
"""The cover of a terminal that is too small laid itself out for ever once."""
STATES = {
    "views": (),
    "drawer": ("2", "enter"),
    "values": ("3", "v"),
    "filter": ("7", "slash"),
    "versus": ("r", "v"),
    "summary": ("r", "u"),
    "ticket": ("r", "enter"),
    "help": ("question_mark",),
    "explain": ("i",),
    "jump": ("f",),
    "palette": ("ctrl+p",),
    "zoom": ("z",),
}
TURNS = 12
"""Looks at a screen that rests: one that does not is laid out at nearly every one."""


async def layouts_at_rest(counted: list[object]) -> int:
    """How often something is laid out when nothing happens any more."""
    for _ in range(3):  # what a resize sets off comes in a few turns
        counted.clear()
        for _ in range(TURNS):
            await asyncio.sleep(0.005)
        if not counted:
            return 0
    return len(counted)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every layout of every screen."""
    found: list[object] = []
    lay_out = Screen._refresh_layout

    def counting(self: Screen[object], *args: object, **named: object) -> None:
        found.append(self)
        lay_out(self, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Screen, "_refresh_layout", counting)
    return found


@pytest.mark.parametrize("state", STATES)
async def test_a_screen_comes_to_rest_at_every_size(state: str, counted: list[object]) -> None:
    sizes = [*zip(WIDTHS, HEIGHTS, strict=True), *COVERED]
    async with cockpit(SmallDesk(), size=(120, 40)) as (app, pilot):
        await press(pilot, *STATES[state])
        views = cycle("1234567")
        for size in sizes:
            await pilot.resize_terminal(*size)
            if state == "views":
                await press(pilot, next(views))
            await quiet(pilot)
            again = await layouts_at_rest(counted)
            assert again == 0, f"{app.screen} at {size} is laid out again and again: {again} times in {TURNS} turns"
