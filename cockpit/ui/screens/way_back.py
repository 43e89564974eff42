"""The way back from a plan before anything of it is begun: its steps, its costs, and what it does to the book."""

from cockpit.model import format as fmt
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import CostKind
from cockpit.model.plan_figures import cost_of
from cockpit.model.request import Proposal
from cockpit.model.wording import COST_WORDS
from cockpit.ui.blocks.preview import preview
from cockpit.ui.keys import Keymap
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.precision import tick_of
from cockpit.ui.refusals import explained
from cockpit.ui.rules import rule_words
from cockpit.ui.steps import step_words
from cockpit.ui.table import Fact, facts

EMPTY_WAY = "Nothing is to be done: the book stands where it stood before the plan, as far as prices and lots allow."
NOT_YET = "Nothing is sent yet. Once begun, each of these steps has its own ticket and is confirmed by itself."


def can_begin(proposal: Proposal) -> bool:
    """Whether there is a way back to begin."""
    return proposal.plan is not None and bool(proposal.plan.steps) and proposal.plan.broken is None


def way_back_lines(proposal: Proposal, market: MarketSnapshot | None, width: int, keymap: Keymap) -> list[Line]:
    """The cost first, then the steps, then the whole preview."""
    rows = [title("The way back", "to the book before the plan's first step"), EMPTY]
    plan = proposal.plan
    if plan is None:
        rule = f"{rule_words(proposal.rule)}: " if proposal.rule else ""
        rows += wrapped(f"✗ There is no way back as things stand: {rule}{proposal.sentence}", width, "bad")
        return rows + (explained(proposal.rule, width, keymap) if proposal.rule else [])
    if not plan.steps:
        return [*rows, *wrapped(EMPTY_WAY, width)]
    if plan.broken is not None:
        rows += wrapped(f"✗ {rule_words(plan.broken.rule)}: {plan.broken.message}", width, "bad")
        rows += [*explained(plan.broken.rule, width, keymap), EMPTY]
    pairs: list[Fact] = [("costs", (fmt.amount(cost_of(plan)), "strong"), "ticket.way_cost")]
    pairs += [
        (COST_WORDS[cost.kind], fmt.amount(-cost.amount, signed=True), f"ticket.way_back_{cost.kind.value}")
        for cost in plan.costs
        if cost.kind is not CostKind.BREAK_EVEN
    ]
    rows += [*facts(pairs, width), EMPTY]
    for step in plan.steps:
        first, *more = wrapped(step_words(step, tick_of(market, step.symbol)), width - 4)
        rows.append(line((f"{step.number:>2}  ", "dim"), (first[0].text, "", "ticket.order")))
        rows += [line("    ", (row[0].text, "", "ticket.order")) for row in more]
    return [*rows, EMPTY, *wrapped(NOT_YET, width, "strong"), EMPTY, *preview(proposal, width, keymap, market)]
