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

from tests.benchmarks.bare import WORDS
from tests.benchmarks.measuring import Effort, Row, Table, main, percentile
from tests.benchmarks.watching import BARE, COCKPIT, VIEWS, Watched, changed, home, words
from tests.line.relay import Relay
from tests.line.sshd import NoServer, Server, serving

RATE = 64_000
"""Bytes a second."""
TYPED = {"0": "0", ".": "0.", "1": "0.1", "\x7f": "0."}
"""A hedge ratio: each key, and what the field shows after it."""
FIELD, HINT = "hedge ratio ", "0 to 1, or 25 %"
SHOWN, COMPLETE, FIRST = "a view, again: shown", "a view, again: complete", "a view, the first time: complete"
Taken = defaultdict[str, list[float]]


def keys(terminal: Watched, effort: Effort, runs: int) -> Taken:
    """Seconds for each kind of key, in a cockpit that has just been started."""
    taken: Taken = defaultdict(list)
    terminal.until(words("AAVE"), words("B alpha"))
    terminal.calm(effort.still)

    for key in effort.views:
        taken[FIRST].append(terminal.answer(key, words(VIEWS[key]))[1])
        terminal.calm(effort.still)
    for _ in range(runs):
        for key in effort.views:
            shown, complete = terminal.answer(key, words(VIEWS[key]))
            taken[SHOWN].append(shown)
            taken[COMPLETE].append(complete)
        taken["tab"] += [terminal.answer("tab", changed(terminal))[0] for _ in range(4)]
        terminal.answer("2", words(VIEWS["2"]))
        taken["j and k in the positions"] += [terminal.answer(key, changed(terminal))[0] for key in "jjjkkk"]
        terminal.answer("5", words(VIEWS["5"]))
        terminal.answer("d", words(f"{FIELD}  "))
        for key, shown_then in TYPED.items():
            taken["a character typed in the rotation"].append(terminal.answer(key, words(f"{FIELD}{shown_then}  "))[0])
        terminal.answer("escape", lambda now: HINT not in now.text)
        terminal.answer("1", words(VIEWS["1"]))
    return taken


def bare_keys(terminal: Watched, runs: int) -> list[float]:
    """Seconds for each key of the bare app."""
    terminal.until(words(WORDS[0]))
    return [terminal.answer("a", words(WORDS[turn % 2]))[0] for turn in range(1, 6 * runs + 1)]


def counted(taken: Taken, views: bool) -> list[float]:
    """Every key until its effect shows, with or without those that change the view."""
    left_out = {FIRST, COMPLETE} if views else {FIRST, COMPLETE, SHOWN}
    return [value for name, values in taken.items() if name not in left_out for value in values]


def line(name: str, values: Sequence[float], most: float | None, base: Sequence[float] | None = None) -> tuple[Row, Row]:
    """The median, and what nineteen of twenty stay below: that has the goal, in milliseconds, and the ratio."""
    slow = percentile(values, 0.95)
    ratio = slow / percentile(base, 0.95) if base else None
    return Row(f"{name}, p50", 1000 * statistics.median(values), "ms"), Row(f"{name}, p95", 1000 * slow, "ms", ratio, most)


def over(server: Server, relay: Relay, command: Sequence[str], env: dict[str, str], quiet: float) -> Watched:
    """A program at the other end of a line."""
    given = env | {"COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    there = ["env", *(f"{name}={value}" for name, value in given.items()), *command]
    return Watched(server.client(relay.port, there), quiet=quiet)


def slow_line(server: Server, relay: Relay, effort: Effort) -> Iterator[Row]:
    """What the line itself costs, then the keys with both drivers."""
    runs = min(effort.runs, 3)
    quiet = max(effort.done, 3 * effort.round_trip)
    with home() as env, over(server, relay, BARE, env, quiet) as terminal:
        turned = bare_keys(terminal, runs)
    yield from line("a key in a bare Textual app", turned, None)
    taken = {}
    for driver in ("difference", "textual"):
        with home() as env, over(server, relay, [*COCKPIT, "--driver", driver], env, quiet) as terminal:
            taken[driver] = keys(terminal, effort, runs)
    own, textual = taken["difference"], taken["textual"]
    for name, values in own.items():
        yield from line(name, values, 500 if name in (FIRST, COMPLETE) else None, textual[name])
    some = counted(own, views=False)
    yield from line(f"every key but a view's ({len(some)})", some, 1000 * effort.round_trip + 50, counted(textual, views=False))


def measure(effort: Effort) -> Iterator[Table]:
    """Here; over the slow line with both drivers."""
    with home() as env, Watched(COCKPIT, env=env, quiet=effort.done) as terminal:
        taken = keys(terminal, effort, effort.runs)
    with home() as env, Watched(BARE, env=env, quiet=effort.done) as terminal:
        turned = bare_keys(terminal, effort.runs)
    every = counted(taken, views=True)
    rows = [*line("a key in a bare Textual app", turned, None)]
    rows += [row for name, values in taken.items() for row in line(name, values, None, turned)]
    rows += line(f"every key ({len(every)})", every, 50, turned)
    yield Table("A key until its paint, here", rows, "Ratios are to the bare app.")
    title = f"A key until its paint, over SSH with {1000 * effort.round_trip:g} ms and {RATE // 1000} KB/s"
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        try:
            server = opened.enter_context(serving(folder))
        except NoServer as reason:
            yield Table(title, [], f"Left out: {reason}.")
            return
        relay = opened.enter_context(Relay(server.port, delay=effort.round_trip / 2, rate=RATE))
        rows = list(slow_line(server, relay, effort))
    yield Table(title, rows, "Ratios are to the same with --driver textual.")


if __name__ == "__main__":
    main(measure, __doc__)
