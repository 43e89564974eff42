"""The picture never goes back: a look that began earlier does not replace a later one, and a new close is called anew."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from cockpit.desk import Desk, DeskOptions
from cockpit.model.book import Book
from tests.desk.driving import PATIENCE, SetClock


@pytest.fixture
def clock() -> SetClock:
    """A clock that the test moves."""
    return SetClock()


def test_a_slow_look_does_not_replace_a_later_one(clock: SetClock) -> None:
    desk = Desk(DeskOptions(), clock=clock)
    desk.open_book()
    begun, go_on = threading.Event(), threading.Event()
    read = desk._book

    def slowly() -> Book:
        book = read()
        begun.set()
        assert go_on.wait(PATIENCE)
        return book

    slow = threading.Thread(target=lambda: desk._value(slowly))
    slow.start()
    assert begun.wait(PATIENCE)
    clock.advance(timedelta(seconds=5))
    later = desk.tick()
    clock.advance(timedelta(seconds=-3))
    go_on.set()
    slow.join(PATIENCE)
    assert desk.picture.now == later.now
    assert desk.picture == later


def test_the_phase_is_called_anew_after_a_daily_close(clock: SetClock, tmp_path: Path) -> None:
    desk = Desk(DeskOptions(store=str(tmp_path / "store.db")), clock=clock)
    desk.open_book()
    first = desk.load_signals().call
    clock.advance(timedelta(hours=25))
    second = desk.tick().call
    assert first is not None
    assert second is not None
    assert second.day == first.day + timedelta(days=1)
