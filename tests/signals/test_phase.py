"""The phase decision: evidence that adds up, hysteresis, the fast path and coverage."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from cockpit.model.phase_settings import INDICATORS
from cockpit.model.readings import Level, PhaseSettings
from cockpit.signals.phase import State, confidence, level, step, weigh
from tests.signals.drawn import qualities, scores, tracks_of

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
