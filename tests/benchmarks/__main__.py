"""Every figure of speed and weight, with its goal: `python -m tests.benchmarks [--runs N] [--quick] [--harlequin COMMAND]`."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import (
    bench_canvas,
    bench_keys,
    bench_line,
    bench_live,
    bench_markets,
    bench_memory,
    bench_paint,
    bench_planner,
    bench_signals,
    bench_start,
)
from tests.benchmarks.measuring import Effort, Table, main

SUBJECTS = (
    bench_start,
    bench_line,
    bench_canvas,
    bench_paint,
    bench_keys,
    bench_memory,
    bench_markets,
    bench_live,
    bench_signals,
    bench_planner,
)


def measure(effort: Effort) -> Iterator[Table]:
    """One subject after the other."""
    for subject in SUBJECTS:
        yield from subject.measure(effort)


if __name__ == "__main__":
    main(measure, __doc__)
