"""Reads the CSV tables of a recorded market strictly, line by line, and never a row further than asked."""

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from cockpit.model.errors import BadInput
from cockpit.model.text import is_safe, sanitise

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_ASSET = re.compile(r"[^\s/:\[\]]{1,24}")
_YEARS = range(1970, 2200)


class Bound(NamedTuple):
    """What a number must be, in words and as a test."""

    words: str
    holds: Callable[[float], bool]


ANY = Bound("a number", lambda _: True)
NOT_NEGATIVE = Bound("0 or more", lambda value: value >= 0)
ABOVE_ZERO = Bound("above 0", lambda value: value > 0)
INTERVAL = Bound("above 0 and at most 24", lambda value: 0 < value <= 24)


class Row(NamedTuple):
    """One line of a table, not yet split; `number` is its line number in the file."""

    number: int
    text: str

    @property
    def first(self) -> str:
        """The text of the first cell."""
        return self.text.partition(",")[0].strip(' "')


class Table(NamedTuple):
    """A CSV file: the columns of its header and the lines below."""

    path: Path
    columns: tuple[str, ...]
    rows: list[Row]

    def cells(self, row: Row) -> list[str]:
        """The cells of a row, as many as there are columns."""
        cells = _split(self.path, row)
        if len(cells) != len(self.columns):
            raise bad(self.path, f"line {row.number}: has {len(cells)} cells, the header has {len(self.columns)}")
        return cells

    def days(self) -> list[date]:
        """The day of every row; refuses a day twice or out of order."""
        days: list[date] = []
        for row in self.rows:
            try:
                day = date.fromisoformat(row.first) if _DAY.fullmatch(row.first) else date.min
            except ValueError:
                day = date.min
            if day.year not in _YEARS:
                raise bad(self.path, f"line {row.number}: date {shown(row.first)} is not a day such as 2021-08-20")
            if days and day <= days[-1]:
                what = "is there twice" if day == days[-1] else "is out of order"
                raise bad(self.path, f"line {row.number}: {day} {what}; keep one row a day, oldest first")
            days.append(day)
        return days


def read_table(path: Path, needed: Sequence[str] = ("date",), *, assets: bool = False) -> Table:
    """The table at `path`; with `assets` every column but the first names an asset.

    BadInput if it cannot be read, or its header lacks a needed column, names one twice or hides characters.
    """
    lines = read_text(path).split("\n")
    rows = [Row(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise bad(path, f"is empty; its first line names the columns, {needed[0]} first")
    table = Table(path, (), rows[1:])
    columns = tuple(_split(path, rows[0]))
    for name in needed:
        if name not in columns:
            raise bad(path, f"line {rows[0].number}: there is no column {name}; it has {shown(', '.join(columns))}")
    if columns[0] != needed[0]:
        raise bad(path, f"line {rows[0].number}: the first column must be {needed[0]}, not {shown(columns[0])}")
    for position, name in enumerate(columns):
        if not name:
            raise bad(path, f"line {rows[0].number}: column {position + 1} has no name")
        if not is_safe(name) or (assets and not _ASSET.fullmatch(name)):
            raise bad(path, f"line {rows[0].number}: column {position + 1}, {shown(name)}, is no name of an asset")
        if name in columns[:position]:
            raise bad(path, f"line {rows[0].number}: column {name} is there twice")
    return table._replace(columns=columns)


def numbers(table: Table, bound: Bound = ANY, until: date | None = None) -> Iterator[tuple[date, list[float]]]:
    """The rows up to `until` as (day, values); an empty cell is NaN. BadInput names line and column of any other cell.

    Nothing is read of the rows after `until` but their day.
    """
    nan = float("nan")
    for row, day in zip(table.rows, table.days(), strict=True):
        if until is not None and day > until:
            return
        cells = zip(table.columns[1:], table.cells(row)[1:], strict=True)
        yield day, [number(table, row, column, cell, bound) if cell else nan for column, cell in cells]


def number(table: Table, row: Row, column: str, cell: str, bound: Bound = ANY) -> float:
    """The number in a cell: finite, plainly written and within its bound."""
    value = float(cell) if _NUMBER.fullmatch(cell) else float("nan")
    if not (isfinite(value) and bound.holds(value)):
        hint = "leave the cell empty where nothing is known"
        raise bad(table.path, f"line {row.number}, column {column}: {shown(cell)} is not {_wanted(value, bound)}; {hint}")
    return value


def moment(table: Table, row: Row, cell: str) -> datetime:
    """The time in a cell: ISO 8601 in UTC."""
    try:
        time = datetime.fromisoformat(cell)
    except ValueError:
        time = None
    if time is None or time.utcoffset() != timedelta(0) or time.year not in _YEARS:
        raise bad(table.path, f"line {row.number}: time {shown(cell)} is not a time in UTC such as 2021-08-20T08:00:00Z")
    return time.astimezone(UTC)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest's keys; empty if there is none."""
    path = folder / "manifest.toml"
    if not path.exists():
        return {}
    try:
        manifest = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise bad(path, f"is not TOML: {error}") from error
    if manifest.get("schema", 1) != 1:
        raise bad(path, f"schema: {shown(str(manifest['schema']))} is not known, this version reads 1")
    for key in ("name", "source"):
        if not isinstance(manifest.get(key, ""), str):
            raise bad(path, f"{key}: must be text")
    sources = manifest.get("sources", {})
    if not (isinstance(sources, dict) and all(isinstance(words, str) for words in sources.values())):
        raise bad(path, "sources: must be a table of texts, one for each CSV file")
    return manifest


def read_text(path: Path) -> str:
    """A regular file as text; BadInput says why not."""
    if path.exists() and not path.is_file():
        raise bad(path, "is not a regular file")
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise bad(path, "does not exist; it is the one file that a recorded market must have") from None
    except UnicodeDecodeError as error:
        raise bad(path, f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None
    except OSError as error:
        raise bad(path, f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def _split(path: Path, row: Row) -> list[str]:
    if '"' not in row.text:
        return [cell.strip() for cell in row.text.split(",")]
    try:
        (cells,) = csv.reader([row.text], strict=True)
    except (csv.Error, ValueError) as error:
        raise bad(path, f"line {row.number}: is not CSV: {error}") from error
    return [cell.strip() for cell in cells]


def _wanted(value: float, bound: Bound) -> str:
    return bound.words if isfinite(value) else ANY.words


def shown(text: str) -> str:
    """Foreign text, made safe to show and short."""
    return f'"{sanitise(text, 40)}"'


def bad(path: Path, sentence: str) -> BadInput:
    """The error for a file."""
    return BadInput(sanitise(f"{path}: {sentence}", 600))
