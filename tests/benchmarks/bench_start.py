"""How soon the cockpit paints and shows positions, against a bare Textual app and harlequin; and how soon its help is there.

Run it by hand: `python -m tests.benchmarks.bench_start [--runs N] [--harlequin COMMAND]`. Medians of seconds from the start of
the process to the last byte of the paint that shows it, all of one run in turn.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tests.benchmarks.bare import WORDS
from tests.benchmarks.measuring import Effort, Row, Table, main, seconds
from tests.benchmarks.watching import BARE, COCKPIT, Watched, home, words

Times = defaultdict[str, list[float]]


def start(command: Sequence[str], bytecode: str, still: float, *texts: str) -> list[float]:
    """Seconds until each of `texts` stands on the screen."""
    with home(bytecode) as env, Watched(command, env=env, quiet=still) as terminal:
        return terminal.until(*map(words, texts))


def help_ratio(runs: int, bytecode: str) -> Row:
    """The help's start against an interpreter that does nothing."""

    def run(*arguments: str) -> None:
        with home(bytecode) as env:
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=os.environ | env)

    nothing, shown = [], []
    for _ in range(runs + 1):  # the first compiles the modules and fills the file cache
        nothing.append(seconds(lambda: run("-c", "pass"), 1))
        shown.append(seconds(lambda: run("-m", "cockpit.cli", "--help"), 1))
    base, median = (statistics.median(times[1:]) for times in (nothing, shown))
    return Row("cockpit --help, ratio to python -c pass", 1000 * median, "ms", median / base, most_ratio=4.0)


def measure(effort: Effort) -> Iterator[Table]:
    """First frame, positions, harlequin, help."""
    times: Times = defaultdict(list)
    with tempfile.TemporaryDirectory() as bytecode:
        for _ in range(effort.runs + 1):  # the first compiles the modules
            times["bare"] += start(BARE, bytecode, effort.still, WORDS[0])
            first, positions = start(COCKPIT, bytecode, effort.still, "PAPER", "AAVE")
            times["first frame"].append(first)
            times["positions"].append(positions)
            if effort.harlequin:
                times["harlequin"] += start([*effort.harlequin, ":memory:"], bytecode, effort.still, "Data Catalog")
        helped = help_ratio(effort.runs, bytecode)
    median = {name: statistics.median(values[1:]) for name, values in times.items()}
    base = median["bare"]
    rows = [
        Row("bare Textual app, first frame", median["bare"], "s", 1.0),
        Row("cockpit, first frame", median["first frame"], "s", median["first frame"] / base, most_ratio=1.3),
        Row("cockpit, positions", median["positions"], "s", median["positions"] / base, most_ratio=2.0),
    ]
    note = "Ratios are to the bare app where the name says nothing else."
    if "harlequin" in median:
        other = median["harlequin"]
        rows += [
            Row("harlequin, first frame", other, "s", other / base),
            Row("cockpit, first frame, ratio to harlequin", median["first frame"], "s", median["first frame"] / other, None, 0.5),
            Row("cockpit, positions, ratio to harlequin", median["positions"], "s", median["positions"] / other, None, 0.5),
        ]
    else:
        note += " harlequin is not here: --harlequin COMMAND compares with it."
    yield Table("Start", [*rows, helped], note)


if __name__ == "__main__":
    main(measure, __doc__)
