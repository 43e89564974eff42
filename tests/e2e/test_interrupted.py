"""What is killed, typed ahead or watched from a second terminal: no order twice, no stop missing, the same book everywhere."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.desk.driving import check_at_rest
from tests.e2e.walking import COCKPIT, NARROW, PATIENT, SAMPLES, WIDE, Home, Walk

pytestmark = pytest.mark.terminal


def kill(cockpit: Walk) -> None:
    """SIGKILL, as a power cut: no handler, no clean-up."""
    os.kill(cockpit.pid, signal.SIGKILL)
    assert cockpit.exit_code() == -signal.SIGKILL


def check_finished(home: Home) -> None:
    """Every step was done once and every position has its stop at the venue; the worked example's cash is left."""
    rows = home.journal()
    assert [row["step"] for row in rows if row["kind"] == "fill"] == [2, 4, 6]
    # An intent that was written and proven never sent may stand before the transfer that moved the money.
    assert [row["step"] for row in rows if row["kind"] == "transfer" and ": moved " in row["message"]] == [1, 3, 5]
    desk = home.desk()
    try:
        desk.open_store()
        account = check_at_rest(desk).account("main")
        assert f"{account.spot['USDT']:.2f}" == "17482.50"
        assert sorted(position.asset for position in account.positions) == ["AAVE", "ETH", "UNI"]
    finally:
        desk.close()


@pytest.mark.kills
def test_killed_between_steps_it_resumes_at_the_right_one(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.confirm(1)
        cockpit.confirm(2)
        cockpit.see("Step 3 of 6")
        kill(cockpit)
    with home.open(size=NARROW) as cockpit:
        cockpit.see("2 steps done, 1 fill, 1 stop placed", "Plan B waits at step 3 of 6: r, then ⏎ goes on")
        cockpit.press_until("W", "since last seen")
        cockpit.see("sold 2.5 ETH/USDT:USDT at 4000")
        cockpit.press_until("r", "In execution")
        cockpit.press_until("enter", "Step 3 of 6")
        for number in (3, 4, 5, 6):
            cockpit.confirm(number)
        cockpit.see("Finished")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == [1, 2, 3, 4, 5, 6]
    check_finished(home)


@pytest.mark.kills
def test_killed_while_an_order_is_on_its_way_it_is_sent_once(home: Home) -> None:
    """Each life confirms the step that it finds and is killed a moment later, whatever has happened by then."""
    for life, delay in enumerate((0.0, 0.03, 0.1)):
        with home.open() as cockpit:
            cockpit.see("DeFi Alpha Hunt", "rev ")
            cockpit.press_until("r", "In execution" if life else "The path: 6 steps")
            cockpit.press_until("enter", "[ Confirm this step ]")
            cockpit.mark_confirm()
            cockpit.press("enter")
            time.sleep(delay)
            kill(cockpit)
    with home.open() as cockpit:
        cockpit.see("Since ", "Plan B")
        cockpit.press_until("r", "In execution")
        cockpit.press_until("enter", " of 6")
        for number in range(cockpit.wait_for_step(), 7):
            cockpit.confirm(number)
        cockpit.see("Finished")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    check_finished(home)


def test_a_second_cockpit_sees_the_fills_of_the_first(home: Home) -> None:
    with home.open() as first:
        first.rotation()
        with home.open(size=NARROW) as second:
            second.see("another cockpit carries out the orders")
            second.press_until("2", "No perpetual is open")
            first.press_until("enter", "Step 1 of 6")
            first.confirm(1)
            second.see("rev 2")
            first.confirm(2)
            second.see("−10,000", "+12.0 %", "WATCHING")
            second.press_until("r", "In execution")
            second.press_until("enter", "Step 3 of 6")
            second.confirm(3)
            first.see("Step 4 of 6")
            second.press_until("escape", "s strategy")
            second.quit()
        first.press_until("escape", "s strategy")
        first.quit()
    assert home.confirmed() == [1, 2, 3]


def test_what_nobody_can_send_is_not_confirmed_until_somebody_can(home: Home) -> None:
    """The cockpit that executes is stopped: the second one says so at once, and goes on with it, or without it."""
    with home.open() as first:
        first.rotation()  # it executes: of two that start together either may
        with home.open() as second:
            second.see("another cockpit carries out the orders")
            first.press_until("enter", "Step 1 of 6")
            second.press_until("r", "In execution")
            second.press_until("enter", "Step 1 of 6")
            second.see("[ Confirm this step ]")
            os.kill(first.pid, signal.SIGSTOP)
            second.see("NOBODY SENDS", f"process {first.pid} ", "Let it go on", "nobody would send it now")
            assert "Confirm this step" not in second.flat
            os.kill(first.pid, signal.SIGCONT)
            second.see("[ Confirm this step ]", "WATCHING")
            os.kill(first.pid, signal.SIGSTOP)
            second.see("NOBODY SENDS")
            kill(first)
            second.see("[ Confirm this step ]")
            second.wait_until(lambda: "NOBODY SENDS" not in second.flat and "WATCHING" not in second.flat)
            second.settle()
            second.confirm(1)
            second.press_until("escape", "s strategy")
            second.quit()
    assert home.confirmed() == [1]


def test_a_closed_terminal_leaves_a_store_that_goes_on(home: Home) -> None:
    """The line drops in the middle of a plan: the process ends by itself, and nothing is lost."""
    with Walk(home, PATIENT, WIDE) as cockpit:
        cockpit.rotation()
        cockpit.press_until("enter", "Step 1 of 6")
        cockpit.confirm(1)
        os.kill(cockpit.pid, signal.SIGHUP)
        cockpit.exit_code()
    with home.open() as cockpit:
        cockpit.see("The last cockpit ended: ", "Plan B waits at step 2 of 6: r, then ⏎ goes on")
        cockpit.quit()
        cockpit.see("Plan B stands at step 2 of 6; the next start goes on there.")
    assert [row["message"] for row in home.journal() if row["kind"] == "closed"], "the journal says why it ended"


def test_apply_ignores_what_was_typed_before_its_question(home: Home) -> None:
    plan = home.folder / "plan.toml"
    made = (*COCKPIT, "plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--preset", "reconciled")
    with Walk(home, (*made, "--out", str(plan)), WIDE) as planning:
        planning.see("written to")
        assert planning.exit_code() == 0
    with Walk(home, (*COCKPIT, "apply", str(plan), "--portfolio", SAMPLES["hundred_thousand"]), WIDE) as apply:
        apply.type_ahead(*["yes\r"] * 6)
        apply.see("step 1 of 6", "send it?")
        apply.settle(quiet=1.0)
        assert "step 2 of 6" not in apply.flat
        apply.press("yes\r")
        apply.see("DONE; moved 5,005", "step 2 of 6")
        apply.wait_until(lambda: apply.flat.count("send it?") == 2)
        apply.settle()
        apply.press("no\r")
        apply.see("stopped; nothing was sent for this step")
        assert apply.exit_code() == 1
    assert home.confirmed() == [1]


def test_no_hostile_byte_of_a_portfolio_reaches_the_terminal(home: Home) -> None:
    name = r"Evil [/]\u001B]0;owned\u0007\u001B[31m \u202Egnp.exe \u200B\u009B2J"
    portfolio = home.folder / "hostile.toml"
    text = Path(SAMPLES["hundred_thousand"]).read_text("utf-8").replace("Hundred thousand", name)
    portfolio.write_text(text, "utf-8")
    with home.open("--portfolio", str(portfolio)) as cockpit:
        cockpit.rotation()
        cockpit.see("Evil [/]")
        cockpit.press_until("7", "opened")
        cockpit.quit()
    shown = cockpit.raw.decode("utf-8", "replace")
    for hidden in ("owned\x07", "\u202e", "\u200b", "\x9b", "\x1b]0;owned"):
        assert hidden not in shown, repr(hidden)
