"""What would change the phase: the smallest sustained moves of one reading, or of two, in raw units."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cockpit.model.phase_settings import Decision, PhaseSettings
from cockpit.model.readings import PHASES, Flip, FlipChange
from cockpit.signals.indicators import Track
from cockpit.signals.phase import DE_RISK, NONE, EvidenceTable, State, lead_needed, step

MOST = 3
HORIZON = 90
"""Days that the outlook looks ahead."""
DIGITS = 3
"""More digits at most, to tell what is needed from what is."""
_NOTHING = 1e-12


@dataclass(frozen=True)
class _Move:
    """Changes of scores, by the reading's place, with which `rival` takes over."""

    rival: int
    changes: tuple[tuple[int, float], ...]

    @property
    def size(self) -> float:
        return sum(abs(change) for _, change in self.changes)


class _Steady:
    """Where the scores end if every reading stays: at today's evidence; and what moves them from there.

    `low` and `high` are how far each reading's score may move; `edge` is the move of trend, or of drawdown, up to which the fast
    path's condition holds while the other one of the two stays as it is.
    """

    def __init__(self, table: EvidenceTable, tracks: Sequence[Track], state: State, day: int, settings: PhaseSettings) -> None:
        gains, evidence = table.gains(day), table.evidence[day]
        scores = [float(track.score[day]) for track in tracks]
        self._decision = settings.decision
        self.rivals = [phase for phase in range(len(PHASES)) if phase != state.held]
        self.behind = {rival: float(evidence[state.held] - evidence[rival]) for rival in self.rivals}
        self.gains = {rival: [float(gain) for gain in gains[rival] - gains[state.held]] for rival in self.rivals}
        self.readings = [index for index, score in enumerate(scores) if not np.isnan(score)]
        self.low = [track.indicator.lowest - score for track, score in zip(tracks, scores, strict=True)]
        self.high = [track.indicator.highest - score for track, score in zip(tracks, scores, strict=True)]
        levels = {"trend": settings.fast_path.trend, "drawdown": settings.fast_path.drawdown}
        named = {track.indicator.name: index for index, track in enumerate(tracks)}
        holds = {name: bool(tracks[named[name]].raw[day] <= level) for name, level in levels.items()}
        self.falling = all(holds.values())
        self.edge = {
            named[name]: tracks[named[name]].score_for(day, level) - scores[named[name]]
            for name, level in levels.items()
            if all(held for other, held in holds.items() if other != name) and named[name] in self.readings
        }

    def gap(self, rival: int, *, falling: bool) -> float:
        """How much a rival lacks to take over."""
        return self.behind[rival] + lead_needed(rival, falling, self._decision)

    @property
    def lasts(self) -> bool:
        """Whether no rival takes over as things are."""
        return all(self.gap(rival, falling=self.falling) > 0 for rival in self.rivals)

    def single(self, index: int) -> Iterator[_Move]:
        """What one reading can do, up and down: whoever takes over first on that way."""
        for low, high in ((self.low[index], 0.0), (0.0, self.high[index])):
            found = [
                _Move(rival, ((index, move),))
                for rival in self.rivals
                for falling, start, end in self._stretches(index, rival)
                if (move := self._least(index, rival, falling, max(low, start), min(high, end))) is not None
            ]
            if found:
                yield min(found, key=lambda move: move.size)

    def _stretches(self, index: int, rival: int) -> tuple[tuple[bool, float, float], ...]:
        """The moves of a reading with and without the fast path's condition."""
        if rival != DE_RISK or index not in self.edge:
            return ((self.falling, self.low[index], self.high[index]),)
        edge = self.edge[index]
        return (True, self.low[index], edge), (False, edge, self.high[index])

    def _least(self, index: int, rival: int, falling: bool, low: float, high: float) -> float | None:
        """The smallest move from low to high that closes the gap."""
        gain, gap = self.gains[rival][index], self.gap(rival, falling=falling)
        if abs(gain) < _NOTHING:
            low, high = (low, high) if gap <= 0 else (1.0, 0.0)
        elif gain > 0:
            low = max(low, gap / gain)
        else:
            high = min(high, gap / gain)
        return max(low, min(high, 0.0)) if low <= high else None

    def pairs(self) -> Iterator[_Move]:
        """The least total move of two readings: all of the stronger one's room, the rest from the other."""
        for rival in self.rivals:
            gain, gap = self.gains[rival], self.gap(rival, falling=self.falling)
            able = [index for index in self.readings if abs(gain[index]) >= _NOTHING and self._room(rival, index) > _NOTHING]
            for one, two in combinations(able, 2):
                strong, weak = (one, two) if abs(gain[one]) >= abs(gain[two]) else (two, one)
                whole = self._room(rival, strong)
                rest = (gap - abs(gain[strong]) * whole) / abs(gain[weak])
                if rest <= self._room(rival, weak):
                    moves = ((strong, whole), (weak, rest))
                    yield _Move(rival, tuple((index, float(np.copysign(size, gain[index]))) for index, size in moves))

    def _room(self, rival: int, index: int) -> float:
        """How far a reading can move in favour of a rival."""
        return self.high[index] if self.gains[rival][index] > 0 else -self.low[index]


def flips(table: EvidenceTable, tracks: Sequence[Track], state: State, day: int, settings: PhaseSettings) -> tuple[Flip, ...]:
    """At most three flips, the smallest first, each to the phase that takes over first on that way.

    Empty where the phase changes by itself, and where no one or two readings are enough. If every reading stays as it is the
    scores converge to today's evidence, so the gap of a rival is counted from there: gap = E_held - E_rival + the lead that it
    needs, and a sustained change ds of one score closes it when its gain * ds = gap. C needs no lead while the fast path's
    condition on the market holds, and a fall of the market can bring that about.
    """
    if not state.covered or state.held == NONE:
        return ()
    steady = _Steady(table, tracks, state, day, settings)
    evidence = table.evidence[day].tolist()
    if not steady.lasts or takes_over(state, evidence, steady.falling, day, settings.decision) is not None:
        return ()
    found = sorted((move for index in steady.readings for move in steady.single(index)), key=lambda move: move.size)
    found = found[:MOST] or sorted(steady.pairs(), key=lambda move: move.size)[:1]
    return tuple(_flip(move, tracks, day) for move in found)


def takes_over(state: State, evidence: Sequence[float], falling: bool, day: int, settings: Decision) -> tuple[int, int] | None:
    """(the phase that takes over if every reading stays as it is, in how many closes); None where the held one stays."""
    if state.held == NONE or not state.covered:
        return None
    ahead = state
    for closes in range(1, HORIZON + 1):
        ahead = step(ahead, day + closes, evidence, True, falling, settings)
        if ahead.held != state.held:
            return ahead.held, closes
    return None


def outlook(state: State, evidence: Sequence[float], falling: bool, day: int, settings: Decision) -> str:
    """What follows if every reading stays as it is today."""
    if state.held == NONE:
        return "no call yet: too little is known"
    if not state.covered:
        return f"held at {PHASES[state.held]} until enough readings are back; take no new risk"
    change = takes_over(state, evidence, falling, day, settings)
    if change is None:
        return f"if nothing changes, {PHASES[state.held]} stays"
    phase, closes = change
    return f"if nothing changes, {PHASES[phase]} takes over in {closes} close{'s' if closes > 1 else ''}"


def _flip(move: _Move, tracks: Sequence[Track], day: int) -> Flip:
    changes = tuple(_change(tracks[index], day, change) for index, change in move.changes)
    return Flip(
        to=PHASES[move.rival],
        changes=changes,
        sentence=f"{PHASES[move.rival]} if {' and '.join(change.text for change in changes)}",
    )


def _change(track: Track, day: int, move: float) -> FlipChange:
    indicator, raw, score = track.indicator, float(track.raw[day]), float(track.score[day])
    needed = track.raw_for(day, score + move)
    more = next((more for more in range(DIGITS) if indicator.text(needed, more) != indicator.text(raw, more)), DIGITS)
    side = "above" if needed > raw else "below"
    return FlipChange(
        indicator=indicator.name,
        label=indicator.label,
        unit=indicator.unit,
        raw=raw,
        raw_needed=needed,
        score=score,
        score_needed=score + move,
        text=f"{indicator.label} {side} {indicator.text(needed, more)} (now {indicator.text(raw, more)})",
    )
