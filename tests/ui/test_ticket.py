"""The order ticket: one read step, one confirmation; nothing by accident."""

import re
from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual import events

from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.orders import StepState
from cockpit.model.picture import Ticket
from cockpit.ui.lines import width_of
from cockpit.ui.screens.stop_here import StopHereScreen
from cockpit.ui.screens.ticket import TicketScreen
from cockpit.ui.screens.ticket_lines import _liquidation
from cockpit.ui.screens.ticket_states import Showing
from cockpit.ui.steps import step_words
from cockpit.ui.widgets.lines_view import LinesView
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

SIZES = pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x40"])


@SIZES
async def test_the_focus_starts_on_cancel_and_enter_sends_nothing(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        await press(pilot, "r", "enter")
        assert isinstance(app.screen, TicketScreen)
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await press(pilot, "enter")
        assert desk.confirmed == []
        assert not isinstance(app.screen, TicketScreen)


async def test_a_step_is_confirmed_by_moving_to_confirm_and_pressing_it() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        assert desk.confirmed == [1]
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.ticket is not None
        assert app.screen.ticket.step.number == 2
        assert app.focused is not None
        assert app.focused.id == "cancel"


async def test_one_press_confirms_one_step_and_the_next_enter_only_cancels() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "enter")
        assert desk.confirmed == [1]
        assert not isinstance(app.screen, TicketScreen)


async def test_type_ahead_confirms_nothing() -> None:
    """However slow the machine, the quiet time of an hour is not over."""
    desk = SmallDesk()
    async with cockpit(desk, settle=3600) as (app, pilot):
        await press(pilot, "r")
        await pilot.press("enter", *["right", "enter"] * 12)
        await quiet(pilot)
        assert desk.confirmed == []
        assert isinstance(app.screen, TicketScreen)


async def test_keys_read_before_the_paint_are_dropped_whenever_they_arrive() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r")
        early = [events.Key("right", None), events.Key("enter", "\r")]
        await press(pilot, "enter")
        for key in early:
            app.post_message(key)
        await quiet(pilot)
        assert desk.confirmed == []
        assert isinstance(app.screen, TicketScreen)


async def test_pasted_text_presses_nothing() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        app.post_message(events.Paste("\r\n\r\n"))
        await quiet(pilot)
        assert desk.confirmed == []


@SIZES
async def test_the_ticket_says_what_is_sent_its_worst_case_and_the_rules(size: tuple[int, int]) -> None:
    """The published hedge: 2.5 ETH short at 4,000, 2x, margin 5,000, stop 4,480, liquidation 5,976.10."""
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        shown = screen_text(app)
    for words in (
        "Step 2 of 6",
        "PAPER · main · SIMULATED",
        "▼ SELL SHORT 2.5 ETH perpetual at 4,000.00",
        "notional 10,000.00",
        "leverage 2x",
        "margin 5,000.00",
        "fee 5.00",
        "stop 4,480.00 (+12.0 %)",
        "liquidation 5,976.10 (+49.4 %)",
        "if the stop is hit: −1,244.22 = −1.24 % of NAV",
        "move −1,200.00",
        "fees −10.62 (5.00 in, 5.62 out)",
        "slippage −33.60 (30 bps: the limit)",
        "why: hedge 25 % of L1 spot",
        "✓ 16 hold",
        "! hedge ratio 0.25, limit at most 0.20; reached after step 2",
        "net L1",
        "40.0",
        "30.0 %",
    ):
        assert words in shown, words


@SIZES
async def test_the_fill_and_the_stop_read_back_stand_above_the_next_step(size: tuple[int, int]) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        await press(pilot, "r", "enter", *["right", "enter"] * 2)
        shown = screen_text(app)
    for words in ("✓ Step 2: done", "filled 2.5 ETH at 4,000.00, fee 5.00", "stop 4,480.00 (read back)", "Step 3 of 6", "rev 16"):
        assert words in shown, words


async def test_the_whole_plan_ends_in_what_was_done() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", *["right", "enter"] * 6)
        assert desk.confirmed == [1, 2, 3, 4, 5, 6]
        shown = " ".join(screen_text(app).split())
        for words in ("✓ Finished", "steps done 6 of 6", "fees −17.50 −17.50 −17.50", "slippage 0.00 0.00 0.00", "more"):
            assert words in shown, words
        await press(pilot, "enter")
        assert not isinstance(app.screen, TicketScreen)


async def test_an_order_on_its_way_is_watched_and_cannot_be_confirmed_again() -> None:
    desk = SmallDesk()
    desk.hold_steps = True
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "right", "right")
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.showing is Showing.SENDING
        assert app.focused is not None
        assert app.focused.id == "cancel"
        desk._set(1, StepState.OPEN)
        await quiet(pilot)
        assert "the order is open at the venue" in screen_text(app)
        desk.fill(1)
        await quiet(pilot)
        assert desk.confirmed == [1]
        assert "Step 2 of 6" in screen_text(app)


async def test_what_blocks_is_said_and_nothing_can_be_confirmed() -> None:
    desk = SmallDesk()
    desk.hold_steps = True
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        desk._set(1, StepState.UNKNOWN)
        assert desk.picture.execution is not None
        desk.change(execution=replace(desk.picture.execution, blocked="Step 1: it is not known whether the order exists."))
        await quiet(pilot)
        shown = screen_text(app)
        assert "✗ Blocked" in shown
        assert "it is not known whether the order exists" in shown
        assert "Confirm" not in shown


async def test_a_stale_plan_is_refused_with_before_and_after() -> None:
    desk = SmallDesk()
    desk.refuse_with = StalePlan(
        "price_band", "The market moved away from the plan.", ("ETH price 4,000.00 → 4,150.00 (+3.8 %)",)
    )
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        shown = screen_text(app)
        for words in (
            "NOTHING WAS SENT",
            "The market moved away from the plan.",
            "before → after",
            "ETH price 4,000.00 → 4,150.00 (+3.8 %)",
        ):
            assert words in shown, words
        await press(pilot, "right", "enter")
        assert desk.confirmed == []


async def test_requoting_after_a_refusal_brings_the_step_back() -> None:
    desk = SmallDesk()
    desk.refuse_with = RefusedByRule("quote_age_max_s", "The quotes are 25 s old.")
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        assert "quote age" in screen_text(app)
        await press(pilot, "q")
        assert "Step 1 of 6" in screen_text(app)
        await press(pilot, "right", "enter")
        assert desk.confirmed == [1]


async def test_skipping_goes_on_with_the_next_step() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "s")
        assert desk.skipped == [2]
        assert desk.confirmed == [1]
        assert "Step 2: skipped" in screen_text(app)
        assert "Step 3 of 6" in screen_text(app)


async def test_a_step_that_cannot_be_booked_any_more_says_why() -> None:
    """Without the transfer there is no margin for the short."""
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "s")
        shown = " ".join(screen_text(app).split())
        assert "opening 2.5 ETH needs 5005 USDT in the futures wallet, 0 is free" in shown
        assert "Confirm" not in shown


async def test_stopping_shows_each_way_with_its_cost() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", *["right", "enter"] * 2, "x")
        assert isinstance(app.screen, StopHereScreen)
        rows = [" ".join(row.split()) for row in screen_text(app).splitlines()]
        for words in ("▸ Continue cost 12.50", "Unwind cost 17.50", "Freeze hedged cost –", "Leave it here cost 0.00"):
            assert words in rows, words
        assert any("refused: free reserve: the free reserve would fall to 4 % of NAV" in row for row in rows)
        await press(pilot, "enter")
        assert isinstance(app.screen, TicketScreen)
        assert "Step 3 of 6" in screen_text(app)


async def test_unwinding_begins_the_way_back_and_asks_for_each_step() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "x", "down", "enter")
        assert desk.picture.execution is not None
        assert desk.picture.execution.plan.plan.id == "unwind"
        assert desk.confirmed == [1]
        assert "Step 1 of 2" in screen_text(app)


async def test_a_way_that_a_rule_forbids_cannot_be_taken() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "x", "down", "down", "enter")
        assert isinstance(app.screen, StopHereScreen)


async def test_leaving_it_here_keeps_what_is_done() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "x", "up", "enter")
        assert desk.abandoned
        assert desk.confirmed == [1]
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.showing is Showing.FINISHED
        shown = screen_text(app)
        for words in ("– Stopped where it stood", "steps done 1 of 6", "not done 5", "u prices the way back"):
            assert words in shown, words
        await press(pilot, "enter")
        assert not isinstance(app.screen, TicketScreen)


async def test_a_refusal_says_what_the_rule_protects_from_and_what_to_do() -> None:
    desk = SmallDesk()
    desk.refuse_with = RefusedByRule("positions", "main: spot ETH was 10, the venue has 9")
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        shown = " ".join(screen_text(app).split())
        assert "NOTHING WAS SENT" in shown
        assert "Why: The venue's account is not what the book says." in shown
        assert "Now: Wait for the next look at the venue; if it stays, halt with h" in shown


@SIZES
async def test_what_must_be_read_stands_above_the_fold_with_the_buttons(size: tuple[int, int]) -> None:
    """Every step of the worked plan: the order, its worst case, the rules and what changes; what is below is counted."""
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        await press(pilot, "r", "enter")
        for number in range(1, 7):
            shown = screen_text(app)
            step = desk.ticket(number).step
            worst = "if the stop is hit" if step.stop_price else "worst case none"
            for words in (step_words(step), worst, "Rules: ✓ 16 hold", "[ Confirm this step ]", "futures wallet", "█▀"):
                assert words in shown, (number, words)
            view = app.screen.query_one("#ticket", LinesView)
            assert max(map(width_of, view.lines)) <= view.scrollable_content_region.width
            if size == NARROW:
                assert re.search(r"↓ \d+ more", shown)
            await press(pilot, "right", "enter")


class RenewingDesk(SmallDesk):
    """Re-quoting makes a new plan of what is left, as the desk does when the rest no longer fits."""

    def requote(self, number: int) -> Ticket:
        self.begin(example.reconciled_plan(example.book(), self.market, plan_id="renewed"))
        self.held = example.book()
        return self.ticket(1)


async def test_requoting_may_bring_a_new_plan_and_its_first_step() -> None:
    desk = RenewingDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "q")
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.ticket is not None
        assert (app.screen.ticket.plan_id, app.screen.ticket.step.number) == ("renewed", 1)
        await press(pilot, "right", "enter")
        assert desk.confirmed == [1, 1]


async def test_a_plan_that_was_changed_elsewhere_brings_its_own_ticket() -> None:
    """Another process began another plan: the ticket on the screen must not stand for it."""
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        desk.begin(example.reconciled_plan(desk.held, desk.market, plan_id="another"))
        await quiet(pilot)
        assert isinstance(app.screen, TicketScreen)
        assert app.screen.ticket is not None
        assert app.screen.ticket.plan_id == "another"
        assert app.focused is not None
        assert app.focused.id == "cancel"


async def test_a_confirmation_that_the_market_overtook_brings_a_new_ticket() -> None:
    """Nothing was sent: it is no dead end, the same step is priced anew and can be confirmed again."""
    desk = SmallDesk()
    desk.hold_steps = True
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter")
        assert isinstance(app.screen, TicketScreen)
        desk._set(1, StepState.STALE)
        await quiet(pilot)
        assert app.screen.showing is Showing.ASKING
        shown = screen_text(app)
        assert "Step 1: the plan no longer fits" in shown
        assert "Step 1 of 6" in shown
        assert app.focused is not None
        assert app.focused.id == "cancel"
        assert desk.confirmed == [1]
        await press(pilot, "right", "enter")
        assert desk.confirmed == [1, 1]


async def test_what_another_cockpit_did_stands_above_the_next_step() -> None:
    """Whoever had this ticket before their eyes is told that its step is done: nobody looks for it, nobody sends it again."""
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter")
        assert "Step 1 of 6" in screen_text(app)
        desk.fill(1)
        await quiet(pilot)
        shown = screen_text(app)
        assert "✓ Step 1: done" in shown
        assert "Step 2 of 6" in shown
        assert desk.confirmed == []


async def test_a_ticket_that_a_halt_refused_is_made_anew_once_it_is_lifted() -> None:
    desk = SmallDesk()
    desk.refuse_with = RefusedByRule("halt", "Step 1 is refused: halted by the trader; resume first.")
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r", "enter", "h", "right", "enter")
        assert "NOTHING WAS SENT" in screen_text(app)
        await press(pilot, "H")
        shown = screen_text(app)
        assert "NOTHING WAS SENT" not in shown
        assert "Confirm this step" in shown
        assert app.focused is not None
        assert app.focused.id == "cancel"
        assert desk.confirmed == []


def test_the_nearest_liquidation_changes_by_how_much_farther_away_it_is() -> None:
    """From 43.7 % above mark (a short) to 57.9 % below it (a long): 14.2 % farther away, no fall by 101.6 %."""
    made = _liquidation(Decimal("0.437"), Decimal("-0.579"))
    assert (made.before, made.after, made.change) == ("+43.7 %", "−57.9 %", "+14.2 %")
    assert _liquidation(Decimal("-0.396"), Decimal("-0.350")).change == "−4.6 %"
    assert _liquidation(None, Decimal("0.494")).change == ""
