"""Prices are shown as often as the trader wants to look; whatever else happens is shown at once, and the age never lies."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import Input

from cockpit.model.exposure import expose
from cockpit.model.journal import JournalKind
from cockpit.model.picture import Picture
from cockpit.model.request import PlanRequest
from cockpit.ui.app import CockpitApp
from cockpit.ui.pace import QUIET, SHOWN, WATCHED, Pace, more_than_prices, pace_of
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.widgets.header import Header
from tests.seconds import Seconds
from tests.ui import worked_example as example
from tests.ui.driving import WIDE, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk


class Ticking(SmallDesk):
    """The small desk on a market whose prices rise by a tenth at every tick."""

    def tick(self) -> Picture:
        quotes = {symbol: replace(q, mark=q.mark * Decimal("1.1"), pinned=False) for symbol, q in self.market.quotes.items()}
        self.market = replace(self.market, quotes=quotes)
        return self.change(
            market=self.market,
            now=self.picture.now + timedelta(seconds=1),
            exposure=expose(self.held, self.market, example.UNIVERSE),
            positions=example.position_lines(self.held, self.market),
        )


def shown(app: CockpitApp) -> str:
    return app.query_one(Header).plain()


async def ticks(desk: Ticking, clock: Seconds, pilot: Pilot[None], count: int) -> list[str]:
    """The header after each tick of a second."""
    seen = []
    for _ in range(count):
        clock.now += 1
        desk.tick()
        await quiet(pilot)
        seen.append(shown(pilot.app))  # type: ignore[arg-type]
    return seen


@pytest.fixture
def desk() -> Ticking:
    return Ticking()


@pytest.mark.parametrize(("seconds", "showings"), [(0.2, 12), (1.0, 12), (3.0, 4), (5.0, 2)])
async def test_of_many_pictures_one_is_shown_in_a_refresh(desk: Ticking, seconds: float, showings: int) -> None:
    clock = Seconds()
    app = CockpitApp(desk, tick_seconds=None, pace=Pace(seconds, clock=clock))
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        before = shown(app)
        seen = await ticks(desk, clock, pilot, 12)
    changes = sum(1 for a, b in zip([before, *seen], seen, strict=False) if a != b)
    assert changes == showings


async def test_a_picture_that_comes_a_little_early_is_not_left_to_the_next_refresh() -> None:
    clock, desk = Seconds(0), Ticking()
    desk.open_book()
    pace = Pace(5, clock=clock)
    pace.shows(desk.picture)
    clock.now = 4.6
    assert pace.due(desk.tick())
    clock.now = 4.4
    assert not pace.due(desk.tick())


CHANGES: dict[str, dict[str, Any]] = {
    "halt": {"halted": True},
    "state": {"trading_state": "REDUCING"},
    "executor": {"failure": "it broke"},
    "silence": {"unheard": "process 99 was stopped"},
    "watching": {"watching": "another cockpit carries out the orders"},
    "notice": {"notices": ("something",)},
    "fill": {"journal": (example.JOURNAL[0],)},
    "book": {"revision": 99},
    "old quotes": {"quote_age": timedelta(seconds=11)},
    "no value": {"exposure": None},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_is_more_than_a_price_is_shown_at_once(desk: Ticking, change: dict[str, Any]) -> None:
    app = CockpitApp(desk, tick_seconds=None, pace=pace_of(60, quiet=True))
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        desk.tick()
        await quiet(pilot)
        assert app.pace.behind(desk.picture)
        desk.change(**change)
        await quiet(pilot)
        assert not app.pace.behind(desk.picture)


async def test_a_position_that_loses_its_stop_is_shown_at_once(desk: Ticking) -> None:
    plan = desk.propose(PlanRequest()).plan
    assert plan is not None
    desk.open_book()
    desk.begin(plan)
    opening = next(step.number for step in plan.steps if step.stop_price is not None)
    for number in range(1, opening + 1):
        desk.fill(number)
    before = desk.picture
    assert before.positions
    bare = [replace(line, position=replace(line.position, stop_price=None)) for line in before.positions]
    moved = [replace(line, mark=line.mark * 2) for line in before.positions]
    assert more_than_prices(before, replace(before, positions=tuple(bare)))
    assert not more_than_prices(before, replace(before, positions=tuple(moved)))


async def test_a_key_brings_the_newest_prices(desk: Ticking) -> None:
    clock = Seconds()
    app = CockpitApp(desk, tick_seconds=None, pace=Pace(60, clock=clock))
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        (waiting,) = await ticks(desk, clock, pilot, 1)
        assert app.pace.behind(desk.picture)
        await press(pilot, "down")
        assert not app.pace.behind(desk.picture)
        assert shown(app) != waiting


async def test_over_a_ticket_every_picture_is_shown(desk: Ticking) -> None:
    app = CockpitApp(desk, tick_seconds=None, settle=0.0, pace=pace_of(60, quiet=True))
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        await press(pilot, "r", "enter")
        assert isinstance(app.screen, TicketScreen)
        seen = set()
        for _ in range(3):
            desk.tick()
            await quiet(pilot)
            assert not app.pace.behind(desk.picture)
            seen.add(app.screen.query_one(Header).plain())
        assert len(seen) == 3


@pytest.mark.parametrize("slow", [Pace(2), Pace(QUIET, quiet=True), Pace(1, quiet=True)], ids=["2 s", "quiet", "quiet, 1 s"])
async def test_a_slow_screen_shows_the_time_of_its_quotes_and_no_age_that_grows(desk: Ticking, slow: Pace) -> None:
    app = CockpitApp(desk, tick_seconds=None, pace=slow)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        assert "quotes 11:59:58" in shown(app)
        app.show_outage("the venue does not answer", 25)
        desk.change(notices=("something",))
        await quiet(pilot)
        assert "NO UPDATE SINCE 12:00:00" in shown(app)
        still = screen_text(app)
        app.show_outage("the venue does not answer", 26)
        desk.change(notices=("something", "else"))
        await quiet(pilot)
        assert "NO UPDATE SINCE 12:00:00" in shown(app)
        assert "25 s" not in still


async def test_at_the_pace_of_the_market_the_age_is_counted(desk: Ticking) -> None:
    async with CockpitApp(desk, tick_seconds=None).run_test(size=WIDE) as pilot:
        await quiet(pilot)
        assert "quotes 2 s" in shown(pilot.app)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "silent", "shown_every", "watched_every"),
    [
        (None, False, SHOWN, WATCHED),
        (None, True, QUIET, WATCHED),
        (0.2, False, 0.2, 0.2),
        (60.0, False, 60.0, WATCHED),
        (3.0, True, 3.0, WATCHED),
    ],
)
def test_the_market_is_watched_at_its_own_pace(
    seconds: float | None, silent: bool, shown_every: float, watched_every: float
) -> None:
    pace = pace_of(seconds, quiet=silent)
    assert (pace.seconds, pace.watched, pace.quiet) == (shown_every, watched_every, silent)


def test_the_kinds_of_events_are_all_more_than_prices(desk: Ticking) -> None:
    before = desk.open_book()
    for kind in JournalKind:
        row = replace(example.JOURNAL[0], kind=kind, seq=1000)
        assert more_than_prices(before, replace(before, journal=(*before.journal, row)))


@pytest.mark.parametrize("keys", [("2", "slash"), ("5", "d"), ("ctrl+p",)], ids=["filter", "value", "palette"])
async def test_no_field_paints_for_a_cursor_that_blinks(desk: Ticking, keys: tuple[str, ...]) -> None:
    app = CockpitApp(desk, tick_seconds=None)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        await press(pilot, *keys)
        assert isinstance(app.focused, Input)
        assert not app.focused.cursor_blink
