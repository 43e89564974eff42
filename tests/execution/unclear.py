"""A venue that is unclear, as real ones are: answers get lost, requests arrive late, look-ups lag, and ids are no protection.

It stands before a real paper venue. A client id that is sent twice is filled twice, as on venues that hold ids unique among open
orders only; `accepted` counts it.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from cockpit.execution.broker import VenueUnclear
from cockpit.execution.paper import PaperBroker
from cockpit.model.orders import OrderReport, OrderRequest, StopRequest, TransferRequest, VenueAccount, VenueEvent
from tests.execution.boundaries import Crash
from tests.execution.worked import VirtualClock

EXPIRY = timedelta(seconds=5)
VISIBLE = timedelta(seconds=30)
HORIZON = EXPIRY + timedelta(seconds=1) + VISIBLE

Request = OrderRequest | StopRequest | TransferRequest


@dataclass(kw_only=True)
class Faults:
    """How often what goes wrong, as probabilities of a call."""

    lost_before: float = 0.0
    lost_after: float = 0.0
    late: float = 0.0
    hidden: float = 0.0
    query_fails: float = 0.0
    crash: float = 0.0


class UnclearVenue:
    """Requests expire after `EXPIRY`, and everything accepted can be seen after `VISIBLE`: that is its horizon."""

    def __init__(self, paper: PaperBroker, clock: VirtualClock, chance: random.Random, faults: Faults) -> None:
        self.paper, self.clock, self.chance, self.faults = paper, clock, chance, faults
        self.accepted: Counter[str] = Counter()
        self.on_the_way: list[tuple[datetime, Request]] = []
        self.visible_at: dict[str, datetime] = {}
        self.horizon: timedelta | None = HORIZON

    async def submit(self, order: OrderRequest) -> OrderReport:
        return await self._request(order)

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        return await self._request(stop)

    async def transfer(self, request: TransferRequest) -> OrderReport:
        return await self._request(request)

    async def cancel(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        await self.deliver()
        self._may_crash()
        return await self.paper.cancel(account, symbol, client_id)

    async def find(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        await self._query()
        if self.clock.now() < self.visible_at.get(client_id, self.clock.now()):
            return None
        return await self.paper.find(account, symbol, client_id)

    async def account(self, account: str) -> VenueAccount:
        await self._query()
        return await self.paper.account(account)

    async def events(self, account: str, after: int) -> Sequence[VenueEvent]:
        await self._query()
        return await self.paper.events(account, after)

    async def _request(self, request: Request) -> OrderReport:
        await self.deliver()
        self._may_crash()
        if self._happens(self.faults.lost_before):
            raise VenueUnclear("the connection broke")
        if self._happens(self.faults.late):
            arrives = self.clock.now() + EXPIRY * self.chance.random()
            self.on_the_way.append((arrives, request))
            self._may_crash()
            raise VenueUnclear("no answer in time")
        report = await self._accept(request)
        self._may_crash()
        if self._happens(self.faults.lost_after):
            raise VenueUnclear("the answer was cut off")
        return report

    async def _accept(self, request: Request) -> OrderReport:
        self.accepted[request.client_id] += 1
        again = self.accepted[request.client_id] - 1
        if self._happens(self.faults.hidden):
            self.visible_at[request.client_id] = self.clock.now() + VISIBLE * self.chance.random()
        if again:
            request = replace(request, client_id=f"{request.client_id}#{again}")
        if isinstance(request, OrderRequest):
            return await self.paper.submit(request)
        if isinstance(request, StopRequest):
            return await self.paper.place_stop(request)
        return await self.paper.transfer(request)

    async def deliver(self) -> None:
        """What was on the way arrives once its time has come."""
        arrived = [entry for entry in self.on_the_way if entry[0] <= self.clock.now()]
        self.on_the_way = [entry for entry in self.on_the_way if entry[0] > self.clock.now()]
        for _, request in sorted(arrived, key=lambda entry: entry[0]):
            await self._accept(request)

    async def _query(self) -> None:
        await self.deliver()
        self._may_crash()
        if self._happens(self.faults.query_fails):
            raise VenueUnclear("the query timed out")

    def _happens(self, probability: float) -> bool:
        return probability > 0 and self.chance.random() < probability

    def _may_crash(self) -> None:
        if self._happens(self.faults.crash):
            raise Crash
