"""What can be traded right now, and if not, why."""

from datetime import datetime, timedelta
from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.instruments import Instrument, Kind, kind_of
from cockpit.model.market import MarketSnapshot, Quote
from cockpit.model.money import ZERO, ceil_to, plain, seconds_of
from cockpit.model.strategy import Drift, Limits
from cockpit.rotation.book_walk import NoDepth, walk

MIN_NOTIONAL_MARGIN = Decimal("1.1")
"""Orders stay this far above a venue's minimum, so that a small fall of the price does not void them."""
MINUTES_FROM = Decimal(120)
"""Seconds from which an age is told in larger units."""


class Markets:
    """The market's symbols as a plan may use them at `now` (UTC)."""

    def __init__(self, market: MarketSnapshot, limits: Limits, now: datetime, drift: Drift, nav: Decimal) -> None:
        """`drift` and `nav` say which orders are too small to be worth sending, and which are too large."""
        self.market, self.limits, self.now = market, limits, now
        self.dust, self.largest = drift.dust_nav * nav, limits.order_notional_max * nav
        self._problems: dict[tuple[str, bool], str | None] = {}
        self.stale: set[str] = set()

    def problem(self, symbol: str, buys: bool) -> str | None:
        """Why a symbol cannot be bought or sold, as a sentence; None if it can, at least in the smallest order."""
        key = symbol, buys
        if key not in self._problems:
            self._problems[key] = self._problem(symbol) or self._thin(symbol, buys)
        return self._problems[key]

    def quote(self, symbol: str) -> Quote:
        """The quote of a tradable symbol."""
        return self.market.quotes[symbol]

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a tradable symbol."""
        return self.market.instruments[symbol]

    def age_s(self, symbol: str) -> Decimal:
        """How old the quote is, in seconds; a pinned price does not age."""
        quote = self.market.quotes[symbol]
        return ZERO if quote.pinned else max(ZERO, seconds_of(self.now - quote.at))

    def smallest_order(self, symbol: str) -> Decimal:
        """The smallest notional worth sending: above dust and clear of the venue's minimum, in quote units."""
        return max(self.dust, MIN_NOTIONAL_MARGIN * self.instrument(symbol).least_notional(self.quote(symbol).mark))

    def _thin(self, symbol: str, buys: bool) -> str | None:
        quote, instrument = self.quote(symbol), self.instrument(symbol)
        quantity = ceil_to(self.smallest_order(symbol) / quote.mark, instrument.lot)
        if quantity * quote.mark > self.largest:
            return f"the smallest order of {symbol} is larger than the largest one allowed"
        try:
            slips = walk(quote, instrument, buys, quantity).slippage_bps
        except NoDepth:
            return f"the order book of {symbol} shows too little"
        if slips > self.limits.slippage_max_bps:
            most = plain(self.limits.slippage_max_bps)
            return f"even the smallest order of {symbol} would slip {round(slips, 1)} bps from mark, limit {most}"
        return None

    def _problem(self, symbol: str) -> str | None:
        instrument, quote = self.market.instruments.get(symbol), self.market.quotes.get(symbol)
        if instrument is None:
            return f"{symbol} is not traded here"
        if quote is None or quote.mark <= 0:
            return f"{self.market.source} has no quote of {symbol}"
        if kind_of(symbol) is Kind.PERP and not instrument.tiers:
            return f"the margin tiers of {symbol} are not known"
        age = self.age_s(symbol)
        if age > self.limits.quote_age_max_s:
            self.stale.add(symbol)
            return too_old(quote, age, self.limits)
        return None


def too_old(quote: Quote, seconds: Decimal, limits: Limits) -> str:
    """The sentence for a quote that is older than an order may rest on: whose it is, its age, the limit."""
    whose = f" ({quote.venue})" if quote.venue else ""
    told = f"{plain(round(seconds, 1))} s" if seconds < MINUTES_FROM else fmt.age(timedelta(seconds=int(seconds)))
    return f"the quote of {quote.symbol}{whose} is {told} old, limit {plain(limits.quote_age_max_s)} s"
