"""From a key to its paint, as a user has it: here, and over SSH on a line of 200 ms and 64 KB/s.

Run it by hand: `python -m tests.benchmarks.bench_paint [--runs N]`. From the key's byte written to the terminal until the last
byte of the paint that shows its effect has come back. A view counts twice: when it shows, and when it is complete, with the
last paint before it falls quiet. The slow line goes through a real SSH server and a relay of its own (tests/line).
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.measuring import Effort, Row, Table, main, percentile
from tests.benchmarks.watching import COCKPIT, VIEWS, Watched, changed, home, words
from tests.line.relay import Relay
from tests.line.sshd import NoServer, Server, serving

ROUND_TRIP = 0.2
RATE = 64_000
"""Bytes a second."""
TYPED = ("0", ".", "1", "\x7f", "\x7f", "\x7f")
"""A hedge ratio, typed and taken back."""
SHOWN, COMPLETE, FIRST = "a view, again: shown", "a view, again: complete", "a view, the first time: complete"
Taken = defaultdict[str, list[float]]


def keys(terminal: Watched, runs: int) -> Taken:
    """Seconds for each kind of key, in a cockpit that has just been started."""
    taken: Taken = defaultdict(list)
    terminal.until(words("AAVE"), words("B alpha"))
    terminal.calm()

    def press(kind: str, *pressed: str) -> None:
        for key in pressed:
            taken[kind].append(terminal.answer(key, changed(terminal))[0])

    for key in "2345671":
        taken[FIRST].append(terminal.answer(key, words(VIEWS[key]))[1])
        terminal.calm()
    for _ in range(runs):
        for key in "2345671":
            shown, complete = terminal.answer(key, words(VIEWS[key]))
            taken[SHOWN].append(shown)
            taken[COMPLETE].append(complete)
        press("tab", *["tab"] * 4)
        terminal.answer("2", words(VIEWS["2"]))
        press("j and k in the positions", *"jjjkkk")
        terminal.answer("5", words(VIEWS["5"]))
        terminal.answer("d", changed(terminal))
        press("a character typed in the rotation", *TYPED)
        terminal.answer("escape", changed(terminal))
        terminal.answer("1", words(VIEWS["1"]))
    return taken


def together_of(taken: Taken) -> list[float]:
    """Every key until its effect shows."""
    return [value for name, values in taken.items() if name not in (FIRST, COMPLETE) for value in values]


def table(title: str, taken: Taken, most: float, complete: float | None, base: Taken | None = None, note: str = "") -> Table:
    """Medians and the slowest twentieth; `most` milliseconds for any key, `complete` for a view."""
    rows = []

    def row(name: str, values: Sequence[float], other: Sequence[float] | None, goal: float | None) -> None:
        middle, slow = 1000 * statistics.median(values), 1000 * percentile(values, 0.95)
        ratio = None if other is None else percentile(values, 0.95) / percentile(other, 0.95)
        rows.append(Row(f"{name}, p50", middle, "ms"))
        rows.append(Row(f"{name}, p95", slow, "ms", ratio, most=goal))

    for name, values in taken.items():
        row(name, values, base[name] if base else None, complete if name in (FIRST, COMPLETE) else None)
    together = together_of(taken)
    row(f"every key ({len(together)})", together, together_of(base) if base else None, most)
    return Table(title, rows, note)


def far(server: Server, relay: Relay, command: Sequence[str], env: dict[str, str], runs: int) -> Taken:
    """The keys of a cockpit at the other end of a line."""
    given = env | {"COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    there = ["env", *(f"{name}={value}" for name, value in given.items()), *command]
    with Watched(server.client(relay.port, there), quiet=3 * ROUND_TRIP) as terminal:
        return keys(terminal, runs)


def measure(effort: Effort) -> Iterator[Table]:
    """Here; over the slow line with both drivers."""
    with home() as env, Watched(COCKPIT, env=env) as terminal:
        yield table("A key until its paint, here", keys(terminal, effort.runs), 50, None)
    title = f"A key until its paint, over SSH with {1000 * ROUND_TRIP:g} ms and {RATE // 1000} KB/s"
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        try:
            server = opened.enter_context(serving(folder))
        except NoServer as reason:
            yield Table(title, [], f"Left out: {reason}")
            return
        relay = opened.enter_context(Relay(server.port, delay=ROUND_TRIP / 2, rate=RATE))
        runs = min(effort.runs, 3)
        taken = []
        for driver in ("difference", "textual"):
            with home() as env:
                taken.append(far(server, relay, [*COCKPIT, "--driver", driver], env, runs))
    note = "Ratios are to the same with --driver textual."
    yield table(title, taken[0], 1000 * ROUND_TRIP + 50, 500, taken[1], note)


if __name__ == "__main__":
    main(measure, __doc__)
