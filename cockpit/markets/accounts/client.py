"""One venue asked with one key: its own instance of ccxt, signed requests, and every failure as a fault without the key in it."""

from __future__ import annotations

import time
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from cockpit.markets.accounts.assemble import Reading, account_of
from cockpit.markets.accounts.readers import BOOKS, PASSWORDS, READERS
from cockpit.markets.accounts.rows import Entry, Permissions
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venues import VENUES
from cockpit.model.errors import BadInput

if TYPE_CHECKING:
    from cockpit.markets.live.budget import Budget
    from cockpit.markets.live.meter import Meter
    from cockpit.model.credentials import Credentials


_SHAPE = (KeyError, TypeError, AttributeError, ValueError, IndexError)
"""What a reader raises over an answer of another shape than the documented one."""
Answer = TypeVar("Answer")


def refusal(fault: Fault, venue: str) -> str:
    """Why an account at `venue`, by its name, could not be read, with what to look at where the key may be to blame."""
    look = "; look at the key, its secret, its right to read and the addresses that it is bound to"
    return fault.sentence(venue) + (look if fault.kind is Kind.REFUSED else "")


class Client:
    """Reads an account; it never sends an order. Its coroutines run on the loop that first asks; `close` it there."""

    def __init__(
        self, venue: str, credentials: Credentials, meter: Meter, *, gateway: str | None = None, budget: Budget | None = None
    ) -> None:
        """`venue` is one of `READERS`; `budget` is that of all who ask this venue, None where nobody else does.

        BadInput where the key lacks a part that this venue wants.
        """
        if venue in PASSWORDS and not credentials.password:
            raise BadInput(f"a key of {VENUES[venue].name} has a password (passphrase) besides the secret: add it")
        self.venue = venue
        self._credentials = credentials
        self._meter = meter
        self._gateway = gateway
        self._budget = _own(venue) if budget is None else budget
        self._exchange: Any = None

    async def permissions(self) -> Permissions:
        """What the key may do."""
        return await _shaped(READERS[self.venue].permissions(self))

    async def read(self, account_id: str) -> Reading:
        """The account as it is now. Fault where it cannot be had whole; RefusedByRule where no book can carry it."""
        rows = await _shaped(READERS[self.venue].rows(self))
        return account_of(account_id, self.venue, rows, venue=VENUES[self.venue].name)

    async def books(self, since: datetime, until: datetime) -> tuple[Entry, ...] | None:
        """What the venue wrote of the wallet that backs positions between two times; None where it tells none."""
        told = BOOKS.get(self.venue)
        return None if told is None else await _shaped(told(self, since, until))

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, *, optional: bool = False) -> Any:
        """The JSON answer of an end point, by ccxt's name for it. Fault where there is none; the meter hears of it either way.

        That a key may not use an `optional` one says nothing against the venue.
        """
        if (why := self._meter.forbids) is not None:
            raise why
        if (why := self._budget.forbids) is not None:
            self._meter.bad(why)
            raise why
        began = time.monotonic()
        fault = None
        try:
            exchange = await self._open()
            answer = await getattr(exchange, method)(dict(params or {}))
        except Exception as error:  # noqa: BLE001 - sorted below, where the error with its request is no longer its context
            fault = self._fault(error)
        self._meter.leaves(self._budget.left())
        if fault is not None:
            self._budget.rests(fault)
            if not (optional and fault.kind is Kind.REFUSED):
                self._meter.bad(fault)
            raise fault
        self._meter.good(time.monotonic() - began)
        return answer

    def code(self, currency: str) -> str:
        """The common ticker of a venue's currency."""
        return str(self._exchange.safe_currency_code(currency))

    async def close(self) -> None:
        """Close the session."""
        if self._exchange is not None:
            await self._exchange.close()

    async def _open(self) -> Any:
        if self._exchange is None:
            from cockpit.markets.live.exchange import instance

            self._exchange = instance(
                VENUES[self.venue].sides[0].ccxt,
                self._budget,
                gateway=self._gateway,
                apiKey=self._credentials.key,
                secret=self._credentials.secret,
                password=self._credentials.password or None,
            )
        return self._exchange

    def _fault(self, error: Exception) -> Fault:
        from cockpit.markets.live.errors import fault_of

        fault = fault_of(error)
        return Fault(fault.kind, self._credentials.hides_from(fault.detail), retry_after=fault.wait)


def _own(venue: str) -> Budget:
    from cockpit.markets.live.budget import Budget

    return Budget(VENUES[venue].budgets)


async def _shaped(answer: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return await answer
    except _SHAPE as error:
        raise Fault(Kind.UNREADABLE, f"its shape is not the documented one ({type(error).__name__})") from None
