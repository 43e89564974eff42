"""Pictures of every view at three sizes, of the order ticket, and of the end of a plan; the states are in test_states."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from cockpit.ui.app import CockpitApp
from tests.ui.driving import NARROW, WIDE, press, quiet
from tests.ui.small_desk import SmallDesk

Compare = Callable[..., bool]
HUGE = (200, 60)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE, HUGE], ids=["80x24", "120x40", "200x60"])
SIX_STEPS = ["right", "enter"] * 6
SCREENS = {
    "overview": (),
    "positions": ("r", "enter", *SIX_STEPS, "escape", "2"),
    "drawer": ("r", "enter", *SIX_STEPS, "escape", "2", "j", "j", "enter"),
    "phase": ("3",),
    "signals": ("4",),
    "rotation": ("r",),
    "whatif": ("6",),
    "journal": ("r", "enter", "right", "enter", "escape", "7"),
    "ticket": ("r", "enter", "right", "enter"),
    "summary": ("r", "enter", *SIX_STEPS),
}


@SIZES
@pytest.mark.parametrize("screen", SCREENS)
def test_the_screens_look_as_they_did(snap_compare: Compare, screen: str, size: tuple[int, int]) -> None:
    async def walk(pilot: Pilot[None]) -> None:
        await quiet(pilot)
        await press(pilot, *SCREENS[screen])

    app = CockpitApp(SmallDesk(), tick_seconds=None, settle=0.0)
    assert snap_compare(app, terminal_size=size, run_before=walk)
