"""`cockpit apply`: carry a plan out step by step from a plain terminal, asking before every step."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Mapping
from decimal import Decimal
from functools import partial

import click

from cockpit import printing
from cockpit.desk import Desk
from cockpit.model import format as fmt
from cockpit.model.errors import ExitCode, RefusedByRule
from cockpit.model.orders import StepState
from cockpit.model.picture import StepView, Ticket
from cockpit.model.plan import Plan
from cockpit.model.text import sanitise

POLL_SECONDS = 0.05
ANSWERS = "yes sends it, skip leaves it out, anything else stops here"
STOPPED_ELSEWHERE = "the plan is no longer the one in execution: another cockpit stopped it"
ANSWERS_TO_REFUSAL = "it cannot be sent: skip leaves it out, anything else stops here"


def apply_plan(desk: Desk, plan: Plan) -> ExitCode:
    """Begin the plan, or go on with it where it was interrupted; FAILED if the trader or a step stopped it early.

    RefusedByRule (StalePlan with the differences) if it no longer fits the book, the market or the rules.
    """
    picture = desk.open_store()
    if picture.first_start:
        click.echo(sanitise(f"{picture.portfolio} opened for the first time from {picture.portfolio_path}", limit=400))
    if picture.absence is not None:
        closings = picture.absence.tally.closings()
        click.echo(fmt.in_ascii(sanitise(picture.absence.sentence() + (f" {closings}." if closings else ""), limit=1000)))
    for notice in picture.notices:
        click.echo(sanitise(notice, limit=400))
    begun = desk.begin(plan).execution
    done = sum(view.state is StepState.DONE for view in begun.steps) if begun is not None else 0
    if done:
        click.echo(f"{done} of {len(plan.steps)} steps done")
    ticks = desk.ticks(plan)
    while True:
        execution = desk.tick().execution
        if execution is None:
            raise RefusedByRule("plan", STOPPED_ELSEWHERE)
        if execution.current is None:
            break
        ticket = desk.ticket(execution.current)
        click.echo(_ticket(ticket, ticks))
        refusal = _refusal(ticket)
        answer = _ask(ANSWERS if refusal is None else ANSWERS_TO_REFUSAL)
        if answer == "skip":
            desk.skip(ticket.step.number, ticket.plan_id)
            click.echo("  skipped")
            continue
        if refusal is not None:
            raise refusal
        if answer != "yes":
            click.echo("stopped; nothing was sent for this step. cockpit apply goes on here.")
            return ExitCode.FAILED
        desk.confirm(ticket)
        outcome = _outcome(desk, ticket.step.number)
        click.echo(f"  {_became(outcome, ticks)}")
        if outcome.state is not StepState.DONE:
            return ExitCode.FAILED
    click.echo("the plan is done")
    return ExitCode.DONE


def _refusal(ticket: Ticket) -> RefusedByRule | None:
    """Why the step cannot be sent, told at once."""
    if not ticket.refusals:
        return None
    rule, sentence = ticket.refusals[0]
    refusal = RefusedByRule(rule, f"step {ticket.step.number} is refused by {rule}: {sentence}")
    click.echo(sanitise(f"  {refusal}", limit=400))
    return refusal


def _ask(answers: str) -> str:
    """One answer; what was typed before the question stood on the screen does not count."""
    if sys.stdin.isatty():
        import termios

        with contextlib.suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
    click.echo(f"send it? ({answers}) ", nl=False)
    return sys.stdin.readline().strip().lower()


def _outcome(desk: Desk, number: int) -> StepView:
    """What became of a step; waits as long as it is on its way."""
    while True:
        execution = desk.tick().execution
        if execution is None:
            raise RefusedByRule("plan", STOPPED_ELSEWHERE)
        view = next(view for view in execution.steps if view.step.number == number)
        if view.state.final or view.state.blocks:
            return view
        time.sleep(POLL_SECONDS)


def _ticket(ticket: Ticket, ticks: Mapping[str, Decimal]) -> str:
    step, before, after = ticket.step, ticket.before, ticket.after
    tick = ticks.get(step.symbol or "")
    rows = [
        ("cash", printing.amount(before.cash), printing.amount(after.cash)),
        ("futures wallet", printing.amount(before.futures_wallet), printing.amount(after.futures_wallet)),
        ("margin", printing.amount(before.margin_used), printing.amount(after.margin_used)),
        ("free reserve", printing.percent(ticket.free_reserve_before), printing.percent(ticket.free_reserve_after)),
    ]
    for sector, row in after.sectors.items():
        held = before.sectors.get(sector)
        rows.append((f"net {sector}", printing.percent(held.weight if held else None), printing.percent(row.weight)))
    lines = [
        "",
        f"step {step.number} of {ticket.of}: {printing.step_words(step, ticks)}  [{sanitise(step.account)}]",
        f"  why: {sanitise(step.reason, limit=200)}",
    ]
    details = (
        ("notional", step.notional, printing.exact),
        ("margin", step.margin, printing.exact),
        ("leverage", step.leverage, printing.exact),
        ("fee", step.fee, printing.exact),
        ("stop", step.stop_price, partial(printing.sent_price, tick=tick)),
        ("liquidation", step.liquidation_price, partial(printing.price, tick=tick)),
        ("loss if the stop is hit", ticket.worst_loss, printing.exact),
    )
    if told := "   ".join(f"{name} {write(value)}" for name, value, write in details if value is not None):
        lines.append(f"  {told}")
    lines.append("  " + printing.table(("", "before", "after"), rows).replace("\n", "\n  "))
    lines += [f"  warning: {sanitise(check.message, limit=300)}" for check in ticket.warnings]
    return "\n".join(lines)


def _became(view: StepView, ticks: Mapping[str, Decimal]) -> str:
    filled = f"moved {printing.exact(view.filled)}"
    if view.average_price is not None:
        average = printing.price(view.average_price, ticks.get(view.step.symbol or ""))
        filled = f"filled {printing.exact(view.filled)} at {average}, fee {printing.exact(view.fee)}"
    parts = [view.state, filled if view.filled else "", sanitise(view.message, limit=400)]
    return "; ".join(part for part in parts if part)
