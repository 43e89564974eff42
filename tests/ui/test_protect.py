"""From the alarm one key leads to the stops that are missing, previewed as any plan is, also beside a plan in execution."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.book import Book, Position, Side
from cockpit.model.plan import Action
from cockpit.model.request import PlanRequest
from cockpit.ui.safety import ALL_PROTECTED
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.widgets.footer import Footer
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, press, screen_text
from tests.ui.small_desk import SmallDesk

D = Decimal


def naked() -> Book:
    """The worked example with its hedge, and nobody has set a stop."""
    position = Position(asset="ETH", side=Side.SHORT, quantity=D("2.5"), entry_price=D(4000), margin=D(5000))
    account = replace(example.book().accounts[0], futures_wallet=D(5005), positions=(position,))
    return replace(example.book(), accounts=(account,))


def offered(footer: Footer) -> bool:
    return "protect" in {action.id for action in footer.shown()}


@pytest.mark.parametrize("view", ["1", "3", "7"])
async def test_the_key_leads_from_every_view_to_the_stops_and_enter_begins_them(view: str) -> None:
    desk = SmallDesk(naked())
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, view)
        assert offered(app.query_one(Footer))
        await press(pilot, "o")
        shown = screen_text(app)
        assert "the stops that are missing, nothing else" in shown
        assert "begins it" in shown
        assert desk.requests[-1] == PlanRequest(stops_only=True)
        assert desk.picture.execution is None
        await press(pilot, "enter")
        execution = desk.picture.execution
        assert execution is not None
        assert [view.step.action for view in execution.steps] == [Action.SET_STOP]
        assert isinstance(app.screen, TicketScreen)
        await press(pilot, "right", "enter")
        assert desk.confirmed == [1]
        assert [row.protected for row in desk.picture.positions] == [True]
        assert not offered(app.screen_stack[0].query_one(Footer))
        assert app.request == PlanRequest()


async def test_stops_are_previewed_beside_a_plan_in_execution_and_take_its_place_only_when_they_begin() -> None:
    desk = SmallDesk(naked())
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "escape")
        first = desk.picture.execution
        assert first is not None
        await press(pilot, "o")
        assert "begins it, the other plan ends" in screen_text(app)
        assert desk.picture.execution is first
        await press(pilot, "0")
        assert "In execution" in screen_text(app)
        await press(pilot, "o", "enter")
        assert desk.picture.execution is not None
        assert desk.picture.execution.plan.only_protects


async def test_where_every_position_has_its_stop_the_key_says_so_and_the_footer_offers_it_not() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        assert not offered(app.query_one(Footer))
        await press(pilot, "o")
        assert ALL_PROTECTED in " ".join(screen_text(app).split())
        assert app.request == PlanRequest()


async def test_any_other_choice_leads_back_to_the_strategys_plan() -> None:
    async with cockpit(SmallDesk(naked()), size=NARROW) as (app, pilot):
        await press(pilot, "o", "m")
        assert not app.request.stops_only
        assert "the stops that are missing" not in screen_text(app)
