"""Between a confirmation and the desk's answer nothing that is older than the confirmation changes the ticket."""

import threading
from datetime import timedelta

from cockpit.model.orders import StepState
from cockpit.model.picture import Ticket
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.screens.ticket_states import Showing
from tests.ui.driving import cockpit, press, quiet
from tests.ui.small_desk import SmallDesk


async def test_a_confirmation_on_its_way_is_not_undone_by_a_picture_of_before_it() -> None:
    """The step was overtaken once and is confirmed anew: until the desk has answered, a picture says overtaken still."""
    desk = SmallDesk()
    desk.hold_steps = True
    held, confirm = threading.Event(), desk.confirm

    def slowly(ticket: Ticket) -> None:
        held.wait(60)
        confirm(ticket)

    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        desk._set(1, StepState.STALE)
        await quiet(pilot)
        desk.confirm = slowly  # type: ignore[method-assign]
        await press(pilot, "right")
        await pilot.press("enter")
        desk.change(now=desk.picture.now + timedelta(seconds=1))
        await pilot.pause()
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.showing is Showing.SENDING
        held.set()
        await quiet(pilot)
        assert app.screen.showing is Showing.SENDING
        assert desk.confirmed == [1, 1]
