"""In a terminal too small to be read nothing is confirmed: a sentence says so, halt and quit go on, and room brings all back."""

import pytest

from cockpit.terminal.usable import FEWEST
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.screens.too_small import TooSmall
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

COLUMNS, ROWS = FEWEST


@pytest.mark.parametrize("size", [(COLUMNS - 1, 40), (120, ROWS - 1), (20, 5), (1, 1)])
async def test_an_open_ticket_is_covered_and_confirms_nothing(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        await pilot.resize_terminal(*size)
        await quiet(pilot)
        assert isinstance(app.screen, TooSmall)
        await press(pilot, "enter", "enter", "2")
        assert desk.confirmed == []
        await pilot.resize_terminal(*NARROW)
        await quiet(pilot)
        assert isinstance(app.screen, TicketScreen)


async def test_the_cover_says_what_is_needed_and_which_keys_act() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=(30, 8)) as (app, pilot):
        words = " ".join(screen_text(app).split())
        assert "30x8 is too small: 40x12 is needed. Nothing is stopped by it. h halts, q leaves." in words
        await press(pilot, "h")
        assert desk.picture.halted
        await press(pilot, "q")
        assert app.return_code == 0


async def test_it_follows_the_size_and_stands_once() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        for size in ((30, 8), (35, 9), (39, 12)):
            await pilot.resize_terminal(*size)
            await quiet(pilot)
        assert [isinstance(screen, TooSmall) for screen in app.screen_stack] == [False, True]
        assert "39x12" in screen_text(app)
        await pilot.resize_terminal(*FEWEST)
        await quiet(pilot)
        assert [isinstance(screen, TooSmall) for screen in app.screen_stack] == [False]
