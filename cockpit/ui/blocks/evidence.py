"""Why the phase is what it is: every reading with its score, its weight and what it adds, and what would change the call."""

from collections.abc import Iterator
from datetime import datetime

from cockpit.model import format as fmt
from cockpit.model.readings import PHASES, Evidence, Phase, PhaseCall
from cockpit.model.text import sanitise
from cockpit.ui.lines import Line, Span, explained, line, text_of, title, wrapped
from cockpit.ui.table import Cell, Column, Row, table

SOURCE_WIDTH = 40
BAR = 5
"""Cells on each side of a contribution's bar."""


def weighed_for(call: PhaseCall) -> Phase:
    """The phase that the evidence is weighed for: the held one, else the one with the best score."""
    if call.held is not Phase.UNDETERMINED:
        return call.held
    return max(PHASES, key=lambda p: call.scores.get(p, float("-inf")))


def ordered(call: PhaseCall) -> list[Evidence]:
    """The largest contribution first, whatever its sign; then what weighs nothing here, then what is missing."""
    held = weighed_for(call)

    def place(row: Evidence) -> tuple[bool, bool, float]:
        return row.reading.raw is None, not row.weights.get(held), -abs(row.contributions.get(held, 0.0))

    return sorted(call.rows, key=place)


def evidence(call: PhaseCall, width: int, now: datetime, most: int | None = None) -> list[Line]:
    """The table; with `most` at most so many rows that weigh something, without it all, and then coverage and what is missing."""
    held, rival = weighed_for(call), call.challenger
    rows = ordered(call)
    if most is not None:
        rows = [row for row in rows if row.weights.get(held) and row.reading.raw is not None][:most]
    largest = max((abs(row.contributions.get(held, 0.0)) for row in rows), default=0.0)
    columns = (
        Column("evidence", right=False, name=True, least=16, most=30),
        Column("now"),
        Column("score", about="signals.score"),
        Column("weight", drop=2, about="phase.weight"),
        Column(f"to {held.value}", about="phase.adds"),
        Column("", right=False, drop=1),
        Column(f"to {rival.value}" if rival else "", drop=6 if rival else 99, about="phase.adds"),
        Column("age", drop=3, about="signals.age"),
        Column("quality", drop=4, about="signals.quality"),
        Column("source", right=False, drop=5),
    )
    shown = table(columns, [_row(row, held, rival, largest, now) for row in rows], width)
    if most is not None:
        return shown
    named = text_of(shown[0]).rstrip().endswith("source")
    return [*shown, *([] if named else _sources(rows, width)), *coverage(call, width)]


def _row(row: Evidence, held: Phase, rival: Phase | None, largest: float, now: datetime) -> Row:
    reading = row.reading
    adds = row.contributions.get(held)
    missing = reading.raw is None
    shown = 0.0 if adds is None or missing else round(adds, 2)
    mark = "·" if not shown else "▲" if shown > 0 else "▼"
    role = "dim" if missing or not row.weights.get(held) else ""
    colour = role if not shown else "good" if shown > 0 else "bad"
    return Row(
        (
            (f"{mark} {row.label}", role),
            (fmt.reading(reading, "no data"), role, f"indicator.{row.indicator}"),
            ("·" if reading.score is None else fmt.score(reading.score), role),
            (fmt.plain_score(row.weights.get(held)), role),
            _adds(adds, missing, colour),
            (_bar(shown, largest), colour),
            _adds(row.contributions.get(rival) if rival else None, missing, "dim"),
            (fmt.since(reading.at, now), role),
            (fmt.plain_score(reading.quality), role),
            (reading.source, "dim"),
        )
    )


def _adds(value: float | None, missing: bool, role: str) -> Cell:
    return ("·" if value is None or missing else fmt.score(value)), role


def _bar(value: float, largest: float) -> str:
    """From the middle to the right what speaks for the phase, to the left what speaks against it."""
    cells = min(BAR, round(abs(value) / largest * BAR)) if largest > 0 else 0
    left, right = ("", "▇" * cells) if value > 0 else ("▇" * cells, "")
    return left.rjust(BAR, "·") + "│" + right.ljust(BAR, "·")


def _sources(rows: list[Evidence], width: int) -> list[Line]:
    """Whose numbers the readings are, where the table has no room for the column."""
    given: dict[str, list[str]] = {}
    for row in rows:
        if row.reading.raw is not None and row.reading.source:
            given.setdefault(sanitise(row.reading.source, SOURCE_WIDTH), []).append(row.label)
    if not given:
        return []
    if len(given) == 1:
        return wrapped(f"Source: {next(iter(given))}.", width, "dim")
    told = "; ".join(f"{source} ({', '.join(labels)})" for source, labels in given.items())
    return wrapped(f"Sources: {told}.", width, "dim")


def heading(call: PhaseCall) -> Line:
    """What the table is, and what it sums to."""
    held = weighed_for(call)
    today, smoothed = call.evidence.get(held), call.scores.get(held)
    sums = "nothing is known yet" if today is None else f"sums to {fmt.score(today)} at the close of {fmt.day(call.day)}"
    if smoothed is not None:
        sums += f", {fmt.score(smoothed)} smoothed"
    weighed = f"Why {held.value}" if call.held is not Phase.UNDETERMINED else f"No phase is held: weighed as for {held.value}"
    return (*title(weighed), Span("  "), Span(sums, "dim", "phase.evidence"))


def coverage(call: PhaseCall, width: int) -> list[Line]:
    """How much of the evidence is there, and what is missing."""
    text = f"Coverage {fmt.percent(call.coverage, 0)} (a call needs {fmt.percent(call.gate, 0)})"
    told = wrapped(text + (f"; missing: {', '.join(call.missing)}." if call.missing else "; nothing is missing."), width, "dim")
    return explained(told, "phase.coverage")


def flips(call: PhaseCall, width: int) -> list[Line]:
    """What would hand the phase over, in raw units; each change alone, if it lasts. Where it changes by itself, that."""
    rows = [title("What would change it", "nothing has to" if call.ahead else "each alone, if it lasts")]
    return [*rows, *(row for sentence in _flip_sentences(call, width) for row in sentence)]


def nearest_flips(call: PhaseCall, width: int, rows: int) -> list[Line]:
    """As many of its sentences as `rows` hold, whole ones and always the first."""
    kept: list[Line] = []
    for sentence in _flip_sentences(call, width):
        if kept and len(kept) + len(sentence) > rows:
            break
        kept += sentence
    return kept


def _flip_sentences(call: PhaseCall, width: int) -> Iterator[list[Line]]:
    if not call.flips and not call.ahead and call.phase is not Phase.UNDETERMINED:
        yield [line(("No reading alone would, and no two together.", "dim"))]
    for flip in call.flips:
        yield explained(wrapped(fmt.minus(f"→ {flip.sentence}"), width), "phase.flip")
    if call.outlook:
        yield explained(wrapped(fmt.minus(_sentence(call.outlook)), width, "dim"), "phase.outlook")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
