"""What the command line prints for a person: plain text tables that also read well in a log.

Numbers are those of the screens' formatter with ASCII signs, so that they can be copied out and pass any pipe.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from cockpit.model import format as fmt
from cockpit.model.journal import JournalRow
from cockpit.model.plan import Action, Plan, State, Step
from cockpit.model.readings import PHASES, PhaseCall, Reading, Trigger
from cockpit.model.text import sanitise
from cockpit.model.wording import exact_price, no_steps

if TYPE_CHECKING:
    from cockpit.signals.engine import Signals

PhaseRow = dict[str, str | float | None]

EXACT_PLACES = 8
"""The decimals of the smallest amount that a wallet holds."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns separated by two spaces; the first `left` are left-aligned, the others right-aligned."""
    cells = [list(head), *([sanitise(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = []
    for row in cells:
        aligned = [c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(aligned).rstrip())
    return "\n".join(lines)


def amount(value: Decimal | None, digits: int = 2) -> str:
    """Quote units; "-" where there is nothing."""
    return fmt.in_ascii(fmt.amount(value, digits))


def exact(value: Decimal | None) -> str:
    """Every digit that there is, eight decimals at most."""
    return fmt.in_ascii(fmt.exact(value, EXACT_PLACES))


def percent(value: Decimal | float | None, digits: int = 1) -> str:
    """A fraction in percent."""
    return fmt.in_ascii(fmt.percent(value, digits))


def score(value: float | None) -> str:
    """A score with its sign; "-" where nothing is known."""
    return fmt.in_ascii(fmt.score(value))


def share(value: float | None) -> str:
    """A quality, coverage or confidence between 0 and 1."""
    return fmt.in_ascii(fmt.plain_score(value))


def reading(value: Reading, missing: str = fmt.NONE) -> str:
    """A reading's number as its indicator writes it."""
    return fmt.in_ascii(fmt.reading(value, missing))


def age(value: timedelta | None) -> str:
    """The largest whole unit: 12 s, 5 min, 7 h, 3 d."""
    return fmt.in_ascii(fmt.age(value))


def readings(rows: Iterable[Reading]) -> str:
    """One line a reading."""
    return table(
        ("subject", "indicator", "value", "unit", "age at close", "source", "quality", "score"),
        (
            (
                r.subject,
                r.label,
                reading(r),
                r.unit,
                age(r.age),
                r.source,
                share(r.quality),
                score(r.score),
            )
            for r in rows
        ),
        left=2,
    )


def phase(call: PhaseCall, triggers: Sequence[Trigger]) -> str:
    """The call, its evidence and what would change it."""
    confidence = "" if call.confidence is None else f", confidence {call.level} {share(call.confidence)}"
    lines = [f"{call.label} {sanitise(call.source)}, close of {call.day}", f"phase {call.phase}: {call.phase.words}{confidence}"]
    if call.since is not None and call.incumbent is not None:
        lines.append(
            f"{call.incumbent} has held since {call.since} ({call.days_held} d); "
            f"coverage {share(call.coverage)}, needed {share(call.gate)}"
        )
    if call.lead is not None and call.challenger is not None:
        stands = "leads" if call.lead >= 0 else "trails"
        fast = "; the market falls: C takes over once it is level" if call.falling and call.incumbent != "C" else ""
        lines.append(
            f"{stands} {call.challenger} by {share(abs(call.lead))}; flips when it trails by {share(abs(call.flips_at))}{fast}"
        )
    lines += [call.outlook, ""]
    if call.scores:
        lines += [
            table(
                ("", *PHASES),
                [
                    ("smoothed", *(score(call.scores.get(p)) for p in PHASES)),
                    ("today", *(score(call.evidence.get(p)) for p in PHASES)),
                    ("coverage", *(share(call.coverages.get(p, 0.0)) for p in PHASES)),
                ],
            ),
            "",
        ]
    lines.append(
        table(
            ("why", "now", "age at close", "quality", "score", *(f"adds to {p}" for p in PHASES)),
            (
                (
                    row.label,
                    reading(row.reading, "no data"),
                    age(row.reading.age),
                    share(row.reading.quality),
                    score(row.reading.score),
                    *(score(row.contributions.get(p)) if row.reading.score is not None else score(None) for p in PHASES),
                )
                for row in call.rows
            ),
        )
    )
    lines += ["", "what would change it"]
    none = "nothing has to" if call.ahead else "no single reading, and no pair of them"
    lines += [f"  {flip.sentence}" for flip in call.flips] or [f"  {none}"]
    if triggers:
        lines += ["", "triggers"]
        lines += [f"  [{t.state}] {t.sentence}" + (f" -> {t.proposal}" if t.proposal else "") for t in triggers]
    lines += [f"note: {note}" for note in call.notes]
    return "\n".join(lines)


def phase_rows(found: Signals) -> list[PhaseRow]:
    """One row a day: date, phase, smoothed scores, confidence, coverage; None where nothing is known."""
    columns = ("S_A", "S_B", "S_C", "confidence", "coverage")
    rows: list[PhaseRow] = []
    for day, row in found.phases().iterrows():
        numbers = {name: None if row[name] != row[name] else float(row[name]) for name in columns}
        rows.append({"date": str(day)[:10], "phase": str(row["phase"]), **numbers})
    return rows


def csv_text(rows: Sequence[PhaseRow]) -> str:
    """Rows as CSV with a head line; empty where nothing is known."""
    out = io.StringIO()
    if rows:
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {k: "" if v is None else f"{v:.6f}" if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    return out.getvalue().rstrip("\n")


def price(value: Decimal | None, tick: Decimal | None) -> str:
    """A price in the places of its tick."""
    return fmt.in_ascii(fmt.price(value, tick))


def sent_price(value: Decimal | None, tick: Decimal | None) -> str:
    """A price that is sent: every digit of it, and the places of its tick."""
    return fmt.in_ascii(exact_price(value, tick))


def step_words(step: Step, ticks: Mapping[str, Decimal]) -> str:
    """A step in words: what will be sent. `ticks` are price steps by symbol, {} where none is known."""
    tick = ticks.get(step.symbol or "")
    asset = step.asset or ""
    if step.action is Action.TRANSFER:
        return f"move {exact(step.quantity)} from {step.source} to {step.destination}"
    if step.action is Action.ADD_MARGIN:
        return f"add {exact(step.quantity)} margin to {asset}"
    if step.action is Action.SET_STOP:
        return f"set stop of {exact(step.quantity)} {asset} at {sent_price(step.stop_price, tick)}"
    verb = {
        Action.BUY: "BUY",
        Action.SELL: "SELL",
        Action.OPEN_LONG: "BUY LONG",
        Action.OPEN_SHORT: "SELL SHORT",
        Action.REDUCE_LONG: "SELL TO REDUCE LONG",
        Action.REDUCE_SHORT: "BUY TO COVER SHORT",
    }[step.action]
    stop = f", stop {sent_price(step.stop_price, tick)}" if step.stop_price is not None else ""
    return f"{verb} {exact(step.quantity)} {asset} @ {sent_price(step.price, tick)}{stop}"


def _weight(state: State, sector: str) -> str:
    row = next((row for name, row in state.sectors.items() if name == sector), None)
    return "-" if row is None else percent(row.weight)


def plan(made: Plan, ticks: Mapping[str, Decimal]) -> str:
    """The plan with the book after every step, its checks, its costs and what it leaves out. `ticks` as for a step."""
    head = made.plan
    preset = f", preset {head.preset}" if head.preset else ""
    lines = [
        f"plan {head.id[:12]}  strategy {sanitise(head.strategy)}{sanitise(preset)}, {head.mode}, phase {head.phase}",
        f"book {sanitise(made.book.name)} revision {made.book.revision}, NAV {amount(made.book.nav)}; "
        f"{sanitise(made.market.source)}, {made.market.as_of:%Y-%m-%d %H:%M} UTC",
        "",
    ]
    rows = [("0", "start", "", "", *_state(made.start))]
    rows += [(str(s.number), step_words(s, ticks), s.account, sanitise(s.reason), *_state(s.after)) for s in made.steps]
    lines.append(
        table(
            ("#", "step", "account", "why", "cash", "wallet", "margin", "near liq.", "net L1", "net DeFi", "net stable"),
            rows,
            left=4,
        )
    )
    if not made.steps:
        lines.append(no_steps(made))
    lines += ["", "rules"]
    for check in made.checks:
        mark = "ok  " if check.passed else "soft" if check.kind == "soft" else "FAIL"
        lines.append(f"  {mark} {check.rule}: {fmt.in_ascii(sanitise(check.message, limit=400))}")
    lines += ["", "costs"]
    lines += [f"  {cost.kind}: {exact(cost.amount)}  {fmt.in_ascii(sanitise(cost.note))}" for cost in made.costs]
    if made.skipped:
        lines += ["", "skipped"]
        lines += [f"  {sanitise(s.asset)}: wanted {amount(s.wanted)}: {fmt.in_ascii(sanitise(s.reason))}" for s in made.skipped]
    return "\n".join(lines)


def _state(state: State) -> tuple[str, ...]:
    return (
        amount(state.cash),
        amount(state.futures_wallet),
        amount(state.margin_used),
        percent(state.nearest_liquidation),
        _weight(state, "L1"),
        _weight(state, "DEFI"),
        _weight(state, "STABLE"),
    )


def journal(rows: Iterable[JournalRow]) -> str:
    """One line an event, oldest first."""
    return table(
        ("seq", "time (UTC)", "book", "rev", "event", "plan", "step", "what happened"),
        (
            (
                str(row.seq),
                f"{row.at:%Y-%m-%d %H:%M:%S}",
                row.book,
                str(row.revision),
                row.kind,
                (row.plan_id or "")[:8],
                "" if row.step is None else str(row.step),
                row.message,
            )
            for row in rows
        ),
        left=8,
    )
