"""How soon the cockpit paints and shows positions, as ratios to a bare Textual app in the same run.

Run it by hand: `python -m tests.benchmarks.bench_start [--runs N]`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile

from tests.pseudo_terminal import Terminal

BARE = """
from textual.app import App, ComposeResult
from textual.widgets import Static

class Bare(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("BARE FRAME")

Bare().run()
"""
COCKPIT = [sys.executable, "-m", "cockpit.cli"]


def start(command: list[str], bytecode: str, *texts: str) -> list[float]:
    """Seconds until each of `texts` stands on the screen; `bytecode` keeps compiled modules, as an installation has them."""
    with tempfile.TemporaryDirectory() as home:
        env = {
            "XDG_STATE_HOME": f"{home}/state",
            "XDG_CONFIG_HOME": f"{home}/config",
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": bytecode,
        }
        with Terminal(command, columns=120, rows=40, env=env) as terminal:
            return [terminal.wait_for(text) for text in texts]


def main() -> None:
    """Print the medians and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    runs = options.runs
    bare, frame, positions = [], [], []
    with tempfile.TemporaryDirectory() as bytecode:
        for run in range(runs + 1):
            plain = start([sys.executable, "-c", BARE], bytecode, "BARE FRAME")[0]
            first, shown = start(COCKPIT, bytecode, "PAPER", "AAVE")
            if run:  # the one before compiles the modules
                bare.append(plain)
                frame.append(first)
                positions.append(shown)
    base = statistics.median(bare)
    print(f"{'':28}  median s  ratio to bare (goal)")
    for name, values, goal in (
        ("bare Textual app, first frame", bare, 1.0),
        ("cockpit, first frame", frame, 1.3),
        ("cockpit, positions", positions, 2.0),
    ):
        median = statistics.median(values)
        print(f"{name:28}  {median:8.3f}  {median / base:5.2f} ({goal})")


if __name__ == "__main__":
    main()
