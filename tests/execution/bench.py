"""The worked plan under an executor that a test turns by hand, and venues that break where a test wants them to."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from cockpit.execution.broker import Broker
from cockpit.execution.paper import PaperBroker
from cockpit.execution.progress import Progress
from cockpit.model.journal import JournalKind
from cockpit.model.orders import OrderReport, OrderRequest, OrderStatus, StepState, StopRequest
from tests.execution.scripted import ScriptedMarket
from tests.execution.worked import PORTFOLIO, Desk, VirtualClock

D = Decimal


class Bench:
    """The worked plan begun, and an executor whose cycles the test turns by hand."""

    def __init__(
        self,
        folder: Path,
        *,
        market: ScriptedMarket | None = None,
        venue: Callable[[PaperBroker], Broker] = lambda paper: paper,
        hook: Callable[[str], None] | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.told: list[Progress] = []
        self.desk = Desk(folder, market, clock=self.clock, listener=self.told.append, venue=venue, hook=hook)
        self.clock.market = self.desk.market
        self.executor = self.desk.executor
        self.plan = self.desk.plan()
        self.id = self.plan.plan.id
        self.executor.begin(self.plan)
        asyncio.run(self.executor.core.begin())
        self.cycle()

    def cycle(self, times: int = 1, seconds: float = 0.5) -> None:
        for _ in range(times):
            asyncio.run(self.executor.core.cycle())
            self.clock.advance(seconds)

    def revision(self) -> int:
        return self.desk.store.revision(self.desk.book.name)

    def confirm(self, number: int) -> None:
        self.executor.confirm(self.id, number, f"shown {number}", self.revision())

    def do(self, *numbers: int) -> None:
        """Confirm these steps, one after the other, each to its end."""
        for number in numbers:
            self.confirm(number)
            self.cycle()

    def state(self, number: int) -> StepState:
        return self.desk.states(self.plan)[number - 1]

    def journal(self, kind: JournalKind) -> list[str]:
        return [row.message for row in self.desk.store.journal(self.desk.book.name) if row.kind is kind]


def deep_market() -> ScriptedMarket:
    """The example's prices with an order book instead of pins."""
    return ScriptedMarket(PORTFOLIO.pinned_prices)


class Passing:
    """A venue that passes everything on to the paper venue; a test overrides what it wants to break."""

    horizon: timedelta | None = timedelta(0)
    paper_market: ScriptedMarket

    def __init__(self, paper: PaperBroker) -> None:
        self.paper = paper
        self.submit_paper = paper.submit
        self.transfer = paper.transfer
        self.cancel = paper.cancel
        self.find = paper.find
        self.account = paper.account
        self.events = paper.events
        self.refused = 0

    async def submit(self, order: OrderRequest) -> OrderReport:
        return await self.submit_paper(order)

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        return await self.paper.place_stop(stop)


class NoStops(Passing):
    """Rejects the first `refuse` stops."""

    refuse = 1_000_000

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        self.refused += 1
        if self.refused > self.refuse:
            return await self.paper.place_stop(stop)
        return OrderReport(
            client_id=stop.client_id,
            symbol=stop.symbol,
            status=OrderStatus.REJECTED,
            quantity=stop.quantity,
            filled=D(0),
            reason="too many stops",
        )
