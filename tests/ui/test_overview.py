"""The overview: what is asked stands always; four panels together from 120 columns, below that one and the others' headlines."""

import threading

import pytest
from msgspec.structs import replace

from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.readings import Phase
from cockpit.ui.app import CockpitApp
from cockpit.ui.blocks import heat, outlook, rotation_map
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.keys import AS_SHIPPED
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.panes.overview import MapPanel, Overview, Panel
from cockpit.ui.panes.pane import Build
from tests.ui import sample_signals as signals
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_panes import hedged, loaded

LARGE = (200, 60)


def asked(picture: Picture, width: int = 116) -> str:
    return "\n".join(text_of(row) for row in outlook.strip(picture, width))


def quietly(picture: Picture) -> Picture:
    """Without a trigger that fired."""
    return replace(picture, triggers=tuple(trigger for trigger in picture.triggers if not trigger.fired))


# What is asked


def test_the_strip_says_what_the_strategy_asks_and_how_much_moves() -> None:
    """The worked example: 40/25/35 against 30/50/20 is a turnover of 25 % of 100,000."""
    assert (
        asked(quietly(loaded()))
        == "B asks: L1 40.0 → 30.0, DEFI 25.0 → 50.0, STABLE 35.0 → 20.0; 25,000 to move; r previews the way"
    )


def test_a_book_inside_its_bands_is_asked_nothing() -> None:
    assert asked(quietly(hedged())).startswith("B asks nothing now: every weight is inside its band, L1 30.0 → 30.0")


def test_a_trigger_that_fired_keeps_a_line_of_its_own() -> None:
    picture = loaded()
    for width in (40, 76, 116):
        rows = outlook.strip(picture, width)
        assert len(rows) == outlook.MOST_LINES
        assert text_of(rows[-1]).startswith("● ")
        assert all(width_of(row) <= width for row in rows)


def test_a_plan_in_execution_stands_in_place_of_the_targets() -> None:
    desk = SmallDesk()
    picture = quietly(loaded(desk))
    plan = example.reconciled_plan(desk.held, desk.market)
    running = replace(picture, execution=desk.begin(plan).execution)
    assert "plan B in execution: 0 of 6 steps done" in asked(running)
    assert "next: " in asked(running)
    assert "r previews" not in "\n".join(text_of(row) for row in outlook.outlook(running, 116))
    assert running.execution is not None
    blocked = replace(running, execution=replace(running.execution, blocked="the venue does not answer"))
    assert "✗ the venue does not answer" in asked(blocked)


def test_without_a_target_the_strip_says_why() -> None:
    picture = replace(quietly(loaded()), target_weights={}, strategy="")
    assert "undetermined: hold" in asked(replace(picture, call=signals.phase_call(Phase.UNDETERMINED, Phase.A)))
    assert "loading" in asked(replace(picture, call=None, signals_progress=Progress()))
    failed = Progress(stage=Stage.FAILED, message="prices.csv has no column close")
    assert "could not be read" in asked(replace(picture, call=None, signals_progress=failed))
    assert "loading the book" in asked(SmallDesk().picture)


@pytest.mark.parametrize("build", [outlook.strip, outlook.outlook])
def test_an_undetermined_phase_asks_for_nothing_though_the_one_last_held_has_targets(build: Build) -> None:
    picture = replace(quietly(loaded()), call=signals.phase_call(Phase.UNDETERMINED, Phase.B))
    assert picture.target_weights
    shown = "\n".join(text_of(row) for row in build(picture, 116))
    assert "undetermined: hold" in shown
    assert "asks" not in shown
    assert "previews" not in shown
    assert "hold: the phase is undetermined" in text_of(outlook.the_way(picture, AS_SHIPPED))


@pytest.mark.parametrize("build", [outlook.strip, outlook.outlook, outlook.tall_strip])
def test_every_figure_of_the_outlook_is_in_the_glossary(build: Build) -> None:
    figures = figures_of(build(loaded(), 116))
    assert figures
    assert all(meaning(figure.about) is not None for figure in figures)


# The panels


async def test_from_120_columns_four_panels_and_what_is_asked_stand_together() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, _):
        shown = screen_text(app)
        for words in ("2 positions", "3 phase", "4 signals", "4 map", "25,000 to move", "[·│·]", "leading", "lagging"):
            assert words in shown, words


async def test_below_120_columns_the_focused_panel_is_open_and_the_others_are_headlines() -> None:
    titles = ["2 positions", "3 phase", "4 signals", "4 map", "5 rotation"]
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        for opened, words in zip(titles, ("40.0→30.0", "B DeFi Alpha Hunt", "strength", "leading", "to move %"), strict=True):
            shown = screen_text(app)
            assert words in shown, opened
            assert [title for title in titles if title != opened and title not in shown] == []
            assert max(len(row) for row in shown.splitlines()) <= 80
            await press(pilot, "tab")


async def test_the_room_of_a_large_screen_is_used() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, _):
        small = app.query_one(MapPanel).size
    async with cockpit(SmallDesk(), size=LARGE) as (app, _):
        large = app.query_one(MapPanel).size
        assert large.width > 1.5 * small.width
        assert large.height > 1.5 * small.height
        assert "Opened from hundred_thousand.toml" in screen_text(app)


def test_the_heat_fills_the_lines_there_are_with_the_assets_whose_readings_say_the_most() -> None:
    """The sample's assets: of those not held, SOL has the larger mean score, then LINK."""
    picture = loaded()
    least = [text_of(row) for row in heat.overview_heat(picture, 96)]
    assert NOT_HELD not in least
    for more in range(4):
        shown = [text_of(row) for row in heat.overview_heat(picture, 96, len(least) + more)]
        assert shown[: len(least)] == least
        assert len(shown) <= len(least) + more
    everything = [text_of(row) for row in heat.overview_heat(picture, 96, 60)]
    others = [row.split()[0] for row in everything[everything.index(NOT_HELD) + 1 :]]
    assert others == sorted(others, key=lambda asset: -mean_score(picture, asset))
    assert not {"ETH", "UNI", "AAVE"} & set(others)


NOT_HELD = "not held, strongest readings first"


def mean_score(picture: Picture, asset: str) -> float:
    """The mean size of what stands in an asset's row of the heatmap."""
    shown = heat.columns_of(picture.readings)
    own = [r for r in picture.readings if r.subject == asset and r.indicator in shown]
    scores = [abs(r.score) for r in own if r.score is not None]
    return sum(scores) / len(scores)


async def test_positions_and_phase_take_the_lines_that_they_need() -> None:
    """The lower panels get what is left; where the upper ones need more than there is, nobody falls under a third."""
    async with cockpit(SmallDesk(), size=LARGE) as (app, _):
        positions, phase, lower = (app.query_one(f"#panel-{name}", Panel) for name in ("positions", "phase", "map"))
        assert positions.scrollable_content_region.height >= max(len(positions.lines), len(phase.lines))
        assert lower.outer_size.height > positions.outer_size.height


async def test_the_map_is_drawn_off_the_loop_and_its_place_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of the overview stands while it is drawn."""
    gate, threads, draw = threading.Event(), list[str](), rotation_map.overview_map

    def slow(picture: Picture, width: int, height: int) -> list[Line]:
        if picture.trails:
            threads.append(threading.current_thread().name)
            gate.wait(60)
        return draw(picture, width, height)

    monkeypatch.setattr(rotation_map, "overview_map", slow)
    app = CockpitApp(SmallDesk(), tick_seconds=None)
    async with app.run_test(size=WIDE) as pilot:
        while "the map is being drawn" not in screen_text(app) or "25,000 to move" not in screen_text(app):
            await pilot.pause(0.01)
        gate.set()
        await quiet(pilot)
        assert "leading" in screen_text(app)
    assert threads
    assert threading.main_thread().name not in threads


async def test_zoomed_the_strip_becomes_the_whole_outlook() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        app.query_one("#panel-rotation").focus()
        await press(pilot, "z")
        shown = screen_text(app)
        assert "to move %" in shown
        assert "╭─ 2 positions" not in shown
        await press(pilot, "z")
        assert "to move %" not in screen_text(app)
        assert "╭─ 2 positions" in screen_text(app)


async def test_the_room_is_shared_out_again_when_what_is_asked_takes_more_or_less_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting for the next picture: the same one on the same screen always looks the same."""
    async with cockpit(SmallDesk(), size=LARGE) as (app, pilot):
        monkeypatch.setattr(app, "_show_picture", lambda: None)
        overview, strip = app.query_one(Overview), app.query_one("#panel-rotation", Panel)
        build, upper = strip._build, app.query_one("#panel-positions")
        before = upper.outer_size.height
        strip._build = lambda picture, width: build(picture, width)[:1]
        strip.rebuild()
        await quiet(pilot)
        assert upper.outer_size.height == max((overview.size.height - 1) // 3, before)
        assert upper.outer_size.height > before
        strip._build = build
        strip.rebuild()
        await quiet(pilot)
        assert upper.outer_size.height == before
