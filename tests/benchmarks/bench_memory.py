"""The most memory that the cockpit holds once every view has been visited and a plan has been previewed.

Run it by hand: `python -m tests.benchmarks.bench_memory`. Peak resident memory of the whole process, on the simulated market.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.measuring import Effort, Row, Table, main, peak_megabytes
from tests.benchmarks.watching import COCKPIT, VIEWS, Watched, home, words


def measure(effort: Effort) -> Iterator[Table]:
    """After the start, and after every view."""
    with home() as env, Watched(COCKPIT, env=env, quiet=effort.done) as terminal:
        terminal.until(words("AAVE"), words("B alpha"))
        terminal.calm(effort.still)
        rows = [Row("after the start", peak_megabytes(terminal.pid), "MB")]
        for key in effort.views:
            terminal.answer(key, words(VIEWS[key]))
            terminal.calm(effort.still)
        rows.append(Row("every view visited, a plan previewed", peak_megabytes(terminal.pid), "MB", most=160))
    yield Table("Memory at its peak", rows)


if __name__ == "__main__":
    main(measure, __doc__)
