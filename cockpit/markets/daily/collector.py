"""Collects the daily history from every source into a folder that is a recorded market, and fetches only what is lacking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.markets.daily import busy, locked, manifest, prices, prints
from cockpit.markets.daily.coinmetrics import CoinMetrics
from cockpit.markets.daily.ethereum import Ethereum
from cockpit.markets.daily.kept import Kept, Restated, Waiting
from cockpit.markets.daily.llama import Chains, Prices
from cockpit.markets.daily.run import Run, VenueLike, all_of
from cockpit.markets.daily.sentiment import Sentiment
from cockpit.markets.daily.series import DAY
from cockpit.markets.daily.vendor import Pause
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.sources import LiveSettings, Source

FUNDING_DAYS = 30


class Collected(Struct, frozen=True, kw_only=True):
    """What a collection brought.

    `new` counts values by table; `notes` are sentences for the trader; `faults` say by source what failed; `last` is the last
    day with a close, None where no price is kept at all.
    """

    new: dict[str, int]
    notes: tuple[str, ...]
    faults: dict[str, str]
    restated: tuple[Restated, ...]
    waiting: tuple[Waiting, ...]
    first: date | None
    last: date | None


class Collector:
    """One folder of daily history. `collect` runs on the network's loop, one at a time."""

    def __init__(
        self,
        universe: Universe,
        shelf: Shelf,
        http: Http,
        venues: Sequence[VenueLike],
        settings: LiveSettings,
        clock: Callable[[], datetime],
        *,
        pause: Pause = asyncio.sleep,
    ) -> None:
        def meter(name: str) -> Meter:
            return Meter(name, clock, through=settings.gateway or "")

        self._universe = universe
        self._clock = clock
        self._venues = venues
        self._kept = Kept(shelf)
        self._prices = Prices(meter("DefiLlama prices"), http, pause)
        self._chains = Chains(meter("DefiLlama"), http, pause)
        self._metrics = CoinMetrics(meter("Coin Metrics"), http, pause)
        self._mood = Sentiment(meter("alternative.me"), http, pause)
        nodes = [(url, meter(urlsplit(url).hostname or url)) for url in settings.ethereum]
        self._ethereum = Ethereum(nodes, http, pause)
        self._turn = asyncio.Lock()
        self._days = settings.days

    async def collect(
        self,
        days: int | None = None,
        *,
        funding_days: int = FUNDING_DAYS,
        tell: Callable[[str], None] = lambda _sentence: None,
    ) -> Collected:
        """Fetch what is lacking of the last closed `days` and keep it; a source that fails stops no other.

        `tell` hears of every table that was written and of every source that failed, as it happens. The folder is a whole
        recorded market at every moment from the first prices on. BadInput where it cannot be written.
        """
        async with self._turn:
            now = self._clock()
            span = days or self._days
            run = Run(
                universe=self._universe,
                kept=self._kept,
                now=now,
                first=now.date() - span * DAY,
                prints_since=now - timedelta(days=funding_days),
                tell=tell,
            )
            await asyncio.to_thread(self._kept.load)
            await run.save()
            await prices.collect(run, self._prices, self._venues, self._metrics)
            if self._kept.tables["prices"]:
                await all_of(
                    [
                        locked.collect(run, self._chains),
                        busy.collect(run, self._chains, self._metrics, self._ethereum),
                        busy.mood(run, self._mood),
                        prints.collect(run, self._venues),
                    ]
                )
                await asyncio.to_thread(manifest.write, self._kept)
            return self._collected(run)

    def sources(self) -> tuple[Source, ...]:
        """Every vendor of daily history as it stands; the venues tell of themselves."""
        given = manifest.given(self._kept)
        first = self._prices.meter
        stands_in = first.name if first.failing and "prices" in given.get("Coin Metrics", ()) else ""
        lines = [
            first.line(tuple(use for use in given.get("DefiLlama", ()) if use == "prices")),
            self._chains.meter.line(tuple(use for use in given.get("DefiLlama", ()) if use != "prices")),
            self._metrics.meter.line(given.get("Coin Metrics", ()), stands_in),
        ]
        for number, (_, node) in enumerate(self._ethereum.nodes):
            used = ("gas",) if node.meter.heard_at is not None and self._ethereum.host == node.meter.name else ()
            first_node = self._ethereum.nodes[0][1].meter
            lines.append(node.meter.line(used, first_node.name if used and number and first_node.failing else ""))
        lines.append(self._mood.meter.line(given.get("alternative.me", ())))
        return tuple(lines)

    def _collected(self, run: Run) -> Collected:
        kept = self._kept
        waiting = tuple(kept.waiting())
        stamps = [day for column in kept.tables["prices"].values() for day in column]
        told = [*kept.notes, *(one.sentence for one in kept.restated), *kept.dropped, *(one.sentence for one in waiting)]
        return Collected(
            new=dict(kept.added),
            notes=tuple(told),
            faults=dict(run.faults),
            restated=tuple(kept.restated),
            waiting=waiting,
            first=min(stamps, default=None),
            last=max(stamps, default=None),
        )
