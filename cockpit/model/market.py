"""What the market says at one moment: quotes with depth and age, funding, instruments."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.errors import MarketUnavailable
from cockpit.model.instruments import QUOTE, Instrument, perp_symbol, spot_symbol
from cockpit.model.money import ONE, ZERO

NAMED = 6
"""How many assets a sentence names."""
FRESH = timedelta(seconds=10)
"""The age up to which a quote is of now; the default of the rule quote_age_max_s."""
PIN = "pin one under [prices] in the portfolio file, or take the asset out of it"


class MarketLabel(StrEnum):
    """Where the numbers come from; every screen says it."""

    SIMULATED = "SIMULATED"
    RECORDED = "RECORDED"
    LIVE = "LIVE"


class Level(Struct, frozen=True):
    """One price level of an order book: price in quote units, size in base units."""

    price: Decimal
    size: Decimal


class Quote(Struct, frozen=True, kw_only=True):
    """The market of one symbol at `at` (UTC).

    `bids` and `asks` run from best to worst; without them it can be valued and not traded on. A `pinned` quote stands for a
    worked example: it fills any size at `mark`. `venue` is whose quote it is; "" where the market has but one.
    `depth_at` is when the depth was seen, where that was not at `at`.
    """

    symbol: str
    mark: Decimal
    bid: Decimal
    ask: Decimal
    at: datetime
    bids: tuple[Level, ...] = ()
    asks: tuple[Level, ...] = ()
    pinned: bool = False
    venue: str = ""
    depth_at: datetime | None = None

    @property
    def seen_at(self) -> datetime:
        """When both the price and the depth were seen: an order rests on the older of them."""
        return self.at if self.depth_at is None else min(self.at, self.depth_at)


class FundingRate(Struct, frozen=True, kw_only=True):
    """The funding of a perpetual: `rate` is a fraction per interval, positive when longs pay shorts.

    `mean_3d` is the mean of the last three days in 8-hour equivalents, where the feed knows it. `venue` is whose rate it is,
    where it is not that of the quote's venue.
    """

    symbol: str
    rate: Decimal
    interval_hours: Decimal
    next_at: datetime
    mean_3d: Decimal | None = None
    venue: str = ""

    @property
    def per_8h(self) -> Decimal:
        """The rate in its 8-hour equivalent."""
        return self.rate * 8 / self.interval_hours

    @property
    def per_day(self) -> Decimal:
        """The rate of a day, simple."""
        return self.rate * 24 / self.interval_hours


class MarketSnapshot(Struct, frozen=True, kw_only=True):
    """Everything that planning and valuing need to know of the market at `as_of` (UTC).

    `quotes`, `instruments`, `funding` and `open_interest` (of all traders together, in quote units, where it is known) are keyed
    by unified symbol; `notes` are sentences about what is not as usual. `unlisted` are assets of which it is known that no venue
    lists them: what is held of one counts as 0, and is never traded.
    """

    source: str
    label: MarketLabel
    as_of: datetime
    quotes: dict[str, Quote]
    instruments: dict[str, Instrument]
    funding: dict[str, FundingRate]
    open_interest: dict[str, Decimal] = {}
    notes: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()

    def has_price(self, asset: str) -> bool:
        """Whether `price` knows it."""
        return asset == QUOTE or self.quote_of(asset) is not None or asset in self.unlisted

    @property
    def unlisted_note(self) -> str:
        """The sentence for assets that no venue lists; "" without any."""
        if not self.unlisted:
            return ""
        more = f" and {len(self.unlisted) - NAMED} more" if len(self.unlisted) > NAMED else ""
        are = "is" if len(self.unlisted) == 1 else "are"
        return f"{', '.join(self.unlisted[:NAMED])}{more} {are} listed by no venue: counted as 0"

    def unpriced(self, assets: Iterable[str]) -> str:
        """The sentence for assets that nobody quotes; where nobody has said anything yet, why."""
        if self.label is MarketLabel.LIVE and not self.quotes and self.notes:
            return f"no venue has told a price yet: {self.notes[0].partition(';')[0]}"
        return f"{self.source} has no price of {', '.join(assets)}: {PIN}"

    def price(self, asset: str) -> Decimal:
        """The spot price of an asset in quote units, 0 where no venue lists it; MarketUnavailable if nobody quotes it."""
        if asset == QUOTE:
            return ONE
        quote = self.quote_of(asset)
        if quote is not None:
            return quote.mark
        if asset in self.unlisted:
            return ZERO
        raise MarketUnavailable(self.unpriced([asset]))

    def quote_of(self, asset: str) -> Quote | None:
        """Its spot pair's quote, without one its perpetual's."""
        return self.quotes.get(spot_symbol(asset)) or self.quotes.get(perp_symbol(asset))

    def mark(self, symbol: str) -> Decimal:
        """The mark price of a symbol in quote units; MarketUnavailable if nobody quotes it."""
        quote = self.quotes.get(symbol)
        if quote is None:
            raise MarketUnavailable(f"{self.source} has no quote of {symbol}: {PIN}")
        return quote.mark

    def tick(self, symbol: str | None) -> Decimal | None:
        """The price step of a symbol; None where the market does not list it."""
        instrument = self.instruments.get(symbol) if symbol is not None else None
        return instrument.tick if instrument is not None else None

    def age(self, symbol: str, now: datetime) -> timedelta:
        """How old the quote of `symbol` is."""
        return now - self.quotes[symbol].at
