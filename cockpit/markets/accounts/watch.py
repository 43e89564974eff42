"""Accounts that are watched at their venues: polled again and again, and what was last read of each with its time.

A poll that fails changes nothing: the last reading stays, and grows older.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from cockpit.markets.accounts.client import Client, refusal
from cockpit.markets.accounts.ledger import Ledger
from cockpit.markets.accounts.rows import Permissions
from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault
from cockpit.markets.live.meter import Meter
from cockpit.markets.venues import VENUES
from cockpit.model.book import Account
from cockpit.model.credentials import Credentials
from cockpit.model.errors import CockpitError
from cockpit.model.sources import Health, Seen, Source, Watch

EVERY = 15.0
"""Seconds between two polls of an account."""
SOON = 2.0
"""Seconds after which a reading that did not come out whole is tried again, where the venue itself asks for no rest."""


log = logging.getLogger(__name__)


class _Watched(NamedTuple):
    watch: Watch
    client: Client
    meter: Meter
    ledger: Ledger


class AccountWatch:
    """Polls accounts on the network's loop; `seen` and the others may be asked from any thread."""

    def __init__(
        self,
        watches: Sequence[Watch],
        keys: Mapping[str, Credentials],
        *,
        clock: Callable[[], datetime],
        gateway: str | None = None,
        every: float | None = None,
        budgets: Callable[[str], Budget | None] = lambda venue: None,
    ) -> None:
        """`keys` are by account id; `budgets` gives what is used of a venue's limits by others here.

        BadInput where a key lacks a part that its venue wants.
        """
        self._clock = clock
        self._every = EVERY if every is None else every
        self._seen: dict[str, Seen] = {}
        own = {watch.venue: Budget(VENUES[watch.venue].budgets) for watch in watches}
        self._budgets = {venue: budgets(venue) or mine for venue, mine in own.items()}
        self._refused: dict[str, str] = {}
        self._told: dict[str, tuple[str, ...]] = {}
        self._watched = [self._one(watch, keys[watch.account], gateway) for watch in watches]

    def seen(self) -> dict[str, Seen]:
        """Each account as it was last read whole, by its id; without those that never were."""
        return dict(self._seen)

    def notes(self) -> dict[str, tuple[str, ...]]:
        """What needs telling of each account, by its id: how it was read, what its key may do, or why it is not read."""
        told = dict(self._told)
        for one in self._watched:
            account, fault = one.watch.account, one.meter.fault
            if fault is not None:
                how = "it is not read again" if account in self._seen else "it is not read"
                told[account] = (f"{how}: {refusal(fault, VENUES[one.watch.venue].name)}", *told.get(account, ()))
        return told

    def sources(self) -> tuple[Source, ...]:
        """How each account's venue stands."""
        return tuple(self._source(one) for one in self._watched)

    async def run(self) -> None:
        """Poll until cancelled."""
        await asyncio.gather(*(self._forever(one) for one in self._watched))

    async def close(self) -> None:
        """Close every session."""
        await asyncio.gather(*(one.client.close() for one in self._watched))

    def _one(self, watch: Watch, key: Credentials, gateway: str | None) -> _Watched:
        meter = Meter(f"{VENUES[watch.venue].name}, account {watch.account}", self._clock, through=gateway or "")
        client = Client(watch.venue, key, meter, gateway=gateway, budget=self._budgets[watch.venue])
        return _Watched(watch, client, meter, Ledger(client.books))

    async def _forever(self, one: _Watched) -> None:
        """The key's rights are asked for first: one that can withdraw is not used for anything else."""
        rights: Permissions | None = None
        while True:
            try:
                rights = rights or await one.client.permissions()
                if rights.withdraw:
                    name = VENUES[one.watch.venue].name
                    self._refuse(one, f"its key can withdraw from {name} and is not used: make one that only reads")
                    return
                await self._poll(one, rights)
                wait = self._every
            except (Fault, CockpitError) as error:
                wait = max(min(self._every, SOON), one.meter.wait)
                if isinstance(error, CockpitError):
                    self._refuse(one, str(error))
                    wait = max(wait, self._every)
            except Exception as error:  # noqa: BLE001 - one account's trouble is not the others'
                log.error("the account %s could not be read: %s", one.watch.account, type(error).__name__)
                self._refuse(one, f"it could not be read: unexpected {type(error).__name__}")
                wait = self._every
            await asyncio.sleep(wait)

    async def _poll(self, one: _Watched, rights: Permissions) -> None:
        at, known = self._clock(), self._seen.get(one.watch.account)
        reading = await one.client.read(one.watch.account)
        if known is not None and _holds(known.account) and not _holds(reading.account):
            # A whole account is gone: told a second time it is so, told once it may be an answer that lacks everything.
            at, reading = self._clock(), await one.client.read(one.watch.account)
        made = await one.ledger.follow(reading.wallet, at)
        seen = Seen(account=reading.account, at=at, liquidations=reading.liquidations, made=made)
        self._seen = {**self._seen, one.watch.account: seen}
        unknown = ("whether its key can withdraw is unknown",) if rights.withdraw is None else ()
        trades = ("its key can trade; reading needs no such right",) if rights.trade else ()
        self._refused = {account: why for account, why in self._refused.items() if account != one.watch.account}
        self._tell(one, *reading.notes, *unknown, *trades)

    def _refuse(self, one: _Watched, sentence: str) -> None:
        """The venue answers, and yet the account is not read: what was seen before grows older."""
        self._refused = {**self._refused, one.watch.account: sentence}
        self._tell(one, sentence)

    def _tell(self, one: _Watched, *sentences: str) -> None:
        self._told = {**self._told, one.watch.account: sentences}

    def _source(self, one: _Watched) -> Source:
        seen = self._seen.get(one.watch.account)
        line = one.meter.line(used_for=() if seen is None else (f"account {one.watch.account}",))
        told = self._refused.get(one.watch.account)
        return replace(line, health=Health.FAILING, used_for=(), sentence=told) if line.health is Health.GOOD and told else line


def _holds(account: Account) -> bool:
    return bool(account.spot or account.positions or account.futures_wallet)
