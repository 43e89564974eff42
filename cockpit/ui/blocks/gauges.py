"""How far the phases are from each other: their scores with the band that a challenger must cross, and the round they go."""

from itertools import groupby
from statistics import median
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.readings import PHASES, Phase, PhaseCall, PhaseDay
from cockpit.ui.lines import Line, Span, line, padded
from cockpit.ui.roles import phase_role

FULL_NAMES_FROM = 72
NAME, SHORT_NAME = 26, 10
WORDS = 22
"""Cells for what stands to the right of a gauge."""
HALF_LEAST, HALF_MOST = 6, 20
ZERO, BAR, BAND, EMPTY = "│", "▇", "─", "·"
TAKES_OVER, FALLS = "▸", "◂"


class Threshold(NamedTuple):
    """Where a phase's score would change the phase that is held: `at` on the scale of scores, `to_go` from where it is."""

    at: float
    to_go: float


def threshold(call: PhaseCall, phase: Phase) -> Threshold | None:
    """A challenger's score at which it takes over; for the phase held, the one at which it falls. None while none is held.

    The challenger needs the incumbent's score and the lead of the hysteresis beyond it, which C does not on the fast path.
    """
    scores = call.scores
    held = scores.get(call.held)
    own = scores.get(phase)
    if held is None or own is None:
        return None
    if phase is not call.held:
        at = held + call.lead_needed(phase)
        return Threshold(at, at - own)
    rivals = [score - call.lead_needed(other) for other, score in scores.items() if other is not phase]
    return Threshold(max(rivals), max(rivals) - own) if rivals else None


def gauges(call: PhaseCall, width: int) -> list[Line]:
    """One line a phase: its score from −1 to +1, where it stands, where it takes over or falls, and how far that is."""
    full = width >= FULL_NAMES_FROM
    name_width = NAME if full else SHORT_NAME
    half = max(HALF_LEAST, min(HALF_MOST, (width - name_width - 8 - WORDS - 1) // 2))
    rows = []
    for which in PHASES:
        role = phase_role(which)
        name = which.words if full else which.short
        mark = threshold(call, which)
        held = which is call.held
        rows.append(
            line(
                (padded(f"{which.value} {name}", name_width), role),
                (f"{fmt.score(call.scores.get(which)):>6}  ", "", "phase.score"),
                *_gauge(call, which, mark, half),
                (f"  {_words(mark, held=held)}", "strong" if held else "", "phase.to_go"),
            )
        )
    return rows


def legend(call: PhaseCall) -> str:
    """What the marks of the gauges say, in one line."""
    if call.scores.get(call.held) is None:
        return "scores from −1 to +1, zero in the middle"
    band = fmt.plain_score(-call.flips_at)
    return f"−1 … +1, {ZERO} 0, {TAKES_OVER} takes over, {FALLS} held phase falls, {BAND} the band of {band}"


def _words(mark: Threshold | None, *, held: bool) -> str:
    if mark is None:
        return ""
    if held:
        return f"held, falls at {fmt.score(mark.at)}"
    if mark.at > 1:
        return "out of reach"
    return f"at {fmt.score(mark.at)}, {fmt.plain_score(max(0.0, mark.to_go))} to go"


def _gauge(call: PhaseCall, phase: Phase, mark: Threshold | None, half: int) -> Line:
    value = call.scores.get(phase)
    cells = [EMPTY] * (2 * half + 1)
    if value is None:
        return line("".join(cells))
    zero, at = half, _cell(value, half)
    for index in range(min(zero, at), max(zero, at) + 1):
        cells[index] = BAR
    cells[zero] = ZERO
    held = call.scores.get(call.held)
    if mark is not None and held is not None and abs(mark.at) <= 1:
        place = _cell(mark.at, half)
        if phase is not call.held:
            for index in range(max(_cell(held, half), at + 1), place):
                cells[index] = BAND
        cells[place] = FALLS if phase is call.held else TAKES_OVER
    return line(("".join(cells), phase_role(phase)))


def _cell(value: float, half: int) -> int:
    return half + round(max(-1.0, min(1.0, value)) * half)


# The round


class Stay(NamedTuple):
    """A phase held over days without a break; `whole` where neither end is cut off."""

    phase: Phase
    days: int
    whole: bool


def stays(strip: tuple[PhaseDay, ...]) -> list[Stay]:
    """The stretches of one phase, oldest first; the first may have begun before the strip, the last still goes on."""
    found = [(phase, len(list(days))) for phase, days in groupby(strip, key=lambda day: day.phase)]
    last = len(found) - 1
    return [Stay(phase, days, 0 < index < last) for index, (phase, days) in enumerate(found)]


def typical(strip: tuple[PhaseDay, ...], phase: Phase) -> float | None:
    """The median length of the whole stays of a phase in days; None without one."""
    whole = [stay.days for stay in stays(strip) if stay.phase is phase and stay.whole]
    return float(median(whole)) if whole else None


def cycle(call: PhaseCall, width: int) -> list[Line]:
    """A → B → C → A with the present one marked and its day, what is typical, and from when on it may be left."""
    parts: list[Span] = [Span("cycle ", "dim")]
    for which in (*PHASES, Phase.A):
        if len(parts) > 1:
            parts.append(Span(" → ", "dim"))
        last = len(parts) > 2 * len(PHASES)
        name = which.value if last else f"{which.value} {which.short}"
        now = which is call.held and not last
        day = f", day {call.days_held}" if now and call.days_held is not None else ""
        parts.append(Span(f"[{name}{day}]" if now else name, phase_role(which) if now else "", "phase.days_held" if day else ""))
    facts = [_usual(call), _minimum(call)]
    rows = [tuple(parts)]
    for fact in facts:
        joined = (*rows[-1], Span("   "), *fact)
        if fact and sum(len(part.text) for part in joined) <= width:
            rows[-1] = joined
        elif fact:
            rows.append(fact)
    return rows


def _usual(call: PhaseCall) -> Line:
    """The usual length of each phase in the strip."""
    if not call.strip:
        return ()
    usual = [(which, typical(call.strip, which)) for which in PHASES]
    words = "  ".join(f"{which.value} {fmt.count(days)}" for which, days in usual)
    return line(("usual stay, days ", "dim"), (words, "", "phase.typical"))


def _minimum(call: PhaseCall) -> Line:
    if call.dwell_until is None:
        return ()
    if call.dwell_until > call.day:
        left = (call.dwell_until - call.day).days
        return line(("minimum stay ", "dim"), (f"until {fmt.day(call.dwell_until)}, {left} d to go", "warn", "phase.dwell"))
    return line(("minimum stay ", "dim"), (f"over since {fmt.day(call.dwell_until)}", "", "phase.dwell"))
