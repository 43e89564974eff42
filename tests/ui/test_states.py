"""Every view while it is empty, loading, stale, partial or broken: each state is said in words and looks as it did.

The pictures are plain text (`__snapshots__/test_states`), because words are what a state is told by; they are written anew by
`pytest --snapshot-update`.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from cockpit.model.book import Account, Book
from cockpit.model.errors import CockpitError, MarketUnavailable, StoreError
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.readings import Level, Phase
from cockpit.model.request import PlanRequest, Proposal
from cockpit.ui.actions import VIEWS
from cockpit.ui.app import CockpitApp
from tests.ui.driving import NARROW, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

OFFLINE = MarketUnavailable("the market gave no prices; the next attempt is in 10 s")
LOCKED = StoreError("store.db is locked by another program; close it and start again")


class Words(SingleFileSnapshotExtension):
    """A screen as a text file."""

    _write_mode = WriteMode.TEXT
    _file_extension = file_extension = "txt"


class LoadingDesk(SmallDesk):
    """Nothing has come yet."""

    def open_book(self) -> Picture:
        return self.picture

    def open_store(self) -> Picture:
        return self.picture

    def load_signals(self) -> Picture:
        return self.picture


class EmptyDesk(SmallDesk):
    """A book without a coin, and signals without a reading."""

    def __init__(self) -> None:
        super().__init__(Book(name="Nothing", accounts=(Account(id="main", venue="paper", spot={}),)))

    def open_store(self) -> Picture:
        return self.change(store_progress=Progress(stage=Stage.READY))

    def load_signals(self) -> Picture:
        return self.change(signals_progress=Progress(stage=Stage.READY, message="the history has no day yet"))

    def propose(self, request: PlanRequest) -> Proposal:
        return Proposal(
            request=request, strategy="B", rule="funds", sentence="the book holds nothing: there is nothing to rotate"
        )


class StaleDesk(SmallDesk):
    """Everything is there and old."""

    def open_book(self) -> Picture:
        super().open_book()
        return self.change(quote_age=timedelta(minutes=7))

    def load_signals(self) -> Picture:
        loaded = super().load_signals()
        old = tuple(
            reading
            if reading.at is None
            else replace(reading, at=reading.at - timedelta(days=9), age=timedelta(days=9), quality=reading.quality * 0.4)
            for reading in loaded.readings
        )
        return self.change(readings=old)


class PartialDesk(SmallDesk):
    """Half of the readings are missing, and with them the phase."""

    def load_signals(self) -> Picture:
        loaded = super().load_signals()
        call = loaded.call
        assert call is not None
        gone = tuple(
            replace(reading, raw=None, score=None, quality=0.0, at=None, age=None, text="no data") if index % 2 else reading
            for index, reading in enumerate(loaded.readings)
        )
        undetermined = replace(
            call,
            phase=Phase.UNDETERMINED,
            coverage=0.4,
            confidence=None,
            level=Level.NONE,
            missing=("DeFi TVL growth", "network activity"),
        )
        return self.change(
            readings=gone, call=undetermined, trails=loaded.trails[:1], sector_days=(), target_weights={}, strategy=""
        )


class BrokenDesk(SmallDesk):
    """Nothing can be read."""

    def open_book(self) -> Picture:
        self.change(book_progress=Progress(stage=Stage.FAILED, message=str(OFFLINE)))
        raise OFFLINE

    def open_store(self) -> Picture:
        self.change(store_progress=Progress(stage=Stage.FAILED, message=str(LOCKED)))
        raise LOCKED

    def load_signals(self) -> Picture:
        self.change(signals_progress=Progress(stage=Stage.FAILED, message=str(OFFLINE)))
        raise OFFLINE

    def propose(self, request: PlanRequest) -> Proposal:
        raise CockpitError("there is no book to plan from")


STATES: dict[str, tuple[Callable[[], SmallDesk], tuple[str, ...]]] = {
    "empty": (EmptyDesk, ("nothing", "Nothing", "no day yet")),
    "loading": (LoadingDesk, ("loading", "waiting for")),
    "stale": (StaleDesk, ("OLD",)),
    "partial": (PartialDesk, ("UNDETERMINED",)),
    "error": (BrokenDesk, ("gave no prices", "is locked")),
}
"""Every state with the words of which one must stand in each view."""


@pytest.mark.parametrize("state", STATES)
async def test_every_view_says_its_state_in_words(snapshot: SnapshotAssertion, state: str) -> None:
    make, words = STATES[state]
    app = CockpitApp(make(), tick_seconds=None, settle=0.0)
    async with app.run_test(size=NARROW) as pilot:
        await quiet(pilot)
        for number, view in enumerate(VIEWS, start=1):
            await press(pilot, str(number))
            text = screen_text(app)
            assert any(word in text for word in words), f"{view} does not say that it is {state}:\n{text}"
            assert text == snapshot(name=view, extension_class=Words)


def test_a_nav_of_nothing_is_zero() -> None:
    exposure = EmptyDesk().open_book().exposure
    assert exposure is not None
    assert exposure.nav == Decimal(0)
