"""Margin tiers of perpetuals whose venue does not publish its own: another venue's, or typical ones until those are there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from cockpit.markets.instruments import load_instruments
from cockpit.markets.live.board import Board
from cockpit.markets.live.fault import Fault
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import MarginTier, margin_tiers, perp_symbol

if TYPE_CHECKING:
    from cockpit.markets.live.venue import Venue

KEPT = timedelta(days=7)
PULSE = 1.0
AGAIN = timedelta(minutes=10)
"""Until a perpetual whose tiers nobody gave is asked for again."""
FILE = "tiers.json"
TYPICAL = "typical of its sector"

log = logging.getLogger(__name__)


class _Kept(Struct, frozen=True):
    tiers: tuple[MarginTier, ...]
    of: str
    at: datetime


class _File(Struct, frozen=True):
    symbols: dict[str, _Kept]


class Tiers:
    """Sees to it that every perpetual on the board has tiers; runs on the network thread."""

    def __init__(
        self, venues: Sequence[Venue], board: Board, shelf: Shelf, universe: Universe, clock: Callable[[], datetime]
    ) -> None:
        self._venues = venues
        self._board = board
        self._shelf = shelf
        self._universe = universe
        self._clock = clock
        kept = shelf.kept(FILE, _File)
        self._kept = {symbol: one for symbol, one in kept.symbols.items() if _sound(one.tiers)} if kept is not None else {}
        self._asked: dict[str, datetime] = {}
        for asset in universe.assets:
            self.assume(asset)

    def assume(self, asset: str) -> None:
        """Until somebody gives tiers: those kept from before, else the typical ones of the sector, which are the careful ones."""
        symbol = perp_symbol(asset)
        known = self._kept.get(symbol)
        if known is not None:
            self._board.tier(symbol, known.tiers, known.of)
            return
        listed = load_instruments().instruments(asset, self._universe.sector(asset), Decimal(1))
        if symbol in listed:
            self._board.tier(symbol, listed[symbol].tiers, TYPICAL)

    async def run(self, followed: Callable[[], frozenset[str]]) -> None:
        """Ask for the tiers of what is followed, one after the other, until cancelled."""
        while True:
            for asset in sorted(followed()):
                if self._due(perp_symbol(asset)):
                    await self._ask(asset)
            await asyncio.sleep(PULSE)

    def _due(self, symbol: str) -> bool:
        now, known = self._clock(), self._kept.get(symbol)
        asked = self._asked.get(symbol)
        return (known is None or now - known.at > KEPT) and (asked is None or now - asked > AGAIN)

    async def _ask(self, asset: str) -> None:
        symbol = perp_symbol(asset)
        self._asked[symbol] = self._clock()
        for venue in self._venues:
            if venue.meter.wait:
                continue
            try:
                await venue.open()
                tiers = await venue.tiers(symbol)
            except Fault as fault:
                log.info("margin tiers of %s: %s", symbol, fault)
                continue
            self._kept[symbol] = _Kept(tiers, venue.meter.name, self._clock())
            self._board.tier(symbol, tiers, venue.meter.name)
            try:
                await asyncio.to_thread(self._shelf.keep, FILE, _File(dict(self._kept)))
            except BadInput as error:
                log.warning("margin tiers cannot be kept: %s", error)
            return
        if symbol not in self._kept:
            self.assume(asset)


def _sound(tiers: tuple[MarginTier, ...]) -> bool:
    """Whether kept tiers are such as a venue may have."""
    try:
        rows = [(one.floor, one.rate, one.max_leverage) for one in tiers]
        return tiers in (margin_tiers(rows), margin_tiers(rows, whole_position=True))
    except ValueError:
        return False
