"""Nothing needs a mouse, everything works with one, and no single click on the wrong place sends anything."""

from decimal import Decimal
from functools import partial

import pytest
from textual import events
from textual.pilot import Pilot

from cockpit.ui.actions import COCKPIT, SCOPES, VIEWS
from cockpit.ui.app import CockpitApp
from cockpit.ui.palette import NOT_HERE, commands
from cockpit.ui.panes.rotation import RotationView
from cockpit.ui.screens.jump import JumpScreen
from cockpit.ui.screens.stop_here import StopHereScreen
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.widgets.field import Field
from cockpit.ui.widgets.table_view import TableView
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


async def click(app: CockpitApp, pilot: Pilot[None], words: str) -> None:
    """A click on these words, where they stand lowest on the screen."""
    rows = screen_text(app).splitlines()
    y = max(number for number, row in enumerate(rows) if words in row)
    await pilot.click(offset=(rows[y].index(words) + 1, y))
    await quiet(pilot)


async def wheel(table: TableView, pilot: Pilot[None], kind: type[events.MouseEvent], *, shift: bool = False) -> None:
    """One notch of the wheel over a table."""
    table.post_message(kind(table, 5, 3, 0, 0, 0, shift, meta=False, ctrl=False))
    await quiet(pilot)


@SIZES
async def test_confirming_takes_a_click_that_marks_and_a_click_that_presses(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        await press(pilot, "r", "enter")
        await click(app, pilot, "Confirm this step")
        assert desk.confirmed == []
        assert "▸[ Confirm this step ]" in screen_text(app)
        assert "⏎ or a click confirms" in screen_text(app)
        await click(app, pilot, "Confirm this step")
        assert desk.confirmed == [1]
        assert "▸[ Cancel ]" in screen_text(app)
        assert "Step 2 of 6" in screen_text(app)
        await click(app, pilot, "Cancel")
        assert not isinstance(app.screen, TicketScreen)


async def test_a_click_beside_the_answers_moves_no_focus_and_sends_nothing() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        for y in range(2, 22):
            await pilot.click(offset=(40, y))
        await quiet(pilot)
        assert desk.confirmed == []
        assert "▸[ Confirm this step ]" in screen_text(app)


async def test_a_click_before_the_ticket_was_read_is_ignored_and_told() -> None:
    desk = SmallDesk()
    async with cockpit(desk, settle=3600) as (app, pilot):
        await press(pilot, "r", "enter")
        await click(app, pilot, "Confirm this step")
        assert "✗ too early: ignored" in screen_text(app)
        assert "▸[ Cancel ]" in screen_text(app)


@SIZES
async def test_the_ways_to_stop_are_marked_by_a_click_and_taken_in_the_footer(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        await click(app, pilot, "stop here…")
        assert isinstance(app.screen, StopHereScreen)
        await click(app, pilot, "Leave it here")
        await click(app, pilot, "keep what is done")
        assert "▸ Leave it here" in screen_text(app)
        assert not desk.abandoned
        await click(app, pilot, "take it")
        assert desk.abandoned


@SIZES
async def test_a_halt_is_lifted_by_a_click_from_every_screen(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        for keys in ((), ("r", "enter"), ("x",), ("escape", "escape", "question_mark"), ("escape", "i"), ("escape", "f2")):
            await press(pilot, *keys)
            if not isinstance(app.screen, JumpScreen):
                await click(app, pilot, "halt" if not keys else "h halt")
                assert desk.picture.halted, keys
                assert "h halt" not in screen_text(app).splitlines()[-1]
                await click(app, pilot, "H resume")
                assert not desk.picture.halted, keys
                assert "H resume" not in screen_text(app).splitlines()[-1]


async def test_a_plan_in_execution_is_gone_on_with_by_a_click() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "escape")
        assert "what is chosen above is for the plan after it" in screen_text(app)
        await click(app, pilot, "opens the next step's ticket")
        assert isinstance(app.screen, TicketScreen)


async def test_a_click_beside_the_letters_of_a_jump_stays_here() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "f")
        assert isinstance(app.screen, JumpScreen)
        await pilot.click(offset=(60, 18))
        await quiet(pilot)
        assert not isinstance(app.screen, JumpScreen)
        await press(pilot, "f")
        await click(app, pilot, "]phase [")
        assert app.view_name == "phase"


async def test_a_field_is_opened_stepped_and_ended_by_clicks() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r")
        view = app.query_one(RotationView)
        await click(app, pilot, "a tranche")
        assert isinstance(app.focused, Field)
        await click(app, pilot, "↓ less")
        assert str(view.request.tranche) == "0.75"
        await click(app, pilot, "↑ more")
        assert view.request.tranche == 1
        await press(pilot, "5", "0")
        assert view.request.tranche == Decimal("0.5")
        await click(app, pilot, "esc cancel")
        assert not isinstance(app.focused, Field)


async def test_the_first_letter_typed_stands_in_place_of_the_old_value() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r", "a", "5", "0", "enter")
        assert app.query_one(RotationView).request.tranche == Decimal("0.5")


async def test_a_filter_has_no_steps_to_click() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "2", "slash")
        assert screen_text(app).splitlines()[-1].split() == ["⏎", "done", "esc", "cancel", "F8", "halt"]


def test_every_action_of_a_view_is_a_command_of_the_palette() -> None:
    """From the footer's "find" a mouse reaches whatever the footer has no room for."""
    app = CockpitApp(SmallDesk(), tick_seconds=None)
    offered = {command.callback.args for command in commands(app) if isinstance(command.callback, partial)}
    wanted: set[tuple[str, str | None]] = {(action.command, None) for action in COCKPIT if action.id not in NOT_HERE}
    wanted |= {(action.command, view) for view in VIEWS for action in SCOPES.get(view, ())}
    assert wanted <= offered


async def test_the_wheel_brings_columns_into_view_that_find_no_room() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "2")
        table = app.query_one("#positions-table", TableView)
        at_first, last = table.columns_in_view, len(table.heads) - 1
        assert last not in at_first
        for kind, shift in ((events.MouseScrollRight, False), (events.MouseScrollDown, True)):
            for _ in range(len(table.heads)):
                await wheel(table, pilot, kind, shift=shift)
            assert table.columns_in_view[-1] == last
            assert table.columns_in_view[0] == 0
            for _ in range(len(table.heads)):
                await wheel(table, pilot, events.MouseScrollLeft)
            assert table.columns_in_view == at_first
        assert len(screen_text(app).splitlines()) == 24


async def test_the_hints_of_the_positions_take_a_click_as_their_keys() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "2", "j", "enter")
        await click(app, pilot, "esc closes the detail")
        assert "closes the detail" not in screen_text(app)
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, "2", "s")
        await click(app, pilot, "S by sector")
        assert "S by sector" not in screen_text(app)
