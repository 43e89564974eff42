"""The newest that each venue said, and which venue's word counts for a symbol: the first in order whose word is fresh."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.instruments import Instrument, Kind, MarginTier, kind_of, perp_symbol, spot_symbol
from cockpit.model.market import FRESH, FundingRate, MarketLabel, MarketSnapshot, Quote

DEEP = timedelta(seconds=90)
"""The age up to which an order book still says how deep a market is."""
PAYING = timedelta(minutes=5)
"""For how long after a payment of funding the venue may still tell the rate that was paid."""
HELD = timedelta(minutes=15)
"""The age up to which an open interest is of now."""
MEANT = timedelta(hours=8)
"""The age up to which a mean of funding is of the last three days."""
LEAP = Decimal("0.2")
"""A price that is further than this fraction from a fresh one is believed once a second answer says the same."""

PATIENCE = 2
"""So many answers in a row may leave out what the venue lists; after that it is another venue's to give."""


class _Heard:
    """What one venue said, by symbol."""

    def __init__(self) -> None:
        self.asked: frozenset[str] = frozenset()
        self.instruments: dict[str, Instrument] = {}
        self.quotes: dict[str, Quote] = {}
        self.leaps: dict[str, Decimal] = {}
        self.left_out: dict[str, int] = {}
        self.books: dict[str, Quote] = {}
        self.bookless: set[str] = set()
        self.answered: datetime | None = None
        self.funding: dict[str, FundingRate] = {}
        self.interest: dict[str, tuple[Decimal, datetime]] = {}


class Board:
    """Written by the network thread, read by any. `venues` are ids in the order in which they count; `clock` gives UTC."""

    def __init__(self, venues: Iterable[str], clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._latest = clock()
        self._changed = threading.Condition()
        self._heard = {venue: _Heard() for venue in venues}
        self._kept = MarketSnapshot(source="", label=MarketLabel.LIVE, as_of=self._latest, quotes={}, instruments={}, funding={})
        self._tiers: dict[str, tuple[tuple[MarginTier, ...], str]] = {}
        self._means: dict[str, tuple[Decimal, datetime]] = {}

    # What is said

    def keep(self, snapshot: MarketSnapshot) -> None:
        """What was known when the cockpit was last open: it counts, with its true age, until somebody says something.

        A quote from a time that is still to come has no true age and is left out, and so is what cannot be a price or a step.
        """
        with self._changed:
            now = self._now()
            listed = {
                symbol: one for symbol, one in snapshot.instruments.items() if min(one.tick, one.lot, one.contract_size) > 0
            }
            past = {
                symbol: one for symbol, one in snapshot.quotes.items() if one.at <= now and min(one.mark, one.bid, one.ask) > 0
            }
            paid = {symbol: rate for symbol, rate in snapshot.funding.items() if rate.interval_hours > 0}
            self._kept = replace(snapshot, quotes=past, instruments=listed, funding=paid)

    def offer(self, venue: str, instruments: Mapping[str, Instrument], of: Iterable[str] = ()) -> None:
        """A venue lists exactly these instruments, of the assets `of`. A quote of what it lists no more is kept, and ages."""
        with self._changed:
            heard = self._heard[venue]
            for symbol in heard.quotes.keys() - instruments.keys():
                self._retain(heard.quotes[symbol], heard.instruments.get(symbol))
            heard.instruments, heard.asked = dict(instruments), frozenset(of)
            for said in (heard.quotes, heard.books, heard.funding, heard.interest):
                for symbol in said.keys() - instruments.keys():
                    del said[symbol]
            self._changed.notify_all()

    def _retain(self, quote: Quote, instrument: Instrument | None) -> None:
        """Let a quote count as what was kept does: what is held of it still has a value."""
        symbol, kept = quote.symbol, self._kept
        if instrument is not None and (symbol not in kept.quotes or kept.quotes[symbol].at < quote.at):
            self._kept = replace(kept, quotes=kept.quotes | {symbol: quote}, instruments=kept.instruments | {symbol: instrument})

    def quote(self, venue: str, quotes: Iterable[Quote]) -> None:
        """All prices of a venue. A symbol that is not among them keeps its last one, which ages.

        So does, until the next answer, one whose price leaps: a single wrong price must not fire a stop.
        """
        with self._changed:
            heard = self._heard[venue]
            now = heard.answered = self._now()
            told = {quote.symbol: quote for quote in quotes}
            heard.left_out = {symbol: heard.left_out.get(symbol, 0) + 1 for symbol in heard.instruments.keys() - told.keys()}
            for quote in told.values():
                known, at = heard.quotes.get(quote.symbol), min(quote.at, now)
                if known is not None and (known.at > at or self._leaps(quote, known, heard)):
                    continue
                heard.leaps.pop(quote.symbol, None)
                heard.quotes[quote.symbol] = replace(quote, at=at, venue=venue, bids=(), asks=())
            self._changed.notify_all()

    def _leaps(self, quote: Quote, known: Quote, heard: _Heard) -> bool:
        """Whether a price contradicts one of just now, and nothing before it said the same."""
        said = heard.leaps.get(quote.symbol)
        if not self._young(known.at, FRESH) or _near(quote.mark, known.mark) or (said and _near(quote.mark, said)):
            return False
        heard.leaps[quote.symbol] = quote.mark
        return True

    def book(self, venue: str, quote: Quote) -> None:
        """An order book of a venue."""
        with self._changed:
            known, at = self._heard[venue].books.get(quote.symbol), min(quote.at, self._now())
            if known is None or known.at <= at:
                self._heard[venue].books[quote.symbol] = replace(quote, at=at)
            self._heard[venue].bookless.discard(quote.symbol)
            self._changed.notify_all()

    def no_book(self, venue: str, symbol: str) -> None:
        """A venue was asked for an order book in vain: nobody waits for it."""
        with self._changed:
            self._heard[venue].bookless.add(symbol)
            self._changed.notify_all()

    def fund(self, venue: str, rates: Mapping[str, FundingRate]) -> None:
        """The funding of a venue's perpetuals."""
        with self._changed:
            self._heard[venue].funding = dict(rates)

    def interest(self, venue: str, symbol: str, amount: Decimal) -> None:
        """The open interest of a perpetual, in quote units."""
        with self._changed:
            self._heard[venue].interest[symbol] = amount, self._now()

    def tier(self, symbol: str, tiers: tuple[MarginTier, ...], of: str) -> None:
        """Margin tiers of a perpetual, where its venue does not publish its own; `of` says whose they are."""
        with self._changed:
            self._tiers[symbol] = tiers, of

    def mean(self, means: Mapping[str, Decimal]) -> None:
        """Three-day means of funding, in 8-hour equivalents, by symbol."""
        with self._changed:
            self._means |= {symbol: (mean, self._now()) for symbol, mean in means.items()}

    def tell(self) -> None:
        """Something else changed for which somebody may wait."""
        with self._changed:
            self._changed.notify_all()

    # What is asked

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Wait until something holds that depends on what is said; whether it does."""
        end = time.monotonic() + seconds
        with self._changed:  # a reentrant lock: `until` may ask the board
            while not until():
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._changed.wait(min(left, 1.0))
        return True

    def lists(self, venue: str, symbol: str) -> bool:
        """Whether a venue lists a symbol."""
        return symbol in self._heard[venue].instruments

    def gives(self, venue: str, symbol: str) -> bool:
        """Whether a venue lists a symbol and does not leave it out of its answers."""
        with self._changed:
            return self.lists(venue, symbol) and self._heard[venue].left_out.get(symbol, 0) < PATIENCE

    def listed(self, venue: str) -> bool:
        """Whether it is known what a venue lists."""
        return bool(self._heard[venue].instruments)

    def unlisted(self, assets: Iterable[str], answering: Collection[str]) -> tuple[str, ...]:
        """Those of these assets that nobody lists, as far as that is known: all venues `answering` were asked, at least one ever.

        What was known of them when the cockpit was last open counts until somebody lists them.
        """
        with self._changed:
            return tuple(asset for asset in dict.fromkeys(assets) if self._unlisted(asset, answering))

    def _unlisted(self, asset: str, answering: Collection[str]) -> bool:
        symbols = spot_symbol(asset), perp_symbol(asset)
        if any(symbol in heard.instruments for heard in self._heard.values() for symbol in symbols):
            return False
        if any(symbol in self._kept.quotes for symbol in symbols):
            return False
        asked = {venue for venue, heard in self._heard.items() if asset in heard.asked}
        return asset in self._kept.unlisted or (bool(asked) and asked.issuperset(answering))

    def fresh(self, symbol: str) -> bool:
        """Whether somebody's quote of a symbol is of now, with what depth there is."""
        with self._changed:
            quote, heard = self._choose(symbol)
            if quote is None or heard is None or not self._young(quote.at, FRESH):
                return False
            book = heard.books.get(symbol)
            return symbol in heard.bookless or (book is not None and self._young(book.at, DEEP))

    def settled(self, symbol: str, answering: Collection[str]) -> bool:
        """Whether nothing better is to come: there is a fresh quote, or who lists it of `answering` answered without it.

        Where only others list it, those that answer are waited for until it is known what they list.
        """
        with self._changed:
            if self.fresh(symbol):
                return True
            if asked := [venue for venue in answering if self.lists(venue, symbol)]:
                return all(self._silent_on(symbol, self._heard[venue]) for venue in asked)
            return all(map(self.listed, answering)) or not any(self.lists(venue, symbol) for venue in self._heard)

    def _silent_on(self, symbol: str, heard: _Heard) -> bool:
        quote = heard.quotes.get(symbol)
        answered = heard.answered is not None and self._young(heard.answered, FRESH)
        return answered and (quote is None or not self._young(quote.at, FRESH))

    def age(self, venue: str, symbol: str) -> timedelta | None:
        """How old a venue's order book of a symbol is; None where there is none."""
        with self._changed:
            book = self._heard[venue].books.get(symbol)
            return self._now() - book.at if book is not None else None

    def chosen(self) -> dict[str, str]:
        """The venue whose quote counts now, by symbol; symbols whose quotes are old are left out."""
        with self._changed:
            found = {}
            for symbol in {symbol for heard in self._heard.values() for symbol in heard.quotes}:
                quote, _ = self._choose(symbol)
                if quote is not None and quote.venue and self._young(quote.at, FRESH):
                    found[symbol] = quote.venue
            return found

    def snapshot(self, source: str, assets: Iterable[str] | None, notes: tuple[str, ...] = ()) -> MarketSnapshot:
        """The market of these assets as it stands, or of all; an asset that nobody quotes is left out."""
        with self._changed:
            quotes: dict[str, Quote] = {}
            instruments: dict[str, Instrument] = {}
            funding: dict[str, FundingRate] = {}
            interest: dict[str, Decimal] = {}
            for symbol in self._symbols(assets):
                quote, heard = self._choose(symbol)
                if quote is None:
                    continue
                quotes[symbol] = quote if heard is None else self._with_depth(quote, heard)
                instruments[symbol] = self._instrument(symbol, heard)
                rate = self._funding(symbol, heard)
                if rate is not None:
                    funding[symbol] = rate
                if heard is not None and (held := heard.interest.get(symbol)) and self._young(held[1], HELD):
                    interest[symbol] = held[0]
            return MarketSnapshot(
                source=source,
                label=MarketLabel.LIVE,
                as_of=self._now(),
                quotes=quotes,
                instruments=instruments,
                funding=funding,
                open_interest=interest,
                notes=notes,
            )

    def _young(self, at: datetime, within: timedelta) -> bool:
        return self._now() - at <= within

    def _now(self) -> datetime:
        """The clock's time. Where the clock was set back, all that was said before is dated back with it and keeps its age."""
        now = self._clock()
        if (ahead := self._latest - now) > timedelta(0):
            for heard in self._heard.values():
                heard.answered = heard.answered and heard.answered - ahead
                for said in (heard.quotes, heard.books):
                    said.update({symbol: replace(quote, at=quote.at - ahead) for symbol, quote in said.items()})
            kept = {symbol: replace(quote, at=quote.at - ahead) for symbol, quote in self._kept.quotes.items()}
            self._kept = replace(self._kept, quotes=kept)
        self._latest = now
        return now

    def _symbols(self, assets: Iterable[str] | None) -> list[str]:
        if assets is not None:
            return [symbol for asset in dict.fromkeys(assets) for symbol in (spot_symbol(asset), perp_symbol(asset))]
        return sorted({symbol for heard in self._heard.values() for symbol in heard.quotes} | self._kept.quotes.keys())

    def _choose(self, symbol: str) -> tuple[Quote | None, _Heard | None]:
        """The first fresh quote in the order of the venues, else the newest one; None beside it where it is the kept one."""
        best: tuple[Quote | None, _Heard | None] = (None, None)
        if symbol in self._kept.quotes and symbol in self._kept.instruments:
            best = self._kept.quotes[symbol], None
        for heard in self._heard.values():
            quote = heard.quotes.get(symbol)
            if quote is None or symbol not in heard.instruments:
                continue
            if self._young(quote.at, FRESH):
                return quote, heard
            if best[0] is None or quote.at > best[0].at:
                best = quote, heard
        return best

    def _with_depth(self, quote: Quote, heard: _Heard) -> Quote:
        book = heard.books.get(quote.symbol)
        if book is None or not self._young(book.at, DEEP) or not _near(book.mark, quote.mark):
            return quote
        if book.at < quote.at:  # what the price has passed since is gone
            bids = tuple(level for level in book.bids if level.price <= quote.bid)
            asks = tuple(level for level in book.asks if level.price >= quote.ask)
            return replace(quote, bids=bids, asks=asks, depth_at=book.at)
        deep = replace(quote, bid=book.bid, ask=book.ask, bids=book.bids, asks=book.asks, depth_at=book.at)
        if kind_of(quote.symbol) is Kind.PERP:
            return deep  # its mark is not in the book, and no newer than it was
        return replace(deep, mark=book.mark, at=book.at)

    def _instrument(self, symbol: str, heard: _Heard | None) -> Instrument:
        if heard is None:
            return self._kept.instruments[symbol]
        instrument = heard.instruments[symbol]
        if instrument.tiers or symbol not in self._tiers:
            return instrument
        tiers, of = self._tiers[symbol]
        return replace(instrument, tiers=tiers, tiers_of=of)

    def _funding(self, symbol: str, heard: _Heard | None) -> FundingRate | None:
        """The rate of the venue that gives the quote, else of the first other one, named; one whose interval is over is none."""
        given = heard.funding.get(symbol) if heard is not None else None
        if given is None or not self._runs(given):
            others = ((venue, other.funding.get(symbol)) for venue, other in self._heard.items() if other is not heard)
            named = (replace(rate, venue=venue) for venue, rate in others if rate is not None and self._runs(rate))
            kept = self._kept.funding.get(symbol)
            given = next(named, kept if kept is not None and self._runs(kept) else None)
        mean, at = self._means.get(symbol, (None, None))
        if given is None or mean is None or at is None or not self._young(at, MEANT):
            return given
        return replace(given, mean_3d=mean)

    def _runs(self, rate: FundingRate) -> bool:
        return self._now() - rate.next_at <= PAYING


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= LEAP * min(one, other)
