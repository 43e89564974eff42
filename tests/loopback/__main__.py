"""The loopback market as a process: `python -m tests.loopback --port 0` prints its gateway and serves until it is ended."""

from __future__ import annotations

import argparse
import signal
import threading
from datetime import datetime
from pathlib import Path

from tests.loopback import Clock, Loopback, simulated_world
from tests.loopback.played import recorded_world


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=datetime.fromisoformat, help="when the world begins, e.g. 2026-05-01T12:00:00+00:00")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--recorded", type=Path, help="a recorded market to play instead of the simulated one; needs --start")
    parser.add_argument("--padding", type=int, default=0, help="bytes of unknown symbols in the listings")
    parser.add_argument("--assets", type=lambda names: names.split(","), help="which to list, e.g. BTC,ETH")
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    clock = Clock(given.start, speed=given.speed)
    world = recorded_world(given.recorded, clock) if given.recorded else simulated_world(given.seed, clock, given.assets)
    with Loopback(world, port=given.port, padding=given.padding) as loopback:
        print(loopback.gateway, flush=True)  # noqa: T201 - whoever started it reads where it is
        ended.wait()


if __name__ == "__main__":
    main()
