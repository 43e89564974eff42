"""A plan that has ended: summed up, its way back priced before it is begun, and begun by nothing but its own confirmation."""

import time
from datetime import timedelta

from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.screens.ticket_states import Showing
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_ticket import SIZES

DONE = ("r", "enter", *["right", "enter"] * 6)
"""The whole worked plan, confirmed step by step."""
HOUR = 3600.0
"""A quiet time in seconds that no machine is slow enough to wait out."""


@SIZES
async def test_the_way_back_is_priced_before_it_is_begun_and_opens_its_own_ticket(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        await press(pilot, *DONE, "u")
        shown = screen_text(app)
        for words in ("The way back", "costs 17.50", "REDUCE LONG 1,250 UNI", "Nothing is sent yet", "Begin the way back"):
            assert words in shown, words
        assert app.focused is not None
        assert app.focused.id == "cancel"
        finished = desk.picture.execution
        await press(pilot, "right", "enter")
        assert desk.picture.execution is not finished
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.showing is Showing.ASKING
        assert "Step 1 of" in screen_text(app)
        assert app.focused.id == "cancel"
        assert desk.confirmed == [1, 2, 3, 4, 5, 6]


async def test_the_summary_of_the_last_plan_is_reached_from_the_rotation() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "u")
        assert "nothing to sum up" in screen_text(app)
        await press(pilot, "enter", "right", "enter", "x", "up", "enter", "enter")
        assert not isinstance(app.screen, TicketScreen)
        assert "the last plan was stopped: strategy B; u sums it up" in screen_text(app)
        await press(pilot, "u")
        assert "– Stopped where it stood" in screen_text(app)
        await press(pilot, "u", "right", "enter")
        assert "Step 1 of 1" in screen_text(app)
        assert "MOVE 5,005.00 USDT from the futures to the spot wallet" in screen_text(app)
        assert desk.confirmed == [1]


async def test_looking_at_the_way_back_changes_nothing() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, *DONE)
        finished = desk.picture.execution
        await press(pilot, "u", "enter")
        assert not isinstance(app.screen, TicketScreen)
        assert desk.picture.execution is finished


async def test_new_pictures_leave_the_way_back_on_the_screen() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, *DONE, "u")
        desk.change(now=desk.picture.now + timedelta(seconds=1))
        await quiet(pilot)
        assert "Begin the way back" in screen_text(app)


async def test_type_ahead_begins_no_way_back() -> None:
    """The summary has stood for longer than the quiet time, the way back has not: however slow the machine, no key passes."""
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        desk.begin(example.reconciled_plan(desk.held, desk.market))
        for number in range(1, 7):
            desk.fill(number)
        await quiet(pilot)
        finished = desk.picture.execution
        screen = TicketScreen(desk, settle=HOUR)
        app.push_screen(screen)
        await quiet(pilot)
        screen._gate.painted(time.monotonic() - 2 * HOUR)
        await pilot.press("u", *["right", "enter"] * 6)
        await quiet(pilot)
        assert desk.picture.execution is finished
        assert isinstance(app.screen, TicketScreen)
