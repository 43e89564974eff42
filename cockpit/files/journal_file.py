"""The journal as a file for a spreadsheet (CSV) or a program (TOML): the events that a trader chose, oldest first.

Both carry the keys of `cockpit journal --json`. Numbers are plain decimals and times UTC, whatever the locale.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import UTC
from pathlib import Path
from typing import Literal, get_args

from msgspec import Struct, field

from cockpit.files.atomic import write_numbered
from cockpit.files.kept import slug
from cockpit.files.toml import bad, render
from cockpit.model.journal import JournalRow

SCHEMA = 1
Form = Literal["csv", "toml"]
HEAD = ("seq", "at", "book", "kind", "message", "revision", "plan_id", "step")
DATA = "data."
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_FORMULA = tuple("=+-@\t\r\n'＝＋－＠")
"""What makes a spreadsheet read a cell as a formula, full-width twins included; and the mark itself, so that it can be undone."""


class JournalFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The TOML file, whole."""

    schema: int = SCHEMA
    events: tuple[JournalRow, ...] = field(name="event", default=())


def journal_csv(rows: Iterable[JournalRow]) -> str:
    """The events as CSV after RFC 4180: a heading, CRLF, a column `data.KEY` for every number that some event has.

    A cell that a spreadsheet could take for a formula begins with one "'" more; a plain number such as -5.00 stays one. A value
    that an event does not have is an empty cell.
    """
    ordered = _oldest_first(rows)
    keys = list(dict.fromkeys(key for row in ordered for key in row.data))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*HEAD, *(_cell(DATA + key) for key in keys)])
    for row in ordered:
        at = f"{row.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        head = (str(row.seq), at, row.book, row.kind.value, row.message, str(row.revision))
        step = "" if row.step is None else str(row.step)
        writer.writerow([_cell(value) for value in (*head, row.plan_id or "", step, *(row.data.get(key, "") for key in keys))])
    return text.getvalue()


def journal_toml(rows: Iterable[JournalRow]) -> str:
    """The events as TOML, an `[[event]]` each; what an event does not have is left out."""
    return render(JournalFile(events=_oldest_first(rows)))


def export_journal(rows: Sequence[JournalRow], form: str, folder: Path) -> Path:
    """Write the events into `folder` under a name of its own, never over an existing file; the path that was written.

    The name holds the portfolio and the time of the newest event. BadInput without an event, or for a form that is neither
    "csv" nor "toml".
    """
    if form not in get_args(Form):
        raise bad("", "", f'the journal can be written as {" or ".join(get_args(Form))}, not as "{form}"')
    if not rows:
        raise bad("", "", "there is no event to write: show some first")
    newest = max(rows, key=lambda row: row.seq)
    name = f"journal-{slug(newest.book)}-{newest.at:%Y%m%d-%H%M%S}.{form}"
    return write_numbered(folder / name, journal_csv(rows) if form == "csv" else journal_toml(rows))


def _oldest_first(rows: Iterable[JournalRow]) -> tuple[JournalRow, ...]:
    return tuple(sorted(rows, key=lambda row: row.seq))


def _cell(text: str) -> str:
    """The text as a spreadsheet may be given it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
