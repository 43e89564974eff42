"""What the cockpit sends to a terminal of 120x40 in full colour, with its own driver and with Textual's, in the same run.

Run it by hand: `python -m tests.benchmarks.bench_line`. Bytes as they leave the program; ratios are to Textual's driver. Start
and views are those of the shipped sample, whose prices are pinned; a minute without a key is that of a book whose prices move.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.benchmarks.measuring import Effort, Row, Table, main, processor_seconds
from tests.benchmarks.watching import COCKPIT, VIEWS, Watched, home, words

DRIVERS = ("difference", "textual")
SHARE = 1 / 8
"""The goal: how much of the bytes of Textual's driver."""
MOVING = """\
schema = 1
name = "Moving prices"

[[account]]
id = "main"
venue = "paper"
spot = { USDT = "35000", ETH = "6", SOL = "60", UNI = "800", AAVE = "30", LDO = "2000" }
futures_wallet = "20000"

[[account.position]]
symbol = "ETH/USDT:USDT"
side = "short"
quantity = "2"
entry_price = "4000"
leverage = "2"
stop_price = "8000"

[[account.position]]
symbol = "UNI/USDT:USDT"
side = "long"
quantity = "500"
entry_price = "10"
leverage = "2"
stop_price = "4"
"""
"""Holdings and perpetuals without pinned prices; the stops are too far away to fire."""


def moving(folder: str) -> str:
    """The file of the book whose prices move."""
    path = Path(folder) / "moving.toml"
    path.write_text(MOVING, encoding="utf-8")
    return str(path)


def switches(driver: str, effort: Effort) -> dict[str, int]:
    """Bytes of the start until positions and phase stand, and of every change of view."""
    sent = {}
    with home() as env, Watched([*COCKPIT, "--driver", driver], env=env, quiet=effort.done) as terminal:
        terminal.until(words("AAVE"), words("B alpha"))
        terminal.calm(effort.still)
        sent["start, until positions and phase stand"] = terminal.bytes_read
        for when in ("the first time", "again"):
            for key in effort.views:
                before = terminal.bytes_read
                terminal.answer(key, words(VIEWS[key]))
                terminal.calm(effort.still)
                sent[f"view {key}, {when}"] = terminal.bytes_read - before
    return sent


def rest(view: str, effort: Effort) -> dict[str, tuple[int, float]]:
    """Bytes of a minute without a key, and the share of a core that it took: each driver, and `--quiet`, side by side."""
    flags = {driver: ("--driver", driver) for driver in DRIVERS} | {"quiet": ("--quiet",)}
    with ExitStack() as opened:
        terminals = {}
        for name, given in flags.items():
            env = opened.enter_context(home())
            command = [*COCKPIT, "--portfolio", moving(env["HOME"]), *given]
            terminals[name] = opened.enter_context(Watched(command, env=env, quiet=effort.done))
        for terminal in terminals.values():
            terminal.until(words("AAVE"), words("B alpha"))
            if view != "1":
                terminal.answer(view, words(VIEWS[view]))
            terminal.calm(effort.still)
        read(terminals.values(), effort.minute / 3)  # a line that nobody read while the others started says so when it is read
        before = {name: (terminal.bytes_read, processor_seconds(terminal.pid)) for name, terminal in terminals.items()}
        read(terminals.values(), effort.minute)
        return {
            name: (terminal.bytes_read - before[name][0], (processor_seconds(terminal.pid) - before[name][1]) / effort.minute)
            for name, terminal in terminals.items()
        }


def read(terminals: Iterable[Watched], seconds: float) -> None:
    """Read all of them by turns, for so long."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for terminal in terminals:
            terminal.collect(0.1)


def measure(effort: Effort) -> Iterator[Table]:
    """Start and views; then a minute of ticks."""
    own, textual = (switches(driver, effort) for driver in DRIVERS)
    rows = [Row(name, own[name] / 1000, "KB", own[name] / textual[name], most_ratio=SHARE) for name in own]
    yield Table("Bytes of the start and of a view", rows, "Ratios are to the same with --driver textual.")
    rows = []
    for key, name in (("1", "overview"), ("2", "positions")):
        found = rest(key, effort)
        sent, used = found["difference"]
        rows += [
            Row(f"{name}, a minute of ticks", sent / 1000, "KB", sent / max(1, found["textual"][0]), most_ratio=SHARE),
            Row(f"{name}, idle", sent / effort.minute / 1000, "KB/s", most=1.0),
            Row(f"{name}, idle, processor", 100 * used, "%", most=2.0),
            Row(f"{name}, idle, processor, --driver textual", 100 * found["textual"][1], "%"),
            Row(f"{name}, idle, --quiet", found["quiet"][0] / effort.minute / 1000, "KB/s"),
            Row(f"{name}, idle, --quiet, processor", 100 * found["quiet"][1], "%"),
        ]
    yield Table("A cockpit at rest on a moving market", rows, f"Measured for {effort.minute:g} s each; percent of one core.")


if __name__ == "__main__":
    main(measure, __doc__)
