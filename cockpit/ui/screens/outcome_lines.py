"""What a ticket says once a step was confirmed: on its way, what became of it, or why nothing was sent."""

from cockpit.model import format as fmt
from cockpit.model.orders import StepState
from cockpit.model.picture import Picture, StepView
from cockpit.ui.keys import Keymap
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.precision import price_text, tick_of
from cockpit.ui.refusals import explained, keys_now
from cockpit.ui.rules import rule_words
from cockpit.ui.steps import STATE_WORDS, state_mark, step_words


def outcome_lines(view: StepView, picture: Picture, width: int) -> list[Line]:
    """What became of a step: the fill, and the stop as it stands in the book."""
    step = view.step
    mark, role = state_mark(view.state)
    rows = [
        line(
            (f"{mark} Step {step.number}: ", role),
            STATE_WORDS.get(view.state, view.state.value.lower()),
            (f"   {step_words(step, tick_of(picture.market, step.symbol))}", "dim", "ticket.order"),
        )
    ]
    told: list[tuple[str, str, str]] = []
    if view.filled and step.action.trades:
        at = f" at {price_text(picture.market, step.symbol, view.average_price)}" if view.average_price is not None else ""
        fee = fmt.amount(view.fee)
        told.append((f"filled {fmt.exact(view.filled)} {step.asset or ''}{at}, fee {fee}", "", "ticket.filled"))
    if step.action.opens and view.filled:
        held = next((p for p in picture.positions if p.account == step.account and p.position.asset == step.asset), None)
        if held is not None and held.position.stop_price is not None:
            read_back = " (read back)" if view.state in (StepState.PROTECTED, StepState.DONE) else ""
            stop = price_text(picture.market, held.position.symbol, held.position.stop_price)
            told.append((f"stop {stop}{read_back}", "good", "book.stop"))
        elif held is not None:
            told.append(("NO STOP stands yet", "alarm", ""))
    if told:
        gaps = [("  " if n == 0 else "   ", "", "") for n in range(len(told))]
        rows.append(line(*(part for pair in zip(gaps, told, strict=True) for part in pair)))
    if view.message and view.state not in (StepState.DONE, StepState.SKIPPED):
        rows += wrapped(view.message, width - 2, "dim", indent="  ")
    return rows


def sending_lines(view: StepView, picture: Picture, width: int) -> list[Line]:
    """A confirmed step on its way."""
    step = view.step
    said = step_words(step, tick_of(picture.market, step.symbol))
    words = [line((row[0].text, "strong", "ticket.order")) for row in wrapped(said, width)]
    rows = [line((f"Step {step.number}", "strong", "ticket.step")), EMPTY, *words, EMPTY]
    mark, role = state_mark(view.state)
    rows.append(line((f"{mark} ", role), STATE_WORDS.get(view.state, "waiting for the executor")))
    if view.filled and step.action.trades:
        filled = f"{fmt.exact(view.filled)} of {fmt.exact(step.quantity)} {step.asset or ''}"
        rows.append(line("  filled so far ", (filled, "", "ticket.filled")))
    return rows + (wrapped(view.message, width, "dim") if view.message else [])


def refusal_lines(rule: str, sentence: str, changes: tuple[str, ...], width: int, keymap: Keymap) -> list[Line]:
    """Why nothing was sent, what the rule protects from and what to do, and what changed since the ticket was shown."""
    told = sentence.removesuffix("; ".join(changes)).rstrip(": ")
    rows = [
        line(("✗ NOTHING WAS SENT", "alarm"), f"   rule: {rule_words(rule)}" if rule else ""),
        *wrapped(told or sentence, width, "bad"),
    ]
    if rule:
        rows += [EMPTY, *explained(rule, width, keymap)]
    if changes:
        rows += [EMPTY, title("What changed", "before → after")]
        for change in changes:
            rows += [line(("· ", "dim"), *row) for row in wrapped(change, width - 2)]
    return [*rows, EMPTY, *wrapped(keys_now(keymap), width)]
