"""What happens while a ticket stands on the screen: a halt, time, a step that is left out."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.picture import Ticket
from cockpit.model.request import Alternatives, PlanRequest, Proposal
from cockpit.ui.keys import AS_SHIPPED
from cockpit.ui.lines import text_of
from cockpit.ui.screens.outcome_lines import refusal_lines
from cockpit.ui.screens.stop_here import ways
from cockpit.ui.steps import step_count
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk


class HaltingDesk(SmallDesk):
    """While it is halted its tickets are refused, as the executor's are."""

    def ticket(self, number: int) -> Ticket:
        made = super().ticket(number)
        return replace(made, refusals=(("halt", "halted by the trader; resume first"),)) if self.picture.halted else made


async def test_a_halt_takes_the_confirmation_away_and_its_end_brings_it_back() -> None:
    async with cockpit(HaltingDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        assert "Confirm this step" in screen_text(app)
        await press(pilot, "h")
        assert "Confirm this step" not in screen_text(app)
        assert "✗ halt: halted by the trader; resume first" in screen_text(app)
        await press(pilot, "H")
        assert "▸[ Cancel ]      [ Confirm this step ]" in screen_text(app)


class StaleDesk(SmallDesk):
    """On old quotes its tickets are refused, as the executor's are."""

    def ticket(self, number: int) -> Ticket:
        made, age = super().ticket(number), self.picture.quote_age
        old = age is not None and age > timedelta(seconds=10)
        told = "the quote of ETH/USDT:USDT (binance) is 14 s old, limit 10 s"
        return replace(made, refusals=(("quote_age_max_s", told),)) if old else made


class OldAheadDesk(SmallDesk):
    """A rule is broken further on, and this step is not refused for it."""

    def ticket(self, number: int) -> Ticket:
        made = super().ticket(number)
        told = {"passed": False, "message": "a quote is 14 s old, limit 10 s; reached after step 2"}
        return replace(made, checks=tuple(replace(c, **told) if c.rule == "quote_age_max_s" else c for c in made.checks))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_rule_that_is_broken_further_on_is_named_and_not_only_counted(size: tuple[int, int]) -> None:
    async with cockpit(OldAheadDesk(), size=size) as (app, pilot):
        await press(pilot, "r", "enter")
        assert "✗ 1 broken" in screen_text(app)
        assert "✗ a quote is 14 s old, limit 10 s; reached after step 2" in screen_text(app)


async def test_quotes_that_grow_old_take_the_confirmation_away_and_fresh_ones_bring_it_back() -> None:
    desk = StaleDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "right")
        assert "Confirm this step" in screen_text(app)
        desk.change(quote_age=timedelta(seconds=14))
        await quiet(pilot)
        assert "Confirm this step" not in screen_text(app)
        assert "the quote of ETH/USDT:USDT (binance) is 14 s old, limit 10 s" in " ".join(screen_text(app).split())
        desk.change(quote_age=timedelta(seconds=1))
        await quiet(pilot)
        assert "▸[ Cancel ]      [ Confirm this step ]" in screen_text(app), "the focus is back on Cancel"


async def test_that_nothing_was_sent_stays_told_when_fresh_quotes_come_back() -> None:
    desk = StaleDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter")
        desk.refuse_with = RefusedByRule("stale", "the book moved on")
        await press(pilot, "right", "enter")
        assert "NOTHING WAS SENT" in screen_text(app)
        for age in (14, 1):
            desk.change(quote_age=timedelta(seconds=age))
            await quiet(pilot)
            assert "NOTHING WAS SENT" in screen_text(app)


@pytest.mark.parametrize("pinned", [False, True], ids=["ticking", "pinned"])
async def test_a_ticket_says_when_it_has_grown_too_old_to_be_sent(*, pinned: bool) -> None:
    """A plan's rule: 60 s. A transfer has no price, a pinned price no age."""
    desk = SmallDesk()
    quotes = {symbol: replace(quote, pinned=pinned) for symbol, quote in desk.market.quotes.items()}
    desk.market = replace(desk.market, quotes=quotes)
    warning = "! Priced more than 60 s ago: it would be refused; q re-quotes it."
    async with cockpit(desk, size=WIDE) as (app, pilot):
        await press(pilot, "r", "enter")
        desk.change(now=example.NOON + timedelta(seconds=61))
        await quiet(pilot)
        assert warning not in screen_text(app)
        await press(pilot, "right", "enter")
        desk.change(now=example.NOON + timedelta(seconds=121))
        await quiet(pilot)
        assert warning not in screen_text(app)
        desk.change(now=example.NOON + timedelta(seconds=122))
        await quiet(pilot)
        assert (warning in screen_text(app)) is not pinned
        await press(pilot, "q")
        assert warning not in screen_text(app)


async def test_a_skipped_step_is_named_above_the_next_one() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "s")
        assert "– Step 1: skipped   ⇄ MOVE 5,005.00 USDT" in screen_text(app)
        assert "Step 2 of 6" in screen_text(app)


def test_what_changed_is_said_once() -> None:
    changes = ("price ETH/USDT:USDT 4000 → 4100 (2.5 %, band 30 bps)",)
    error = StalePlan("price_band", f"step 2 no longer fits: {changes[0]}", changes)
    told = "\n".join(map(text_of, refusal_lines(error.rule, str(error), error.changes, 100, AS_SHIPPED)))
    assert told.count("price ETH/USDT:USDT 4000 → 4100") == 1
    assert "step 2 no longer fits" in told


async def test_the_ways_to_stop_are_whole_sentences_at_every_width() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=(60, 30)) as (app, pilot):
        await press(pilot, "r", "enter", "right", "enter", "x")
        told = " ".join(screen_text(app).split())
        for words in ("before this plan's first step; 2 steps", "that cut exposure, drop the others", "drop the remaining steps"):
            assert words in told, words


def test_to_unwind_a_way_back_is_said_to_trade_forward_again() -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    proposal = Proposal(request=PlanRequest(), strategy="B", plan=replace(plan, steps=plan.steps[:1]))
    offered = Alternatives(go_on=proposal, unwind=proposal, freeze=replace(proposal, plan=replace(plan, steps=())))
    forward, back = ways(offered, "reconciled"), ways(offered, "unwind")
    assert forward[1].meaning == "trade back to the book before this plan's first step; 1 step"
    assert "trade forward again" in back[1].meaning
    assert forward[2].drops
    assert "none of the remaining steps cuts exposure" in forward[2].meaning


def test_one_step_is_no_plural() -> None:
    assert [step_count(number) for number in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]
