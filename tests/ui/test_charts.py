"""Charts: what a trader reads off them without colour."""

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.charts import PriceHistory
from cockpit.terminal.lines import TWINS
from cockpit.ui.charts import Curve, Level, line_chart, price_chart, sparkline
from cockpit.ui.lines import Line, text_of, width_of

ENTRY, STOP, LIQUIDATION = Level("entry", Decimal(4000)), Level("stop", Decimal(4480)), Level("liquidation", Decimal("5976.10"))


def closes(*values: float | None) -> PriceHistory:
    days = tuple(date(2021, 8, 1) + timedelta(days=index) for index in range(len(values)))
    return PriceHistory(asset="ETH", source="simulated", days=days, closes=values)


WAVE = closes(*(3700 + 400 * math.sin(index / 9) for index in range(60)))


def text(lines: list[Line]) -> list[str]:
    return [text_of(row) for row in lines]


@pytest.mark.parametrize("size", [(150, 30), (100, 14), (60, 10), (40, 12), (18, 6), (10, 3)])
def test_a_chart_fits_its_place(size: tuple[int, int]) -> None:
    """Also where the place is larger than the terminal that the process was started in."""
    shown = price_chart(WAVE, (ENTRY, STOP, LIQUIDATION), *size)
    assert 0 < len(shown) <= size[1]
    assert max(width_of(row) for row in shown) <= max(size[0], 20)


def test_entry_stop_and_liquidation_are_told_apart_by_name_price_and_glyph() -> None:
    shown = text(price_chart(WAVE, (ENTRY, STOP, LIQUIDATION), 100, 16))
    for label, glyph in (("entry 4,000.00", "─"), ("stop 4,480.00", "┄"), ("liquidation 5,976.10", "═")):
        row = next(row for row in shown if label in row)
        assert row.count(glyph) > 20
    assert sum("close" in row for row in shown) == 1


def test_a_higher_price_stands_higher() -> None:
    shown = text(price_chart(WAVE, (ENTRY, STOP), 100, 16))
    assert next(i for i, row in enumerate(shown) if "stop" in row) < next(i for i, row in enumerate(shown) if "entry" in row)


def test_a_level_far_away_is_named_with_an_arrow_and_does_not_flatten_the_curve() -> None:
    shown = text(price_chart(WAVE, (ENTRY, Level("liquidation", Decimal(90_000)), Level("stop", Decimal(10))), 100, 16))
    assert "↑═ liquidation 90,000.00" in shown[0]
    assert any("↓┄ stop 10.00" in row for row in shown[-5:])


@pytest.mark.parametrize("width", [44, 100])
def test_levels_at_the_same_price_are_all_named(width: int) -> None:
    levels = [Level(f"order {number}", Decimal(3700)) for number in range(4)]
    shown = " ".join(" ".join(text(price_chart(WAVE, levels, width, 18))).split())
    assert all(f"order {number} 3,700.00" in shown for number in range(4))


@pytest.mark.parametrize("values", [(), (None, None), (math.nan, math.inf)])
def test_without_a_number_a_chart_says_no_data(values: tuple[float | None, ...]) -> None:
    assert "no data" in text_of(line_chart([Curve("cash", values)], 60, 10)[0])
    assert "no data" in text_of(price_chart(closes(*values), (ENTRY,), 60, 10)[0])


def test_the_days_stand_under_the_chart() -> None:
    assert text(price_chart(WAVE, (), 100, 12))[-1].split()[:2] == ["1", "Aug"]
    assert text(price_chart(WAVE, (), 100, 12))[-1].split()[-2:] == ["29", "Sep"]


def test_a_gap_stays_a_gap() -> None:
    whole = text(line_chart([Curve("", [5.0] * 40)], 60, 8))
    gap = text(line_chart([Curve("", [5.0] * 15 + [None] * 10 + [5.0] * 15)], 60, 8))
    curve = next(row for row in whole if row.count("⠤") + row.count("⠒") + row.count("⠉") + row.count("⣀") > 30)
    broken = next(row for row in gap if any(ch in "⠤⠒⠉⣀" for ch in row))
    assert len(broken.split("┤")[-1].split("│")[-1].split()) == 2
    assert len(curve.split("┤")[-1].split("│")[-1].split()) == 1


def test_two_curves_are_told_apart_by_glyph_and_name() -> None:
    cash, margin = Curve("cash", [30_000, 24_000, 17_482]), Curve("margin", [0, 11_000, 17_500], "bad")
    shown = text(line_chart([cash, margin], 80, 14, x_labels=["0", "1", "2"]))
    assert sum("⠤⠤ cash 17,482" in row for row in shown) == 1
    assert sum("++ margin 17,500" in row for row in shown) == 1
    assert sum("+" in row for row in shown) > 3


def test_one_close_is_a_point_with_its_price() -> None:
    assert any("close 4,000.00" in row for row in text(price_chart(closes(4000.0), (), 60, 8)))


def test_the_same_numbers_give_the_same_chart() -> None:
    assert price_chart(WAVE, (ENTRY,), 90, 12) == price_chart(WAVE, (ENTRY,), 90, 12)


def test_a_sparkline_ends_with_the_newest_value() -> None:
    assert sparkline([1, 2, None, 3, math.nan, 5], 10) == "▁▃·▅·█"
    assert sparkline([float(day) for day in range(100)], 30)[-1] == "█"
    assert len(sparkline([float(day) for day in range(100)], 30)) <= 30


def test_a_sparkline_of_one_value_neither_rises_nor_falls() -> None:
    assert sparkline([7.0] * 5, 10) == "▄" * 5
    assert sparkline([None] * 3, 10) == "···"
    assert sparkline([1.0], 0) == ""


NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.none()


@given(st.lists(NUMBERS, max_size=300), st.integers(0, 120))
def test_a_sparkline_fits_and_says_what_is_missing(values: list[float | None], width: int) -> None:
    shown = sparkline(values, width)
    assert len(shown) <= width
    if width >= len(values):
        assert [cell == "·" for cell in shown] == [value is None or not math.isfinite(value) for value in values]


@given(st.lists(st.floats(-1e15, 1e15) | st.none(), min_size=1, max_size=80), st.integers(20, 130), st.integers(4, 30))
def test_any_numbers_make_a_chart_that_fits(values: list[float | None], width: int, height: int) -> None:
    shown = line_chart([Curve("now", values)], width, height, levels=[Level("stop", Decimal(5))])
    assert len(shown) <= height
    assert max(width_of(row) for row in shown) <= width


def test_every_glyph_of_a_chart_has_an_ascii_twin() -> None:
    shown = "".join(text(price_chart(WAVE, (ENTRY, STOP, LIQUIDATION, Level("target", 3900.0)), 100, 16)))
    assert {glyph for glyph in shown if not glyph.isascii()} <= set(TWINS)
