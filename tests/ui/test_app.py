"""The views, the keys that work everywhere, and the work that never blocks the loop."""

import asyncio
import threading
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.theme import BUILTIN_THEMES, Theme

from cockpit.model.errors import BadInput, MarketUnavailable
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.request import PlanRequest, Proposal
from cockpit.ui.actions import VIEWS
from cockpit.ui.app import CockpitApp
from cockpit.ui.messages import Answer
from cockpit.ui.panes.rotation import RotationView
from cockpit.ui.themes import DEFAULT_THEME, no_such_theme
from cockpit.ui.tone import Tone
from cockpit.ui.views import make_view
from cockpit.ui.widgets.notice import Told
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("1", "weight %"),
        ("2", "No perpetual is open."),
        ("3", "What would change it"),
        ("4", "momentum"),
        ("5", "The path: 6 steps"),
        ("6", "after the shock"),
        ("7", "Opened from hundred_thousand.toml"),
        ("r", "The path: 6 steps"),
    ],
)
async def test_a_digit_opens_its_view(key: str, words: str, size: tuple[int, int]) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        await press(pilot, key)
        assert words in screen_text(app)


async def test_the_narrow_overview_keeps_the_other_panels_as_headlines() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        shown = screen_text(app)
        for words in ("asset", "3 phase", "B DeFi Alpha Hunt", "4 signals", "4 map", "5 rotation", "B asks: L1 40.0 → 30.0"):
            assert words in shown, words
        await press(pilot, "tab")
        shown = screen_text(app)
        assert "2 positions   L1 40.0→30.0" in shown
        assert "evidence" in shown


@pytest.mark.parametrize(
    "way",
    [(), ("r",), ("question_mark",), ("r", "enter"), ("r", "enter", "x")],
    ids=["overview", "rotation", "help", "ticket", "stop"],
)
async def test_h_halts_from_everywhere_and_the_header_says_so(way: tuple[str, ...]) -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, *way, "h")
        assert desk.picture.halted
        if way != ("question_mark",):
            assert "HALTED" in screen_text(app)
        await press(pilot, "H")
        assert not desk.picture.halted


async def test_halting_does_not_wait_for_a_ticket_to_settle() -> None:
    desk = SmallDesk()
    async with cockpit(desk, settle=60.0) as (_, pilot):
        await press(pilot, "r", "enter", "h")
        assert desk.picture.halted


async def test_export_writes_a_new_file_each_time_and_says_where(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), directory=tmp_path) as (app, pilot):
        await press(pilot, "r", "e")
        assert "plan-B-1.toml" in screen_text(app)
        await press(pilot, "e")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["plan-B-1.toml", "plan-B-2.toml"]


async def test_export_without_a_plan_says_how_to_get_one(tmp_path: Path) -> None:
    async with cockpit(SmallDesk(), directory=tmp_path) as (app, pilot):
        await press(pilot, "e")
        assert "no plan to export" in screen_text(app)
        assert list(tmp_path.iterdir()) == []


async def test_the_last_choice_wins_and_no_older_answer_is_shown() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r")
        desk.gates["A"] = threading.Event()
        await pilot.press("s")
        view = app.query_one(RotationView)
        await pilot.press("s")
        await pilot.press("m")
        assert view.proposal is None
        desk.gates["A"].set()
        await quiet(pilot)
        assert view.proposal is not None
        assert view.proposal.request == view.request
        assert view.request.strategy == "B"
        assert [request.strategy for request in desk.requests] == ["auto", "A", "B"]


async def test_keys_change_the_request_in_place() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "p", "p")
        shown = screen_text(app)
        assert "preset *literal" in shown
        assert "REFUSED by free reserve" in shown
        await press(pilot, "0", "d", "up", "enter", "l", "up", "enter", "m")
        request = app.query_one(RotationView).request
        assert (str(request.hedge_ratio), str(request.leverage), request.mode) == ("0.25", "2.5", "blend")


async def test_a_refused_plan_cannot_be_begun() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (_, pilot):
        await press(pilot, "r", "p", "p", "enter")
        assert desk.picture.execution is None


async def test_a_plan_in_execution_is_gone_on_with_and_not_begun_twice() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "escape")
        assert "In execution" in screen_text(app)
        await press(pilot, "enter")
        assert "Step 2 of 6" in screen_text(app)
        assert desk.confirmed == [1]


async def test_the_preview_follows_the_book() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (_, pilot):
        await press(pilot, "r")
        before = len(desk.requests)
        desk.change(revision=15)
        await quiet(pilot)
        assert len(desk.requests) == before + 1


async def test_pictures_are_coalesced_and_the_newest_is_shown() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        for revision in range(20, 220):
            desk.change(revision=revision)
        await quiet(pilot)
        assert "rev 219" in screen_text(app)


class BrokenDesk(SmallDesk):
    """Every slow part fails in its own way."""

    def open_store(self) -> Picture:
        raise BadInput("the store is locked by another process")

    def load_signals(self) -> Picture:
        failed = Progress(stage=Stage.FAILED, message="prices.csv is empty: record the market again")
        self.change(signals_progress=failed)
        raise MarketUnavailable("prices.csv is empty: record the market again")

    def propose(self, request: PlanRequest) -> Proposal:
        raise ZeroDivisionError("secret=hunter2")


async def test_failures_are_sentences_and_the_rest_goes_on(tmp_path: Path) -> None:
    desk = BrokenDesk()
    app = CockpitApp(desk, tick_seconds=None, settle=0.0, log_file=tmp_path / "log")
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        shown = screen_text(app)
        assert "the store is locked by another process" in shown
        assert "prices.csv is empty" in shown
        assert "40,000" in shown
        await press(pilot, "r")
        shown = screen_text(app)
        assert "unexpected ZeroDivisionError" in shown
        assert "hunter2" not in shown
        assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600


async def test_a_market_that_stops_ticking_is_said_once() -> None:
    desk = SmallDesk()
    ticks = 0

    def broken() -> Picture:
        nonlocal ticks
        ticks += 1
        raise MarketUnavailable("the feed is gone")

    desk.tick = broken  # type: ignore[method-assign]
    app = CockpitApp(desk, tick_seconds=0.001, settle=0.0)
    async with app.run_test(size=WIDE) as pilot:
        while "the feed is gone" not in screen_text(app):
            await pilot.pause(0.01)
        seen = ticks
        while ticks < seen + 5:
            await pilot.pause(0.01)
        assert screen_text(app).count("the feed is gone") == 1


@pytest.mark.parametrize("name", VIEWS)
async def test_a_key_pressed_again_while_its_view_is_being_made_makes_no_second_one(name: str) -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await asyncio.gather(*(app.action_view(name) for _ in range(3)))
        await quiet(pilot)
        assert len(app.query(f"#views > #{app._views[name].id}")) == 1


async def test_a_picture_that_comes_while_the_first_view_is_being_made_is_shown_once_it_stands() -> None:
    """The book is on its way while the view is made: on a slow machine it is there first."""
    async with cockpit(SmallDesk()) as (app, pilot):
        await press(pilot, "2")
        await app._views.pop(VIEWS[0]).remove()
        app._views[VIEWS[0]] = made = make_view(VIEWS[0], app.keymap)
        mounting = app.query_one("#views").mount(made)
        app.view_name = VIEWS[0]
        app.on_picture_changed()
        await mounting
        await press(pilot, "2", "1")
        assert "40,000" in screen_text(app)


async def test_an_answer_that_comes_while_the_app_closes_is_dropped() -> None:
    answered: list[bool] = []
    async with cockpit(SmallDesk()) as (app, _):
        pass
    app.on_answer(Answer(lambda: answered.append(True)))
    app.on_picture_changed()
    assert answered == []


async def test_q_quits_and_an_unknown_theme_falls_back_with_a_word() -> None:
    app = CockpitApp(SmallDesk(), theme="cockpt", tick_seconds=None)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        assert "There is no theme 'cockpt': cockpit is used; the nearest is cockpit." in screen_text(app)
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize("name", sorted(BUILTIN_THEMES))
def test_a_theme_that_was_not_made_for_the_cockpit_is_not_taken(name: str) -> None:
    app = CockpitApp(SmallDesk(), theme=name, tick_seconds=None)
    assert app.theme == DEFAULT_THEME
    assert no_such_theme(name, ("frost", "amber"), "amber").startswith(f"There is no theme {name!r}: amber is used; ")


def test_where_no_name_is_near_every_theme_is_named() -> None:
    assert no_such_theme("zzz", ("frost", "amber"), "amber").endswith("there are amber, frost.")


def test_a_crash_prints_one_sentence_without_values_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Crashing(CockpitApp):
        def on_mount(self) -> None:
            api_secret = "hunter2"
            raise RuntimeError(f"signed with {api_secret}")

    app = Crashing(SmallDesk(), tick_seconds=None, log_file=tmp_path / "log")
    app.run(headless=True, size=(80, 24))
    told = capsys.readouterr()
    assert app.return_code == 1
    assert "hunter2" not in told.out + told.err
    assert "stopped by an unexpected RuntimeError" in told.out + told.err
    assert "RuntimeError" in (tmp_path / "log").read_text(encoding="utf-8")


async def test_notices_of_the_picture_are_told_once() -> None:
    desk = SmallDesk()
    desk._picture = replace(desk.picture, notices=("Resumed at revision 14: 2 fills since.",))
    async with cockpit(desk) as (app, pilot):
        desk.change(revision=15)
        await quiet(pilot)
        assert screen_text(app).count("Resumed at revision 14: 2 fills since.") == 1


async def test_a_users_theme_is_used_and_its_problems_are_told() -> None:
    made = Theme(name="mine", primary="#4aa3b5", variables={"dim": "#777777"})
    app = CockpitApp(
        SmallDesk(), theme="mine", themes=[made], problems=["broken.toml: colours.dim is no colour"], tick_seconds=None
    )
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        assert app.theme == "mine"
        assert "broken.toml: colours.dim is no colour" in screen_text(app)


async def test_notices_cover_no_number_and_go_away() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        before = screen_text(app).splitlines()
        app.say("The first of two sentences.", seconds=60)
        await quiet(pilot)
        rows = screen_text(app).splitlines()
        assert rows[2] == " · The first of two sentences."
        assert rows[3] == before[2]
        app.notices.forget(Told("The first of two sentences.", Tone.PLAIN))
        await quiet(pilot)
        assert screen_text(app).splitlines()[2] == before[2]


async def test_a_click_on_the_footer_is_its_key() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        for words in ("h halt", "r rotate"):
            x = screen_text(app).splitlines()[-1].index(words)
            await pilot.click("#footer", offset=(x, 0))
            await quiet(pilot)
        assert desk.picture.halted
        assert app.view_name == "rotation"
        x = screen_text(app).splitlines()[-1].index("m mode")
        await pilot.click("#footer", offset=(x, 0))
        await quiet(pilot)
        assert app.query_one(RotationView).request.mode == "blend"


async def test_ctrl_c_ends_nothing_and_says_what_does() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        for keys in ((), ("r", "enter")):
            await press(pilot, *keys, "ctrl+c")
            assert app.is_running
            assert "ctrl+q leaves the cockpit from everywhere; a plan that was begun waits" in screen_text(app)
            assert "Do you want to quit?" not in screen_text(app)
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert not app.is_running
