"""What happened to this book, newest first."""

from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.picture import Picture
from cockpit.ui import format as fmt
from cockpit.ui.lines import Line, clip, line, width_of
from cockpit.ui.panes.pane import waiting
from cockpit.ui.table import Column, Row, table

COLUMNS = (
    Column("time (UTC)", right=False),
    Column("event", right=False),
    Column("rev", drop=2),
    Column("step", drop=1),
    Column("what happened", right=False, name=True, least=24),
)
ROLES = {
    JournalKind.REFUSAL: "warn",
    JournalKind.HALT: "warn",
    JournalKind.LIQUIDATION: "alarm",
    JournalKind.PROBLEM: "bad",
    JournalKind.FILL: "good",
}


def journal(picture: Picture, width: int) -> list[Line]:
    """The whole view."""
    if not picture.journal:
        return waiting(picture.store_progress, "the journal", width)
    rows = sorted(picture.journal, key=lambda row: row.seq, reverse=True)
    return table(COLUMNS, [_row(row) for row in rows], width)


def _row(row: JournalRow) -> Row:
    return Row(
        (
            fmt.moment(row.at),
            (row.kind.value, ROLES.get(row.kind, "")),
            str(row.revision),
            "" if row.step is None else str(row.step),
            row.message,
        )
    )


def latest(picture: Picture, width: int, count: int = 3) -> list[Line]:
    """The newest few events, for the overview."""
    rows = sorted(picture.journal, key=lambda row: row.seq, reverse=True)[:count]
    lines = []
    for row in rows:
        head = line((f"{row.at:%H:%M:%S} ", "dim"), (row.kind.value, ROLES.get(row.kind, "accent")), " ")
        lines.append(line(*head, clip(row.message, width - width_of(head))))
    return lines
