"""How long the live market keeps the screen waiting: a thread that ticks every 5 ms beside ccxt and a listing of Binance's size.

Run it by hand: `python -m tests.benchmarks.bench_live [--runs N]`. The venue is the loopback market, in a process of its own; the
worst of all runs counts.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.measuring import Effort, Row, Table, main

ROOT = Path(__file__).resolve().parents[2]
TICK = 0.005
PADDING, QUICK_PADDING = 15_000_000, 200_000
"""Bytes that a listing is long: Binance's are near the first."""


class Ticks:
    """A thread that ticks; `worst` is by how many seconds a tick was late since it was last asked.

    What counts is the processor time that this process used meanwhile, where that is less: other processes do not stall it.
    """

    def __init__(self) -> None:
        self._worst = 0.0
        self._ended = threading.Event()
        threading.Thread(target=self._tick, daemon=True).start()

    def worst(self) -> float:
        """Seconds; begins anew."""
        worst, self._worst = self._worst, 0.0
        return worst

    def end(self) -> None:
        """Tick no more."""
        self._ended.set()

    def _tick(self) -> None:
        last, used = time.perf_counter(), time.process_time()
        while not self._ended.is_set():
            time.sleep(TICK)
            now, spent = time.perf_counter(), time.process_time()
            self._worst = max(self._worst, min(now - last - TICK, spent - used))
            last, used = now, spent


def child(gateway: str) -> None:
    """What a cockpit does beside its screen: ccxt, the listing, quotes, funding, the end. Prints the worst stall of each."""
    from cockpit.files.settings import load_universe
    from cockpit.files.shipped import shipped
    from cockpit.markets.live.meter import Meter
    from cockpit.markets.live.network import Network
    from cockpit.markets.live.shelf import Shelf
    from cockpit.markets.live.venue import Venue

    def clock() -> datetime:
        return datetime.now(UTC)

    def write(path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")

    ticks, network, told = Ticks(), Network(), {}
    time.sleep(1)
    told["idle"] = ticks.worst()

    async def work(folder: Path) -> None:
        universe = load_universe(shipped("universe.toml"))
        venue = Venue(
            "binance", Meter("Binance", clock), universe=universe, shelf=Shelf(folder, write), clock=clock, gateway=gateway
        )
        for name, step in (("open", venue.open), ("quotes", venue.tickers), ("funding", venue.funding), ("close", venue.close)):
            began = time.perf_counter()
            await step()
            told[name], told[f"{name} took"] = ticks.worst(), time.perf_counter() - began

    with tempfile.TemporaryDirectory() as folder:
        network.start(work(Path(folder))).result(120)
        network.start(asyncio.sleep(0)).result(5)
    ticks.end()
    network.close()
    print(json.dumps(told))


def stalls(padding: int, runs: int) -> dict[str, float]:
    """The worst of each figure over the runs, in milliseconds."""
    serving = [sys.executable, "-m", "tests.loopback", "--port", "0", "--padding", str(padding)]
    worst: dict[str, float] = {}
    with subprocess.Popen(serving, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            gateway = server.stdout.readline().strip()
            measured = [sys.executable, "-m", "tests.benchmarks.bench_live", "--child", gateway]
            for _ in range(runs):
                told = subprocess.run(measured, cwd=ROOT, check=True, capture_output=True, text=True).stdout
                for name, seconds in json.loads(told).items():
                    worst[name] = max(worst.get(name, 0.0), 1000 * seconds)
        finally:
            server.terminate()
    return worst


def measure(effort: Effort) -> Iterator[Table]:
    """The stalls of one start on the live market."""
    quick = effort.minute < 60
    worst = stalls(QUICK_PADDING if quick else PADDING, min(effort.runs, 5))
    rows = [
        Row("nothing to do", worst["idle"], "ms"),
        Row("ccxt imported, two listings of 15 MB read", worst["open"], "ms", most=50),
        Row("quotes of every asset", worst["quotes"], "ms", most=50),
        Row("funding of every asset", worst["funding"], "ms", most=50),
        Row("import and listings, all in all", worst["open took"], "ms"),
    ]
    yield Table("The live market beside a thread that ticks every 5 ms: how late it was", rows, "The worst of all runs.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    else:
        main(measure, __doc__)
