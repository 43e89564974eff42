"""What every benchmark shares: how long to measure, a table of figures with their goals, and what a process has used."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class Effort:
    """How much is measured: `runs` repeats what is counted in runs, `minute` is how many seconds a minute has.

    `still` is after how many seconds without output a program counts as at rest, and a quarter of that as done with a key;
    `round_trip` what the slow line takes, in seconds; `views` the keys of the views to go through. `harlequin` is the command of
    that program, to be compared with; None leaves it out.
    """

    runs: int = 9
    minute: float = 60.0
    still: float = 1.0
    round_trip: float = 0.2
    views: str = "2345671"
    harlequin: tuple[str, ...] | None = None

    @property
    def done(self) -> float:
        """Seconds without output after which a key is done with."""
        return self.still / 4


QUICK = Effort(runs=1, minute=1.0, still=0.2, round_trip=0.02, views="251")
"""Shows that everything can be measured; its figures say nothing."""


class Row(NamedTuple):
    """One figure. `ratio` is to what its name or its table says; `most` and `most_ratio` are the goals, None without one."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    most: float | None = None
    most_ratio: float | None = None

    @property
    def verdict(self) -> str:
        """Whether every goal that the row has is met; "" where it has none."""
        goals = [self.most is None or self.value <= self.most]
        if self.most_ratio is not None:
            goals.append(self.ratio is not None and self.ratio <= self.most_ratio)
        if self.most is None and self.most_ratio is None:
            return ""
        return "met" if all(goals) else "missed"


class Table(NamedTuple):
    """Figures of one subject; `note` says how they were taken, or what was left out."""

    title: str
    rows: Sequence[Row]
    note: str = ""


Benchmark = Callable[[Effort], Iterable[Table]]
"""What every module of this package has as `measure`."""


def number(value: float) -> str:
    """Three significant digits, thousands apart, no exponent."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def show(tables: Iterable[Table]) -> None:
    """Print each table as soon as it is there."""
    for table in tables:
        lines = [("", "figure", "ratio", "goal", "")] if table.rows else []
        for row in table.rows:
            goals = []
            if row.most is not None:
                goals.append(f"≤ {number(row.most)} {row.unit}")
            if row.most_ratio is not None:
                goals.append(f"≤ {number(row.most_ratio)} x")
            ratio = "" if row.ratio is None else f"{number(row.ratio)} x"
            lines.append((row.name, f"{number(row.value)} {row.unit}", ratio, ", ".join(goals), row.verdict))
        widths = [max((len(line[column]) for line in lines), default=0) for column in range(5)]
        print(f"\n{table.title}")
        for name, figure, ratio, goal, verdict in lines:
            cells = f"{name:{widths[0]}}  {figure:>{widths[1]}}  {ratio:>{widths[2]}}  {goal:>{widths[3]}}  {verdict}"
            print(f"  {cells.rstrip()}")
        if table.note:
            print(f"  {table.note}")
        sys.stdout.flush()


def main(measure: Benchmark, about: str | None) -> None:
    """The command of one module, or of all."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=Effort.runs, help="how often what is counted in runs is repeated")
    parser.add_argument("--quick", action="store_true", help="show within a minute that everything can be measured")
    parser.add_argument("--harlequin", metavar="COMMAND", default=shutil.which("harlequin"), help="compare with this program too")
    options = parser.parse_args()
    harlequin = tuple(shlex.split(options.harlequin)) if options.harlequin else None
    show(measure(QUICK if options.quick else Effort(options.runs, harlequin=harlequin)))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def seconds(work: Callable[[], object], runs: int) -> float:
    """The median time that a piece of work takes."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def processor_seconds(pid: int) -> float:
    """Processor time of all threads of a process so far, its own and the system's for it; Linux only."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has held at a time, in units of 10^6 bytes; Linux only."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(f"the system does not say how much memory process {pid} has held")
