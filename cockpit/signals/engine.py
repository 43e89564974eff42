"""The market's phase, the readings behind it and the proposals, for every day of a history."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd

from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.phase_settings import PhaseSettings
from cockpit.model.readings import PHASES, Evidence, Phase, PhaseCall, PhaseDay, Reading, Trigger
from cockpit.signals.board import Board, build
from cockpit.signals.flips import flips, outlook, takes_over
from cockpit.signals.history import MarketHistory
from cockpit.signals.indicators import Track
from cockpit.signals.phase import EvidenceTable, State, challenger, confidence, decide, level, weigh
from cockpit.signals.stats import Floats
from cockpit.signals.triggers import NAMES, triggers

STRIP = 180
COLUMNS = ["phase", "S_A", "S_B", "S_C", "E_A", "E_B", "E_C", "confidence", "coverage", "level"]


@dataclass(frozen=True, eq=False)
class Signals:
    """What a history says on each of its days. Days are dates; the default is the last one.

    Every method raises BadInput for a day outside of the history.
    """

    history: MarketHistory
    settings: PhaseSettings
    board: Board
    table: EvidenceTable
    gate: Floats
    falling: tuple[bool, ...]
    states: tuple[State, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Every calendar day of the history, oldest first."""
        return tuple(stamp.date() for stamp in self.board.days)

    def phases(self) -> pd.DataFrame:
        """One row a day: phase, S and E of A, B and C, confidence, coverage (the lowest of the three), level in words.

        S is NaN before the first call and frozen on days without coverage; those have no confidence.
        """
        blank = (np.nan,) * len(PHASES)
        scores = np.array([state.scores or blank for state in self.states])
        coverage = self.table.coverage.min(axis=1)
        sure = [self._confidence(at) for at in range(len(self.states))]
        words = [level(value, self.settings.decision).value for value in sure]
        frame = pd.DataFrame(
            {
                "phase": [_phase(state).value for state in self.states],
                **{f"S_{phase}": scores[:, at] for at, phase in enumerate(PHASES)},
                **{f"E_{phase}": self.table.evidence[:, at] for at, phase in enumerate(PHASES)},
                "confidence": np.array([np.nan if value is None else value for value in sure]),
                "coverage": coverage,
                "level": words,
            },
            index=self.board.days.rename("date"),
        )
        return frame[COLUMNS]

    def call(self, day: date | None = None) -> PhaseCall:
        """The phase at the close of a day, with its evidence and what would change it."""
        at = self._at(day)
        state, decision = self.states[at], self.settings.decision
        rival = challenger(state)
        held = state.held
        sure = self._confidence(at)
        evidence = self.table.evidence[at]
        change = takes_over(state, evidence.tolist(), self.falling[at], at, decision)
        return PhaseCall(
            day=self._day(at),
            at=self._close(at),
            label=self.history.label,
            source=self.history.name,
            phase=_phase(state),
            incumbent=PHASES[held] if held >= 0 else None,
            since=self._day(state.since) if held >= 0 else None,
            days_held=at - state.since if held >= 0 else None,
            challenger=PHASES[rival] if rival >= 0 else None,
            lead=state.scores[held] - state.scores[rival] if held >= 0 else None,
            flips_at=-decision.lead,
            closes_seen=state.closes,
            closes_needed=decision.closes,
            dwell_until=self._day(state.since) + timedelta(days=state.dwell) if held >= 0 else None,
            fast_path=state.fast,
            scores=dict(zip(PHASES, state.scores, strict=False)),
            evidence={p: float(e) for p, e in zip(PHASES, evidence, strict=True) if not np.isnan(e)},
            coverage=float(self.table.coverage[at].min()),
            coverages={p: float(c) for p, c in zip(PHASES, self.table.coverage[at], strict=True)},
            gate=float(self.gate[at]),
            missing=tuple(track.indicator.label for track in self.board.evidence if track.quality[at] <= 0),
            confidence=sure,
            level=level(sure, decision),
            rows=self._rows(at),
            flips=flips(self.table, self.board.evidence, state, at, self.settings),
            outlook=outlook(state, evidence.tolist(), self.falling[at], at, decision),
            strip=tuple(
                PhaseDay(self._day(before), _phase(self.states[before])) for before in range(max(0, at + 1 - STRIP), at + 1)
            ),
            notes=self._notes(at),
            falling=self.falling[at],
            ahead=PHASES[change[0]] if change else None,
        )

    def readings(self, day: date | None = None) -> tuple[Reading, ...]:
        """Every indicator of every sector and asset at the close of a day, the missing ones too."""
        at = self._at(day)
        return tuple(self._reading(track, at) for track in self.board.tracks.values())

    def reading(self, indicator: str, subject: str, day: date | None = None) -> Reading | None:
        """One indicator of one subject; None where there is no such pair."""
        track = self.board.tracks.get((indicator, subject))
        return None if track is None else self._reading(track, self._at(day))

    def triggers(self, day: date | None = None) -> tuple[Trigger, ...]:
        """The blueprint's exits as proposals, those that fired first."""
        return triggers(self.board, self.settings, self._at(day))

    def sparkline(self, indicator: str, subject: str, days: int, until: date | None = None) -> tuple[float | None, ...]:
        """The raw numbers of the last days, oldest first; None where missing, empty where there is no such pair."""
        track = self.board.tracks.get((indicator, subject))
        return () if track is None else self._tail(track.raw, days, until)

    def levels(self, subject: str, days: int, until: date | None = None) -> tuple[float | None, ...]:
        """The index of L1, DEFI or MARKET, or the price of an asset, over the last days, oldest first."""
        values = self.board.levels.get(subject)
        return () if values is None else self._tail(values, days, until)

    def sector_levels(self) -> pd.DataFrame:
        """The sector indices on every day: columns L1, DEFI and MARKET; NaN where too little is known."""
        return pd.DataFrame({name: self.board.levels[name] for name in ("L1", "DEFI", "MARKET")}, index=self.board.days)

    def _at(self, day: date | None) -> int:
        if day is None:
            return len(self.states) - 1
        at = (day - self.history.first_day).days
        if not 0 <= at < len(self.states):
            raise BadInput(f"{self.history.name} has no {day}: it runs from {self.history.first_day} to {self.history.last_day}")
        return at

    def _day(self, at: int) -> date:
        return self.history.first_day + timedelta(days=at)

    def _close(self, at: int) -> datetime:
        stamp: datetime = self.board.days[at].to_pydatetime()
        return stamp + timedelta(days=1)

    def _tail(self, values: Floats, days: int, until: date | None) -> tuple[float | None, ...]:
        end = self._at(until) + 1
        return tuple(None if np.isnan(value) else float(value) for value in values[max(0, end - days) : end])

    def _confidence(self, at: int) -> float | None:
        state = self.states[at]
        if not state.covered:
            return None
        return confidence(state.scores, float(self.table.coverage[at].min()), self.settings.decision)

    def _reading(self, track: Track, at: int) -> Reading:
        raw, score, age = float(track.raw[at]), float(track.score[at]), float(track.age[at])
        missing = np.isnan(raw)
        return Reading(
            subject=track.subject,
            indicator=track.indicator.name,
            label=track.indicator.label,
            raw=None if missing else raw,
            unit=track.indicator.unit,
            text="no data" if missing else track.indicator.text(raw),
            at=None if np.isnan(age) else self._close(at) - timedelta(hours=age),
            age=None if np.isnan(age) else timedelta(hours=age),
            source=self.history.source_of(track.indicator.table),
            quality=float(track.quality[at]),
            score=None if np.isnan(score) else score,
            note=self._note(track, at),
        )

    def _note(self, track: Track, at: int) -> str:
        """Why a fresh reading is not of full quality."""
        if np.isnan(track.raw[at]):
            return ""
        if track.indicator.table == "funding" and track.subject in NAMES:
            return "equal weights: open interest is not known"
        if track.indicator.table == "tvl" and track.quality[at] <= self.settings.tvl.quality_usd:
            return "in USD: prices are not taken out"
        if track.indicator.table == "tvl" and track.quality[at] < self.settings.tvl.quality_units:
            return "prices taken out by the ETH price: token units are not known"
        return ""

    def _rows(self, at: int) -> tuple[Evidence, ...]:
        parts = self.table.contributions(at)
        rows = [
            Evidence(
                reading=self._reading(track, at),
                weights={phase: float(self.table.weights[row, column]) for row, phase in enumerate(PHASES)},
                contributions={phase: float(parts[row, column]) for row, phase in enumerate(PHASES)},
            )
            for column, track in enumerate(self.board.evidence)
        ]
        held = self.states[at].held
        if held < 0:
            return tuple(rows)
        return tuple(sorted(rows, key=lambda row: -row.contributions[PHASES[held]]))

    def _notes(self, at: int) -> tuple[str, ...]:
        notes = []
        if not self.board.beyond_prices[at]:
            notes.append(f"prices only: a call needs {self.gate[at]:.0%} of the evidence, and quality is what is left")
        if not self.states[at].covered:
            notes.append(f"coverage {self.table.coverage[at].min():.2f} is below {self.gate[at]:.2f}: hold, take no new risk")
        return tuple(notes)


def compute(history: MarketHistory, universe: Universe, settings: PhaseSettings) -> Signals:
    """Everything that a history says, all days in one pass; no day depends on a later one."""
    board = build(history, universe, settings)
    table = weigh(board.evidence, settings)
    decision = settings.decision
    gate = np.where(board.beyond_prices, decision.gate, decision.gate_prices_only)
    raw = {track.indicator.name: track.raw for track in board.evidence}
    with np.errstate(invalid="ignore"):
        falling = (raw["trend"] <= settings.fast_path.trend) & (raw["drawdown"] <= settings.fast_path.drawdown)
    return Signals(
        history=history,
        settings=settings,
        board=board,
        table=table,
        gate=gate,
        falling=tuple(falling.tolist()),
        states=tuple(decide(table, gate, falling, decision)),
    )


def _phase(state: State) -> Phase:
    return PHASES[state.held] if state.covered else Phase.UNDETERMINED
