"""Every sample portfolio, rotated on the simulated market: after each step the ledger is the venue's and every stop is there."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.files.portfolio import load_portfolio
from cockpit.files.shipped import sample_portfolios
from cockpit.markets.open import open_feed, pin
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule
from cockpit.model.market import MarketSnapshot
from cockpit.model.orders import StepState
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from cockpit.rotation.planner import plan as make_plan
from tests.execution.scripted import ScriptedMarket
from tests.execution.worked import SETTINGS, STRATEGIES, UNIVERSE, Desk, VirtualClock, check_rest


class Simulated(ScriptedMarket):
    """The simulated market behind the scripted one's face; time is the test's."""

    def __init__(self, book: Book) -> None:
        super().__init__({}, now=datetime(2026, 1, 5, 12, tzinfo=UTC))
        self._feed = open_feed("simulated", universe=UNIVERSE, as_of=None, clock=lambda: self.now)
        self._pins = book.pinned_prices

    def snapshot(self, assets: object) -> MarketSnapshot:
        return pin(self._feed.snapshot(assets), self._pins)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", sample_portfolios(), ids=lambda path: path.stem)
@pytest.mark.parametrize(("strategy", "mode"), [("B", Mode.OVERLAY), ("A", Mode.SPOT), ("B", Mode.BLEND)])
def test_every_sample_rotates_on_the_simulated_market(tmp_path: Path, path: Path, strategy: str, mode: Mode) -> None:
    portfolio = load_portfolio(path, UNIVERSE)
    market = Simulated(portfolio)
    clock = VirtualClock(market)
    clock.time = market.now
    desk = Desk(tmp_path, market, portfolio=portfolio, clock=clock)
    book = desk.now()
    snapshot = market.snapshot({*UNIVERSE.assets, *book.assets()})
    request = PlanRequest(strategy=strategy, mode=mode)
    plan = make_plan(book, snapshot, UNIVERSE, STRATEGIES[strategy], SETTINGS, request, market.now)
    desk.executor.begin(plan)
    asyncio.run(desk.executor.core.begin())
    for step in plan.steps:
        try:
            desk.executor.requote(plan.plan.id, step.number)
            desk.executor.confirm(plan.plan.id, step.number, "shown", desk.store.revision(book.name))
        except RefusedByRule:  # the market moved on; what is done so far must stand
            break
        asyncio.run(desk.executor.core.cycle())
        market.now += timedelta(seconds=1)
        clock.time = market.now
        asyncio.run(desk.executor.core.cycle())
        check_rest(desk, plan)
        if desk.states(plan)[step.number - 1] is not StepState.DONE:
            break
    done = [state for state in desk.states(plan) if state is StepState.DONE]
    assert len(done) >= min(1, len(plan.steps))
    desk.store.close()
