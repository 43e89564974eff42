"""Which phase of the rotation we are in, why, how sure that is, and what would change it."""

from datetime import datetime

from cockpit.model import format as fmt
from cockpit.model.picture import Picture
from cockpit.model.readings import PHASES, Evidence, Phase, PhaseCall, PhaseDay, Trigger, TriggerState
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import EMPTY, Line, Span, line, title, wrapped
from cockpit.ui.table import Column, Row, facts, table
from cockpit.ui.widgets.header import phase_role

EVIDENCE = (
    Column("evidence", right=False, name=True, least=16),
    Column("now"),
    Column("age", drop=3),
    Column("score"),
    Column("weight", drop=2),
    Column("adds"),
    Column("quality", drop=4),
    Column("source", right=False, drop=5),
)
STRIP_ROW = 60
MARKS = {
    TriggerState.FIRED: ("●", "warn"),
    TriggerState.NEAR: ("▸", "accent"),
    TriggerState.QUIET: ("·", "dim"),
    TriggerState.NO_DATA: ("–", "dim"),
}


def phase(picture: Picture, width: int) -> list[Line]:
    """The whole view."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", width)
    blocks = [
        [*_verdict(call, width), *_gauges(call, width), *_lead(call, width)],
        [
            title("Evidence", f"{_weighed(call)}; what it adds sums to that phase's evidence"),
            *_evidence(call, width, picture.now),
        ],
        _flips(call, width),
        _triggers(picture.triggers, width),
        _strip(call.strip),
    ]
    if call.notes:
        blocks.append([row for note in call.notes for row in wrapped(note, width, "dim")])
    result: list[Line] = []
    for block in blocks:
        if block:
            result += [EMPTY, *block] if result else block
    return result


def summary(picture: Picture, width: int) -> list[Line]:
    """The overview's panel: verdict, scores, the strongest evidence, and what would flip it."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", width)
    top = sorted(call.rows, key=lambda row: -abs(row.contributions.get(_held(call), 0.0)))[:6]
    lines = [*_gauges(call, width), *_lead(call, width), *_evidence(call, width, picture.now, top)]
    lines += _flips(call, width)[1:3]
    return lines + _missing(call, width)


def headline(picture: Picture) -> Line:
    """The view in one line."""
    call = picture.call
    if call is None:
        return waiting(picture.signals_progress, "the signals", 60)[0]
    scores = "  ".join(f"{p.value} {fmt.score(call.scores.get(p))}" for p in PHASES)
    return line((_words(call.phase), phase_role(call.phase)), f"  {scores}  coverage {fmt.percent(call.coverage, 0)}")


def _words(phase: Phase) -> str:
    return phase.words.upper() if phase is Phase.UNDETERMINED else f"{phase.value} {phase.words}"


def _held(call: PhaseCall) -> Phase:
    """The phase that the evidence is weighed for: the held one, else the one with the best score."""
    if call.held is not Phase.UNDETERMINED:
        return call.held
    return max(PHASES, key=lambda p: call.scores.get(p, float("-inf")))


def _weighed(call: PhaseCall) -> str:
    held = _held(call).value
    return (
        f"weighed for {held}" if call.held is not Phase.UNDETERMINED else f"no phase is held; weighed as it would be for {held}"
    )


def _verdict(call: PhaseCall, width: int) -> list[Line]:
    confidence = call.level.value if call.confidence is None else f"{call.level.value} {call.confidence:.2f}"
    since = f"{fmt.day(call.since)} ({call.days_held} d)" if call.since else fmt.NONE
    rows = facts(
        [
            ("phase", (_words(call.phase), phase_role(call.phase))),
            ("confidence", confidence),
            ("since", since),
            ("close of", f"{call.day:%Y-%m-%d}"),
        ],
        width,
    )
    if call.phase is Phase.UNDETERMINED:
        held = f"the last phase held was {call.incumbent.value}" if call.incumbent else "no phase was held before"
        rows.append(
            line(
                ("Hold, take no new risk: ", "warn"),
                f"coverage {fmt.percent(call.coverage, 0)} is below {fmt.percent(call.gate, 0)}; {held}.",
            )
        )
    if call.fast_path:
        rows.append(line(("Fast path to C: ", "warn"), "the evidence for de-risking skipped the waiting time."))
    return rows


def _gauges(call: PhaseCall, width: int) -> list[Line]:
    half = 4 if width < 60 else 8 if width < 76 else 12
    rows = []
    for which in PHASES:
        value = call.scores.get(which)
        name = which.words if width >= 56 else which.short
        mark = "◂ held" if which is call.held else "◂ next" if which is call.challenger else ""
        rows.append(
            line(
                (f"{which.value} {name:<{24 if width >= 56 else 8}}", phase_role(which)),
                f"{fmt.score(value):>6}  ",
                (_gauge(value, half), phase_role(which)),
                f"  {mark}",
            )
        )
    return rows


def _gauge(value: float | None, half: int) -> str:
    if value is None:
        return "·" * (2 * half + 1)
    cells = min(half, round(abs(value) * half))
    if value < 0:
        return "·" * (half - cells) + "▇" * cells + "│" + "·" * half
    return "·" * half + "│" + "▇" * cells + "·" * (half - cells)


def _lead(call: PhaseCall, width: int) -> list[Line]:
    parts = []
    if call.lead is not None and call.challenger is not None:
        verb = "leads" if call.lead >= 0 else "is behind"
        parts.append(
            f"{call.held.value} {verb} {call.challenger.value} by {abs(call.lead):.2f}; "
            f"{call.challenger.value} takes over at a lead of {fmt.score(call.flips_at)} "
            f"on {call.closes_needed} closes in a row ({call.closes_seen} seen)"
        )
    if call.dwell_until and call.dwell_until > call.day:
        parts.append(f"not before {fmt.day(call.dwell_until)}")
    rows = wrapped(", ".join(parts) + ".", width) if parts else []
    return rows + (wrapped(fmt.minus(_sentence(call.outlook)), width, "dim") if call.outlook else [])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _evidence(call: PhaseCall, width: int, now: datetime, rows: list[Evidence] | None = None) -> list[Line]:
    held = _held(call)
    return table(EVIDENCE, [_evidence_row(row, held, now) for row in (call.rows if rows is None else rows)], width) + (
        _missing(call, width) if rows is None else []
    )


def _evidence_row(row: Evidence, held: Phase, now: datetime) -> Row:
    reading = row.reading
    adds = row.contributions.get(held)
    missing = reading.raw is None
    shown = 0.0 if adds is None else round(adds, 2)
    mark = "·" if missing or not shown else "▲" if shown > 0 else "▼"
    role = "dim" if missing else ""
    colour = role if not shown else "good" if shown > 0 else "bad"
    return Row(
        (
            (f"{mark} {row.label}", role),
            (fmt.reading(reading, "no data"), role),
            (fmt.since(reading.at, now), role),
            ("·" if reading.score is None else fmt.score(reading.score), role),
            (fmt.plain_score(row.weights.get(held)), role),
            ("·" if adds is None or missing else fmt.score(adds), colour),
            (f"{reading.quality:.2f}", role),
            (reading.source, "dim"),
        )
    )


def _missing(call: PhaseCall, width: int) -> list[Line]:
    text = f"Coverage {fmt.percent(call.coverage, 0)} (a call needs {fmt.percent(call.gate, 0)})"
    return wrapped(text + (f"; missing: {', '.join(call.missing)}." if call.missing else "; nothing is missing."), width, "dim")


def _flips(call: PhaseCall, width: int) -> list[Line]:
    if not call.flips:
        return [title("What would change it"), line(("No reading alone would.", "dim"))]
    rows = [title("What would change it", "each alone, if it lasts")]
    for flip in call.flips:
        rows += wrapped(fmt.minus(f"→ {flip.sentence}"), width)
    return rows


def _triggers(triggers: tuple[Trigger, ...], width: int) -> list[Line]:
    if not triggers:
        return []
    rows = [title("Triggers", "● fired  ▸ near  · quiet  – no data")]
    order = list(MARKS)
    for trigger in sorted(triggers, key=lambda t: order.index(t.state)):
        mark, role = MARKS[trigger.state]
        for index, row in enumerate(wrapped(fmt.minus(trigger.sentence), width - 2, role if trigger.fired else "")):
            rows.append(line((mark if index == 0 else " ", role), " ", *row))
        if trigger.proposal:
            rows += wrapped(fmt.minus(f"Proposal: {trigger.proposal}. Why: {trigger.reason}"), width, "dim", indent="  ")
    return rows


def _strip(days: tuple[PhaseDay, ...]) -> list[Line]:
    """One letter a day, sixty to a line, the first day of each line named."""
    if not days:
        return []
    rows = [title(f"The last {len(days)} days", "one letter a day; · is undetermined")]
    for start in range(0, len(days), STRIP_ROW):
        chunk = days[start : start + STRIP_ROW]
        spans = [Span(f"{fmt.day(chunk[0].day):>6}  ", "dim")]
        spans += [Span("·" if d.phase is Phase.UNDETERMINED else d.phase.value, phase_role(d.phase)) for d in chunk]
        rows.append(tuple(spans))
    return rows
