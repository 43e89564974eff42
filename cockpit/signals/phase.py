"""Which phase the market is in: weighted evidence, smoothed, with hysteresis."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cockpit.model.phase_settings import INDICATORS, Decision, PhaseSettings
from cockpit.model.readings import PHASES, Level
from cockpit.signals.indicators import Track
from cockpit.signals.stats import Floats

NONE = -1
DE_RISK = 2
"""The position of C in PHASES."""


@dataclass(frozen=True, eq=False)
class EvidenceTable:
    """The evidence of every day. `score` and `quality` have shape (days, indicators), a missing score is 0 of quality 0.

    `evidence` and `coverage` have shape (days, phases); evidence is NaN where no indicator of a phase is known.
    """

    weights: Floats
    score: Floats
    quality: Floats
    evidence: Floats
    coverage: Floats

    def contributions(self, day: int) -> Floats:
        """W q s / Q by phase and indicator: each phase's add up to its evidence. Shape (phases, indicators)."""
        coverage = self.coverage[day][:, None]
        share = np.divide(self.weights, coverage, out=np.zeros_like(self.weights), where=coverage > 0)
        parts: Floats = share * self.quality[day] * self.score[day]
        return parts

    def gains(self, day: int) -> Floats:
        """How much each phase's evidence rises when a score rises by 1: q W / Q. Shape (phases, indicators)."""
        coverage = self.coverage[day][:, None]
        share = np.divide(self.weights, coverage, out=np.zeros_like(self.weights), where=coverage > 0)
        parts: Floats = share * self.quality[day]
        return parts


def weigh(tracks: Sequence[Track], settings: PhaseSettings) -> EvidenceTable:
    """E_p = sum W q s / sum |W| q over the indicators, in the order of INDICATORS."""
    rows = [getattr(settings.weights, phase) for phase in PHASES]
    weights = np.array([[getattr(row, name) for name in INDICATORS] for row in rows])
    known = [~np.isnan(track.score) for track in tracks]
    score = np.column_stack([np.where(k, track.score, 0.0) for k, track in zip(known, tracks, strict=True)])
    quality = np.column_stack([np.where(k, track.quality, 0.0) for k, track in zip(known, tracks, strict=True)])
    coverage = quality @ np.abs(weights).T
    total = (quality * score) @ weights.T
    evidence = np.divide(total, coverage, out=np.full_like(total, np.nan), where=coverage > 0)
    return EvidenceTable(weights=weights, score=score, quality=quality, evidence=evidence, coverage=coverage)


@dataclass(frozen=True, slots=True)
class State:
    """Where the decision stands after a close. Phases are positions in PHASES, NONE before the first call.

    `scores` is the smoothed evidence, `since` the day on which the held phase began, `dwell` how many days it lasts at
    least, `closes` on how many closes in a row `rival` has led by enough. `covered` says whether there was a call.
    """

    scores: tuple[float, ...] = ()
    held: int = NONE
    since: int = NONE
    dwell: int = 0
    rival: int = NONE
    closes: int = 0
    covered: bool = False
    fast: bool = False


def step(state: State, day: int, evidence: Sequence[float], covered: bool, falling: bool, settings: Decision) -> State:
    """The decision after one more close; `falling` is the fast path's condition on the market.

    Without coverage the scores freeze, the held phase is remembered and closes no longer count in a row.
    """
    if not covered:
        return replace(state, covered=False, rival=NONE, closes=0, fast=False)
    rate = 1.0 - 2.0 ** (-1.0 / settings.half_life)
    if state.held == NONE:
        scores = tuple(evidence)
        return State(scores=scores, held=_best(scores, NONE), since=day, dwell=settings.dwell, covered=True)
    scores = tuple(s + rate * (e - s) for s, e in zip(state.scores, evidence, strict=True))
    held = state.held
    if falling and held != DE_RISK and scores[DE_RISK] >= scores[held]:
        return State(scores=scores, held=DE_RISK, since=day, dwell=settings.dwell, covered=True, fast=True)
    best = _best(scores, held)
    leads = scores[best] - scores[held] >= settings.lead
    closes = (state.closes + 1 if best == state.rival else 1) if leads else 0
    if closes >= settings.closes and day - state.since >= state.dwell:
        dwell = settings.dwell_after_c if held == DE_RISK else settings.dwell
        return State(scores=scores, held=best, since=day, dwell=dwell, covered=True)
    return State(
        scores=scores,
        held=held,
        since=state.since,
        dwell=state.dwell,
        rival=best if leads else NONE,
        closes=closes,
        covered=True,
        fast=state.fast,
    )


def lead_needed(phase: int, falling: bool, settings: Decision) -> float:
    """By how much a phase must lead the held one to take over: C by nothing while the fast path's condition holds."""
    return 0.0 if falling and phase == DE_RISK else settings.lead


def decide(table: EvidenceTable, gate: Floats, falling: npt.NDArray[np.bool_], settings: Decision) -> list[State]:
    """The decision after every close. A day counts when every phase's coverage reaches the gate."""
    enough = (table.coverage >= gate[:, None]) & ~np.isnan(table.evidence)
    covered = np.all(enough, axis=1)
    state = State()
    states = []
    rows = zip(table.evidence.tolist(), covered.tolist(), falling.tolist(), strict=True)
    for day, (evidence, known, down) in enumerate(rows):
        state = step(state, day, evidence, known, down, settings)
        states.append(state)
    return states


def confidence(scores: Sequence[float], coverage: float, settings: Decision) -> float:
    """The lowest coverage times the lead of the best phase over the second, full at `full_confidence_lead`."""
    first, second = sorted(scores, reverse=True)[:2]
    return coverage * min(1.0, max(0.0, (first - second) / settings.full_confidence_lead))


def level(value: float | None, settings: Decision) -> Level:
    """Confidence in words."""
    if value is None:
        return Level.NONE
    if value < settings.medium:
        return Level.LOW
    return Level.MEDIUM if value < settings.high else Level.HIGH


def challenger(state: State) -> int:
    """The best phase that is not held; NONE before the first call."""
    return NONE if state.held == NONE else _best(state.scores, state.held)


def _best(scores: Sequence[float], but: int) -> int:
    return max((phase for phase in range(len(scores)) if phase != but), key=lambda phase: scores[phase])
