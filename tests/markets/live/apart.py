"""The cockpit alone in this process, its market in another: what it holds at equal states while somebody walks over its screens.

By hand: `python -m tests.markets.live.apart --seconds 600`. The same walk, faults and tickets as in the soak of the panes, but
nothing is compared and nothing is remembered of the market: what grows here grows in the cockpit.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Self
from urllib.request import Request, urlopen

from textual.pilot import Pilot

from cockpit.desk import Desk
from cockpit.ui.app import CockpitApp
from tests.census import census
from tests.loopback import Clock
from tests.markets.live.panes import BEGIN, LAP, PanesSoak
from tests.markets.live.standing import Standing

SIZES = 2
"""Every lap is walked in two sizes; the states after both are equal."""
MOMENTS = (60.0, 180.0, 360.0, 590.0)
SHOWN = 12
"""Types of which more are held than at the first standing."""


class Apart:
    """The loopback market in a process of its own, under the commands of a soak; a clock is put to the time there."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock, self._speed = clock, speed
        self.gateway = ""
        self.requests: list[Any] = []

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.loopback", "--start", BEGIN.isoformat(), "--speed", str(self._speed)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        self.gateway = self._process.stdout.readline().strip()
        self._clock.move(datetime.fromisoformat(self._told("state")["now"]) - self._clock())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def fault(self, host: str, kind: str, **options: Any) -> None:
        """As the market's own."""
        self._told("fault", host=host, kind=kind, **options)

    def heal(self, host: str = "") -> None:
        """As the market's own."""
        self._told("heal", host=host)

    @property
    def open_sockets(self) -> int:
        """How many WebSockets are open there."""
        return int(self._told("state")["sockets"])

    def _told(self, command: str, **given: Any) -> Any:
        sent, kind = json.dumps(given).encode(), {"Content-Type": "application/json"}
        with urlopen(Request(f"{self.gateway}/control/{command}", sent, kind, method="POST"), timeout=60) as answer:
            return json.load(answer)


class Alone(PanesSoak):
    """One run, with a standing at the first equal state after each of the moments, in seconds."""

    def __init__(self, seconds: float, *, seed: int = 1, speed: float = 2.0) -> None:
        super().__init__(seconds, seed=seed, speed=speed)
        market: Any = Apart(self._world.clock, speed)
        self._loopback = market
        self._moments = list(MOMENTS)
        self._first: Counter[str] | None = None

    def _follow(self, desk: Desk) -> None:
        """No picture is remembered."""

    def _steps(self, app: CockpitApp, pilot: Pilot[None]) -> Iterator[Any]:
        for index, step in enumerate(super()._steps(app, pilot)):
            if index and index % (SIZES * (len(LAP) + 1)) == 0:
                self._stand()
            yield step

    def _stand(self) -> None:
        """Count, if a moment has come."""
        after = time.monotonic() - self._began
        if not self._moments or after < self._moments[0]:
            return
        self._moments.pop(0)
        standing = Standing.now(self._loopback, self._desk)
        held = census()
        self._first = self._first or held
        more = dict((held - self._first).most_common(SHOWN))
        print(f"{after:.0f} s: {standing}; more than at first: {more}", flush=True)  # noqa: T201 - whoever runs it reads it

    async def _look_at(self, app: CockpitApp, pilot: Pilot[None]) -> None:
        """Nothing is compared, and nothing remembered."""
        await pilot.pause(0)


def main() -> None:
    """Run, and say how it stood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    account = Alone(given.seconds, seed=given.seed).run()
    print(account.summary())  # noqa: T201


if __name__ == "__main__":
    main()
