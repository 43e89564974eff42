"""One registry of keys: bindings, footer, help, palette and the README say the same, also under a keymap of the trader's own."""

import re
from pathlib import Path

import pytest
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from cockpit.files.keymap import load_keymap
from cockpit.ui import actions
from cockpit.ui.app import CockpitApp
from cockpit.ui.keys import in_force, key_of, view_keys
from cockpit.ui.screens.explain import ExplainScreen
from cockpit.ui.screens.help import HelpScreen
from cockpit.ui.screens.jump import JumpScreen
from cockpit.ui.screens.sources import SourcesScreen
from cockpit.ui.screens.stop_here import StopHereScreen
from cockpit.ui.screens.themes import ThemesScreen
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.views import make_view
from cockpit.ui.widgets.field import Field
from cockpit.ui.widgets.filter_line import FilterLine
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.heatmap import Heatmap
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.table_view import TableView
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.key_table import README, with_table
from tests.ui.small_desk import SmallDesk

TARGETS: dict[str, tuple[type[DOMNode], ...]] = {
    "cockpit": (CockpitApp,),
    "move": (LinesView, Heatmap, TableView),
    **{view: (type(make_view(view)),) for view in actions.VIEWS if view in actions.SCOPES},
    "field": (Field,),
    "ticket": (TicketScreen,),
    "stop": (StopHereScreen,),
    "help": (HelpScreen,),
    "explain": (ExplainScreen,),
    "jump": (JumpScreen,),
    "themes": (ThemesScreen,),
    "sources": (SourcesScreen,),
}
NAMESPACES: dict[str, tuple[type[DOMNode], ...]] = {"app": (CockpitApp,), "screen": (Screen,)}


def test_no_key_has_two_meanings_where_both_could_be_meant() -> None:
    for scope, own in actions.keys_by_scope().items():
        keys = [key for chosen in own.values() for key in chosen]
        assert len(keys) == len(set(keys)), (scope, sorted(key for key in keys if keys.count(key) > 1))


def test_an_id_names_one_action() -> None:
    assert all(action is actions.ALL[action.id] for own in actions.SCOPES.values() for action in own)


@pytest.mark.parametrize("scope", actions.SCOPES)
def test_every_command_exists_where_it_is_sent(scope: str) -> None:
    for action in actions.SCOPES[scope]:
        namespace, _, name = action.command.partition("(")[0].rpartition(".")
        for target in NAMESPACES[namespace] if namespace else TARGETS[scope]:
            assert callable(getattr(target, f"action_{name}", None)), (action.id, target)


def test_every_action_of_a_scope_is_bound_on_its_target() -> None:
    for scope, targets in TARGETS.items():
        wanted = {action.id for action in actions.SCOPES[scope] if action.keys}
        for target in targets:
            bound = {b.id for cls in target.__mro__ for b in vars(cls).get("BINDINGS", ()) if not isinstance(b, tuple)}
            assert wanted <= bound, (scope, target, wanted - bound)
    assert {binding.id for binding in FilterLine.BINDINGS if not isinstance(binding, tuple)} >= {"field.cancel"}


def test_the_readme_has_the_registrys_keys() -> None:
    """If this fails: `python -m tests.ui.key_table`."""
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text


def test_the_readmes_keymap_can_be_used_as_it_stands(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(schema = 1\n\[keys\]\n.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    path = tmp_path / "keymap.toml"
    path.write_text(found[1], encoding="utf-8")
    assert load_keymap(actions.keys_by_scope(), path) == {"rotate": "f5", "halt": "h,f9", "view.journal": "7,L"}


@pytest.mark.parametrize(
    ("key", "words"),
    [
        *(("number_sign", "#"), ("at", "@"), ("full_stop", "."), ("underscore", "_"), ("left_curly_bracket", "{")),
        *(("f5", "F5"), ("ctrl+g", "^g"), ("delete", "delete"), ("space", "space"), ("escape", "esc"), ("minus", "-")),
    ],
)
def test_a_key_is_written_as_it_is_printed_on_the_keyboard(key: str, words: str) -> None:
    assert actions.key_words(key) == words


def test_keys_in_force_are_the_keymaps_where_it_has_some() -> None:
    keymap = {"halt": "f9,ctrl+g", "view.phase": "P"}
    halt, export = in_force((actions.HALT, actions.ALL["export"]), keymap)
    assert halt.all_keys_text == "F9 ^g"
    assert export is actions.ALL["export"]
    assert key_of("screenshot", keymap) == ""
    assert view_keys(keymap)["P"] == "phase"
    assert "3" not in view_keys(keymap)


KEYMAP = {"halt": "f9", "move.down": "n", "rotation.mode": "x", "screenshot": "f7", "view.phase": "P", "ticket.skip": "n"}


async def test_a_keymap_moves_the_keys_of_app_view_widget_and_footer(tmp_path: Path) -> None:
    desk = SmallDesk()
    app = CockpitApp(desk, tick_seconds=None, settle=0.0, keymap=KEYMAP, directory=tmp_path)
    async with app.run_test(size=NARROW) as pilot:
        await quiet(pilot)
        assert "F9 halt" in screen_text(app)
        await press(pilot, "h")
        assert not desk.picture.halted
        await press(pilot, "P")
        assert app.view_name == "phase"
        pane = app.focused
        assert isinstance(pane, LinesView)
        await press(pilot, "j")
        assert pane.scroll_offset.y == 0
        await press(pilot, "n")
        assert pane.scroll_offset.y == 1
        await press(pilot, "f7")
        assert [path.suffix for path in tmp_path.iterdir()] == [".svg"]
        await press(pilot, "r")
        assert "x mode" in screen_text(app).splitlines()[-1]
        await press(pilot, "f9")
        assert desk.picture.halted
        assert "H resumes" in screen_text(app)


async def test_a_remapped_halt_passes_the_gate_of_a_ticket() -> None:
    desk = SmallDesk()
    app = CockpitApp(desk, tick_seconds=None, settle=60.0, keymap=KEYMAP)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        await press(pilot, "r", "enter", "f9")
        assert isinstance(app.screen, TicketScreen)
        assert desk.picture.halted


async def test_help_and_palette_name_the_keys_in_force() -> None:
    app = CockpitApp(SmallDesk(), tick_seconds=None, settle=0.0, keymap=KEYMAP)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        assert any(command.help.startswith("F9   Halt") for command in app.get_system_commands(app.screen))
        await press(pilot, "question_mark")
        told = app.screen.query_one("#help", LinesView).plain()
        assert "\nF9 " in told
        assert "h F8" not in told


@pytest.mark.parametrize(("size", "open_view"), [(NARROW, "▸1-7 {word}"), (WIDE, "▸"), ((200, 60), "▸{digit} {word}")])
async def test_the_footer_always_says_which_view_is_open_and_how_to_halt_get_help_and_find_the_rest(
    size: tuple[int, int], open_view: str
) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        for digit, view in enumerate(actions.VIEWS, start=1):
            await press(pilot, str(digit))
            last = screen_text(app).splitlines()[-1]
            word = actions.VIEW_WORDS.get(view, view)
            assert open_view.format(word=word, digit=digit) in last
            assert word in last
            assert "h halt" in last
            assert "? help" in last
            assert "^p find" in last


@pytest.mark.parametrize("keys", [("2", "slash"), ("5", "d")])
async def test_while_something_is_typed_the_footer_shows_no_letter_as_a_key(keys: tuple[str, ...]) -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, *keys)
        last = screen_text(app).splitlines()[-1]
        assert "F8 halt" in last
        assert "⏎ done" in last
        assert "h halt" not in last
        await press(pilot, "escape")
        assert "h halt" in screen_text(app).splitlines()[-1]


async def test_a_click_on_any_word_of_the_footer_is_its_key() -> None:
    async with cockpit(SmallDesk(), size=(200, 60)) as (app, pilot):
        for view in ("journal", "positions", "rotation"):
            x = screen_text(app).splitlines()[-1].index(f" {view}") + 2
            await pilot.click("#footer", offset=(x, 0))
            await quiet(pilot)
            assert app.view_name == view


@pytest.mark.parametrize(
    ("view", "widget", "word", "opened"),
    [
        ("5", "#choices", "leverage", "leverage"),
        ("5", "#choices", "tranche", "tranche"),
        ("6", "#shocks", "DeFi", "DEFI"),
        ("6", "#shocks", "as their sectors", "assets"),
    ],
)
async def test_a_click_on_a_choice_opens_it_as_its_key_does(view: str, widget: str, word: str, opened: str) -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, view)
        shown = app.screen.query_one(widget, LinesView)
        row = next(n for n, told in enumerate(shown.plain().splitlines()) if f" {word}" in told)
        x = shown.plain().splitlines()[row].rindex(f" {word}") + 2
        await pilot.click(widget, offset=(x, row))
        await quiet(pilot)
        field = app.focused
        assert isinstance(field, Field)
        assert field.row.name_of_value == opened
        before = field.value
        await pilot.click(widget, offset=(2, 0))  # its key is a letter, which would be text now
        await quiet(pilot)
        assert field.value == before


async def test_a_plan_is_begun_by_mouse_alone_on_a_narrow_screen() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "5")
        state = app.screen.query_one("#rotation-state", LinesView)
        await pilot.click("#rotation-state", offset=(state.plain().index("begins it") + 2, 0))
        await quiet(pilot)
        assert isinstance(app.screen, TicketScreen)


def test_without_glyphs_a_key_is_named_and_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    assert key_of("rotation.begin", {}) == "⏎"
    monkeypatch.setattr(actions, "has_glyphs", lambda: False)
    assert key_of("rotation.begin", {}) == "enter"
    assert all(action.all_keys_text.isascii() for action in actions.ALL.values())


async def test_where_the_views_are_one_word_a_click_on_it_offers_them_all() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await pilot.click("#footer", offset=(2, 0))
        await quiet(pilot)
        assert isinstance(app.screen, JumpScreen)


@pytest.mark.parametrize("keys", [("down", "up", "pagedown", "pageup", "end", "home"), ("j", "k", "ctrl+d", "ctrl+u", "G", "g")])
async def test_vims_keys_move_as_the_arrows_do(keys: tuple[str, ...]) -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "3")
        pane: Widget | None = app.focused
        assert pane is not None
        tops = []
        for key in keys:
            await press(pilot, key)
            tops.append(pane.scroll_offset.y)
        page, bottom = pane.size.height - 1, pane.max_scroll_y
        assert tops == [1, 0, min(page, bottom), 0, bottom, 0]
        assert bottom > 1


async def test_every_footer_of_a_modal_screen_offers_halt() -> None:
    for way in ((), ("question_mark",), ("i",), ("f2",), ("r", "enter"), ("r", "enter", "x")):
        async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
            await press(pilot, *way)
            shown = app.screen.query_one(Footer).shown()
            assert "halt" in [action.id for action in shown], way
