"""A recorded market played in time: between two closes prices walk the straight line, the past ends with yesterday."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cockpit.markets import depth
from cockpit.markets.feed import AtHand
from cockpit.markets.instruments import load_instruments
from cockpit.markets.recorded import RecordedFeed
from cockpit.model.assets import Universe
from cockpit.model.market import MarketLabel, MarketSnapshot, Quote
from cockpit.model.money import nearest_to
from tests.loopback.world import Clock, World

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

DAY = timedelta(days=1)


class PlayedFeed(AtHand):
    """The folder's market at the clock's time, which must lie between its second day and its last."""

    label = MarketLabel.RECORDED
    ticks = True

    def __init__(self, folder: Path, *, universe: Universe, clock: Clock) -> None:
        self.source = f"played {folder.name}"
        self._universe = universe
        self._clock = clock
        self._day = lru_cache(8)(lambda day: RecordedFeed(folder, as_of=day, universe=universe))

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock()

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """Quotes on the line from yesterday's close to today's, of what has both; funding of yesterday."""
        now = self.now().replace(microsecond=0)
        names = list(assets)
        before, after = self._closes(now, names)
        passed = Decimal(int((now - before.as_of).total_seconds())) / 86_400
        quotes = {
            symbol: self._quote(before, symbol, passed * after.quotes[symbol].mark + (1 - passed) * quote.mark, now)
            for symbol, quote in before.quotes.items()
            if quote.bids and symbol in after.quotes and after.quotes[symbol].bids
        }
        funding = {}
        for symbol, rate in before.funding.items():
            interval = timedelta(hours=float(rate.interval_hours))
            periods = max(0, -((rate.next_at - now) // interval))
            funding[symbol] = msgspec.structs.replace(rate, next_at=rate.next_at + periods * interval)
        return msgspec.structs.replace(
            before,
            source=self.source,
            as_of=now,
            quotes=quotes,
            instruments={symbol: before.instruments[symbol] for symbol in quotes},
            funding={symbol: rate for symbol, rate in funding.items() if symbol in quotes},
        )

    def history(self) -> MarketHistory:
        """Everything up to yesterday's close."""
        return self._day(self.now().date() - DAY).history()

    def _closes(self, now: datetime, assets: list[str]) -> tuple[MarketSnapshot, MarketSnapshot]:
        today = now.date()
        return self._day(today - DAY).snapshot(assets), self._day(today).snapshot(assets)

    def _quote(self, before: MarketSnapshot, symbol: str, price: Decimal, now: datetime) -> Quote:
        one = before.instruments[symbol]
        mark = max(one.tick, nearest_to(price, one.tick))
        return depth.quote(one, mark, load_instruments().shape(one.asset, self._universe.sector(one.asset)), now)


def recorded_world(folder: Path, clock: Clock) -> World:
    """A recorded market, played from the clock's time on, over the shipped universe."""
    from cockpit.files.settings import load_universe
    from cockpit.files.shipped import shipped

    universe = load_universe(shipped("universe.toml"))
    names = [symbol for symbol in universe.assets if symbol != "USDT"]
    return World(PlayedFeed(folder, universe=universe, clock=clock), clock, names)
