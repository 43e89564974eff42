"""The rotation map: every subject in its quadrant, named in words, with the way of its last days."""

import math
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.charts import Quadrant, Trail, TrailPoint
from cockpit.model.picture import Picture
from cockpit.ui.blocks.rotation_map import headline as map_headline
from cockpit.ui.blocks.rotation_map import overview_map, rotation_map
from cockpit.ui.lines import Line, text_of, width_of
from tests.ui.small_desk import SmallDesk


def loaded() -> Picture:
    desk = SmallDesk()
    desk.open_book()
    desk.open_store()
    return desk.load_signals()


def text(lines: list[Line]) -> list[str]:
    return [text_of(row) for row in lines]


def trail(subject: str, *points: tuple[float, float], is_sector: bool = False) -> Trail:
    days = (date(2021, 8, 1) + timedelta(days=index) for index in range(len(points)))
    return Trail(
        subject=subject,
        sector=Sector.DEFI,
        is_sector=is_sector,
        points=tuple(TrailPoint(day=day, strength=x, momentum=y) for day, (x, y) in zip(days, points, strict=True)),
    )


QUADRANTS = (
    trail("LEAD", (100.2, 100.1), (102.0, 101.5)),
    trail("WEAK", (102.0, 100.5), (101.5, 98.8)),
    trail("LAGS", (99.5, 99.9), (98.0, 98.9)),
    trail("GAIN", (98.2, 99.0), (98.4, 101.2)),
)


def mapped(*trails: Trail, width: int = 100, height: int = 24) -> str:
    return "\n".join(text(rotation_map(replace(loaded(), trails=trails), width, height, True)))


def test_every_subject_is_named_with_its_quadrant_in_words() -> None:
    shown = mapped(*QUADRANTS)
    for subject, quadrant in zip(("LEAD", "WEAK", "LAGS", "GAIN"), Quadrant, strict=True):
        row = next(row for row in shown.splitlines() if subject in row and str(quadrant) in row)
        assert row.strip()


def test_every_subject_stands_in_its_quadrant_of_the_drawing() -> None:
    rows = mapped(*QUADRANTS).splitlines()
    drawing = rows[1 : next(i for i, row in enumerate(rows) if "└" in row)]
    middle = next(i for i, row in enumerate(drawing) if "┼" in row)
    axis = drawing[middle].index("┼")
    place = {
        name: next((i, row.index(name)) for i, row in enumerate(drawing) if name in row)
        for name in ("LEAD", "WEAK", "LAGS", "GAIN")
    }
    assert place["LEAD"][0] < middle < place["WEAK"][0]
    assert place["GAIN"][0] < middle < place["LAGS"][0]
    assert place["LAGS"][1] < axis < place["LEAD"][1]
    assert place["GAIN"][1] < axis < place["WEAK"][1]


def test_the_arrows_say_where_the_last_days_led() -> None:
    rows = mapped(*QUADRANTS).splitlines()
    legend = {name: next(row for row in rows if name in row and "." in row).split() for name in ("LEAD", "WEAK", "LAGS", "GAIN")}
    arrows = {name: [cell for cell in row if cell in ("↑", "↓", "=")] for name, row in legend.items()}
    assert arrows == {"LEAD": ["↑", "↑"], "WEAK": ["↓", "↓"], "LAGS": ["↓", "↓"], "GAIN": ["↑", "↑"]}


def test_subjects_in_one_place_get_letters_that_the_legend_explains() -> None:
    crowd = [trail(f"TOKEN{number}", (101.0 + number / 1000, 101.0)) for number in range(12)]
    shown = mapped(*crowd, width=78)
    rows = shown.splitlines()
    end = next(i for i, row in enumerate(rows) if "└" in row)
    legend = {row.split()[1]: row.split()[0] for row in rows[end:] if "TOKEN" in row}
    assert len(legend) == 12
    letters = [key for key in legend.values() if key.isalpha()]
    assert len(letters) == len(set(letters)) >= 8
    drawing = "\n".join(row.partition("│")[2] for row in rows[:end])
    for letter in letters:
        assert letter in drawing


@pytest.mark.parametrize("name", ["币安人生", "[/]", "\x1b[31mX", "a\u202eb"])
def test_a_foreign_name_shifts_no_row_and_reaches_no_terminal_raw(name: str) -> None:
    plain = mapped(trail("UNI", (101.0, 101.0)), trail("ABCD", (99.0, 101.0)))
    shown = mapped(trail("UNI", (101.0, 101.0)), trail(name, (99.0, 101.0)))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    row, before = (next(row for row in text_.splitlines() if "●UNI" in row) for text_ in (shown, plain))
    assert row.index("●UNI") == before.index("●UNI")


def test_older_days_are_dots() -> None:
    way = [(98 + day / 3, 99 + day / 4) for day in range(10)]
    rows = mapped(trail("UNI", *way)).splitlines()
    drawing = rows[1 : next(i for i, row in enumerate(rows) if "└" in row)]
    assert sum(row.count("·") for row in drawing) >= 7


def test_the_map_of_the_sectors_alone_leaves_the_assets_out() -> None:
    shown = "\n".join(text(rotation_map(loaded(), 100, 24, False)))
    assert "DEFI" in shown
    assert "UNI" not in shown


@pytest.mark.parametrize("size", [(54, 14), (76, 17), (30, 8), (54, 4), (90, 26)])
def test_the_overviews_map_fits_and_names_the_sectors_quadrants(size: tuple[int, int]) -> None:
    shown = overview_map(loaded(), *size)
    assert len(shown) <= size[1]
    assert all(width_of(row) <= max(30, size[0]) for row in shown)
    assert "DEFI leading →" in " ".join(text(shown))


def test_the_maps_headline_names_the_sectors() -> None:
    assert text_of(map_headline(loaded())).split()[:2] == ["L1", "lagging"]


POINTS = st.lists(st.tuples(st.floats(90, 110), st.floats(90, 110)), min_size=1, max_size=10)


@settings(max_examples=40, deadline=None)
@given(st.lists(POINTS, min_size=1, max_size=40), st.integers(50, 160), st.integers(10, 50))
def test_any_trails_make_a_map_that_fits_and_names_all(ways: list[list[tuple[float, float]]], width: int, height: int) -> None:
    trails = tuple(trail(f"T{number}x", *points) for number, points in enumerate(ways))
    shown = rotation_map(replace(loaded(), trails=trails), width, height, True)
    assert all(width_of(row) <= width for row in shown)
    words = {word for row in text(shown) for word in row.split()}
    assert all(f"T{number}x" in words for number in range(len(ways)))


def test_a_point_without_a_number_is_left_out_and_breaks_nothing() -> None:
    shown = mapped(trail("BAD", (math.nan, 100.0)), trail("FAR", (math.inf, 100.0)), trail("GOOD", (101.0, 101.0)))
    assert "GOOD" in shown
    assert "BAD" not in shown
