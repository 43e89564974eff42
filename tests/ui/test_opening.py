"""The start: the state at the first paint, the book before the store, and no garbage collected until all is there."""

import gc
import threading
from collections.abc import Iterator

import pytest

from cockpit.model.errors import MarketUnavailable
from cockpit.model.picture import Picture, Stage
from cockpit.ui import collecting, opening
from cockpit.ui.app import CockpitApp
from cockpit.ui.opening import Opening
from cockpit.ui.panes.overview import Overview
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.notice import Notice
from tests.ui.driving import NARROW, WIDE, quiet, screen_text
from tests.ui.small_desk import SmallDesk


class Looking(SmallDesk):
    """A desk that notes what stands on the screen when its store is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.app: CockpitApp | None = None
        self.seen = ""

    def open_store(self) -> Picture:
        assert self.app is not None
        self.seen = screen_text(self.app)
        return super().open_store()


class Waiting(SmallDesk):
    """A desk whose signals wait for `gate`."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def load_signals(self) -> Picture:
        self.gate.wait(60)
        return super().load_signals()


class Failing(Waiting):
    """A desk whose signals fail behind `gate`."""

    def load_signals(self) -> Picture:
        super().load_signals()
        raise MarketUnavailable("no history")


@pytest.fixture
def thawed() -> Iterator[None]:
    """What a test froze is looked through again after it."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
async def test_the_store_is_opened_when_the_book_is_painted(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONGEST_WAIT", 60)
    desk = Looking()
    app = desk.app = CockpitApp(desk, tick_seconds=None)
    async with app.run_test(size=size) as pilot:
        await quiet(pilot)
    assert "40,000" in desk.seen
    assert desk.picture.store_progress.stage is Stage.READY


async def test_a_screen_that_is_never_painted_keeps_no_store_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONGEST_WAIT", 0.01)
    monkeypatch.setattr(Opening, "_paint", lambda self, paints: None)
    desk = SmallDesk()
    async with CockpitApp(desk, tick_seconds=None).run_test() as pilot:
        await quiet(pilot)
    assert desk.picture.store_progress.stage is Stage.READY
    assert desk.picture.call is not None


async def test_a_trader_may_leave_before_the_panels_are_made() -> None:
    desk = SmallDesk()
    async with CockpitApp(desk, tick_seconds=None).run_test() as pilot:
        await quiet(pilot)
        Overview().show(desk.picture)


async def test_the_panels_are_not_shared_out_before_they_have_a_height() -> None:
    """Shares of no height would leave the positions out of the first paint."""
    desk = SmallDesk()
    app = CockpitApp(desk, tick_seconds=None)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        overview = Overview()
        with app.batch_update():  # nothing is laid out meanwhile
            await app.screen.mount(overview)
            overview.show(desk.picture)
            assert not overview.styles.inline.has_rule("grid_rows")


async def test_the_state_is_in_the_first_paint() -> None:
    desk = SmallDesk()
    app = CockpitApp(desk, tick_seconds=None)
    async with app.run_test(size=WIDE) as pilot:
        await quiet(pilot)
        header = Header()
        with app.batch_update():
            await app.screen.mount(header)
            header.show(desk.picture)
            assert "PAPER" in header.plain()


def test_a_notice_without_words_takes_no_room_in_the_first_layout() -> None:
    assert not Notice().display


@pytest.mark.usefixtures("thawed")
@pytest.mark.parametrize("kind", [Waiting, Failing], ids=["signals", "no signals"])
async def test_garbage_is_collected_again_once_the_start_is_over(kind: type[Waiting]) -> None:
    desk = kind()
    with collecting.paused():
        async with CockpitApp(desk, tick_seconds=None).run_test() as pilot:
            assert not gc.isenabled()
            desk.gate.set()
            await quiet(pilot)
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0


@pytest.mark.usefixtures("thawed")
async def test_a_start_without_a_pause_freezes_nothing() -> None:
    before = gc.get_freeze_count()
    async with CockpitApp(SmallDesk(), tick_seconds=None).run_test() as pilot:
        await quiet(pilot)
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_a_start_that_fails_leaves_the_collector_on() -> None:
    with pytest.raises(MarketUnavailable), collecting.paused():
        raise MarketUnavailable("no market")
    assert gc.isenabled()
