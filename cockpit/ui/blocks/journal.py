"""What happened to this book, newest first."""

from datetime import date

from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.picture import Picture, Stage
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import EMPTY, Line, clip, line, padded, title, width_of, wrapped

WIDE = 100
KIND_WIDTH = max(len(kind) for kind in JournalKind) + 2
ROLES = {
    JournalKind.REFUSAL: "warn",
    JournalKind.HALT: "warn",
    JournalKind.LIQUIDATION: "alarm",
    JournalKind.PROBLEM: "bad",
    JournalKind.FILL: "good",
}


def journal(picture: Picture, width: int) -> list[Line]:
    """The whole view: a heading for each day, an event's message over as many lines as it needs."""
    if not picture.journal:
        if picture.store_progress.stage is Stage.READY:
            return [line(("Nothing has happened yet.", "dim"))]
        return waiting(picture.store_progress, "the journal", width)
    lines: list[Line] = []
    day: date | None = None
    for row in sorted(picture.journal, key=lambda row: row.seq, reverse=True):
        if row.at.date() != day:
            day = row.at.date()
            lines += [EMPTY, title(f"{day:%Y-%m-%d}", "UTC")] if lines else [title(f"{day:%Y-%m-%d}", "UTC")]
        lines += _event(row, width)
    return lines


def _event(row: JournalRow, width: int) -> list[Line]:
    step = "" if row.step is None else f"step {row.step}"
    head = line(
        (f"{row.at:%H:%M:%S}  ", "dim"),
        (padded(row.kind.value, KIND_WIDTH), ROLES.get(row.kind, "accent")),
        (padded(f"  rev {row.revision}", 10) + padded(step, 9), "dim") if width >= WIDE else "",
    )
    indent = width_of(head)
    first, *rest = wrapped(row.message, width - indent)
    return [(*head, *first), *(line(" " * indent, *more) for more in rest)]


def latest(picture: Picture, width: int, count: int = 3) -> list[Line]:
    """The newest few events, for the overview."""
    rows = sorted(picture.journal, key=lambda row: row.seq, reverse=True)[:count]
    lines = []
    for row in rows:
        head = line((f"{row.at:%H:%M:%S} ", "dim"), (row.kind.value, ROLES.get(row.kind, "accent")), " ")
        message = row.message.removeprefix(f"{row.kind.value} ")
        lines.append(line(*head, clip(message, width - width_of(head))))
    return lines
