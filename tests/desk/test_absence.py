"""The next opening says what happened since the book was last seen, whatever ended the cockpit before it, and goes on there."""

import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.desk import Desk
from cockpit.execution.presence import RENEWED
from cockpit.files.settings import load_universe
from cockpit.markets.open import open_feed
from cockpit.model.absence import CUT_OFF, Absence
from cockpit.model.errors import RefusedByRule
from cockpit.model.journal import JournalKind
from tests.desk.driving import NOON, SetClock, begin_worked, carry_out, check_at_rest, desk_on, do_step, kinds, session_of
from tests.desk.test_odd_books import HEAD, account

ETH = "ETH/USDT:USDT"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def begun(folder: Path, clock: SetClock) -> Desk:
    """The worked example with its plan begun."""
    desk = desk_on("hundred_thousand", folder, clock)
    desk.open_store()
    begin_worked(desk)
    return desk


def told(desk: Desk) -> Absence:
    """What an opening says."""
    absence = desk.open_store().absence
    assert absence is not None
    return absence


def elsewhere(desk: Desk) -> None:
    """The desk's mark is that of a process which has ended."""
    presence = session_of(desk).presence
    with subprocess.Popen(["true"]) as ended:
        presence._mark = replace(presence._mark, process=ended.pid)


def cut_off(desk: Desk) -> None:
    """What a SIGKILL leaves: the mark of the last renewal, and nothing said. The store is what it is after one."""
    session_of(desk).presence._over = True
    desk.close()


def test_after_a_clean_end_nothing_happened(tmp_path: Path, clock: SetClock) -> None:
    desk = begun(tmp_path, clock)
    carry_out(desk, 2)
    desk.close()
    again = desk_on("hundred_thousand", tmp_path, clock)
    absence = told(again)
    again.close()
    assert absence.quiet
    assert absence.ended == ""
    assert absence.sentence().endswith("nothing happened.")


def test_what_was_done_shortly_before_a_cut_is_told_again_and_the_plan_goes_on(tmp_path: Path, clock: SetClock) -> None:
    """Step 1 moves cash, step 2 sells short under a stop; nobody can have read what happened less than a renewal ago."""
    desk = begun(tmp_path, clock)
    carry_out(desk, 2)
    cut_off(desk)
    again = desk_on("hundred_thousand", tmp_path, clock)
    try:
        absence = told(again)
        assert (absence.steps, absence.tally.words()) == (2, ["1 fill", "1 stop placed"])
        assert "sold 2.5 ETH/USDT:USDT" in absence.tally.fills[0]
        execution = again.picture.execution
        assert execution is not None
        assert execution.current == 3
        assert carry_out(again).finished
        check_at_rest(again)
    finally:
        again.close()


def test_what_stood_on_the_screen_at_a_renewal_is_not_told_again(tmp_path: Path, clock: SetClock) -> None:
    desk = begun(tmp_path, clock)
    elsewhere(desk)
    do_step(desk, 1)
    clock.advance(RENEWED)
    desk.tick()
    do_step(desk, 2)
    cut_off(desk)
    again = desk_on("hundred_thousand", tmp_path, clock)
    absence = told(again)
    again.close()
    assert (absence.steps, absence.ended) == (1, CUT_OFF)
    assert absence.tally.words() == ["1 fill", "1 stop placed"]


def test_a_lost_line_is_journalled_and_says_since_when_nothing_was_seen(tmp_path: Path, clock: SetClock) -> None:
    desk = begun(tmp_path, clock)
    do_step(desk, 1)
    stalled = session_of(desk)._store.now()
    do_step(desk, 2)
    desk.leaving("the line was lost", stalled)
    desk.close()
    again = desk_on("hundred_thousand", tmp_path, clock)
    try:
        absence = told(again)
        assert kinds(again, JournalKind.CLOSED) == ["the cockpit ended: the line was lost"]
    finally:
        again.close()
    assert (absence.since, absence.steps, absence.tally.words()) == (stalled, 1, ["1 fill", "1 stop placed"])
    assert absence.sentence().endswith("The last cockpit ended: the line was lost.")
    once_more = desk_on("hundred_thousand", tmp_path, clock)
    assert told(once_more).quiet
    once_more.close()


def test_a_halt_in_force_is_told_and_still_stands(tmp_path: Path, clock: SetClock) -> None:
    desk = begun(tmp_path, clock)
    do_step(desk, 1)
    desk.halt()
    cut_off(desk)
    again = desk_on("hundred_thousand", tmp_path, clock)
    try:
        assert "halted" in told(again).tally.words()
        assert again.picture.halted
        with pytest.raises(RefusedByRule):
            again.confirm(again.ticket(2))
    finally:
        again.close()


def marks(hours: int) -> list[tuple[datetime, Decimal]]:
    """The mark prices of ETH on the simulated market, hour by hour."""
    at, universe = SetClock(), load_universe()
    feed = open_feed("simulated", universe=universe, as_of=None, clock=at)
    found = []
    for hour in range(hours):
        at.time = NOON + timedelta(hours=hour)
        found.append((at.time, feed.snapshot(["ETH"]).mark(ETH)))
    return found


def short(entry: Decimal, leverage: int, stop: Decimal | None) -> str:
    sizes = f'quantity = "1"\nentry_price = "{entry}"\nleverage = "{leverage}"\n'
    return f'[[account.position]]\nsymbol = "{ETH}"\nside = "short"\n{sizes}' + (f'stop_price = "{stop}"\n' if stop else "")


@pytest.fixture
def away(tmp_path: Path, clock: SetClock) -> Callable[[Callable[[Decimal, Decimal], str]], Absence]:
    """Opens a book of one position, made from the price now and the highest of the next days, leaves, and comes back then."""

    def come_back(position: Callable[[Decimal, Decimal], str]) -> Absence:
        prices = marks(24 * 5)
        now, (then, highest) = prices[0][1], max(prices, key=lambda each: each[1])
        assert highest > now * Decimal("1.01")
        path = tmp_path / "away.toml"
        path.write_text(HEAD + account(positions=position(now, highest)), encoding="utf-8")
        desk = desk_on(path, tmp_path, clock)
        desk.open_store()
        assert len(desk.picture.positions) == 1
        desk.close()
        clock.time = then
        again = desk_on(path, tmp_path, clock)
        absence = told(again)
        assert again.picture.opened_seq == absence.upto, "it is told once: not as news of this cockpit as well"
        again.close()
        return absence

    return come_back


def test_a_stop_that_fired_meanwhile_is_told_with_its_price(
    away: Callable[[Callable[[Decimal, Decimal], str]], Absence],
) -> None:
    absence = away(lambda now, highest: short(now, 2, ((now + highest) / 2).quantize(Decimal("0.01"))))
    assert absence.tally.stops_fired == 1
    assert "closed 1 ETH at" in absence.tally.closings()
    assert "1 stop fired" in absence.sentence()
    assert absence.tally.funding is not None


def test_a_liquidation_meanwhile_is_told(away: Callable[[Callable[[Decimal, Decimal], str]], Absence]) -> None:
    absence = away(lambda now, highest: short(now / Decimal("1.005"), 100, None))
    assert absence.tally.liquidations == 1
    assert "liquidated at a mark price of" in absence.tally.closings()


def test_funding_meanwhile_is_told_as_a_sum(away: Callable[[Callable[[Decimal, Decimal], str]], Absence]) -> None:
    absence = away(lambda now, highest: short(now, 2, (highest * 2).quantize(Decimal("0.01"))))
    assert absence.tally.funding not in (None, 0)
    assert absence.tally.words()[0].startswith("funding ")


def test_a_cockpit_that_watches_is_told_what_another_did_since_the_file_was_opened(tmp_path: Path, clock: SetClock) -> None:
    desk = begun(tmp_path, clock)
    do_step(desk, 1)
    other = desk_on("hundred_thousand", tmp_path, clock)
    try:
        absence = told(other)
        assert absence.steps == 1
        assert absence.ended == ""
    finally:
        other.close()
        desk.close()


def test_who_was_cut_off_is_told_what_another_cockpit_carried_on(tmp_path: Path, clock: SetClock) -> None:
    first = begun(tmp_path, clock)
    second = desk_on("hundred_thousand", tmp_path, clock)
    second.open_store()
    do_step(first, 1)
    clock.advance(RENEWED)
    second.tick()
    second.leaving("the line was lost")
    second.close()
    do_step(first, 2)
    clock.advance(RENEWED)
    first.tick()
    back = desk_on("hundred_thousand", tmp_path, clock)
    try:
        absence = told(back)
        assert (absence.steps, absence.ended) == (1, "the line was lost")
        assert "another cockpit carries out the orders" in " ".join(back.picture.notices)
    finally:
        back.close()
        first.close()
