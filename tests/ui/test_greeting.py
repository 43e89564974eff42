"""A newcomer is told what to press, in one line, until a key was pressed that leads on."""

from cockpit.ui.greeting import greeting
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk


def test_the_line_names_the_keys_that_are_in_force_and_fits_a_narrow_screen() -> None:
    assert greeting({}) == "First time here: r plans, ? explains, 1-7 views. Own book: cockpit init FILE"
    assert len(greeting({})) <= 76
    moved = greeting({"rotate": "n", "help": "f3", "view.overview": "o"})
    assert "n plans, F3 explains, o 2 3 4 5 6 7 views" in moved


async def test_it_stands_from_the_first_start_until_another_view_is_opened() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        assert "First time here" not in screen_text(app)
        desk.change(first_start=True)
        await quiet(pilot)
        assert screen_text(app).count("First time here: r plans") == 1
        await press(pilot, "down", "tab", "1")
        assert "First time here" in screen_text(app)
        await press(pilot, "3", "1")
        desk.change(first_start=True)
        await quiet(pilot)
        assert "First time here" not in screen_text(app)
