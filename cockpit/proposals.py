"""What the planner answers the desk: a plan, or the rule that refuses it with its sentence."""

from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec.structs import replace

from cockpit.files.settings import choose
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule
from cockpit.model.market import MarketSnapshot
from cockpit.model.plan import Plan
from cockpit.model.readings import Phase, PhaseCall
from cockpit.model.request import AUTO, NO_PHASE, PlanRequest, Proposal
from cockpit.model.strategy import Mode, RiskSettings, Strategy
from cockpit.rotation.planner import plan
from cockpit.rotation.stops_only import protect


def chosen(name: str, call: PhaseCall | None, strategies: Mapping[str, Strategy]) -> tuple[Strategy | None, str]:
    """The strategy of that name with the present phase; None where "auto" has no phase. BadInput for an unknown name."""
    phase = call.phase if call is not None else ""
    if name == AUTO:
        return (None if phase in ("", Phase.UNDETERMINED) else strategies.get(phase)), phase
    return choose("strategy", name, strategies), phase


def rotation(
    request: PlanRequest,
    strategy: Strategy,
    phase: str,
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
) -> Proposal:
    """The plan from the book to what the strategy asks for; `phase` is noted in it."""
    asked = replace(request, phase=phase or None)
    found = offer(lambda: plan(book, market, universe, strategy, settings, asked, now))
    return replace(found, request=request, strategy=strategy.id)


def stops(
    strategy: Strategy | None,
    phase: str,
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    now: datetime,
) -> Proposal:
    """The stops that are missing; `strategy` is the one in force, which is noted in the plan and asks for nothing."""
    name, mode = (strategy.id, strategy.mode) if strategy is not None else (AUTO, Mode.OVERLAY)
    made = protect(book, market, universe, settings, now, strategy=name, mode=mode, phase=phase)
    return Proposal(request=PlanRequest(stops_only=True), strategy=name, plan=made)


def no_phase(request: PlanRequest, call: PhaseCall) -> Proposal:
    """What "auto" gets where the evidence is too thin for a phase."""
    sentence = (
        f"the phase is UNDETERMINED on {call.day}: {call.coverage:.0%} of the evidence is there, "
        f"{call.gate:.0%} is needed; hold and take no new risk, or name a strategy yourself"
    )
    return Proposal(request=request, strategy=AUTO, rule=NO_PHASE, sentence=sentence)


def offer(make: Callable[[], Plan]) -> Proposal:
    """The plan that is made, or what refuses it."""
    try:
        made = make()
    except RefusedByRule as refused:
        return Proposal(request=PlanRequest(), strategy="", rule=refused.rule, sentence=str(refused))
    return Proposal(request=PlanRequest(), strategy=made.plan.strategy, plan=made)
