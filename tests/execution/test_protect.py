"""A plan of stops alone, carried out on the paper venue, leaves every position that it names with exactly its stop there."""

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

from hypothesis import HealthCheck, Phase, assume, given, settings

from cockpit.execution.bookkeeping import differences
from cockpit.model.market import MarketSnapshot
from cockpit.model.orders import StepState
from cockpit.model.strategy import Mode
from cockpit.rotation.lines import position_lines
from cockpit.rotation.stops_only import protect
from tests.execution.scripted import ScriptedMarket
from tests.execution.worked import SETTINGS, UNIVERSE, Desk, VirtualClock
from tests.rotation.generated import World, worlds


class Still(ScriptedMarket):
    """A generated market that stands still."""

    def __init__(self, market: MarketSnapshot) -> None:
        super().__init__({}, now=market.as_of)
        self._market = market

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        return self._market


def carried_out(desk: Desk, market: MarketSnapshot) -> None:
    """Plan on what the venue has left of the book, confirm every step, and look at book and venue."""
    core = desk.executor.core
    asyncio.run(core.begin())
    asyncio.run(core.cycle())
    start = desk.now()
    lines = {(row.account, row.position.asset): row for row in position_lines(start, market)}
    plan = protect(start, market, UNIVERSE, SETTINGS, market.as_of, strategy="B", mode=Mode.OVERLAY, phase="B")
    desk.executor.begin(plan)
    for step in plan.steps:
        desk.executor.confirm(plan.plan.id, step.number, "shown", desk.store.revision(desk.book.name))
        asyncio.run(core.cycle())
        assert desk.states(plan)[step.number - 1] is StepState.DONE, desk.executor.status(plan.plan.id)[step.number - 1].message
    wanted = {(step.account, step.asset): step.stop_price for step in plan.steps if step.stop_price is not None}
    touched = {(step.account, step.asset) for step in plan.steps}
    end = desk.now()
    for account in end.accounts:
        venue = asyncio.run(desk.paper.account(account.id))
        assert differences(account, venue.account) == ()
        for position in account.positions:
            if (account.id, position.asset) in touched:
                resting = [(s.quantity, s.trigger_price) for s in venue.stops if s.symbol == position.symbol]
                assert resting == [(position.quantity, position.stop_price)]
    named = {item.asset for item in plan.skipped}
    for row in position_lines(end, market):
        key = (row.account, row.position.asset)
        assert row.protected or row.position.asset in named
        assert row.position.stop_price == wanted.get(key, lines[key].position.stop_price)


@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(worlds())
def test_every_position_has_exactly_its_stop_at_the_venue(world: World) -> None:
    assume(not all(row.protected for row in position_lines(world.book, world.market)))
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), Still(world.market), portfolio=world.book, clock=VirtualClock())
        try:
            carried_out(desk, world.market)
        finally:
            desk.store.close()
