"""The palette offers every action of the cockpit and of its views, and each of them can be run from it."""

import asyncio
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.pilot import Pilot
from textual.theme import Theme

from cockpit.model.plan import Plan
from cockpit.ui import actions
from cockpit.ui.app import CockpitApp
from cockpit.ui.palette import NOT_HERE, Commands
from cockpit.ui.screens.explain import ExplainScreen
from cockpit.ui.screens.help import HelpScreen
from cockpit.ui.screens.jump import JumpScreen
from cockpit.ui.screens.sources import SourcesScreen
from cockpit.ui.screens.themes import ThemesScreen
from tests.pseudo_terminal import PATIENCE
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

OPENS = {"help": HelpScreen, "explain": ExplainScreen, "jump": JumpScreen, "theme": ThemesScreen, "sources": SourcesScreen}


async def test_every_action_is_in_the_palette_once_with_its_key() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        offered = list(app.get_system_commands(app.screen))
        wanted = [action for view in ("cockpit", *actions.VIEWS) for action in actions.SCOPES.get(view, ())]
        wanted = [action for action in wanted if action.id not in NOT_HERE]
        assert len({command.title for command in offered}) == len(offered) == len(wanted)
        for action, command in zip(wanted, offered, strict=True):
            assert command.help.endswith(action.help)
            assert command.help.startswith(action.all_keys_text)
        await press(pilot, "4")
        listed = {command.title for command in app.get_system_commands(app.screen) if command.discover}
        assert "signals: map" in listed
        assert "rotation: mode" not in listed


@pytest.mark.timeout(600)
async def test_every_command_of_the_palette_runs(tmp_path: Path) -> None:
    """Each one from the overview, in one app: what it opens is closed again, and nothing breaks."""
    desk = SmallDesk()
    async with cockpit(desk, directory=tmp_path) as (app, pilot):
        for number, title in enumerate([command.title for command in app.get_system_commands(app.screen)]):
            if title in ("quit", "rotation: begin"):
                continue
            command = list(app.get_system_commands(app.screen))[number]
            assert command.title == title
            command.callback()
            await quiet(pilot)
            if title in OPENS:
                assert isinstance(app.screen, OPENS[title])
            if len(app.screen_stack) > 1:
                await press(pilot, "escape")
            assert len(app.screen_stack) == 1, title
            if ":" in title:
                word = title.partition(":")[0]
                assert app.view_name == next(v for v in actions.VIEWS if actions.VIEW_WORDS.get(v, v) == word)
                await press(pilot, "escape")
                await press(pilot, "1")
            app.screen.minimize()
        written = {path.suffix for path in tmp_path.iterdir()}
        assert {".toml", ".md", ".txt", ".svg", ".csv"} <= written
        assert not desk.picture.halted
        begin = next(command for command in app.get_system_commands(app.screen) if command.title == "rotation: begin")
        begin.callback()
        await quiet(pilot)
        assert desk.picture.execution is not None
        await press(pilot, "escape")
        next(command for command in app.get_system_commands(app.screen) if command.title == "quit").callback()
        await pilot.pause()
    assert app.return_code == 0


async def test_a_command_is_found_by_its_name_and_run_once_the_palette_is_gone() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await pilot.press("ctrl+p", *"journal")
        await found(pilot, "journal")
        await pilot.press("enter")
        await quiet(pilot)
        assert app.view_name == "journal"


async def found(pilot: Pilot[None], title: str) -> None:
    """Wait until the palette offers a command first."""
    offered = pilot.app.screen.query_one(CommandList)
    async with asyncio.timeout(PATIENCE):
        while not (offered.options and str(getattr(offered.options[0].prompt, "plain", "")).startswith(title)):
            await pilot.pause(0.02)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("spreadsheet", None),
        ("prices newest", "rotation: preview"),
        ("F8", "halt"),
        ("SVG", "screenshot"),
        ("halt", "halt"),
    ],
)
async def test_a_command_is_found_by_its_key_and_by_what_it_does(typed: str, first: str | None) -> None:
    async with cockpit(SmallDesk()) as (app, _):
        hits = [hit async for hit in Commands(app.screen).search(typed)]
        found = [hit.text for hit in sorted(hits, reverse=True)]
        assert found[:1] == ([first] if first else [])


async def test_a_name_comes_before_a_sentence_that_has_the_word() -> None:
    async with cockpit(SmallDesk()) as (app, _):
        hits = {str(hit.text): hit.score async for hit in Commands(app.screen).search("resume")}
        assert hits["resume"] > 1
        named = {hit.text: hit async for hit in Commands(app.screen).search("plan")}
        assert named["journal: plan"].score > named["report"].score > 0
        assert named["report"].help == "E   Write a report of the plan as Markdown into the working directory"


async def test_the_halt_key_acts_over_the_palette() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (_, pilot):
        await press(pilot, "ctrl+p", "h")
        assert not desk.picture.halted
        await press(pilot, "f8")
        assert desk.picture.halted


# What is taken out of the cockpit


async def test_a_picture_is_an_svg_of_what_stands_on_the_screen(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), directory=tmp_path) as (app, pilot):
        await app.run_action("app.picture")
        await quiet(pilot)
        (path,) = tmp_path.iterdir()
        assert path.suffix == ".svg"
        text = path.read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert "100,000.00" in text
        assert f"Picture written to {path}"[:60] in " ".join(screen_text(app).split())


async def test_copy_gives_the_whole_pane_to_the_terminal_and_to_a_file_that_it_names(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), size=NARROW, directory=tmp_path) as (app, pilot):
        await press(pilot, "3", "y")
        (path,) = tmp_path.iterdir()
        assert path.name.startswith("phase")
        text = path.read_text(encoding="utf-8")
        assert app.clipboard == text
        assert "What would change it" in text
        assert len(text.splitlines()) > 22
        assert path.name in screen_text(app)
        assert "if your terminal allows it" in screen_text(app)


async def test_a_copied_table_has_every_column_and_says_whose_numbers_it_has_and_of_when(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), size=NARROW, directory=tmp_path) as (app, pilot):
        await press(pilot, "2")
        assert "coins" not in screen_text(app)
        await press(pilot, "y")
        (path,) = tmp_path.iterdir()
        origin, blank, heads, *rows = path.read_text(encoding="utf-8").splitlines()
        assert origin == f"positions: {example.book().name} / main, revision {app.desk.picture.revision}, PAPER SIMULATED, {WHEN}"
        assert blank == ""
        assert " ".join(heads.split()) == "asset spot perp net now % target drift band account coins price"
        assert [row.split()[0] for row in rows] == ["L1", "ETH", "DEFI", "AAVE", "UNI", "STABLE", "USDT"]
        assert not {"▸", "[", "]"} & set(heads)


WHEN = f"{example.NOON:%Y-%m-%d %H:%M:%S} UTC"


async def test_a_report_needs_a_plan_and_is_named(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), directory=tmp_path) as (app, pilot):
        await press(pilot, "E")
        assert "There is no plan to report yet: r shows one." in screen_text(app)
        await press(pilot, "r", "E")
        (path,) = tmp_path.iterdir()
        assert path.suffix == ".md"
        assert path.name in screen_text(app)


class FullDisk(SmallDesk):
    """A desk that cannot write."""

    def keep(self, name: str, text: str, directory: Path) -> Path:
        raise OSError(28, "secret=hunter2")

    def report(self, plan: Plan, directory: Path) -> Path:
        raise OSError(28, "secret=hunter2")


async def test_what_cannot_be_written_is_told_in_a_sentence(tmp_path: Path) -> None:
    app = CockpitApp(FullDisk(), tick_seconds=None, settle=0.0, directory=tmp_path, log_file=tmp_path / "log")
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        await press(pilot, "y")
        assert "unexpected OSError" in screen_text(app)
        assert "hunter2" not in screen_text(app)


# Themes

PAPER = Theme(name="paper", primary="#205080", background="#ffffff", foreground="#101010", dark=False)


async def test_a_theme_is_shown_while_it_is_chosen_and_kept_or_given_back() -> None:
    app = CockpitApp(SmallDesk(), themes=[PAPER], descriptions={"paper": "For bright rooms."}, tick_seconds=None, settle=0.0)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        await press(pilot, "f2", "down")
        assert app.theme == "paper"
        assert app.screen.styles.background.a == 0
        shown = screen_text(app)
        for words in ("▸ paper", "light", "For bright rooms.", 'theme = "paper"', "2 positions"):
            assert words in shown, words
        await press(pilot, "escape")
        assert app.theme == "cockpit"
        await press(pilot, "f2", "j", "enter")
        assert app.theme == "paper"
        assert "--theme paper" in " ".join(screen_text(app).split())
        await press(pilot, "f2")
        y = next(y for y, row in enumerate(screen_text(app).splitlines()) if "  cockpit" in row)
        await pilot.click(offset=(WIDE[0] - 20, y))
        await quiet(pilot)
        assert app.theme == "cockpit"
