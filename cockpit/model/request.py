"""What the trader asks the planner for, and what came of it."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.errors import CockpitError, MarketUnavailable, RefusedByRule
from cockpit.model.money import ONE
from cockpit.model.plan import Plan
from cockpit.model.strategy import Mode

AUTO = "auto"
"""The strategy that follows the phase."""
NO_PHASE = "phase"
"""What refuses "auto" where the evidence is too thin for a phase."""


class Destination(StrEnum):
    """How far a drifted sector goes: to its target (a phase change), or half-way between target and band edge."""

    FULL = "full"
    HALF_WAY = "half-way"


class PlanRequest(Struct, frozen=True, kw_only=True):
    """A strategy with what the trader overrides in it; None and empty mean: as the strategy has it.

    `hedge_ratio` caps short notional over the sector's spot value, `tokens` are assets of any sector that carry the changes
    of their sectors, `tranche` is the fraction of the way to go (above 0, at most 1), `destination` where that way ends,
    `phase` the market phase to note in the plan. `stops_only` asks for the stops that are missing and for nothing else: what
    stands beside it is left for later.
    """

    strategy: str = AUTO
    mode: Mode | None = None
    preset: str | None = None
    hedge_ratio: Decimal | None = None
    leverage: Decimal | None = None
    tokens: tuple[str, ...] = ()
    tranche: Decimal = ONE
    destination: Destination = Destination.FULL
    phase: str | None = None
    stops_only: bool = False


class Proposal(Struct, frozen=True, kw_only=True):
    """A plan, or the rule that refuses it with its sentence. `strategy` is the one that "auto" stood for."""

    request: PlanRequest
    strategy: str
    plan: Plan | None = None
    rule: str = ""
    sentence: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return self.plan is not None and not self.plan.steps

    def refusal(self) -> CockpitError:
        """The refusal as an error: a risk rule, or a market whose data do not carry a phase."""
        if self.rule == NO_PHASE:
            return MarketUnavailable(self.sentence)
        return RefusedByRule(self.rule, f"refused by {self.rule}: {self.sentence}")


class Alternatives(Struct, frozen=True, kw_only=True):
    """What a trader who stops in the middle may do instead, each priced: go on, undo, or keep a hedged rest."""

    go_on: Proposal
    unwind: Proposal
    freeze: Proposal
