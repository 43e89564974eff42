"""The signals view: heatmap, sectors by days, and a cell's detail."""

import math

import pytest
from msgspec.structs import replace

from cockpit.model.charts import Series
from cockpit.model.errors import BadInput
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.terminal.lines import TWINS
from cockpit.ui.blocks.heat import asset_grid, day_grid, headline, overview_heat
from cockpit.ui.blocks.raw import raw_text
from cockpit.ui.blocks.rotation_map import overview_map, rotation_map
from cockpit.ui.blocks.signal_cell import cell_detail
from cockpit.ui.glossary import meaning
from cockpit.ui.grid import Grid
from cockpit.ui.lines import Line, Span, text_of, width_of
from cockpit.ui.panes.signals import SignalsView
from cockpit.ui.widgets.heatmap import Heatmap
from cockpit.ui.widgets.lines_view import LinesView
from tests.ui import sample_signals as sample
from tests.ui.driving import NARROW, WIDE, cockpit, press, screen_text
from tests.ui.small_desk import SmallDesk

ROOMY = (160, 45)


def loaded() -> Picture:
    desk = SmallDesk()
    desk.open_book()
    desk.open_store()
    return desk.load_signals()


def text(lines: list[Line]) -> list[str]:
    return [text_of(row) for row in lines]


# The heatmap


def test_sectors_by_days_show_the_newest_day_first_with_its_date() -> None:
    picture = loaded()
    grid, behind = day_grid(picture, values=False)
    assert grid.heads[:2] == ("19 Aug", "18 Aug")
    assert len(grid.heads) == 90
    row = next(y for y, name in enumerate(grid.names) if name.text == "DEFI strength")
    series = picture.sector_days[row]
    assert grid.tiles[row][0].text == f"{series.scores[-1]:+.2f}".replace("-", "−")
    assert behind[row, 0].back == 0
    assert behind[row, 0].reading is not None
    assert behind[row, 5].reading is None


def test_a_day_without_a_number_is_a_dot_and_never_zero() -> None:
    grid, _ = day_grid(loaded(), values=False)
    assert grid.tiles[0][11].text == "·"


def test_every_cell_says_its_sign_without_colour() -> None:
    for make in (asset_grid, day_grid):
        grid, _ = make(loaded(), values=False)
        for tile in (tile for row in grid.tiles for tile in row):
            assert tile.text.strip()
            if tile.role.startswith("rise"):
                assert tile.text.startswith("+")
            if tile.role.startswith("fall"):
                assert tile.text.startswith("−")


@pytest.mark.parametrize("width", [30, 54, 80, 116, 200])
@pytest.mark.parametrize("values", [False, True])
def test_a_grid_shows_whole_columns_and_cuts_no_number(width: int, values: bool) -> None:
    for make in (asset_grid, day_grid):
        grid, _ = make(loaded(), values=values)
        for index, tiles in enumerate(grid.tiles):
            shown = grid.row(index, 0, width)
            assert width_of(shown) <= max(width, grid.name_width + grid.least)
            assert [part.text.strip() for part in shown[1:]] == [tile.text.strip() for tile in tiles[: len(shown) - 1]]


@pytest.mark.parametrize("width", [50, 54, 76, 116])
def test_the_overviews_heatmap_has_sectors_and_held_assets_in_whole_numbers(width: int) -> None:
    shown = overview_heat(loaded(), width)
    assert max(width_of(row) for row in shown) <= width
    rows = [row.split() for row in text(shown)]
    assert [row[0] for row in rows if row and row[0] in ("L1", "ETH", "SOL", "DEFI", "UNI", "AAVE")] == [
        "L1",
        "ETH",
        "DEFI",
        "UNI",
        "AAVE",
    ]
    assert not any("…" in row for row in text(shown))
    assert "+0.35" in text(shown)[0]


def test_the_headline_names_the_strongest_readings() -> None:
    assert text_of(headline(loaded())).startswith("L1 strength −0.83")


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.331, "fraction", "33.1 %"),
        (-0.025, "fraction", "−2.5 %"),
        (0.00023, "per 8 h", "0.023 %/8h"),
        (0.36, "per 30 days", "36.0 %/30d"),
        (101.329, "points", "101.3"),
        (-1.407, "z", "−1.41"),
        (18.0, "tokens", "18"),
        (math.nan, "points", "–"),
        (None, "points", "–"),
    ],
)
def test_a_raw_number_is_written_in_its_unit(value: float | None, unit: str, written: str) -> None:
    assert raw_text(value, unit) == written


# A cell


def test_a_cells_detail_says_value_score_history_formula_inputs_and_source() -> None:
    picture = loaded()
    _, behind = asset_grid(picture, values=False)
    cell = next(cell for cell in behind.values() if (cell.subject, cell.indicator) == ("DEFI", "strength"))
    series = sample.series("strength", "DEFI", 120)
    shown = " ".join(text(cell_detail(cell, series, picture.notes["strength"], picture.now, 116)))
    for words in (
        "DEFI strength",
        "97.5",
        "points",
        "score −0.50 of −1 … +1",
        "quality 0.90",
        "age 12 h",
        "close of 2021-08-19",
        "▁",
        "low",
        "EMA 10 − EMA 30",
        "within −1 and +1",
        "daily closes",
        "simulated, observed 2021-08-20 00:00:00 UTC",
    ):
        assert words in shown


def test_a_cell_of_an_earlier_day_shows_that_day() -> None:
    picture = loaded()
    _, behind = day_grid(picture, values=False)
    cell = next(cell for cell in behind.values() if (cell.subject, cell.indicator, cell.back) == ("DEFI", "strength", 5))
    series = sample.series("strength", "DEFI", 120)
    shown = " ".join(text(cell_detail(cell, series, None, picture.now, 116)))
    assert "close of 2021-08-14" in shown
    assert raw_text(series.raws[-6], "points") in shown
    assert "19 Aug" not in shown


def test_a_history_that_is_not_here_yet_or_failed_says_so() -> None:
    picture = loaded()
    _, behind = asset_grid(picture, values=False)
    cell = next(iter(behind.values()))
    assert "… loading" in " ".join(text(cell_detail(cell, None, None, picture.now, 80)))
    assert "✗ the file is gone" in " ".join(text(cell_detail(cell, "the file is gone", None, picture.now, 80)))


def test_every_glyph_has_an_ascii_twin_and_every_figure_an_entry() -> None:
    picture = loaded()
    blocks = [rotation_map(picture, 120, 30, True), overview_map(picture, 54, 14), overview_heat(picture, 54)]
    for rows in blocks:
        assert {glyph for glyph in "".join(text(rows)) if not glyph.isascii()} <= set(TWINS)
        abouts = {part.about for row in rows for part in row if part.about}
        assert abouts
        assert {about for about in abouts if meaning(about) is None} == set()


# The view


async def test_the_keys_turn_the_view_and_the_cell_explains_itself() -> None:
    async with cockpit(SmallDesk(), size=WIDE) as (app, pilot):
        await press(pilot, "4")
        assert "Assets by indicators" in screen_text(app)
        assert "EMA 10 − EMA 30" in screen_text(app)
        await press(pilot, "l")
        await press(pilot, "right")
        assert "momentum   value" in screen_text(app)
        await press(pilot, "d")
        assert "Sectors by days" in screen_text(app)
        assert "19 Aug" in screen_text(app)
        await press(pilot, "right", "right")
        assert "close of 2021-08-17" in screen_text(app)
        await press(pilot, "d")
        assert "momentum   value" in screen_text(app)
        await press(pilot, "v")
        assert "raw values" in screen_text(app)
        await press(pilot, "m")
        shown = screen_text(app)
        assert "Rotation map" in shown
        assert "Assets by indicators" not in shown
        assert "UNI" in shown
        await press(pilot, "a")
        assert "UNI" not in screen_text(app)
        await press(pilot, "m")
        assert "Assets by indicators" in screen_text(app)


async def test_from_160_columns_on_the_map_stands_beside_the_heatmap() -> None:
    async with cockpit(SmallDesk(), size=ROOMY) as (app, pilot):
        await press(pilot, "4")
        shown = screen_text(app)
        assert "Assets by indicators" in shown
        assert "Rotation map" in shown
        assert "leading" in shown


async def test_at_80_columns_no_number_is_cut() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "4", "d")
        heatmap = app.query_one(Heatmap)
        shown = [figure.text for figure in heatmap.figures()]
        assert shown
        assert not any("…" in figure for figure in shown)
        assert "1 to 6 of 90" in screen_text(app)
        await press(pilot, *["right"] * 8)
        assert "4 to 9 of 90" in screen_text(app)


async def test_a_history_is_asked_for_once_a_cell_and_day() -> None:
    class Counting(SmallDesk):
        asked: list[tuple[str, str]]

        def series(self, indicator: str, subject: str, days: int) -> Series:
            self.asked.append((indicator, subject))
            return super().series(indicator, subject, days)

    desk = Counting()
    desk.asked = []
    async with cockpit(desk, size=WIDE) as (_, pilot):
        await press(pilot, "4", "right", "left", "right", "left")
        assert len(desk.asked) == len(set(desk.asked)) == 2


async def test_a_history_that_cannot_be_read_leaves_the_rest_of_the_cell() -> None:
    class Failing(SmallDesk):
        def series(self, indicator: str, subject: str, days: int) -> Series:
            raise BadInput("the history's file is gone")

    async with cockpit(Failing(), size=WIDE) as (app, pilot):
        await press(pilot, "4")
        detail = "\n".join(text_of(row) for row in app.query_one("#signal-detail", LinesView).lines)
        assert "✗ the history's file is gone" in detail
        assert "formula" in detail


async def test_loading_failed_and_partial_signals_say_so() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "4")
        view = app.query_one(SignalsView)
        failed = Progress(stage=Stage.FAILED, message="prices.csv has no column close")
        view.show(replace(desk.picture, readings=(), trails=(), signals_progress=failed))
        await pilot.pause()
        assert "prices.csv has no column close" in screen_text(app)
        view.show(replace(desk.picture, readings=(), trails=(), signals_progress=Progress()))
        await pilot.pause()
        assert "loading" in screen_text(app)
        view.show(replace(desk.picture, trails=(), sector_days=(), notes={}))
        await press(pilot, "m")
        assert "rotation map" in screen_text(app)
        await press(pilot, "d")
        assert "No days of the sectors" in screen_text(app)


def test_a_cursor_in_a_grid_has_brackets() -> None:
    grid = Grid(("one", "two"), (Span("L1"),), ((Span("+0.10", "rise1"), Span("−0.20", "fall1")),))
    assert "[ −0.20]" in text_of(grid.row(0, 0, 40, marked=1)).replace("[    ", "[ ").replace("[   ", "[ ").replace("[  ", "[ ")
