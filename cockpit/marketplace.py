"""The market as the desk uses it: the feed with the portfolio's pinned prices, and what is looked at closely."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cockpit.files.atomic import write_atomic
from cockpit.files.paths import market_dir
from cockpit.markets.feed import MarketFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.open import open_feed, pin
from cockpit.model.assets import ROTATING, Universe
from cockpit.model.book import Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.instruments import asset_of
from cockpit.model.market import FRESH, MarketLabel, MarketSnapshot
from cockpit.model.options import DeskOptions
from cockpit.model.plan import Plan

CANDIDATES = 4
"""How many of the first assets of a sector a plan may turn to, where nothing of it is held."""
FIRST_WORD = 20.0
"""Seconds that a live market has for its first quotes."""
TOLD_EVERY = 0.5
"""Seconds between two looks at what a plan still waits for."""
NAMED = 4
"""How many assets are named that something is waited for."""
GATHERING = "loading the daily history; days that are missing are asked for"
PLANNED_LATELY = timedelta(minutes=10)


class Marketplace:
    """One feed for one portfolio. Safe from any thread."""

    def __init__(self, feed: MarketFeed, universe: Universe, pins: Mapping[str, Decimal]) -> None:
        self.feed = feed
        self._universe = universe
        self._pins = pins
        self._turned_to: list[str] = []
        self._planned_at = datetime.min.replace(tzinfo=UTC)

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """The market of these assets now, with the pinned prices in it."""
        return pin(self.feed.snapshot(assets), self._pins)

    def open(self, book: Book, waiting: Callable[[str], object]) -> None:
        """Begin to ask. Where not even an old price of something in the book is known, say so and wait for the first word."""
        self.feed.open()
        self.feed.follow(book.assets())
        known = self.snapshot(book.assets())
        if not all(known.has_price(asset) for asset in book.assets()):
            waiting(f"asking {', '.join(source.name for source in self.feed.sources()[:3])}")
            self.feed.wait_for(book.assets(), FIRST_WORD)

    def look_closely(self, book: Book, plan: Plan | None = None) -> None:
        """Keep what is held, what a plan trades and what was planned with lately fresh enough to trade on."""
        steps = plan.steps if plan is not None else ()
        lately = self._turned_to if self.feed.now() - self._planned_at < PLANNED_LATELY else ()
        self.feed.follow({*book.assets(), *lately, *(step.asset for step in steps if step.asset)})

    def for_planning(self, book: Book, waiting: Callable[[str], object]) -> MarketSnapshot:
        """The whole universe, with fresh quotes of what is held and of what a plan may turn to first.

        `waiting` hears what is waited for, in words, and "" once nothing is any more. MarketUnavailable where a live market has
        no fresh quote of anything that is held.
        """
        if self.feed.label is MarketLabel.LIVE:
            self._turned_to = [asset for sector in ROTATING for asset in self._universe.members(sector)[:CANDIDATES]]
            self._planned_at = self.feed.now()
            self.feed.open()
            self.look_closely(book)
            self._await({*book.assets(), *self._turned_to}, waiting)
        market = self.snapshot({*self._universe.assets, *book.assets()})
        if self.feed.label is MarketLabel.LIVE:
            self._refuse_old(market, book)
        return market

    def _await(self, assets: Iterable[str], waiting: Callable[[str], object]) -> None:
        """Wait for these as long as a plan may, and tell again and again for what."""
        end, told = time.monotonic() + FIRST_WORD, ""
        try:
            while (left := end - time.monotonic()) > 0:
                began = time.monotonic()
                if (lacking := self._lacking(assets)) != told:
                    told = lacking
                    waiting(lacking)
                self.feed.wait_for(assets, min(left, TOLD_EVERY))
                if time.monotonic() - began < min(left, TOLD_EVERY):
                    return  # it has come, or nobody can give it
        finally:
            if told:
                waiting("")

    def _lacking(self, assets: Iterable[str]) -> str:
        """What is not there of these, in words; "" where everything is."""
        moving = [quote for quote in self.snapshot(assets).quotes.values() if not quote.pinned]
        if old := sorted({asset_of(quote.symbol) for quote in moving if self.feed.now() - quote.at > FRESH}):
            return f"waiting for new quotes of {_some(old)}"
        shallow = sorted({asset_of(quote.symbol) for quote in moving if not quote.bids})
        return f"waiting for order books of {_some(shallow)}" if shallow else ""

    def _refuse_old(self, market: MarketSnapshot, book: Book) -> None:
        held = [quote for quote in market.quotes.values() if asset_of(quote.symbol) in book.assets()]
        if held and all(not quote.pinned and self.feed.now() - quote.at > FRESH for quote in held):
            newest = max(quote.at for quote in held)
            notes = [note for note in market.notes if note != market.unlisted_note]
            why = f"; {notes[0].partition(';')[0]}" if notes else ""  # the sentence stands while the seconds in it go on
            raise MarketUnavailable(f"nothing can be planned on old quotes: the newest is of {newest:%Y-%m-%d %H:%M:%S} UTC{why}")


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def market_shelf() -> Shelf:
    """The folder in which the live market keeps what it fetches, for its owner alone."""
    return Shelf(market_dir(), lambda path, text: write_atomic(path, text, private=True))


def market_of(options: DeskOptions, universe: Universe, portfolio: Book, clock: Callable[[], datetime]) -> Marketplace:
    """The market that `--market` names; BadInput where there is none such."""
    feed = open_feed(
        options.market,
        universe=universe,
        as_of=options.as_of,
        seed=options.seed,
        clock=clock,
        live=options.live,
        shelf=market_shelf,
    )
    # The shipped sample pins its prices for the worked example; whoever asks for the live market means the live prices.
    worked = options.portfolio is None and feed.label is MarketLabel.LIVE
    return Marketplace(feed, universe, {} if worked else portfolio.pinned_prices)
