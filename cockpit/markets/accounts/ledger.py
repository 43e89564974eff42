"""What the positions of an account made or lost, by the venue's own books, where these explain the wallet to the cent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from decimal import Decimal

from cockpit.markets.accounts.rows import Entry
from cockpit.markets.live.fault import Fault
from cockpit.model.money import CENT, ZERO
from cockpit.model.sources import Made

OVERLAP = timedelta(minutes=10)
"""How far before the last look entries are asked for again: two clocks are never the same, and some entries come late."""
OLDEST = timedelta(days=6)
"""Venues give a week of entries at once."""

Entries = Callable[[datetime, datetime], Awaitable[tuple[Entry, ...] | None]]


class Ledger:
    """Follows one account from look to look. `entries` gives what the venue wrote between two times, None where it tells none.

    New entries must add up to what the wallet changed by. Where they do not, one is missing or the wallet was read in the middle
    of it: nothing is known of that change, and a new run begins.
    """

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._known: frozenset[str] | None = None
        self._wallet = ZERO
        self._at: datetime | None = None
        self._made = Made(run=0, total=ZERO)

    async def follow(self, wallet: Decimal, at: datetime) -> Made | None:
        """What was made since the first look, where the wallet stands at `wallet` USDT now; None where nobody knows."""
        if self._known is not None and wallet == self._wallet:
            return self._made
        since = (at if self._at is None else self._at) - OVERLAP
        try:
            told = await self._entries(max(since, at - OLDEST), at + OVERLAP)
        except Fault:
            return None
        if told is None:
            return None
        fresh = [entry for entry in told if self._known is not None and entry.id not in self._known]
        if self._known is None or abs(sum((e.amount for e in fresh), self._wallet) - wallet) > CENT:
            self._made = Made(run=self._made.run + 1, total=ZERO)
        else:
            total = sum((entry.amount for entry in fresh if entry.trading), self._made.total)
            self._made = Made(run=self._made.run, total=total)
        self._known, self._wallet, self._at = frozenset(entry.id for entry in told), wallet, at
        return self._made
