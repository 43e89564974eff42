"""The cockpit itself on the live market amid faults: somebody walks over its screens, and every number painted there is right.

By hand: `python -m tests.markets.live.soak --panes --seconds 600`. The day ends in the middle of it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from textual.pilot import Pilot, WaitForScreenTimeout

from cockpit.desk import Desk
from cockpit.files.settings import load_phase_settings
from cockpit.inquiries import HISTORY_DAYS
from cockpit.markets.daily.collector import FUNDING_DAYS
from cockpit.model.instruments import asset_of
from cockpit.model.market import Quote
from cockpit.model.picture import Picture
from cockpit.ui.app import CockpitApp
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.screens.ticket_states import Showing
from tests.loopback import Clock
from tests.loopback.world import Print, rounded
from tests.markets.daily.conftest import UNIVERSE, Chronicle
from tests.markets.daily.conftest import whole as _past
from tests.markets.live.compared import Compared, Look, Truth, wrong_sources
from tests.markets.live.compared_drawn import Drawn, past_of
from tests.markets.live.compared_journal import Journals
from tests.markets.live.compared_plans import Plans
from tests.markets.live.painted import blocks
from tests.markets.live.soak import AHEAD, SIDES, Soak
from tests.markets.live.standing import Standing
from tests.markets.live.witness import Witness
from tests.ui.driving import NARROW, WIDE, screen_text

if TYPE_CHECKING:
    import pandas as pd

BEGIN = datetime(2025, 11, 29, 23, 52, tzinfo=UTC)
DAYS = 120
WORKED_OUT = ("5", "6")
"""Views whose numbers are worked out when they are asked for."""
ROWS = 5
"""Rows of the positions that have something to tell, below the first."""
PATIENCE = 120.0
SHUT = 40.0
"""Seconds after which a venue that serves nobody here is known not to."""
KEPT = 40
"""Screens that are kept on disk where something was wrong."""
LAP = (
    "1",
    "2",
    "row",
    "enter",
    "escape",
    "3",
    "4",
    "v",
    "v",
    "m",
    "m",
    "D",
    "escape",
    "5",
    "ticket",
    "6",
    "p",
    "p",
    "7",
    "1",
    "2",
)
"""What is pressed in turn; "row" goes to another row each time, "ticket" reads and confirms the plan's next steps."""
STEPS = 3
"""Steps that are confirmed one after another before somebody looks elsewhere."""


class Chronicled(Witness):
    """A world whose past is written once, today's settlements of funding included."""

    def prints(self, symbol: str) -> list[Print]:
        """Every settlement up to now."""
        asset, now = asset_of(symbol), self.feed.now()
        with self._lock:
            if (date.min, asset) not in self._prints:
                table = _past().funding
                own = table[table["asset"] == asset]
                rows = zip(own["time"], own["rate"], own["interval_hours"], strict=True)
                self._prints[date.min, asset] = [Print(at.to_pydatetime(), rounded(rate), hours) for at, rate, hours in rows]
            return [one for one in self._prints[date.min, asset] if one.time <= now]


def chronicled(speed: float) -> Chronicled:
    """The simulated market, its history that of the tests of the collector."""
    clock = Clock(BEGIN, speed=speed)
    names = [symbol for symbol in UNIVERSE.assets if symbol != "USDT"]
    return Chronicled(Chronicle(7, universe=UNIVERSE, clock=clock), clock, names)


class PanesSoak(Soak):
    """One run of the cockpit as its user sees it."""

    def __init__(self, seconds: float, *, seed: int = 1, speed: float = 2.0) -> None:
        super().__init__(seconds, seed=seed, speed=speed, world=chronicled(speed))
        self._found = Compared()
        self._plans = Plans(self._found, self._said, AHEAD * speed)
        self._truths: dict[date, Truth | None] = {}
        self._folder: Path | None = None
        self._kept = 0
        self._row = 0

    def _live(self, desk: Desk) -> None:
        asyncio.run(self._walk(desk))
        self._account.wrong += self._found.wrong
        self._account.panes = self._found.figures
        self._account.phases = len(self._truths)

    async def _walk(self, desk: Desk) -> None:
        self._desk = desk
        self._follow(desk)
        app = CockpitApp(desk, settle=0.0)
        async with app.run_test(size=WIDE) as pilot:
            await self._until_shown(lambda: self._whole(desk.picture) and desk.picture.call is not None, app, pilot)
            self._begin()
            warm_at = self._began + 0.4 * self._seconds
            steps = self._steps(app, pilot)
            while (now := time.monotonic()) < self._began + self._seconds:
                self._go_on(now)
                if self._account.warm is None and now >= warm_at:
                    self._account.warm = Standing.now(self._loopback, desk)
                await next(steps)
                await self._look_at(app, pilot)
            self._heal()
            await self._until_shown(lambda: self._whole(desk.picture) and self._loopback.open_sockets == SIDES, app, pilot)
            for view in "1234567":
                await self._press(pilot, view)
                await self._look_at(app, pilot)
            self._account.late = Standing.now(self._loopback, desk)
            self._account.warm = self._account.warm or self._account.late

    def _follow(self, desk: Desk) -> None:
        """Remember what is worked with."""
        desk.subscribe(self._plans.follow)

    # Walking

    def _steps(self, app: CockpitApp, pilot: Pilot[None]) -> Iterator[Any]:
        """What is done in turn, without an end: a lap in the one size, a lap in the other."""
        while True:
            for size in (WIDE, NARROW):
                yield pilot.resize_terminal(*size)
                for key in LAP:
                    yield self._ticket(app, pilot) if key == "ticket" else self._go(app, pilot, key)

    async def _go(self, app: CockpitApp, pilot: Pilot[None], key: str) -> None:
        """Press a key; where something is worked out then, wait for it a while."""
        while isinstance(app.screen, TicketScreen):  # it came late
            await self._press(pilot, "escape")
        if key == "row":
            self._row = self._row % ROWS + 1
        await self._press(pilot, *(["g", *["down"] * self._row] if key == "row" else [key]))
        if key in WORKED_OUT:
            await self._settle(lambda: "On prices of" in screen_text(app), 8)

    async def _press(self, pilot: Pilot[None], *keys: str) -> None:
        try:
            await pilot.press(*keys)
            await pilot.pause(0.3)
        except WaitForScreenTimeout:  # a busy machine: the key will be seen
            await asyncio.sleep(1)

    async def _ticket(self, app: CockpitApp, pilot: Pilot[None]) -> None:
        """Open the ticket of the next step, read and confirm it and those after it; a plan at its end makes way for another."""
        await self._settle(lambda: app.plan is not None, 6)
        await self._look_at(app, pilot)
        await self._press(pilot, "enter")
        await self._settle(lambda: isinstance(app.screen, TicketScreen), 8)
        screen = app.screen
        if not isinstance(screen, TicketScreen):
            await self._press(pilot, "s")
            return
        for _ in range(STEPS):
            await self._confirm(screen, app, pilot)
        if screen.showing is Showing.FINISHED:
            await self._press(pilot, "escape", "s")
        while len(app.screen_stack) > 1 and app.screen is screen:
            await self._press(pilot, "escape")

    async def _confirm(self, screen: TicketScreen, app: CockpitApp, pilot: Pilot[None]) -> None:
        """Read the ticket that stands there, and confirm it; nothing at the end of a plan."""
        await self._settle(lambda: screen.showing not in (Showing.LOADING, Showing.SENDING, Showing.WORKING), 4)
        await self._look_at(app, pilot)
        if screen.showing is Showing.ASKING and screen.ticket is not None:
            await self._press(pilot, "right", "enter")
            await self._settle(lambda: screen.showing is not Showing.SENDING, 4)

    async def _settle(self, holds: Callable[[], bool], seconds: float) -> None:
        """Wait until something holds, so long at most."""
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            await asyncio.sleep(0.05)

    async def _until_shown(self, holds: Callable[[], bool], app: CockpitApp, pilot: Pilot[None]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                sentences = [source.sentence for source in app.desk.picture.sources]
                self._account.wrong.append(f"it never came whole: {sentences}; {screen_text(app)}")
                return
            await asyncio.sleep(0.1)
        await pilot.pause(0.3)

    # Looking

    async def _look_at(self, app: CockpitApp, pilot: Pilot[None]) -> None:
        """One look, at everything that stands on the screen at that moment."""
        truth = await self._truth_of(app.desk.picture)
        await pilot.pause(0)
        shown = app.pace._shown
        if shown is None or shown.market is None or shown.exposure is None:
            return
        self._judge(shown)
        before = len(self._found.wrong)
        found = blocks(app)
        Look(self._found, self._world, shown, truth).judge(found)
        if truth is not None:
            Drawn(self._found, shown, truth, self._world.tiers).judge(found)
        Journals(self._found, Path(os.environ["XDG_STATE_HOME"]) / "store.db").judge(found)
        self._plans.judge(found, shown, app.screen.ticket if isinstance(app.screen, TicketScreen) else None)
        gone = "Binance" if self._shut_out and time.monotonic() > self._began + 0.8 * self._seconds + SHUT else ""
        self._found.wrong += [sentence for block in found for sentence in wrong_sources(block, shown, gone)]
        if len(self._found.wrong) > before and self._kept < KEPT:
            self._keep("\n".join([*self._found.wrong[before:], screen_text(app)]))

    def _keep(self, told: str) -> None:
        """Write down what a screen showed where something was wrong."""
        self._folder = self._folder or Path(mkdtemp(prefix="panes-"))
        self._kept += 1
        (self._folder / f"{self._kept}.txt").write_text(told)

    def _said(self, symbol: str, since: datetime) -> list[Quote]:
        """What the world said of a symbol since a moment."""
        return self._world.since(symbol, since)

    async def _truth_of(self, picture: Picture) -> Truth | None:
        """What the signals say of the world's own past at the close that the picture shows."""
        if picture.call is None:
            return None
        day = picture.call.day
        if day not in self._truths:
            self._truths[day] = None
            self._truths[day] = await asyncio.to_thread(true_signals, day, self._desk)
        return self._truths[day]


def true_signals(day: date, desk: Desk) -> Truth:
    """The signals on what the vendors could tell of the world at the close of a day; network activity as it was put together."""
    from cockpit.signals.engine import compute

    first = datetime.combine(BEGIN.date() - timedelta(days=DAYS), datetime.min.time(), UTC)
    world = _past().until(day)

    def digits(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.loc[first:].map(lambda value: float(rounded(value)) if value == value else value)

    since = BEGIN.replace(hour=0, minute=0) - timedelta(days=FUNDING_DAYS)
    prints = world.funding[world.funding["time"] >= since]
    told = replace(
        world,
        prices=digits(world.prices),
        tvl=digits(world.tvl),
        tvl_units=None if world.tvl_units is None else digits(world.tvl_units),
        fees=digits(world.fees),
        sentiment=world.sentiment.loc[first:],
        funding=prints.assign(rate=[float(rounded(rate)) for rate in prints["rate"]]).reset_index(drop=True),
        market_caps=world.market_caps.iloc[:0, :0],
        activity=desk._feed.history().activity,
    )
    found = compute(told, UNIVERSE, load_phase_settings())
    readings = {(one.subject, one.label): one for one in found.readings()}
    sectors = {symbol: asset.sector for symbol, asset in UNIVERSE.assets.items()}
    return Truth(found.call(), readings, past_of(found, sectors, HISTORY_DAYS))
