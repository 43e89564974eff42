"""The blueprint's exits: how far each is on its way to fire, and what it proposes once it has."""

from cockpit.model import format as fmt
from cockpit.model.readings import Trigger, TriggerState
from cockpit.ui.lines import Line, Span, explained, line, title, width_of, wrapped

MARKS = {
    TriggerState.FIRED: ("●", "warn"),
    TriggerState.NEAR: ("▸", "accent"),
    TriggerState.QUIET: ("·", "dim"),
    TriggerState.NO_DATA: (fmt.NONE, "dim"),
}
STATE_WORDS = {TriggerState.FIRED: "FIRED", TriggerState.NEAR: "near", TriggerState.QUIET: "quiet", TriggerState.NO_DATA: ""}
NEUTRAL = {"rsi": 50.0, "funding": 0.0, "tvl_collapse": 0.0}
"""Where the way to a threshold begins; a kind that is not named here has no single number on a way."""
CELLS = 8


def way(trigger: Trigger) -> float | None:
    """How much of the way from neutral to its threshold a trigger's value has gone, 0 to 1; None where there is no such way."""
    if trigger.fired:
        return 1.0
    start = NEUTRAL.get(trigger.kind)
    if start is None or trigger.value is None or trigger.threshold == start:
        return None
    return max(0.0, min(1.0, (trigger.value - start) / (trigger.threshold - start)))


def triggers(found: tuple[Trigger, ...], width: int) -> list[Line]:
    """Every trigger, those that fired first: its way as a bar, its numbers in a sentence, its proposal."""
    if not found:
        return []
    order = list(MARKS)
    rows = [title("Exit triggers", "the bar: the way from neutral to firing")]
    for trigger in sorted(found, key=lambda t: order.index(t.state)):
        rows += _trigger(trigger, width)
    return rows


def _trigger(trigger: Trigger, width: int) -> list[Line]:
    glyph, role = MARKS[trigger.state]
    gone = way(trigger)
    if gone is None:
        bar, words = "", "" if trigger.state is TriggerState.NO_DATA else f"{trigger.seen} of {trigger.needed} closes"
    else:
        bar, words = fmt.bar(gone, CELLS), f"{fmt.percent(gone, 0):>5}"
    gauge = f"{bar} {words}".strip() if bar else words
    head = line(
        (f"{glyph} ", role), (f"{STATE_WORDS[trigger.state]:<6}", role), (f"{gauge:<{CELLS + 7}}", role, "phase.trigger_way")
    )
    indent = width_of(head)
    told = explained(wrapped(fmt.minus(trigger.sentence), width - indent, role if trigger.fired else ""), "phase.trigger")
    rows = [(*head, *told[0]), *((Span(" " * indent), *row) for row in told[1:])]
    if trigger.proposal:
        rows += wrapped(
            fmt.minus(f"Proposal: {trigger.proposal.rstrip('.')}. Why: {trigger.reason.rstrip('.')}."), width, "warn", indent="  "
        )
    return rows
