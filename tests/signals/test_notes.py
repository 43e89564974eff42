"""What a note says of an indicator is what the indicator does, with the numbers of the settings in force."""

from msgspec.structs import replace

from cockpit.model.phase_settings import PhaseSettings
from cockpit.signals.engine import Signals
from cockpit.signals.indicators import ALL
from cockpit.signals.notes import notes


def test_every_indicator_has_a_note_of_one_line_each(signals: Signals) -> None:
    found = notes(signals.board, signals.settings)
    assert set(found) == set(ALL)
    for name, note in found.items():
        assert (note.indicator, note.label, note.unit) == (name, ALL[name].label, ALL[name].unit)
        for text in (note.formula, note.inputs, note.reference):
            assert text
            assert "\n" not in text
            assert "{" not in text


def test_what_has_a_score_says_how_and_what_has_none_says_nothing(signals: Signals) -> None:
    found = notes(signals.board, signals.settings)
    scored = {reading.indicator for reading in signals.readings() if reading.score is not None}
    assert {name for name, note in found.items() if note.score} == scored


def test_the_numbers_are_those_of_the_settings_in_force(signals: Signals, settings: PhaseSettings) -> None:
    other = replace(
        settings,
        heat=replace(settings.heat, window=9, neutral=55.0, full=77.0),
        strength=replace(settings.strength, fast=11, slow=33, scale=171),
        funding=replace(settings.funding, days=4, neutral=0.0004, full=0.0012),
        trend=replace(settings.trend, mean=123, full=0.27),
        tvl=replace(settings.tvl, short=6, long=28),
    )
    found = notes(signals.board, other)
    assert "RSI 9" in found["rsi"].formula
    assert "0 up to 55" in found["heat"].score
    assert "from 77 on" in found["heat"].score
    assert "EMA 11 − EMA 33" in found["rot_rs"].formula
    assert "171 days" in found["momentum"].formula
    assert "4 days per 8 hours" in found["fund_defi"].formula
    assert "0 up to 0.04 %/8h, −1 from 0.12 %/8h" in found["fund_l1"].score
    assert "mean of 123 days" in found["trend"].formula
    assert "ln(1 + x) / 0.27" in found["trend"].score
    assert "over 6 days" in found["tvl_acc"].formula
    assert "28-day slope" in found["tvl_acc"].score


def test_the_assets_that_stand_for_a_sector_are_named(signals: Signals) -> None:
    inputs = notes(signals.board, signals.settings)["defi_rs"].inputs
    assert all(asset in inputs for asset in signals.board.baskets["DEFI"])
