"""What an order ticket says: the order in words, its worst case, the book before and after, the rules."""

from collections.abc import Callable
from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.money import ZERO
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView, Ticket
from cockpit.model.plan import Step
from cockpit.ui.blocks.preview import progress
from cockpit.ui.lines import EMPTY, Line, line, spread, title, wrapped
from cockpit.ui.rules import rule_words
from cockpit.ui.steps import state_mark, step_words
from cockpit.ui.table import Cell, Column, Row, facts, table

BOOK = (Column("the book", right=False), Column("before"), Column("after"), Column("change"))

WHAT_THEN = (
    "⏎ closes this. 2 shows the positions with their stops, which stay in force; 6 the journal. There is nothing more to do "
    "until the phase changes or a trigger fires: the overview says so, and r previews the next plan."
)

STATE_WORDS = {
    StepState.CONFIRMED: "confirmed, about to be sent",
    StepState.INTENT: "being sent",
    StepState.OPEN: "the order is open at the venue",
    StepState.PARTIAL: "filled in part",
    StepState.FILLED: "filled",
    StepState.PROTECTING: "filled; its stop is being placed",
    StepState.PROTECTED: "filled; the stop was read back from the venue",
    StepState.DONE: "done",
    StepState.SKIPPED: "skipped",
    StepState.DENIED: "refused before it was sent",
    StepState.REJECTED: "rejected by the venue",
    StepState.NOT_PLACED: "never reached the venue",
    StepState.CANCELLED: "cancelled",
    StepState.UNKNOWN: "it is not known whether the order exists: the venue is being asked",
    StepState.STALE: "the plan no longer fits",
    StepState.FILLS_INCOMPLETE: "the venue's fills do not add up yet",
    StepState.UNPROTECTED: "THE POSITION HAS NO STOP",
    StepState.NEEDS_HUMAN: "a person has to decide",
}


def ticket_lines(ticket: Ticket, picture: Picture, width: int) -> list[Line]:
    """The whole ticket."""
    step = ticket.step
    attempt = f", attempt {ticket.attempt}" if ticket.attempt > 1 else ""
    venue = "" if step.venue.upper() == picture.mode.upper() else f" at {step.venue}"
    where = f"{picture.mode.upper()} · {step.account}{venue} · {picture.market_label.value}"
    rows = [
        spread(line((f"Step {step.number} of {ticket.of}{attempt}", "strong")), line((where, "badge")), width),
        EMPTY,
        *[line((f"  {row[0].text}", "strong")) for row in wrapped(step_words(step), width - 2)],
        *[line("  ", *row) for row in facts(_terms(step), width - 2)],
    ]
    if ticket.worst_loss is not None:
        loss = abs(ticket.worst_loss)
        share = f" = {fmt.percent(-loss / ticket.before.nav, 2)} of NAV" if ticket.before.nav > 0 else ""
        rows.append(line("  if the stop is hit: ", (f"{fmt.amount(-loss)}{share}", "bad"), ("  fees included", "dim")))
    rows += wrapped(f"why: {step.reason}", width - 2, "dim", indent="  ")
    return [*rows, *_rules(ticket, width), EMPTY, *table(BOOK, _book(ticket), width)]


def _terms(step: Step) -> list[tuple[str, Cell]]:
    pairs: list[tuple[str, Cell]] = []
    if step.action.trades:
        pairs.append(("limit", (fmt.price(step.price), "strong")))
        if step.expected_price is not None and step.expected_price != step.price:
            pairs.append(("expected", fmt.price(step.expected_price)))
        pairs.append(("notional", fmt.amount(step.notional)))
    if step.leverage is not None:
        pairs.append(("leverage", fmt.times(step.leverage)))
    if step.margin is not None:
        pairs.append(("margin", fmt.amount(step.margin)))
    if step.fee is not None:
        pairs.append(("fee", fmt.amount(step.fee)))
    base = step.expected_price or step.price
    if step.stop_price is not None:
        pairs.append(("stop", (f"{fmt.price(step.stop_price)}{_distance(step.stop_price, base)}", "strong")))
    elif step.action.opens:
        pairs.append(("stop", ("NONE", "alarm")))
    if step.liquidation_price is not None:
        pairs.append(("liquidation", f"{fmt.price(step.liquidation_price)}{_distance(step.liquidation_price, base)}"))
    return pairs


def _distance(price: Decimal, base: Decimal | None) -> str:
    return f" ({fmt.percent(price / base - 1, signed=True)})" if base else ""


def _book(ticket: Ticket) -> list[Row]:
    """What changes first, then what stays."""
    before, after = ticket.before, ticket.after
    rows = []
    for sector in (Sector.L1, Sector.DEFI, Sector.STABLE):
        old, new = before.sectors.get(sector), after.sectors.get(sector)
        if old is not None or new is not None:
            rows.append(_row(f"net {sector.value}", old.weight if old else ZERO, new.weight if new else ZERO, fmt.percent))
    rows += [
        _row("free reserve", ticket.free_reserve_before, ticket.free_reserve_after, fmt.percent),
        _row("cash", before.cash, after.cash, fmt.amount),
        _row("futures wallet", before.futures_wallet, after.futures_wallet, fmt.amount),
        _row("margin", before.margin_used, after.margin_used, fmt.amount),
        _row("futures notional", before.gross_futures_notional, after.gross_futures_notional, fmt.amount),
        _row("nearest liquidation", before.nearest_liquidation, after.nearest_liquidation, _signed_percent),
    ]
    return sorted(rows, key=lambda row: not row.role)


def _row(name: str, old: Decimal | None, new: Decimal | None, write: Callable[[Decimal | None], str]) -> Row:
    shown = write(old), write(new)
    if shown[0] == shown[1]:
        return Row((name, *shown, ""))
    change = "" if old is None or new is None else ("+" if new > old else "") + write(new - old).removeprefix("+")
    return Row((name, *shown, change), "strong")


def _signed_percent(value: Decimal | None) -> str:
    return fmt.percent(value, signed=True)


def _rules(ticket: Ticket, width: int) -> list[Line]:
    rows = [
        line(
            ("Rules: ", "title"),
            (f"✓ {ticket.rules_hold} hold", "good"),
            (f"   ! {len(ticket.warnings)} warn" if ticket.warnings else "", "warn"),
        )
    ]
    for warning in ticket.warnings:
        rows += wrapped(f"! {warning}", width - 2, "warn", indent="  ")
    for rule, sentence in ticket.refusals:
        rows += wrapped(f"✗ {rule_words(rule)}: {sentence}", width - 2, "bad", indent="  ")
    if ticket.refusals:
        rows += wrapped(
            "This step cannot be confirmed as it stands: q re-quotes it, s leaves it out, x stops here.", width, "strong"
        )
    return rows


def outcome_lines(view: StepView, picture: Picture, width: int) -> list[Line]:
    """What became of a step: the fill, and the stop as it stands in the book."""
    step = view.step
    mark, role = state_mark(view.state)
    rows = [
        line(
            (f"{mark} Step {step.number}: ", role),
            STATE_WORDS.get(view.state, view.state.value.lower()),
            (f"   {step_words(step)}", "dim"),
        )
    ]
    if view.filled and step.action.trades:
        at = f" at {fmt.price(view.average_price)}" if view.average_price is not None else ""
        rows.append(line(f"  filled {fmt.exact(view.filled)} {step.asset or ''}{at}, fee {fmt.amount(view.fee)}"))
    if step.action.opens and view.filled:
        held = next((p for p in picture.positions if p.account == step.account and p.position.asset == step.asset), None)
        if held is not None and held.position.stop_price is not None:
            read_back = " (read back)" if view.state in (StepState.PROTECTED, StepState.DONE) else ""
            rows.append(line("  stop ", (f"{fmt.price(held.position.stop_price)}{read_back}", "good")))
        elif held is not None:
            rows.append(line(("  NO STOP stands yet", "alarm")))
    if view.message and view.state is not StepState.DONE:
        rows += wrapped(view.message, width - 2, "dim", indent="  ")
    return rows


def sending_lines(view: StepView, width: int) -> list[Line]:
    """A confirmed step on its way."""
    rows = [line((f"Step {view.step.number}", "strong")), EMPTY, *wrapped(step_words(view.step), width, "strong"), EMPTY]
    mark, role = state_mark(view.state)
    rows.append(line((f"{mark} ", role), STATE_WORDS.get(view.state, "waiting for the executor")))
    if view.filled and view.step.action.trades:
        rows.append(line(f"  filled so far {fmt.exact(view.filled)} of {fmt.exact(view.step.quantity)} {view.step.asset or ''}"))
    return rows + (wrapped(view.message, width, "dim") if view.message else [])


def refusal_lines(rule: str, sentence: str, changes: tuple[str, ...], width: int) -> list[Line]:
    """Why nothing was sent, and what changed since the ticket was shown."""
    rows = [
        line(("✗ NOTHING WAS SENT", "alarm"), f"   rule: {rule_words(rule)}" if rule else ""),
        *wrapped(sentence, width, "bad"),
    ]
    if changes:
        rows += [EMPTY, title("What changed", "before → after")]
        for change in changes:
            rows += [line(("· ", "dim"), *row) for row in wrapped(change, width - 2)]
    return [*rows, EMPTY, *wrapped("q shows this step again at present prices; s leaves it out; x stops here.", width)]


def finished_lines(execution: ExecutionView, picture: Picture, width: int) -> list[Line]:
    """The end of a plan: every step with what became of it, planned against paid."""
    done = [view for view in execution.steps if view.state is StepState.DONE]
    planned = sum((view.step.fee or ZERO for view in execution.steps), ZERO)
    paid = sum((view.fee for view in execution.steps), ZERO)
    rows = progress(execution, picture, width)
    rows += [
        EMPTY,
        *facts(
            [
                ("steps done", f"{len(done)} of {len(execution.steps)}"),
                ("fees planned", fmt.amount(planned)),
                ("fees paid", fmt.amount(paid)),
                ("NAV", fmt.amount(picture.exposure.nav) if picture.exposure else fmt.NONE),
            ],
            width,
        ),
        EMPTY,
        *wrapped(WHAT_THEN, width),
    ]
    return rows
