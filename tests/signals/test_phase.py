"""The phase decision: evidence that adds up, hysteresis, the fast path, coverage, and what would flip it."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cockpit.model.phase_settings import INDICATORS
from cockpit.model.readings import PHASES, Level, PhaseSettings
from cockpit.signals.engine import Signals
from cockpit.signals.flips import flips, outlook
from cockpit.signals.indicators import ALL, Track, track
from cockpit.signals.phase import State, challenger, confidence, level, step, weigh

A, B, C = range(3)


def run(settings: PhaseSettings, evidence: Sequence[Sequence[float]], falling: Sequence[int] = ()) -> list[State]:
    states, state = [], State()
    for day, row in enumerate(evidence):
        state = step(state, day, row, True, day in falling, settings.decision)
        states.append(state)
    return states


def sharp(settings: PhaseSettings) -> PhaseSettings:
    """The shipped settings with next to no smoothing, so that a test sets the scores themselves."""
    return msgspec.structs.replace(settings, decision=msgspec.structs.replace(settings.decision, half_life=1e-3))


def test_the_first_phase_is_the_best_of_the_first_covered_day(settings: PhaseSettings) -> None:
    state = step(State(), 0, [0.5, 0.1, 0.2], False, False, settings.decision)
    assert (state.held, state.covered) == (-1, False)
    state = step(state, 1, [0.1, 0.3, 0.2], True, False, settings.decision)
    assert (state.held, state.since, state.scores) == (B, 1, (0.1, 0.3, 0.2))


def test_evidence_is_smoothed_with_a_half_life_of_three_days(settings: PhaseSettings) -> None:
    states = run(settings, [[0.0, 0.0, 0.0]] + [[1.0, 0.0, 0.0]] * 3)
    assert states[-1].scores[A] == pytest.approx(0.5)


def test_a_challenger_needs_its_lead_on_two_closes_in_a_row(settings: PhaseSettings) -> None:
    decision = sharp(settings)
    hold, challenge = [0.5, 0.0, 0.0], [0.5, 0.61, 0.0]
    broken = run(decision, [hold] * 8 + [challenge, hold] * 4)
    assert {state.held for state in broken} == {A}
    taken = run(decision, [hold] * 8 + [challenge] * 2)
    assert [state.held for state in taken[-2:]] == [A, B]
    too_little = run(decision, [hold] * 8 + [[0.5, 0.59, 0.0]] * 5)
    assert too_little[-1].held == A


def test_the_closes_in_a_row_are_those_of_the_same_challenger(settings: PhaseSettings) -> None:
    by_turns = [[0.5, 0.7, 0.0], [0.5, 0.0, 0.7]] * 4
    assert run(sharp(settings), [[0.5, 0.0, 0.0]] * 8 + by_turns)[-1].held == A


def test_a_phase_dwells_five_days_and_ten_after_c(settings: PhaseSettings) -> None:
    decision = sharp(settings)
    a, b, c = [0.9, 0.0, 0.0], [0.0, 0.9, 0.0], [0.0, 0.0, 0.9]
    first = run(decision, [a] + [b] * 10)
    assert [state.held for state in first].index(B) == 5
    after = run(decision, [c] * 8 + [a] * 2 + [b] * 12)
    left = [state.held for state in after].index(A)
    assert [state.held for state in after].index(B) == left + 10


def test_a_falling_market_leads_to_c_on_one_close_without_dwell(settings: PhaseSettings) -> None:
    decision = sharp(settings)
    a, even = [0.5, 0.0, 0.0], [0.4, 0.0, 0.4 + 1e-9]
    states = run(decision, [a, even, even], falling=[1])
    assert (states[1].held, states[1].fast) == (C, True)
    assert run(decision, [a, [0.4, 0.0, 0.39]], falling=[1])[-1].held == A
    assert run(decision, [a, even])[-1].held == A


def test_without_coverage_the_scores_freeze_and_the_phase_is_remembered(settings: PhaseSettings) -> None:
    state = step(State(), 0, [0.5, 0.1, 0.2], True, False, settings.decision)
    blind = step(state, 1, [float("nan")] * 3, False, True, settings.decision)
    assert (blind.held, blind.scores, blind.since, blind.covered) == (A, state.scores, 0, False)


def test_confidence_is_coverage_times_the_lead_and_has_words(settings: PhaseSettings) -> None:
    assert confidence([0.1, 0.3, 0.0], 0.9, settings.decision) == pytest.approx(0.45)
    assert confidence([0.9, 0.1, 0.0], 0.9, settings.decision) == pytest.approx(0.9)
    words = [level(value, settings.decision) for value in (None, 0.0, 0.329, 0.33, 0.659, 0.66, 1.0)]
    assert words == [Level.NONE, Level.LOW, Level.LOW, Level.MEDIUM, Level.MEDIUM, Level.HIGH, Level.HIGH]


scores = st.lists(st.one_of(st.just(float("nan")), st.floats(min_value=-1, max_value=1)), min_size=len(INDICATORS), max_size=11)
qualities = st.lists(st.floats(min_value=0.05, max_value=1), min_size=len(INDICATORS), max_size=11)


def tracks_of(points: Sequence[float], quality: Sequence[float]) -> list[Track]:
    """One day of every indicator with a given score; the raw number is the score straightened the other way."""
    tracks = []
    for name, value, grade in zip(INDICATORS, points, quality, strict=True):
        indicator = ALL[name]
        linear = np.clip(np.array([value]), indicator.lowest, indicator.highest)
        raw = np.array([indicator.bend(float(linear[0]) * 0.1)])
        tracks.append(track(name, "X", raw, stale=36, linear=linear, per=10.0, grade=grade))
    return tracks


@given(points=scores, quality=qualities)
@hypothesis_settings(deadline=None)
def test_contributions_add_up_to_the_evidence(settings: PhaseSettings, points: list[float], quality: list[float]) -> None:
    table = weigh(tracks_of(points, quality), settings)
    parts = table.contributions(0).sum(axis=1)
    for phase in range(3):
        if np.isnan(table.evidence[0, phase]):
            assert table.coverage[0, phase] == 0
        else:
            assert parts[phase] == pytest.approx(table.evidence[0, phase], abs=1e-12)
            assert abs(table.evidence[0, phase]) <= 1 + 1e-12


@given(points=scores, quality=qualities)
@hypothesis_settings(deadline=None)
def test_a_missing_reading_is_the_same_as_no_reading_and_not_a_zero(
    settings: PhaseSettings, points: list[float], quality: list[float]
) -> None:
    points[INDICATORS.index("trend")] = float("nan")
    missing = weigh(tracks_of(points, quality), settings)
    assert missing.quality[0, INDICATORS.index("trend")] == 0
    zero = list(points)
    zero[INDICATORS.index("trend")] = 0.0
    present = weigh(tracks_of(zero, quality), settings)
    assert (present.coverage[0] > missing.coverage[0]).all()
    known = missing.coverage[0] > 0
    assert (np.abs(present.evidence[0, known]) <= np.abs(missing.evidence[0, known]) + 1e-12).all()


def steady(table_evidence: Sequence[float]) -> State:
    """The state to which the scores converge when the evidence stays."""
    held = max(range(3), key=lambda phase: table_evidence[phase])
    return State(scores=tuple(table_evidence), held=held, since=0, covered=True)


@given(points=scores, quality=qualities)
@hypothesis_settings(deadline=None, max_examples=300)
def test_a_flip_applied_to_the_steady_state_gives_exactly_the_lead(
    settings: PhaseSettings, points: list[float], quality: list[float]
) -> None:
    tracks = tracks_of(points, quality)
    table = weigh(tracks, settings)
    assume(not np.isnan(table.evidence).any())
    state = steady(table.evidence[0].tolist())
    rival = challenger(state)
    found = flips(table, tracks, state, 0, settings.decision)
    assert [flip.size for flip in found] == sorted(flip.size for flip in found)
    assert len(found) <= 3
    for flip in found:
        assert flip.to is PHASES[rival]
        changed = list(tracks)
        for change in flip.changes:
            at = INDICATORS.index(change.indicator)
            indicator = ALL[change.indicator]
            assert indicator.lowest - 1e-9 <= change.score_needed <= indicator.highest + 1e-9
            # The raw number that is asked for, put through the indicator's own map, scores what is needed.
            linear = np.array([indicator.straighten(change.raw_needed) * 10.0])
            assert linear[0] == pytest.approx(change.score_needed, abs=1e-7)
            changed[at] = track(change.indicator, "X", np.array([change.raw_needed]), stale=36, linear=linear, grade=quality[at])
        after = weigh(changed, settings).evidence[0]
        assert after[rival] - after[state.held] == pytest.approx(settings.decision.lead, abs=1e-9)


def test_the_raw_numbers_of_real_flips_score_what_they_promise(signals: Signals, settings: PhaseSettings) -> None:
    seen = set()
    for day in signals.days[110::3]:
        call = signals.call(day)
        at = signals.days.index(day)
        for change in (change for flip in call.flips for change in flip.changes):
            source = next(item for item in signals.board.evidence if item.indicator.name == change.indicator)
            needed = ALL[change.indicator].straighten(change.raw_needed) - ALL[change.indicator].straighten(change.raw)
            assert source.linear[at] + needed * source.per[at] == pytest.approx(change.score_needed, abs=1e-9)
            seen.add(change.indicator)
        assert all(flip.sentence.startswith(f"{flip.to} if ") for flip in call.flips)
    assert len(seen) >= 4


def test_when_no_single_reading_is_enough_the_smallest_pair_is_named(settings: PhaseSettings) -> None:
    points = dict.fromkeys(INDICATORS, float("nan")) | {"trend": -1.0, "drawdown": -1.0, "l1_rs": -1.0, "rot_rs": 1.0}
    points |= {"defi_rs": 0.0, "heat": -1.0, "div": -1.0}
    tracks = tracks_of([points[name] for name in INDICATORS], [1.0] * len(INDICATORS))
    table = weigh(tracks, settings)
    state = steady(table.evidence[0].tolist())
    found = flips(table, tracks, state, 0, msgspec.structs.replace(settings.decision, lead=1.0))
    assert len(found) == 1
    assert len(found[0].changes) == 2
    assert " and " in found[0].sentence


def test_the_outlook_counts_the_closes_until_the_evidence_prevails(settings: PhaseSettings) -> None:
    state = State(scores=(0.5, 0.0, 0.0), held=A, since=0, dwell=5, covered=True)
    told = outlook(state, [0.0, 0.5, 0.0], False, 100, settings.decision)
    states = []
    for day in range(101, 140):
        state = step(state, day, [0.0, 0.5, 0.0], True, False, settings.decision)
        states.append(state.held)
    assert told == f"if nothing changes, B takes over in {states.index(B) + 1} closes"
    calm = State(scores=(0.5, 0.0, 0.0), held=A, covered=True)
    assert outlook(calm, [0.5, 0.0, 0.0], False, 9, settings.decision) == "if nothing changes, A stays"


def test_settings_whose_weights_do_not_add_up_are_refused(settings: PhaseSettings) -> None:
    raw = msgspec.to_builtins(settings)
    raw["weights"]["B"]["trend"] = 0.2
    with pytest.raises(msgspec.ValidationError, match=r"add up to 0\.9.*weights\.B"):
        msgspec.convert(raw, PhaseSettings)
    raw = msgspec.to_builtins(settings)
    raw["decision"]["half_live"] = 3
    with pytest.raises(msgspec.ValidationError, match="half_live"):
        msgspec.convert(raw, PhaseSettings)
    raw = msgspec.to_builtins(settings)
    raw["drawdown"]["neutral"] = 0.5
    with pytest.raises(msgspec.ValidationError, match="must be below"):
        msgspec.convert(raw, PhaseSettings)
    raw = msgspec.to_builtins(settings)
    raw["robust"]["window"] = 10**9
    with pytest.raises(msgspec.ValidationError, match="from 1 to 3650"):
        msgspec.convert(raw, PhaseSettings)


def test_a_number_that_rounds_to_nothing_has_no_sign() -> None:
    assert ALL["div"].text(-0.001) == "+0.00"
    assert ALL["div"].text(-0.001, 1) == "-0.001"
