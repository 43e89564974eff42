"""Whole rotations, from every sample by every strategy and way: carried out step by step, they end where the plan said."""

from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest

from cockpit.model.assets import Sector
from cockpit.model.orders import StepState
from cockpit.model.plan import Action
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from tests.desk.driving import SAMPLES, SetClock, carry_out, check_at_rest, desk_on

D = Decimal
OWN_MODES = (("A", Mode.SPOT), ("B", Mode.OVERLAY), ("C", Mode.BLEND))
WAYS = [
    *product(["all_stables"], "ABC", Mode),
    *((sample, strategy, mode) for sample in sorted(SAMPLES) if sample != "all_stables" for strategy, mode in OWN_MODES),
]
"""Every strategy in every mode where prices move, and in its own mode everywhere else."""
REFUSED = {("all_stables", "A", Mode.OVERLAY): "futures_capital_max"}
"""Perpetuals of 80 % of NAV at 2x need 40 % as margin, with L1 at its cap more: a rule, not a fault."""


@pytest.mark.parametrize(("sample", "strategy", "mode"), WAYS)
def test_a_plan_ends_where_it_said_with_every_position_protected(sample: str, strategy: str, mode: Mode, tmp_path: Path) -> None:
    desk = desk_on(sample, tmp_path, SetClock())
    try:
        desk.open_store()
        request = PlanRequest(strategy=strategy, mode=mode)
        proposal = desk.propose(request)
        if rule := REFUSED.get((sample, strategy, mode)):
            assert proposal.rule == rule
            return
        plan = proposal.plan
        assert plan is not None, proposal.sentence
        if plan.steps:
            desk.begin(plan)
            execution = carry_out(desk)
            assert execution.finished
            assert [view.state for view in execution.steps] == [StepState.DONE] * len(plan.steps)
            assert [view.filled for view in execution.steps] == [step.quantity for step in plan.steps]
        book = check_at_rest(desk)
        if any(step.action in (Action.BUY, Action.OPEN_LONG, Action.OPEN_SHORT) for step in plan.steps):
            assert book.revision > 1
        exposure = desk.tick().exposure
        assert exposure is not None
        for sector in (Sector.L1, Sector.DEFI, Sector.STABLE):
            assert abs(exposure.sectors[sector].net - plan.end.sectors[sector].net) <= plan.end.nav * D("0.0001")
        assert abs(exposure.nav - plan.end.nav) <= D("0.01")
        again = desk.propose(request)
        assert again.plan is not None, again.sentence
        assert again.plan.steps == ()
    finally:
        desk.close()
