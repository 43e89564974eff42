"""What `cockpit doctor` says of the live market: what is kept of it, how every source answers now, what every venue can do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import msgspec

from cockpit.files.paths import market_dir
from cockpit.markets.venue_words import Words, in_words
from cockpit.markets.venues import VENUES, check_named
from cockpit.model import format as fmt
from cockpit.model.market import MarketSnapshot
from cockpit.model.sources import LiveSettings, without_secret

if TYPE_CHECKING:
    from cockpit.markets.live.probe import Probe

SKEWED = 1.0
"""Seconds from which the clock of this machine is told to be wrong."""


class Cache(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the live market: the newest quotes and the newest day of the history; None where there are none."""

    folder: str
    quotes_of: datetime | None
    history_to: date | None


class LiveMarket(msgspec.Struct, frozen=True, kw_only=True):
    """`sources` are empty where nobody was asked. `venues` are those of the settings, in their order."""

    gateway: str
    asked: bool
    cache: Cache
    sources: tuple[Probe, ...]
    venues: tuple[Words, ...]

    def facts(self, now: datetime, *, venues: bool) -> Iterator[tuple[str, str]]:
        """One fact a line; with `venues` all that is known of each of them."""
        yield "gateway", self.gateway or "none: every source is asked itself"
        yield "cache", _kept(self.cache, now)
        if not self.asked:
            yield "sources", "not asked: --offline"
        for source in self.sources:
            yield "source", _source(source)
        for venue in self.venues:
            if venues:
                yield "venue", f"{venue.name} gives {'; '.join(venue.can)}"
                yield from (("", f"lacks {word}") for word in venue.cannot)
                yield from (("", f"trap: {trap}") for trap in venue.traps)
            else:
                yield "venue", f"{venue.name}: {'; '.join(venue.can)}; {len(venue.traps)} known traps (--venues)"

    def suggestions(self) -> Iterator[str]:
        """What would make the live market better, the most needed first."""
        if self.sources and not any(source.reachable for source in self.sources):
            yield "no source of the live market answers: look at the network of this machine; --market simulated needs none"
            return
        ahead = [source.clock_ahead_s for source in self.sources if source.clock_ahead_s is not None]
        if ahead and abs(off := median(ahead)) > SKEWED:
            yield f"the clock of this machine is {abs(off):.1f} s {'ahead' if off > 0 else 'behind'}: set it by NTP"
        answering = [source.name for source in self.sources if source.reachable and source.name in _names(self.venues)]
        if self.sources and self.venues and not self.sources[0].reachable and answering:
            ids = [id for id, row in VENUES.items() if row.name == answering[0]]
            yield f'{self.sources[0].name} does not answer: "{ids[0]}" first in venues under [live] of config.toml saves the wait'


def look(settings: LiveSettings, *, ask: bool) -> LiveMarket:
    """What is kept, and with `ask` what every source answers now: this takes up to ten seconds. BadInput for an unknown venue."""
    check_named(settings.venues)
    sources: tuple[Probe, ...] = ()
    if ask:
        from cockpit.markets.live.probe import probe

        sources = probe(settings)
    return LiveMarket(
        gateway=without_secret(settings.gateway or ""),
        asked=ask,
        cache=_cache(market_dir(make=False)),
        sources=sources,
        venues=tuple(in_words(VENUES[id]) for id in settings.venues),
    )


def _cache(folder: Path) -> Cache:
    from cockpit.files.atomic import write_atomic
    from cockpit.markets.live.feed import LAST
    from cockpit.markets.live.past import newest_day
    from cockpit.markets.live.shelf import Shelf

    last = Shelf(folder, write_atomic).kept(LAST, MarketSnapshot)
    quotes_of = max((quote.at for quote in last.quotes.values()), default=None) if last is not None else None
    return Cache(folder=str(folder), quotes_of=quotes_of, history_to=newest_day(folder))


def _kept(cache: Cache, now: datetime) -> str:
    quotes = "no quotes" if cache.quotes_of is None else f"quotes of {fmt.since(cache.quotes_of, now)} ago"
    days = "no daily history" if cache.history_to is None else f"daily history to {cache.history_to}"
    return f"{cache.folder}: {quotes}, {days}"


def _source(source: Probe) -> str:
    if not source.reachable:
        return f"NO ANSWER: {source.sentence}; it is for {source.used_for}"
    parts = [f"{source.name}: reachable, {source.latency_ms} ms"]
    if source.clock_ahead_s is not None and abs(source.clock_ahead_s) > SKEWED:
        parts.append(f"its clock is {abs(source.clock_ahead_s):.1f} s {'behind' if source.clock_ahead_s > 0 else 'ahead'}")
    if source.left:
        parts.append(f"{source.left} left")
    return f"{', '.join(parts)}; it is for {source.used_for}"


def _names(venues: tuple[Words, ...]) -> set[str]:
    return {venue.name for venue in venues}
