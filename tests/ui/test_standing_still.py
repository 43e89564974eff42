"""What stands still says so: a market without updates, an executor that stopped, another cockpit that executes, an early key."""

import asyncio
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.model.errors import StoreError
from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture
from cockpit.ui.blocks import positions
from cockpit.ui.lines import text_of
from cockpit.ui.messages import Answer
from cockpit.ui.rules import check_row, is_repaired
from cockpit.ui.screens.gate import PAUSE
from cockpit.ui.screens.ticket import NOBODY, TOO_EARLY, TicketScreen
from cockpit.ui.screens.ticket_states import Showing
from cockpit.ui.ticker import Ticker
from cockpit.ui.widgets.header import header
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_panes import hedged, loaded

HOUR = 3600.0
"""A quiet time in seconds that no machine is slow enough to wait out."""


class Failing(SmallDesk):
    """A desk whose ticks fail with `error` until it is None; `stop` ends the ticking after `count` ticks."""

    def __init__(self, error: Exception | None, count: int, stop: threading.Event) -> None:
        super().__init__()
        self.error, self.count, self.stop = error, count, stop

    def tick(self) -> Picture:
        self.count -= 1
        if self.count == 0:
            self.stop.set()
        error, self.error = self.error, None if self.count == 1 else self.error
        if error is not None:
            raise error
        return self.picture


@pytest.mark.parametrize("error", [StoreError("the store is gone"), ValueError("anything")])
def test_failing_ticks_are_told_until_one_succeeds(error: Exception, tmp_path: Path) -> None:
    stop, told = threading.Event(), list[str]()
    desk = Failing(error, 3, stop)
    Ticker(desk, 0.001, stop, lambda problem, _: told.append(problem), tmp_path / "log").run()
    assert len(told) == 3
    assert all(told[:2])
    assert told[2] == ""


class Asleep(threading.Event):
    """Waits by moving a clock: for as long as it is asked to, and each time for some seconds more."""

    def __init__(self, *later: float) -> None:
        super().__init__()
        self.now = 100.0
        self.later = list(later)

    def clock(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        if self.later:
            self.now += timeout + self.later.pop(0)
            return False
        return True


class Asking(SmallDesk):
    """Whoever looks at the market the `asks`-th times asks whether the process was stopped; each look takes `looks` seconds."""

    def __init__(self, stop: Asleep, asks: Sequence[int] = (1, 2, 3), looks: Sequence[float] = ()) -> None:
        super().__init__()
        self.stop, self.asks, self.looks = stop, asks, list(looks)
        self.ticker = Ticker(self, 1.0, stop, lambda *_: None, clock=stop.clock)
        self.count = 0
        self.told: list[float] = []

    def tick(self) -> Picture:
        self.count += 1
        if self.looks:
            self.stop.now += self.looks.pop(0)
        if self.count in self.asks:
            self.told.append(self.ticker.overslept())
        return self.picture


def test_how_long_the_process_was_stopped_is_known_and_told_once() -> None:
    desk = Asking(Asleep(0, 7, 0))
    desk.ticker.run()
    assert desk.told == [0, 7, 0]


def test_also_where_it_was_stopped_in_the_middle_of_a_look_at_the_market() -> None:
    desk = Asking(Asleep(0, 0), looks=[9, 0])
    desk.ticker.run()
    assert desk.told == [9, 0]


def test_what_was_late_long_ago_was_not_stopped_now() -> None:
    desk = Asking(Asleep(7, 0, 0, 0, 0, 0, 0), asks=[7])
    desk.ticker.run()
    assert desk.told == [0]


def test_before_the_market_ticks_nothing_is_late() -> None:
    assert Asking(Asleep()).ticker.overslept() == 0


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_numbers_that_stand_still_are_called_so_until_they_move_again(size: tuple[int, int]) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        app.post_message(Answer(partial(app.show_outage, "the store is gone", 34.0)))
        await quiet(pilot)
        shown = screen_text(app)
        assert "NO UPDATE 34 s" in shown
        assert "NO UPDATES: the store is gone" in shown
        assert "NAV 100,000.00" in shown
        app.post_message(Answer(partial(app.show_outage, "", 0.0)))
        await quiet(pilot)
        assert "NO UPDATE" not in screen_text(app)


async def test_a_stopped_executor_is_told_before_a_halt() -> None:
    """A halt is lifted by a key; nothing that was confirmed is carried out by an executor that stopped."""
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        desk.change(failure="disk full", halted=True)
        await quiet(pilot)
        assert " EXECUTOR STOPPED " in screen_text(app).splitlines()[0]


async def test_a_stopped_executor_takes_no_confirmation() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        desk.change(failure="disk full")
        await press(pilot, "r", "enter")
        shown = screen_text(app)
        assert "EXECUTOR STOPPED" in shown
        assert "disk full" in shown
        assert "Confirm this step" not in shown
        await press(pilot, "right", "enter")
        assert desk.confirmed == []


async def test_an_executor_that_stops_under_a_ticket_takes_the_confirmation_away() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter")
        assert "Confirm this step" in screen_text(app)
        await press(pilot, "right")
        desk.change(failure="the store was deleted")
        await quiet(pilot)
        assert "the store was deleted" in screen_text(app)
        assert "Confirm this step" not in screen_text(app)
        await press(pilot, "enter")
        assert desk.confirmed == []


async def test_a_watching_cockpit_says_who_executes() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        desk.change(watching="another cockpit carries out the orders")
        await press(pilot, "r")
        assert " WATCHING " in screen_text(app).splitlines()[0]
        assert "another cockpit carries out the orders" in screen_text(app)


async def test_while_the_executor_is_silent_the_ticket_says_why_nothing_is_confirmed() -> None:
    """The ticket is made anew when it falls silent and when it is heard again: nobody has to ask for that."""
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter")
        assert "Confirm this step" in screen_text(app)
        await press(pilot, "right")
        desk.change(watching="another cockpit carries out the orders", unheard="process 99 was last heard at noon: end it")
        await quiet(pilot)
        shown = screen_text(app)
        assert " NOBODY SENDS " in shown.splitlines()[0]
        assert shown.count("process 99 was last heard at noon: end it") == 1
        assert NOBODY in shown
        assert "Confirm this step" not in shown
        desk.change(unheard="")
        await quiet(pilot)
        assert NOBODY not in screen_text(app)
        await press(pilot, "right")
        await asyncio.sleep(2 * PAUSE)
        await press(pilot, "enter")
        assert desk.confirmed == [1]
        desk.change(unheard="process 99 was last heard at one: end it")
        await quiet(pilot)
        await press(pilot, "right")
        await asyncio.sleep(2 * PAUSE)
        await press(pilot, "enter")
        assert desk.confirmed == [1]


async def test_a_key_that_came_too_early_is_told_until_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = SmallDesk()
    monkeypatch.setattr("cockpit.ui.screens.ticket.TOLD", HOUR)
    async with cockpit(desk, settle=HOUR) as (app, pilot):
        await press(pilot, "r", "enter")
        screen = app.screen
        assert isinstance(screen, TicketScreen)
        assert screen.showing is Showing.ASKING
        await press(pilot, "right")
        assert TOO_EARLY in screen_text(app)
        screen._gate.painted(time.monotonic() - 2 * HOUR)
        screen._settled()
        await quiet(pilot)
        assert TOO_EARLY in screen_text(app)
        screen._told_until = time.monotonic()
        screen._settled()
        await quiet(pilot)
        assert "→ then ⏎ confirms" in screen_text(app)
        await press(pilot, "right")
        await asyncio.sleep(2 * PAUSE)
        await press(pilot, "enter")
        assert desk.confirmed == [1]


async def test_resuming_takes_the_notice_of_the_halt_away() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await press(pilot, "h")
        assert "HALTED: no order that adds risk" in screen_text(app)
        await press(pilot, "H")
        assert "HALTED" not in screen_text(app)


def test_the_header_counts_positions_without_a_stop() -> None:
    picture = hedged()
    naked = replace(picture.positions[0], position=replace(picture.positions[0].position, stop_price=None))
    for width in (80, 120):
        shown = "\n".join(text_of(row) for row in header(replace(picture, positions=(naked,)), width))
        assert "1 WITHOUT STOP" in shown
        assert "99,982.50" in shown


def test_a_recorded_midnight_is_the_close_of_the_day_before() -> None:
    """`--as-of 2021-08-20` ends the world at that day's close, which is stamped with the midnight after it."""
    midnight = example.NOON.replace(hour=0, minute=0)
    picture = replace(loaded(), market_label=MarketLabel.RECORDED, now=midnight)
    assert f"RECORDED {midnight - timedelta(days=1):%Y-%m-%d}" in text_of(header(picture, 120)[0])


def test_the_rows_of_stable_sum_to_its_net() -> None:
    rows = [text_of(row).split() for row in positions.positions(hedged(), 116)]
    start = next(i for i, row in enumerate(rows) if row[:1] == ["STABLE"])
    assert rows[start + 1][:5] == ["USDT", "17,482", "–", "17,482", "17.5"]
    assert rows[start + 2][:5] == ["wallet−perp", "–", "–", "2,500", "2.5"]
    assert rows[start][3] == "19,982"


def test_a_minimum_has_its_sign_and_a_repaired_rule_its_own_mark() -> None:
    """The shock rules and the free reserve are minimums; a rule that passes beyond its limit was broken at the start."""
    gap = example._check("shock_l1", "0.494", 2)
    told = [cell if isinstance(cell, str) else cell[0] for cell in check_row(gap).cells[1:4]]
    assert told == ["49.4 %", "≥", "25.0 %"]
    repaired = example._check("free_reserve_min", "0.0307", 0)
    assert is_repaired(repaired)
    assert "↻ free reserve" in check_row(repaired).cells[0]
    assert not is_repaired(gap)


async def test_a_market_that_fails_at_the_start_leaves_the_journal_and_the_phase_standing() -> None:
    class Silent(SmallDesk):
        def open_book(self) -> Picture:
            raise StoreError("the market gave no prices")

    desk = Silent()
    async with cockpit(desk) as (app, pilot):
        assert "the market gave no prices" in screen_text(app)
        assert "DeFi Alpha Hunt" in screen_text(app)
        await press(pilot, "7")
        assert "Opened from hundred_thousand.toml" in screen_text(app)
        SmallDesk.open_book(desk)
        await press(pilot, "2")
        assert "100,000.00" in screen_text(app)
