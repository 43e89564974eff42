"""What a key costs the screen: how often it is laid out, and what is painted that did not change."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from textual.geometry import Region

from cockpit.ui.actions import VIEWS
from cockpit.ui.app import CockpitApp
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.table_view import TableView
from tests.ui.driving import WIDE, cockpit, press
from tests.ui.small_desk import SmallDesk

OPENING = {"rotation": "r"} | {name: str(number) for number, name in enumerate(VIEWS, start=1) if name != "rotation"}


class Layouts:
    """How often the screen was laid out."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, _screen: object) -> None:
        """One more."""
        self.count += 1


@contextmanager
def layouts(app: CockpitApp) -> Iterator[Layouts]:
    """Count while inside."""
    counted, signal = Layouts(), app.screen.screen_layout_refresh_signal
    signal.subscribe(app.screen, counted.add, immediate=True)
    try:
        yield counted
    finally:
        signal.unsubscribe(app.screen)


@pytest.mark.parametrize("name", VIEWS)
async def test_a_view_that_is_opened_again_is_laid_out_once(name: str) -> None:
    other = "3" if name == "overview" else "1"
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, OPENING[name], other, OPENING[name], other)
        with layouts(app) as counted:
            await press(pilot, OPENING[name])
        assert app.view_name == name
        assert counted.count == 1


@pytest.mark.parametrize("name", [name for name in VIEWS if name != "overview"])
async def test_a_view_that_is_made_is_laid_out_and_then_at_most_once_more_for_what_its_parts_hold(name: str) -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        with layouts(app) as counted:
            await press(pilot, OPENING[name])
        assert app.view_name == name
        assert counted.count <= 2


async def test_typing_a_value_lays_nothing_out_whatever_becomes_of_the_plan() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, "r", "d")
        with layouts(app) as counted:
            await press(pilot, "0", ".", "1", "backspace", "backspace", "backspace")
        assert counted.count == 0


@pytest.mark.parametrize("view", ["positions", "signals", "rotation", "whatif", "journal"])
async def test_moving_lays_nothing_out(view: str) -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, OPENING[view])
        with layouts(app) as counted:
            await press(pilot, "j", "j", "k")
        assert counted.count == 0


async def test_a_focus_that_moves_paints_what_lost_and_took_it_and_not_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        whole: list[tuple[Region, ...]] = []
        monkeypatch.setattr(app.screen, "refresh", lambda *regions, **_: whole.append(regions))
        before = app.focused
        await press(pilot, "tab")
        assert app.focused is not before
        assert whole == []


@pytest.mark.parametrize("name", ["overview", "positions", "phase", "rotation", "whatif"])
async def test_a_hidden_view_holds_the_numbers_of_now_before_it_is_painted(name: str) -> None:
    """Not those it was left with, corrected a frame later."""
    desk = SmallDesk()
    async with cockpit(desk, size=WIDE) as (app, pilot):
        await press(pilot, OPENING[name], OPENING["journal"])
        view = app.query_one("#views").query_one(f"#{name}")
        lines = [part for part in view.walk_children(LinesView, with_self=True) if part.id != "rotation-state"]
        for part in lines:
            part.show_lines([])
        await app.action_view(name)
        made = [part.plain() for part in lines]
        await press(pilot, "f12")
        assert made == [part.plain() for part in lines]
        assert any(made)


async def test_the_row_under_the_cursor_shows_at_once_whether_it_has_the_keys() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, "2", "j")
        table = app.query_one(TableView)

        def roles() -> set[str]:
            return {span.role for row in table.lines for span in row}

        assert "cursor" in roles()
        await press(pilot, "enter")
        assert not table.has_focus
        assert "cursor" not in roles()
        await press(pilot, "escape")
        assert table.has_focus
        assert "cursor" in roles()
