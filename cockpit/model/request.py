"""What the trader asks the planner for, and what came of it."""

from decimal import Decimal

from msgspec import Struct

from cockpit.model.errors import RefusedByRule
from cockpit.model.money import ONE
from cockpit.model.plan import Plan
from cockpit.model.strategy import Mode

AUTO = "auto"
"""The strategy that follows the phase."""


class PlanRequest(Struct, frozen=True, kw_only=True):
    """A strategy with what the trader overrides in it; None means: as the strategy says.

    `hedge_ratio` caps short notional over the sector's spot value, `tokens` are the perpetuals that may be used,
    `tranche` is the share of the way to go (above 0, up to 1). `phase` is the phase at the time of asking, for the record.
    """

    strategy: str = AUTO
    mode: Mode | None = None
    preset: str | None = None
    hedge_ratio: Decimal | None = None
    leverage: Decimal | None = None
    tokens: tuple[str, ...] = ()
    tranche: Decimal = ONE
    phase: str = ""


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

    def refusal(self) -> RefusedByRule:
        """The refusal as an error."""
        return RefusedByRule(self.rule, f"refused by {self.rule}: {self.sentence}")


class Alternatives(Struct, frozen=True, kw_only=True):
    """What a trader who stops in the middle may do instead, each priced: go on, undo, or keep a hedged rest."""

    go_on: Proposal
    unwind: Proposal
    freeze: Proposal
