"""How soon a market is ready: interpreter start, imports, feed and first quotes of the whole universe, in a fresh process.

Run it by hand: `python -m tests.benchmarks.bench_markets [--runs N]`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.measuring import Effort, Row, Table, main, seconds

ROOT = Path(__file__).resolve().parents[2]
READY = """
import sys
from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.open import open_feed

universe = load_universe(shipped("universe.toml"))
feed = open_feed(sys.argv[1], universe=universe)
feed.snapshot(universe.assets)
"""
AGAIN = READY + "\nfor _ in range(100):\n    feed.snapshot(universe.assets)\n"
HISTORY = READY + "\nfeed.history()\n"
PANDAS = READY + "\nimport pandas\n"


def milliseconds(code: str, runs: int) -> float:
    """The median of whole processes."""
    return 1000 * seconds(lambda: subprocess.run([sys.executable, "-c", code, "simulated"], check=True, cwd=ROOT), runs)


def measure(effort: Effort) -> Iterator[Table]:
    """The simulated market: ready, asked again, its history."""
    bare, ready, again, history, pandas = (milliseconds(code, effort.runs) for code in ("", READY, AGAIN, HISTORY, PANDAS))
    rows = [
        Row("bare interpreter", bare, "ms", 1.0),
        Row("ready, all quotes", ready, "ms", ready / bare, most=300),
        Row("another snapshot", (again - ready) / 100, "ms", (again - ready) / 100 / bare),
        Row("history, beyond importing pandas", history - pandas, "ms", (history - pandas) / bare),
    ]
    yield Table("The simulated market in a fresh process", rows, "Ratios are to the bare interpreter.")


if __name__ == "__main__":
    main(measure, __doc__)
