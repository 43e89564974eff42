"""Few pictures of the screens that a trader looks at most."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from cockpit.ui.app import CockpitApp
from tests.ui.driving import NARROW, WIDE, press, quiet
from tests.ui.small_desk import SmallDesk

Compare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])
VIEWS = {
    "overview": (),
    "rotation": ("r",),
    "ticket": ("r", "enter", "right", "enter"),
    "positions_hedged": ("r", "enter", *["right", "enter"] * 6, "enter", "2"),
}


@SIZES
@pytest.mark.parametrize("view", VIEWS)
def test_the_screens_look_as_they_did(snap_compare: Compare, view: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[None]) -> None:
        await quiet(pilot)
        await press(pilot, *VIEWS[view])

    app = CockpitApp(SmallDesk(), tick_seconds=None, settle=0.0)
    assert snap_compare(app, terminal_size=size, run_before=walk)


def test_loading_looks_like_loading(snap_compare: Compare) -> None:
    class Waiting(CockpitApp):
        def _load(self) -> None:
            self.refresh()

    assert snap_compare(Waiting(SmallDesk(), tick_seconds=None), terminal_size=NARROW)
