"""Every place at which a process may die: before and after each commit of the store and each call of the venue."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from cockpit.execution.broker import Broker
from cockpit.model.orders import OrderReport, OrderRequest, StopRequest, TransferRequest, VenueAccount, VenueEvent
from cockpit.store.store import Store
from cockpit.store.unit import Unit

Hook = Callable[[str], None]


class Crash(BaseException):
    """The process dies here. No handler of the product may catch it."""


class WatchedStore(Store):
    """The real store, with a hook around every commit."""

    hook: Hook

    @contextmanager
    def begin(self, name: str) -> Iterator[Unit]:
        self.hook("commit:before")
        with super().begin(name) as unit:
            yield unit
            self.hook("commit:within")
        self.hook("commit:after")


class WatchedBroker:
    """A venue, with a hook around every call."""

    def __init__(self, broker: Broker, hook: Hook) -> None:
        self.broker = broker
        self.hook = hook

    @property
    def horizon(self) -> timedelta | None:
        return self.broker.horizon

    async def submit(self, order: OrderRequest) -> OrderReport:
        self.hook("submit:before")
        answer = await self.broker.submit(order)
        self.hook("submit:after")
        return answer

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        self.hook("place_stop:before")
        answer = await self.broker.place_stop(stop)
        self.hook("place_stop:after")
        return answer

    async def cancel(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        self.hook("cancel:before")
        answer = await self.broker.cancel(account, symbol, client_id)
        self.hook("cancel:after")
        return answer

    async def transfer(self, request: TransferRequest) -> OrderReport:
        self.hook("transfer:before")
        answer = await self.broker.transfer(request)
        self.hook("transfer:after")
        return answer

    async def find(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        self.hook("find:before")
        answer = await self.broker.find(account, symbol, client_id)
        self.hook("find:after")
        return answer

    async def account(self, account: str) -> VenueAccount:
        self.hook("account:before")
        answer = await self.broker.account(account)
        self.hook("account:after")
        return answer

    async def events(self, account: str, after: int) -> Sequence[VenueEvent]:
        self.hook("events:before")
        answer = await self.broker.events(account, after)
        self.hook("events:after")
        return answer


class Countdown:
    """Strikes at the boundary of that number, counted from 1, or at the n-th boundary of a name; keeps what it passed."""

    def __init__(self, strike: Callable[[], None], at: int | None = None, name: str = "") -> None:
        self.strike, self.at, self.name = strike, at, name
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        matching = [p for p in self.passed if not self.name or p == self.name]
        if self.at is not None and len(matching) == self.at and (not self.name or name == self.name):
            self.strike()
