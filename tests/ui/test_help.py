"""The help explains the focused pane: what it shows, where that is from, its figures, its keys."""

import pytest

from cockpit.ui import actions
from cockpit.ui.app import CockpitApp
from cockpit.ui.glossary import meaning
from cockpit.ui.glossary.panes import PANES, pane_text
from cockpit.ui.lines import text_of, width_of
from cockpit.ui.screens.help import HelpScreen, help_lines, topic_of
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.widgets.lines_view import LinesView
from tests.ui.driving import NARROW, cockpit, press
from tests.ui.small_desk import SmallDesk


def told(app: CockpitApp) -> str:
    """The whole help, with what is below the fold, its lines joined."""
    return " ".join(app.screen.query_one("#help", LinesView).plain().split())


@pytest.mark.parametrize("view", actions.VIEWS)
async def test_the_help_of_a_view_has_its_text_its_figures_with_formula_and_source_and_its_keys(view: str) -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await press(pilot, str(actions.VIEWS.index(view) + 1))
        topic = topic_of(app.screen, view)
        await press(pilot, "question_mark")
        shown = told(app)
        text = pane_text(list(topic.ids))
        assert text is not None
        assert text.shows in shown
        assert text.source in shown
        assert len(topic.about) > (0 if view == "journal" else 3)
        for key in topic.about:
            entry = meaning(key)
            assert entry is not None
            for part in (entry.name, entry.meaning, entry.formula, entry.source):
                assert part in shown, (key, part)
        for action in (*actions.SCOPES.get(view, ()), *actions.MOVES, *actions.COCKPIT, *actions.TICKET):
            assert f"{action.all_keys_text} {action.help}".strip() in shown
        await press(pilot, "escape")
        assert not isinstance(app.screen, HelpScreen)


async def test_the_help_of_a_panel_is_about_that_panel() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        names = set()
        for pane in app.screen.focus_chain:
            pane.focus()
            await press(pilot, "question_mark")
            names.add(app.screen.query_one("#help", LinesView).plain().splitlines()[0])
            await press(pilot, "escape")
        assert names == {PANES[name].name for name in ("positions", "phase", "signals", "map", "rotation")}


async def test_the_map_and_the_drawer_have_texts_of_their_own() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        for way, name in ((("4", "m"), "map"), (("2", "enter"), "drawer")):
            await press(pilot, *way)
            assert pane_text(list(topic_of(app.screen, "positions").ids)) == PANES[name]


async def test_a_ticket_has_its_help_and_nothing_is_confirmed_by_reading_it() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert PANES["ticket"].shows in told(app)
        assert "Leave this step out" in told(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
        assert desk.confirmed == []


@pytest.mark.parametrize("width", [40, 78, 118, 198])
async def test_the_help_fits_its_width_and_cuts_nothing(width: int) -> None:
    async with cockpit(SmallDesk()) as (app, _):
        topic = topic_of(app.screen, "overview")
        rows = help_lines(topic, {}, width)
        assert max(map(width_of, rows)) <= width
        assert "…" not in "".join(map(text_of, rows)).replace("stop here…", "").replace("undo…", "")
