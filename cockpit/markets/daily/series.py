"""Daily tables as they are kept: a column a subject, a value a day, exact, and as the CSV text of a recorded market."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from cockpit.markets import tables
from cockpit.model.errors import BadInput

Series = dict[date, Decimal]
"""One value a day."""
Table = dict[str, Series]
"""The columns of a table."""
DAY = timedelta(days=1)


def exact(value: Any) -> Decimal | None:
    """A number out of JSON exactly as it was written; None where it is none or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 30 else None


def midnight(day: date) -> datetime:
    """00:00 UTC of a day."""
    return datetime.combine(day, time(), UTC)


def days(first: date, last: date) -> Iterable[date]:
    """Every day from the first to the last, both included."""
    return (first + DAY * number for number in range((last - first).days + 1))


def snapshot_day(stamp: Any, slack: timedelta) -> date | None:
    """The day at whose 00:00 UTC a unix time (s) lies, within `slack`; None for any other time of the day."""
    seconds = exact(stamp)
    if seconds is None or not 0 < seconds < 2**35:
        return None
    at = datetime.fromtimestamp(float(seconds), UTC)
    day = (at + timedelta(hours=12)).date()
    return day if abs(at - midnight(day)) <= slack else None


def read(path: Path) -> Table:
    """The table in a CSV file; empty where there is none. BadInput names the line of a cell that is no number."""
    if not path.exists():
        return {}
    table = tables.read_table(path)
    columns: Table = {name: {} for name in table.columns[1:]}
    for row, day in zip(table.rows, table.days(), strict=True):
        for name, cell in zip(table.columns[1:], table.cells(row)[1:], strict=True):
            if cell:
                tables.number(table, row, name, cell)
                columns[name][day] = Decimal(cell)
    return columns


def read_or_none(path: Path) -> Table | None:
    """The table in a CSV file; None where it cannot be read, and so has to be fetched again."""
    try:
        return read(path)
    except BadInput:
        return None


def text(table: Table) -> str:
    """The CSV text: columns by name, days in order, an empty cell where nothing is known."""
    stamps = sorted({day for series in table.values() for day in series})
    columns = sorted(name for name, series in table.items() if series)
    lines = [",".join(["date", *columns])]
    for day in stamps:
        values = (table[name].get(day) for name in columns)
        lines.append(",".join([day.isoformat(), *("" if value is None else f"{value:f}" for value in values)]))
    return "\n".join(lines) + "\n"
