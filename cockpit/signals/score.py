"""How well the phases agree with labelled windows, beside methods that need no engine."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from msgspec import Struct

from cockpit.model.errors import BadInput
from cockpit.model.readings import PHASES, Phase

TOLERANCE_DAYS = 14
"""The edges of a window are a matter of taste: its first days are not scored."""
TRAILING_DAYS = 30
REQUIRED = ("start", "end", "phase")
ENGINE = "engine"
_YEAR = 365.25


@dataclass(frozen=True)
class Window:
    """A labelled stretch of days, both ends included."""

    start: date
    end: date
    phase: Phase


class MethodScore(Struct, frozen=True, kw_only=True):
    """One method's agreement with the windows, as fractions of the scored days.

    `recall` has only phases that occur in the windows, `macro_recall` is their mean. `windows_right` counts windows
    of which more than half is right. `undetermined` is the share of scored days without a call, which count as wrong.
    `switches_per_year` counts changes of phase from the first call to the last day, None where there is no such span.
    """

    method: str
    accuracy: float
    macro_recall: float
    recall: dict[Phase, float]
    windows_right: int
    undetermined: float
    switches_per_year: float | None


class ScoreReport(Struct, frozen=True, kw_only=True):
    """The engine first, then the methods that it has to beat.

    `days` of `windows` windows were scored; `left_out` windows have no scored day in this market.
    """

    windows: int
    left_out: int
    days: int
    tolerance_days: int
    first_day: date
    last_day: date
    methods: tuple[MethodScore, ...]

    @property
    def engine(self) -> MethodScore:
        """The engine's own row."""
        return self.methods[0]


def read_labels(path: Path) -> tuple[Window, ...]:
    """The windows of a CSV with the columns start, end, phase (A, B or C); others are ignored.

    BadInput, with the file, the line and what to do, where it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            for column in REQUIRED:
                if column not in header:
                    raise BadInput(f"{path}: no column {column!r}; labels need {', '.join(REQUIRED)}")
            windows = tuple(_window(path, reader.line_num, row) for row in reader)
    except OSError as error:
        raise BadInput(f"{path}: cannot be read ({error.strerror}); name a CSV with {', '.join(REQUIRED)}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: not a CSV in UTF-8; it needs the columns {', '.join(REQUIRED)}") from error
    if not windows:
        raise BadInput(f"{path}: no window; add at least one row with {', '.join(REQUIRED)}")
    return windows


def score(phases: pd.DataFrame, windows: tuple[Window, ...], sectors: pd.DataFrame) -> ScoreReport:
    """Scores `Signals.phases()` and the simple methods on the windows, without each one's first 14 days.

    Windows without a scored day in this market are left out. `sectors` (`Signals.sector_levels()`) has the sector
    indices L1 and DEFI by day, for "the sector with the best trailing 30 days" (cash is flat; A for L1, B for DeFi,
    C for cash). BadInput when no window is left.
    """
    days = np.array([stamp.date() for stamp in phases.index])
    scored = [(window, _inside(days, window)) for window in windows]
    scored = [(window, inside) for window, inside in scored if inside.any()]
    if not scored:
        raise BadInput(
            f"labels: no window has a day between {days[0]} and {days[-1]} after its first {TOLERANCE_DAYS} days; "
            "use labels of this market's time"
        )
    methods = [(ENGINE, phases["phase"])]
    methods += [(f"always {phase}", pd.Series(phase.value, index=phases.index)) for phase in PHASES]
    methods.append((f"best trailing {TRAILING_DAYS} days", trailing_best(sectors.reindex(phases.index))))
    return ScoreReport(
        windows=len(scored),
        left_out=len(windows) - len(scored),
        days=sum(int(inside.sum()) for _, inside in scored),
        tolerance_days=TOLERANCE_DAYS,
        first_day=days[0],
        last_day=days[-1],
        methods=tuple(_method(name, calls.to_numpy(dtype=object), scored) for name, calls in methods),
    )


def trailing_best(sectors: pd.DataFrame) -> pd.Series:
    """The phase by which of L1, DeFi and cash gained most in the trailing 30 days; UNDETERMINED before that."""
    values = sectors[["L1", "DEFI"]].to_numpy(dtype=np.float64)
    gain = np.full_like(values, np.nan)
    gain[TRAILING_DAYS:] = values[TRAILING_DAYS:] / values[:-TRAILING_DAYS] - 1.0
    known = ~np.isnan(gain).any(axis=1)
    best = np.argmax(np.column_stack([np.nan_to_num(gain), np.zeros(len(gain))]), axis=1)
    named = np.array([phase.value for phase in PHASES])[best]
    return pd.Series(np.where(known, named, Phase.UNDETERMINED.value), index=sectors.index)


def table(report: ScoreReport) -> str:
    """The report as lines of text, percentages in columns."""
    labels = [phase for phase in PHASES if phase in report.engine.recall]
    heads = ["accuracy", "macro recall", *(f"recall {phase}" for phase in labels), "windows", "no call", "switches/y"]
    width = max(len(item.method) for item in report.methods)
    rows = [f"{'method':{width}}  " + "  ".join(heads)]
    for item in report.methods:
        numbers = [item.accuracy, item.macro_recall, *(item.recall[phase] for phase in labels)]
        cells = [f"{100 * number:.0f} %" for number in numbers]
        cells += [f"{item.windows_right}/{report.windows}", f"{100 * item.undetermined:.0f} %"]
        cells.append("-" if item.switches_per_year is None else f"{item.switches_per_year:.1f}")
        rows.append(f"{item.method:{width}}  " + "  ".join(f"{c:>{len(h)}}" for c, h in zip(cells, heads, strict=True)))
    rows.append(
        f"{report.days} days in {report.windows} windows, the first {report.tolerance_days} days of each ignored; "
        "no economic edge is shown."
    )
    return "\n".join(rows)


def _window(path: Path, line: int, row: dict[str, str | None]) -> Window:
    ends = []
    for key in ("start", "end"):
        try:
            ends.append(date.fromisoformat((row[key] or "").strip()))
        except ValueError:
            raise BadInput(f"{path}, line {line}: {key} is {row[key]!r}; write a date as 2021-05-12") from None
    start, end = ends
    named = (row["phase"] or "").strip()
    if named not in list(PHASES):
        raise BadInput(f"{path}, line {line}: phase is {named!r}; write A, B or C")
    if end < start:
        raise BadInput(f"{path}, line {line}: end {end} is before start {start}; swap them")
    return Window(start=start, end=end, phase=Phase(named))


def _inside(days: np.ndarray, window: Window) -> np.ndarray:
    inside: np.ndarray = (days >= window.start + timedelta(days=TOLERANCE_DAYS)) & (days <= window.end)
    return inside


def _method(name: str, calls: np.ndarray, scored: list[tuple[Window, np.ndarray]]) -> MethodScore:
    right: dict[Phase, int] = dict.fromkeys((window.phase for window, _ in scored), 0)
    total = dict.fromkeys(right, 0)
    windows_right = silent = 0
    for window, inside in scored:
        called = calls[inside]
        hits = int((called == window.phase.value).sum())
        right[window.phase] += hits
        total[window.phase] += len(called)
        windows_right += 2 * hits > len(called)
        silent += int((called == Phase.UNDETERMINED.value).sum())
    days = sum(total.values())
    recall = {phase: right[phase] / total[phase] for phase in PHASES if phase in total}
    return MethodScore(
        method=name,
        accuracy=sum(right.values()) / days,
        macro_recall=sum(recall.values()) / len(recall),
        recall=recall,
        windows_right=windows_right,
        undetermined=silent / days,
        switches_per_year=_switches_per_year(calls),
    )


def _switches_per_year(calls: np.ndarray) -> float | None:
    """Changes of phase a year; a day without a call holds the last one."""
    known = np.flatnonzero(calls != Phase.UNDETERMINED.value)
    if not known.size or len(calls) - known[0] < 2:
        return None
    held = calls[known]
    return float((held[1:] != held[:-1]).sum() / (len(calls) - known[0]) * _YEAR)
