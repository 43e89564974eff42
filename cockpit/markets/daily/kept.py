"""What is kept of the daily history: the tables of a recorded market, and beside them what was asked, and what waits."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from cockpit.markets.daily import series
from cockpit.markets.daily.series import Series, Table
from cockpit.markets.daily.sift import Drift, Held, Rule, no_drift, sift
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.recorded import FUNDING_COLUMNS
from cockpit.markets.tables import INTERVAL, moment, number, read_table
from cockpit.model import format as fmt
from cockpit.model.errors import BadInput
from cockpit.model.text import sanitise

DAILY = ("prices", "tvl", "tvl_units", "fees", "activity", "sentiment")
PRINTS = "funding"
NOTEBOOK = "collected.json"
RESTATED = "restated.csv"
_HEADER = "seen,table,column,day,old,new\n"


class Asked(Struct, frozen=True):
    """When a source was asked for a column last, and for which days (both included) it was ever asked."""

    at: datetime
    first: date
    last: date


class Notebook(Struct):
    """What was asked (by TABLE/SOURCE/COLUMN), who gave each column's newest value, which values wait, which were left out."""

    asked: dict[str, Asked] = {}
    words: dict[str, dict[str, str]] = {}
    held: dict[str, dict[str, dict[date, Held]]] = {}
    left_out: dict[str, dict[str, list[date]]] = {}


class Restated(Struct, frozen=True):
    """That a source gave other values for days that were kept already: how many, and by which fraction at most."""

    source: str
    table: str
    column: str
    days: int
    most: Decimal

    @property
    def sentence(self) -> str:
        """What happened, for the trader."""
        days = f"{self.days} day{'s' if self.days > 1 else ''}"
        return (
            f"{self.source} restated {self.table} of {self.column}: {days}, by {fmt.percent(self.most)} at most; "
            f"the new values count, the old ones are in {RESTATED}"
        )


class Waiting(Struct, frozen=True):
    """A value that is held back until a second observation agrees with it."""

    table: str
    column: str
    day: date
    value: Decimal
    before: Decimal | None
    since: datetime

    @property
    def sentence(self) -> str:
        """What is held back and why, for the trader."""
        was = "" if self.before is None else f" after {_figure(self.before)}"
        return f"{self.table} of {self.column} for {self.day} is {_figure(self.value)}{was}: held back until it is seen again"


class Print(NamedTuple):
    """A funding print: a fraction per interval."""

    rate: Decimal
    hours: Decimal


class Kept:
    """The tables, loaded once. A table that cannot be read is fetched again; `notes` say so."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.tables: dict[str, Table] = {}
        self.prints: dict[str, dict[datetime, Print]] = {}
        self.notebook = Notebook()
        self.restated: list[Restated] = []
        self.dropped: list[str] = []
        self.notes: list[str] = []
        self.added: dict[str, int] = {}
        self._old: list[str] = []
        self._changed: set[str] = set()
        self._written: dict[str, str] = {}
        self._loaded = False
        self._saving = threading.Lock()

    def load(self) -> None:
        """Read everything that is kept; a second call only begins a new account of what is added."""
        self.restated, self.dropped, self.notes, self.added = [], [], [], {}
        if self._loaded:
            return
        self.notebook = self._shelf.kept(NOTEBOOK, Notebook) or Notebook()
        for name in DAILY:
            table = series.read_or_none(self._path(name))
            if table is None:
                self._forget(name)
            self.tables[name] = table or {}
        try:
            self.prints = read_prints(self._path(PRINTS))
        except BadInput:
            self._forget(PRINTS)
        self._loaded = True

    def take(
        self,
        table: str,
        column: str,
        points: Series,
        rule: Rule,
        now: datetime,
        source: str,
        drift: Drift = no_drift,
    ) -> Series:
        """Judge a source's points and keep those that are believed; gives these."""
        known = self.tables[table].get(column, {})
        words = self.notebook.words.setdefault(table, {})
        other = words.get(column, source) != source
        if other:
            points = {day: value for day, value in points.items() if day not in known}
        waiting = self.notebook.held.get(table, {}).get(column, {})
        judged = sift(points, known, rule, now, waiting, drift, second_source=other)
        new = {day: value for day, value in judged.taken.items() if known.get(day) != value}
        newest = max(known, default=date.min)
        if new:
            self.tables[table].setdefault(column, {}).update(new)
            self._changed.add(table)
            self.added[table] = self.added.get(table, 0) + len(new)
        if judged.taken and max(judged.taken) >= newest:
            words[column] = source
        self._wait(table, column, judged.held if not other else {d: w for d, w in waiting.items() if d not in judged.taken})
        if judged.restated:
            self._restate(table, column, judged.restated, now, source)
        for day, value in self._first_time(table, column, judged.dropped):
            said = f"{table} of {column} for {day} was {_figure(value)} at {source}"
            self.dropped.append(f"{said}, which the next day contradicts: it is left out")
        return judged.taken

    def put_in(self, table: str, column: str, values: Series) -> None:
        """Keep values that were judged by those of another table."""
        known = self.tables[table].setdefault(column, {})
        new = sum(known.get(day) != value for day, value in values.items())
        known.update(values)
        if new:
            self._changed.add(table)
            self.added[table] = self.added.get(table, 0) + new

    def waiting(self) -> Iterator[Waiting]:
        """Every value that is held back."""
        for table, columns in self.notebook.held.items():
            for column, held in columns.items():
                known = self.tables.get(table, {}).get(column, {})
                for day, one in held.items():
                    earlier = [known_day for known_day in known if known_day <= day]
                    before = known[max(earlier)] if earlier else None
                    yield Waiting(table, column, day, one.value, before, one.since)

    def held(self, table: str, column: str) -> dict[date, Held]:
        """What of a column is held back."""
        return self.notebook.held.get(table, {}).get(column, {})

    def add_print(self, asset: str, time: datetime, one: Print) -> None:
        """Keep a funding print."""
        self.prints.setdefault(asset, {})[time] = one
        self._changed.add(PRINTS)
        self.added[PRINTS] = self.added.get(PRINTS, 0) + 1

    def save(self, *names: str) -> None:
        """Write tables that something was added to, then what is known about them. BadInput where that cannot be."""
        with self._saving:
            for name in filter(self._unwritten, names):
                self._shelf.put(f"{name}.csv", _prints_text(self.prints) if name == PRINTS else series.text(self.tables[name]))
                self._changed.discard(name)
            if old := list(self._old):
                path = self._shelf.folder / RESTATED
                before = path.read_text(encoding="utf-8") if path.exists() else _HEADER
                self._shelf.put(RESTATED, before + "".join(old))
                del self._old[: len(old)]
            self._put(NOTEBOOK, msgspec.json.encode(self.notebook).decode())

    def _unwritten(self, name: str) -> bool:
        """Whether a table has changed, or its file is gone: somebody may have removed the folder."""
        holds = bool(self.prints) if name == PRINTS else bool(self.tables[name])
        return name in self._changed or (holds and not self._path(name).exists())

    def put(self, name: str, text: str) -> None:
        """Write another file of the market, where it says something else than before."""
        with self._saving:
            self._put(name, text)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self._shelf.folder / name).exists()

    @property
    def name(self) -> str:
        """The market's name: that of its folder."""
        return sanitise(self._shelf.folder.resolve().name) or "market"

    def _put(self, name: str, text: str) -> None:
        if self._written.get(name) != text or not self.exists(name):
            self._shelf.put(name, text)
            self._written[name] = text

    def _first_time(self, table: str, column: str, dropped: Series) -> list[tuple[date, Decimal]]:
        """Those of the values left out that were not left out before: each is told once."""
        told = self.notebook.left_out.setdefault(table, {}).setdefault(column, [])
        new = [(day, value) for day, value in dropped.items() if day not in told]
        told += [day for day, _ in new]
        return new

    def _path(self, name: str) -> Path:
        return self._shelf.folder / f"{name}.csv"

    def _forget(self, table: str) -> None:
        """A damaged table is fetched anew, whole."""
        path = self._path(table)
        with contextlib.suppress(OSError):
            path.replace(path.with_name(f"{path.name}.damaged"))
        self.notes.append(f"{table}.csv cannot be read and is fetched again")
        asked = self.notebook.asked
        self.notebook.asked = {key: one for key, one in asked.items() if not key.startswith(f"{table}/")}
        self.notebook.words.pop(table, None)
        self.notebook.held.pop(table, None)

    def _wait(self, table: str, column: str, held: dict[date, Held]) -> None:
        columns = self.notebook.held.setdefault(table, {})
        if held:
            columns[column] = held
        else:
            columns.pop(column, None)

    def _restate(self, table: str, column: str, values: dict[date, tuple[Decimal, Decimal]], now: datetime, source: str) -> None:
        most = max(abs(new - old) / abs(old) if old else Decimal(1) for old, new in values.values())
        self.restated.append(Restated(source, table, column, len(values), most))
        seen = now.isoformat(timespec="seconds")
        self._old += [f"{seen},{table},{column},{day},{old:f},{new:f}\n" for day, (old, new) in sorted(values.items())]


def _figure(value: Decimal) -> str:
    return fmt.number(float(value)) if abs(value) >= 1000 else f"{value.normalize():.4g}"


def read_prints(path: Path) -> dict[str, dict[datetime, Print]]:
    """The funding prints in a CSV file, by asset and time; empty where there is none. BadInput for a row that is none."""
    prints: dict[str, dict[datetime, Print]] = {}
    if not path.exists():
        return prints
    table = read_table(path, FUNDING_COLUMNS)
    places = [table.columns.index(name) for name in FUNDING_COLUMNS]
    for row in table.rows:
        cells = table.cells(row)
        when, asset, rate, hours = (cells[place] for place in places)
        number(table, row, "rate", rate)
        number(table, row, "interval_hours", hours, INTERVAL)
        prints.setdefault(asset, {})[moment(table, row, when)] = Print(Decimal(rate), Decimal(hours))
    return prints


def _prints_text(prints: dict[str, dict[datetime, Print]]) -> str:
    rows = sorted((at, asset, one) for asset, own in prints.items() for at, one in own.items())
    lines = [f"{at:%Y-%m-%dT%H:%M:%SZ},{asset},{one.rate:f},{one.hours:f}" for at, asset, one in rows]
    return "\n".join([",".join(FUNDING_COLUMNS), *lines]) + "\n"
