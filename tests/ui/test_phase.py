"""The phase view: verdict, gauges with the band, why, what would change it, triggers, strip, and the strategy that follows."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.readings import PHASES, Phase, PhaseCall, PhaseDay, Trigger, TriggerState
from cockpit.terminal.lines import TWINS
from cockpit.ui.blocks.evidence import flips, nearest_flips, ordered
from cockpit.ui.blocks.gauges import cycle, gauges, stays, threshold, typical
from cockpit.ui.blocks.phase import headline, phase, strip, summary
from cockpit.ui.blocks.triggers import triggers, way
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from tests.ui import sample_signals as sample
from tests.ui.driving import NARROW, cockpit, press, screen_text
from tests.ui.small_desk import SmallDesk

CALL = sample.phase_call()


def loaded() -> Picture:
    desk = SmallDesk()
    desk.open_book()
    desk.open_store()
    return desk.load_signals()


def text(lines: list[Line]) -> list[str]:
    return [text_of(row) for row in lines]


def called(phase: Phase | None, **scores: float) -> PhaseCall:
    return replace(CALL, incumbent=phase, scores={Phase(name): value for name, value in scores.items()})


def said(call: PhaseCall) -> str:
    """The view in one line, its blocks one below the other."""
    return " ".join(" ".join(text(phase(replace(loaded(), call=call), 110))).split())


# The gauges


SCORES = st.floats(-1, 1).map(lambda value: round(value, 6))


@given(SCORES, SCORES, SCORES, st.sampled_from(PHASES))
def test_at_its_threshold_a_challenger_leads_by_exactly_the_band(a: float, b: float, c: float, held: Phase) -> None:
    """The hysteresis of the phase engine: a challenger takes over when the incumbent's lead falls to `flips_at`."""
    call = called(held, A=a, B=b, C=c)
    for rival in PHASES:
        mark = threshold(call, rival)
        assert mark is not None
        if rival is not held:
            assert call.scores[held] - mark.at == pytest.approx(call.flips_at)
            assert mark.at - call.scores[rival] == pytest.approx(mark.to_go)
    own = threshold(call, held)
    best = max(score for other, score in call.scores.items() if other is not held)
    assert own is not None
    assert own.at - best == pytest.approx(call.flips_at)


def test_a_gauge_shows_score_band_threshold_and_what_is_to_go() -> None:
    """B is held at .41 with a band of .10: A at .08 takes over at .51, .43 away; B falls when it is .10 under A's .08."""
    a, b, c = text(gauges(CALL, 100))
    assert "+0.08" in a
    assert "at +0.51, 0.43 to go" in a
    assert "─▸" in a
    assert "held, falls at −0.02" in b
    assert "◂" in b
    assert "at +0.51, 0.63 to go" in c
    assert c.index("▇") < c.index("│")
    assert b.index("◂") < b.index("▇")


def test_while_the_market_falls_c_takes_over_once_it_is_level() -> None:
    """The fast path: B is held at .41 and C at -.12 needs .41, not .51; with C above A less the band it is C that B falls to."""
    falling = replace(CALL, falling=True)
    a, b, c = text(gauges(falling, 100))
    assert "at +0.51, 0.43 to go" in a
    assert "at +0.41, 0.53 to go" in c
    assert "held, falls at −0.02" in b
    close = threshold(replace(falling, scores={Phase.A: 0.08, Phase.B: 0.41, Phase.C: 0.3}), Phase.B)
    assert close is not None
    assert close.at == pytest.approx(0.3)
    words = said(falling)
    assert "A takes over at a lead of −0.10 on 3 closes (0 seen). C takes over once it is level, on one close" in words
    words = said(replace(falling, challenger=Phase.C))
    assert "B leads C by 0.33; C takes over once it is level, on one close: the market falls." in words
    assert "once it is level" not in said(CALL)


def test_a_change_that_comes_by_itself_is_said_to_need_none() -> None:
    """No reading would have to move: it must not read as if none could."""
    told = replace(CALL, flips=(), ahead=Phase.C, outlook="if nothing changes, C takes over in 3 closes")
    words = " ".join(text(flips(told, 90)))
    assert words == "What would change it  nothing has to If nothing changes, C takes over in 3 closes."
    none = replace(CALL, flips=(), outlook="if nothing changes, B stays")
    assert "No reading alone would, and no two together." in " ".join(text(flips(none, 90)))


def test_the_overview_cuts_no_sentence_of_what_would_change_it() -> None:
    """A sentence that loses its last line loses a number: the second one stands there whole, or not at all."""
    sentence = "if market against its mean below −15.6 % (now +33.1 %)"
    near, far = (replace(CALL.flips[0], sentence=f"{name} {sentence}") for name in "AC")
    call = replace(CALL, flips=(near, far), outlook="")
    for width, kept in ((40, [near]), (59, [near, far])):
        told = " ".join(text(nearest_flips(call, width, 2)))
        assert told == " ".join(f"→ {flip.sentence}" for flip in kept)


def test_a_threshold_beyond_one_is_out_of_reach() -> None:
    a, b, _ = text(gauges(called(Phase.B, A=0.1, B=0.95, C=-0.2), 100))
    assert "out of reach" in a
    assert "▸" not in a
    assert "held" in b


def test_without_a_phase_held_a_gauge_has_no_threshold() -> None:
    rows = text(gauges(called(None, A=0.1, B=0.2, C=-0.2), 100))
    assert not any("to go" in row or "▸" in row or "held" in row for row in rows)


@given(SCORES, SCORES, SCORES, st.integers(54, 200))
def test_gauges_fit_any_width(a: float, b: float, c: float, width: int) -> None:
    assert all(width_of(row) <= width for row in gauges(called(Phase.A, A=a, B=b, C=c), width))


# The round


def days(*runs: tuple[Phase, int]) -> tuple[PhaseDay, ...]:
    phases = [phase for phase, count in runs for _ in range(count)]
    return tuple(PhaseDay(date(2021, 3, 1) + timedelta(days=index), phase) for index, phase in enumerate(phases))


RUNS = days((Phase.B, 6), (Phase.A, 13), (Phase.C, 54), (Phase.B, 9), (Phase.C, 16), (Phase.A, 51), (Phase.B, 31))


def test_only_whole_stays_count_for_the_usual_one() -> None:
    assert [(stay.phase, stay.days) for stay in stays(RUNS) if not stay.whole] == [(Phase.B, 6), (Phase.B, 31)]
    assert [typical(RUNS, phase) for phase in PHASES] == [32, 9, 35]
    assert typical(days((Phase.A, 90)), Phase.A) is None


def test_the_round_marks_the_present_phase_in_words_and_brackets() -> None:
    shown = " ".join(text(cycle(replace(CALL, strip=RUNS, dwell_until=CALL.day + timedelta(days=4)), 77)))
    assert "A infra → [B alpha, day 19] → C de-risk → A" in shown
    assert "usual stay, days A 32  B 9  C 35" in shown
    assert "4 d to go" in shown


@pytest.mark.parametrize("width", [60, 77, 116, 196])
def test_the_strip_has_one_letter_a_day_in_the_width_there_is(width: int) -> None:
    rows = text(strip(RUNS, width))
    assert all(len(row) <= width for row in rows)
    letters = "".join(row.split()[-1] for row in rows[2::2])
    assert letters == "".join(item.phase.value for item in RUNS)
    assert "Apr" in rows[1]


def test_a_month_stands_over_its_first_day() -> None:
    rows = text(strip(RUNS, 196))
    for item in RUNS:
        if item.day.day == 1:
            at = 8 + RUNS.index(item)
            assert rows[1][at : at + 3] == f"{item.day:%b}"


def test_an_undetermined_day_is_a_dot() -> None:
    assert text(strip(days((Phase.UNDETERMINED, 3), (Phase.A, 2)), 80))[-1].endswith("···AA")


# Why, and what would change it


def test_the_evidence_stands_by_size_of_contribution_and_what_is_missing_last() -> None:
    assert [row.indicator for row in ordered(CALL)] == ["rot_rs", "trend", "tvl_acc", "heat", "activity"]


def test_a_contribution_has_a_sign_a_glyph_and_a_bar_to_its_side() -> None:
    shown = text(phase(loaded(), 116))
    up = next(row for row in shown if "DeFi/L1 rotation" in row and "+0.25" in row)
    down = next(row for row in shown if "DeFi RSI" in row and "−0.02" in row)
    assert up.startswith("▲")
    assert "│▇▇▇▇▇" in up
    assert down.startswith("▼")
    assert "│▇" not in down


def test_the_first_screen_of_a_small_terminal_holds_verdict_gauges_why_and_what_flips_it() -> None:
    shown = "\n".join(text(phase(loaded(), 77))[:20])
    for words in (
        "B DeFi Alpha Hunt",
        "high 0.71",
        "[B alpha, day 19]",
        "0.43 to go",
        "A takes over at a lead of −0.10 on 3 closes",
        "DeFi/L1 rotation below 98.7 (now 104.2)",
        "Why B",
        "+0.25",
    ):
        assert words in shown


@pytest.mark.parametrize("width", [77, 116, 196])
def test_the_whole_view_says_everything(width: int) -> None:
    shown = " ".join(" ".join(text(phase(loaded(), width))).split())
    for words in (
        "Coverage 85 % (a call needs 60 %); missing: network activity.",
        "Exit triggers",
        "Strategy B follows",
        "The last 180 days",
        "no data",
    ):
        assert words in shown


# The strategy


def test_the_strategy_says_how_far_the_book_is_and_which_side_of_the_band() -> None:
    picture = loaded()
    shown = text(phase(picture, 77))
    l1 = next(row for row in shown if row.startswith("L1 "))
    assert l1.split()[:4] == ["L1", "40.0", "30.0", "−10.0"]
    assert l1.split()[-2:] == ["!", "over"]
    assert any("25.0 % is to move" in row for row in shown)
    assert not any("inside every band" in row for row in shown)
    near = replace(picture, target_weights={Sector.L1: Decimal("0.42")}, bands={Sector.L1: Decimal("0.05")})
    assert next(row for row in text(phase(near, 77)) if row.startswith("L1 ")).split()[-2:] == ["✓", "inside"]
    assert any("inside every band: nothing needs to be traded" in row for row in text(phase(near, 77)))


def test_without_a_strategy_the_view_says_hold() -> None:
    picture = replace(loaded(), strategy="", target_weights={}, call=sample.phase_call(Phase.UNDETERMINED, None))
    shown = " ".join(text(phase(picture, 77)))
    assert "No strategy follows" in shown
    assert "Hold, take no new risk" in shown
    assert "no phase was held before" in shown


# The triggers


def trigger(kind: str, value: float | None, threshold: float, state: TriggerState = TriggerState.QUIET) -> Trigger:
    return Trigger(
        kind=kind,
        subject="DEFI",
        state=state,
        value=value,
        threshold=threshold,
        unit="",
        seen=1,
        needed=3,
        sentence=f"{kind} sentence",
        reason="a reason",
    )


@pytest.mark.parametrize(
    ("one", "gone"),
    [
        (trigger("rsi", 72.5, 80), 0.75),
        (trigger("rsi", 40, 80), 0.0),
        (trigger("funding", 0.00025, 0.0005), 0.5),
        (trigger("tvl_collapse", -0.05, -0.2), 0.25),
        (trigger("tvl_collapse", 0.3, -0.2), 0.0),
        (trigger("rsi", 85, 80), 1.0),
        (trigger("rsi", 79, 80, TriggerState.FIRED), 1.0),
    ],
)
def test_the_way_of_a_trigger_runs_from_neutral_to_its_threshold(one: Trigger, gone: float) -> None:
    assert way(one) == pytest.approx(gone)


def test_a_trigger_of_several_conditions_counts_its_closes() -> None:
    assert way(trigger("l1_strength", 101.3, 100)) is None
    assert "1 of 3 closes" in text(triggers((trigger("l1_strength", 101.3, 100),), 80))[1]


def test_a_trigger_that_fired_stands_first_in_words_with_its_proposal() -> None:
    rows = text(triggers(sample.TRIGGERS, 116))
    assert rows[1].startswith("● FIRED")
    assert "Proposal: Close leveraged longs that depend on L1. Why: crowded longs pay for being crowded." in rows[2]
    assert rows[3].startswith("▸ near")
    assert "80 %" in rows[3]


def test_a_trigger_without_data_shows_no_way() -> None:
    assert "%" not in text(triggers((trigger("rsi", None, 80, TriggerState.NO_DATA),), 80))[1]


# All of it


@pytest.mark.parametrize("width", [54, 60, 77, 111, 112, 116, 196])
def test_every_figure_names_an_entry_and_every_line_fits(width: int) -> None:
    for rows in (phase(loaded(), width), summary(loaded(), width), [headline(loaded())]):
        assert [text_of(row) for row in rows if width_of(row) > max(width, 66)] == []
        abouts = {part.about for row in rows for part in row if part.about}
        assert abouts
        assert {about for about in abouts if meaning(about) is None} == set()


def test_every_glyph_has_an_ascii_twin() -> None:
    shown = "".join(text(phase(loaded(), 196)) + text(phase(loaded(), 77)))
    assert {glyph for glyph in shown if not glyph.isascii()} <= set(TWINS)


def test_loading_and_failure_are_said_in_words() -> None:
    assert "loading" in text(phase(SmallDesk().picture, 77))[0]
    broken = replace(SmallDesk().picture, signals_progress=Progress(stage=Stage.FAILED, message="prices.csv has no column close"))
    assert "prices.csv has no column close" in " ".join(text(phase(broken, 77)))


async def test_the_view_scrolls_to_its_strip_by_keyboard_alone() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "3")
        assert "Why B" in screen_text(app)
        assert "The last 180 days" not in screen_text(app)
        await press(pilot, "G")
        assert "The last 180 days" in screen_text(app)
