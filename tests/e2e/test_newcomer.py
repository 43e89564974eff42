"""A newcomer's first quarter of an hour at 80x24, by keyboard only: from the first line to the frozen plan and its journal."""

import tomllib

import pytest

from tests.e2e.walking import NARROW, Home

pytestmark = pytest.mark.terminal


def test_start_positions_phase_rotation_export_two_steps_freeze_journal(home: Home) -> None:
    with home.open(size=NARROW) as cockpit:
        # The first line tells what to press; every panel that is closed keeps its headline.
        cockpit.see("First time here", "? explains", "DeFi Alpha Hunt")
        cockpit.see("3 phase", "4 signals")

        cockpit.press_until("2", "by sector")
        cockpit.see("L1", "DEFI", "STABLE", "100,000.00")
        cockpit.press_until("j", "▸ ETH")
        cockpit.press_until("?", "Its figures")
        cockpit.press_until("escape", "holdings · by sector")

        cockpit.press_until("3", "Why B")
        cockpit.see("takes over")
        cockpit.press_until("i", "1 of")
        cockpit.press_until("escape", "i explain")

        cockpit.rotation()
        cockpit.press_until("e", "Plan written to")
        written = list(home.work.glob("*.toml"))
        assert len(written) == 1
        plan = tomllib.loads(written[0].read_text(encoding="utf-8"))
        assert [step["action"] for step in plan["step"]][:2] == ["transfer", "open_short"]

        cockpit.press_until("enter", "Step 1 of 6")
        for number in (1, 2):
            cockpit.confirm(number)

        # Two steps in, the newcomer stops: the short hedges what is held, nothing has to be traded for it.
        cockpit.press_until("x", "Freeze hedged")
        cockpit.press_until("down", "▸ Unwind")
        cockpit.press_until("down", "▸ Freeze hedged")
        cockpit.press_until("enter", "Stopped")
        cockpit.press_until("escape", "s strategy")

        cockpit.press_until("2", "holdings · by sector")
        cockpit.see("−10,000", "+12.0 %")
        cockpit.press_until("7", "Journal")
        cockpit.see("confirmed", "step 2", "stop")
        cockpit.quit()
    assert home.confirmed() == [1, 2]
    kinds = [row["kind"] for row in home.journal()]
    assert {"opened", "phase", "plan", "export", "confirmed", "fill", "stop"} <= set(kinds)
