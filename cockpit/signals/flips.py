"""What would change the phase: the smallest sustained moves of one reading, or of two, in raw units."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from cockpit.model.phase_settings import Decision
from cockpit.model.readings import PHASES, Flip, FlipChange
from cockpit.signals.indicators import Track
from cockpit.signals.phase import EvidenceTable, State, challenger, step

MOST = 3
HORIZON = 90
"""Days that the outlook looks ahead."""
DIGITS = 3
"""More digits at most, to tell what is needed from what is."""
_NOTHING = 1e-12


@dataclass(frozen=True)
class _Lever:
    """A reading that can help: how far its score can move and how much lead a point of it gives the challenger."""

    index: int
    gain: float
    room: float

    @property
    def reach(self) -> float:
        return abs(self.gain) * self.room


def flips(table: EvidenceTable, tracks: Sequence[Track], state: State, day: int, settings: Decision) -> tuple[Flip, ...]:
    """At most three flips to the challenger, the smallest first; empty when none of one or two readings is enough.

    If every reading stays as it is the scores converge to today's evidence, so the gap is counted from the evidence:
    gap = E_held - E_challenger + lead, and a sustained change ds of one score closes it when gain * ds = gap.
    """
    rival = challenger(state)
    if not state.covered or rival < 0:
        return ()
    gap = float(table.evidence[day, state.held] - table.evidence[day, rival]) + settings.lead
    if gap <= 0:
        return ()
    gains = table.gains(day)
    levers = [
        lever
        for index, track in enumerate(tracks)
        if (lever := _lever(index, float(gains[rival, index] - gains[state.held, index]), track, day)) is not None
    ]
    found: list[tuple[float, tuple[tuple[_Lever, float], ...]]] = [
        (gap / abs(lever.gain), ((lever, gap / abs(lever.gain)),)) for lever in levers if lever.reach >= gap
    ]
    if found:
        found = sorted(found, key=lambda item: item[0])[:MOST]
    else:
        pairs = [pair for one, two in combinations(levers, 2) if (pair := _pair(one, two, gap)) is not None]
        found = sorted(pairs, key=lambda item: item[0])[:1]
    return tuple(_flip(moves, tracks, day, rival) for _, moves in found)


def outlook(state: State, evidence: Sequence[float], falling: bool, day: int, settings: Decision) -> str:
    """What follows if every reading stays as it is today."""
    if state.held < 0:
        return "no call yet: too little is known"
    if not state.covered:
        return f"held at {PHASES[state.held]} until enough readings are back; take no new risk"
    ahead = state
    for closes in range(1, HORIZON + 1):
        ahead = step(ahead, day + closes, evidence, True, falling, settings)
        if ahead.held != state.held:
            return f"if nothing changes, {PHASES[ahead.held]} takes over in {closes} close{'s' if closes > 1 else ''}"
    return f"if nothing changes, {PHASES[state.held]} stays"


def _lever(index: int, gain: float, track: Track, day: int) -> _Lever | None:
    score = float(track.score[day])
    if abs(gain) < _NOTHING or score != score:
        return None
    room = track.indicator.highest - score if gain > 0 else score - track.indicator.lowest
    return _Lever(index=index, gain=gain, room=room) if room > _NOTHING else None


def _pair(one: _Lever, two: _Lever, gap: float) -> tuple[float, tuple[tuple[_Lever, float], ...]] | None:
    """The least total move of two readings: all of the stronger one's room, the rest from the other."""
    strong, weak = (one, two) if abs(one.gain) >= abs(two.gain) else (two, one)
    rest = (gap - strong.reach) / abs(weak.gain)
    return (strong.room + rest, ((strong, strong.room), (weak, rest))) if rest <= weak.room else None


def _flip(moves: tuple[tuple[_Lever, float], ...], tracks: Sequence[Track], day: int, rival: int) -> Flip:
    changes = tuple(_change(tracks[lever.index], day, move if lever.gain > 0 else -move) for lever, move in moves)
    return Flip(
        to=PHASES[rival],
        changes=changes,
        sentence=f"{PHASES[rival]} if {' and '.join(change.text for change in changes)}",
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
