"""What the executor asks of a venue, whether paper or real."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from cockpit.model.errors import CockpitError
from cockpit.model.market import MarketSnapshot
from cockpit.model.orders import (
    OrderReport,
    OrderRequest,
    StopRequest,
    TransferRequest,
    VenueAccount,
    VenueEvent,
)

Snapshot = Callable[[Iterable[str]], MarketSnapshot]
"""The market of some assets now: `MarketFeed.snapshot`, with the portfolio's prices pinned where it has some."""


class VenueUnclear(CockpitError):
    """The venue did not answer clearly: the request may or may not have been accepted, so it must be looked up."""


class Broker(Protocol):
    """A venue. A rejection is an OrderReport with status REJECTED; VenueUnclear means that nobody knows.

    Each client id is accepted at most once by the paper venue, but the executor never relies on that: it looks up first.
    """

    @property
    def horizon(self) -> timedelta | None:
        """How long after a request was pinned the venue may still accept or show it.

        Only later does a clean look-up prove that it was never placed. Zero for a venue that answers for certain at once; None
        for one whose requests never expire.
        """
        ...

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Send an order once."""
        ...

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        """Place a resting reduce-only stop on the mark price."""
        ...

    async def cancel(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        """Cancel an open order or stop; None if the venue does not know it."""
        ...

    async def transfer(self, request: TransferRequest) -> OrderReport:
        """Move collateral between wallets or into a position's margin."""
        ...

    async def find(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        """Look an order, stop or transfer up by its client id; None is proven absence only for a venue that says so."""
        ...

    async def account(self, account: str) -> VenueAccount:
        """Balances, positions, resting stops and open orders as the venue sees them."""
        ...

    async def events(self, account: str, after: int) -> Sequence[VenueEvent]:
        """What the venue did on its own since event number `after`."""
        ...
