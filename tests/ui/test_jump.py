"""Every pane and view is one key away from everywhere, and a pane can have the whole screen."""

import pytest

from cockpit.ui.actions import VIEWS
from cockpit.ui.screens.jump import JumpScreen, targets_of
from cockpit.ui.widgets.header import Header
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_a_letter_goes_to_every_pane_of_the_view_and_to_every_view(size: tuple[int, int]) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        for letter, target in targets_of(app.screen, {}).items():
            if app.view_name != "overview":
                await press(pilot, "1")
            await press(pilot, "f")
            assert f"[{letter}]" in screen_text(app)
            await press(pilot, letter)
            if target.pane is not None:
                assert app.focused is target.pane
            else:
                assert app.view_name == target.view
        await press(pilot, "1")
        panes = [target.pane for target in targets_of(app.screen, {}).values() if target.pane is not None]
        assert panes == [*app.screen.focus_chain]
        assert len(panes) > 3
        assert {target.view for target in targets_of(app.screen, {}).values() if target.view} == set(VIEWS)


async def test_no_letter_is_a_halt_key() -> None:
    async with cockpit(SmallDesk()) as (app, _):
        assert "h" not in targets_of(app.screen, {})
        assert "a" not in targets_of(app.screen, {"halt": "a,f8"})


async def test_escape_stays_the_digits_still_open_views_and_a_click_is_the_letter() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        before = app.focused
        await press(pilot, "f", "escape")
        assert app.focused is before
        await press(pilot, "f", "4")
        assert app.view_name == "signals"
        await press(pilot, "f")
        rows = screen_text(app).splitlines()
        y = next(y for y, row in enumerate(rows) if "]journal" in row)
        await pilot.click(offset=(rows[y].index("]journal") + 2, y))
        await quiet(pilot)
        assert app.view_name == "journal"
        await press(pilot, "f", "h")
        assert desk.picture.halted
        assert isinstance(app.screen, JumpScreen)


async def test_on_another_size_the_letters_go_away() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "f")
        await pilot.resize_terminal(*WIDE)
        await quiet(pilot)
        assert not isinstance(app.screen, JumpScreen)


# Zoom


IN_EVERY_VIEW = (("1",), ("1", "tab"), ("3",), ("4",), ("5",), ("6",), ("7",), ("2",), ("2", "enter"))
WHERE_PANES_STAND_SIDE_BY_SIDE = (("1",), ("4",), ("2",), ("2", "enter"))


@pytest.mark.parametrize(
    ("size", "ways"), [(NARROW, IN_EVERY_VIEW), (WIDE, WHERE_PANES_STAND_SIDE_BY_SIDE)], ids=["80x24", "120x40"]
)
async def test_a_zoomed_pane_fills_the_room_of_the_views_and_gives_it_back(
    size: tuple[int, int], ways: tuple[tuple[str, ...], ...]
) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        for way in ways:
            await press(pilot, *way)
            before = screen_text(app)
            pane = app.focused
            assert pane is not None
            await press(pilot, "z")
            top = app.query_one(Header).region.bottom
            assert app.screen.maximized is pane, way
            assert pane.region == (0, top, size[0], size[1] - top - 1), way
            assert before.splitlines()[0] == screen_text(app).splitlines()[0]
            assert before.splitlines()[-1] == screen_text(app).splitlines()[-1]
            await press(pilot, "z")
            assert screen_text(app) == before, way
            await press(pilot, "z", "escape")
            assert app.screen.maximized is None


async def test_a_zoomed_pane_stays_through_pictures_and_sizes_and_ends_when_the_focus_leaves_it() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "z")
        pane = app.focused
        desk.change(revision=20)
        await quiet(pilot)
        assert "rev 20" in screen_text(app)
        await pilot.resize_terminal(*NARROW)
        await quiet(pilot)
        assert app.screen.maximized is pane
        assert "STABLE" in screen_text(app)
        await press(pilot, "tab")
        assert app.focused is pane
        await press(pilot, "3")
        assert app.screen.maximized is None
        assert "What would change it" in screen_text(app)
