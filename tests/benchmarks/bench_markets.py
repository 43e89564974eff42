"""How soon a market is ready: interpreter start, imports, feed and first quotes of the whole universe, in a fresh process.

Run it by hand: `python tests/benchmarks/bench_markets.py [--runs N] [--recorded DIR]`. Ratios are to a bare interpreter in
the same run. The goal for the simulated market is 300 ms.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

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


def milliseconds(code: str, spec: str, runs: int) -> float:
    """The median of whole processes."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code, spec], check=True, cwd=ROOT)
        taken.append(1000 * (time.perf_counter() - begin))
    return statistics.median(taken)


def main() -> None:
    """Print milliseconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--recorded", default="", help="a recorded market to measure too")
    options = parser.parse_args()
    bare = milliseconds("pass", "", options.runs)
    print(f"{'':44}{'ms':>8}{'ratio':>8}")
    print(f"{'bare interpreter':44}{bare:8.0f}{1:8.2f}")
    for spec in ["simulated", *([f"recorded:{options.recorded}"] if options.recorded else [])]:
        name = spec.partition(":")[0]
        ready = milliseconds(READY, spec, options.runs)
        each = (milliseconds(AGAIN, spec, options.runs) - ready) / 100
        history = milliseconds(HISTORY, spec, options.runs) - milliseconds(PANDAS, spec, options.runs)
        for what, value in (
            ("ready, all quotes", ready),
            ("another snapshot", each),
            ("history, beyond importing pandas", history),
        ):
            print(f"{name + ': ' + what:44}{value:8.1f}{value / bare:8.2f}")


if __name__ == "__main__":
    main()
