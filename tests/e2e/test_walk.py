"""A newcomer's way in a real terminal: from the first key to the confirmed first step, through the whole plan, and out."""

from pathlib import Path

import pytest

from cockpit.files.plan_file import load_plan
from cockpit.rotation.identity import verify_id
from tests.desk.driving import check_at_rest
from tests.e2e.walking import NARROW, SAMPLES, WIDE, Home

pytestmark = pytest.mark.terminal
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
def test_from_the_first_key_through_all_six_steps(size: tuple[int, int], home: Home) -> None:
    with home.open(size=size) as cockpit:
        cockpit.see("Hundred thousand", "PAPER", "SIMULATED", "NAV 100,000.00", "DeFi Alpha Hunt", "rev 1", "r rotate")
        cockpit.press_until("r", "The path: 6 steps")
        cockpit.see("begins it", "▼ SHORT 2.5 ETH")
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.see("⇄ MOVE 5,005.00 USDT", "▸[ Cancel ]", "[ Confirm this step ]", "why: margin and fee of the next step")
        cockpit.confirm(1)
        for number, words in (
            (2, ("SELL SHORT 2.5 ETH", "leverage 2x", "stop 4,480.00", "liquidation 5,976.10")),
            (3, ("MOVE 6,256.25 USDT",)),
            (4, ("50 AAVE", "stop 212.50")),
            (5, ("MOVE 6,256.25 USDT",)),
            (6, ("1,250 UNI", "stop 8.50")),
        ):
            cockpit.see(f"Step {number} of 6", "▸[ Cancel ]", *words)
            cockpit.confirm(number)
        cockpit.see("Finished")
        cockpit.press_until("escape", "s strategy")
        cockpit.press_until("2", "cash 17,482.50")
        cockpit.see("NAV 99,982.50")
        cockpit.quit()
    assert home.confirmed() == [1, 2, 3, 4, 5, 6]
    desk = home.desk()
    try:
        desk.open_store()
        assert len(check_at_rest(desk).account("main").positions) == 3
    finally:
        desk.close()


def test_every_view_opens_by_its_digit(home: Home) -> None:
    with home.open(size=NARROW) as cockpit:
        cockpit.see("DeFi Alpha Hunt", "rev 1")
        for key, words in (
            ("2", "by sector"),
            ("3", "Why B"),
            ("4", "Assets by indicators"),
            ("5", "The path: 6 steps"),
            ("6", "after the shock"),
            ("7", "opened"),
            ("1", "5 rotation"),
        ):
            cockpit.press_until(key, words)
        cockpit.quit()


def test_typing_ahead_confirms_nothing(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.type_ahead("enter", *["right", "enter"] * 10)
        cockpit.settle(quiet=1.0)
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.see("rev 1")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == []


def test_export_says_where_and_never_overwrites(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.press_until("e", "Plan written to")
        (first,) = home.work.glob("*.toml")
        before = first.read_bytes()
        cockpit.see(first.name)
        cockpit.press("e")
        cockpit.wait_until(lambda: len(list(home.work.glob("*.toml"))) == 2)
        cockpit.quit()
    assert first.read_bytes() == before
    assert all(verify_id(load_plan(path)) for path in home.work.glob("*.toml"))
    assert len([row for row in home.journal() if row["kind"] == "export"]) == 2


def test_export_where_the_folder_is_gone_says_so_and_goes_on(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        home.work.rmdir()
        cockpit.press("e")
        cockpit.see("working directory is gone")
        cockpit.press_until("7", "opened")
        cockpit.quit()


def test_halt_is_said_and_keeps_steps_from_being_confirmed(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.press("h")
        cockpit.see("HALTED")
        cockpit.press_until("escape", "s strategy")
        cockpit.see("HALTED")
        cockpit.press("H")
        cockpit.see("Resumed")
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.confirm(1)
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == [1]


def test_stopping_in_the_middle_unwinds_step_by_step(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.press_until("enter", "Step 1 of 6")
        for number in (1, 2):
            cockpit.confirm(number)
        cockpit.press_until("x", "Unwind")
        cockpit.see("Continue", "Freeze hedged", "Leave it here")
        cockpit.press_until("down", "▸ Unwind")
        cockpit.press_until("enter", "Step 1 of 2")
        cockpit.confirm(1, of=2)
        cockpit.confirm(2, of=2)
        cockpit.see("Finished")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    desk = home.desk()
    try:
        desk.open_store()
        assert check_at_rest(desk).account("main").positions == ()
    finally:
        desk.close()


def test_another_market_and_a_hostile_portfolio_are_labelled_and_harmless(home: Home) -> None:
    with home.open("--portfolio", SAMPLES["unmapped"], size=NARROW) as cockpit:
        cockpit.see("Unmapped [/] & co", "SIMULATED", "NAN", "1000SATS")
        cockpit.quit()


@pytest.mark.shared
def test_real_history_is_said_to_be_recorded(home: Home, shared_data: Path) -> None:
    with home.open("--market", f"recorded:{shared_data}", "--as-of", "2021-08-20") as cockpit:
        cockpit.see("RECORDED", "2021-08-20", "B asks:")
        assert "SIMULATED" not in cockpit.text
        cockpit.rotation()
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.confirm(1)
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
