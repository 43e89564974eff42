"""What can be traded right now, and if not, why."""

from datetime import datetime
from decimal import Decimal

from cockpit.model.instruments import Instrument, Kind, kind_of
from cockpit.model.market import MarketSnapshot, Quote
from cockpit.model.money import ZERO, plain
from cockpit.model.strategy import Limits

MIN_NOTIONAL_MARGIN = Decimal("1.1")
"""Orders stay this far above a venue's minimum, so that a small fall of the price does not void them."""


class Markets:
    """The market's symbols as a plan may use them at `now` (UTC)."""

    def __init__(self, market: MarketSnapshot, limits: Limits, now: datetime) -> None:
        self.market, self.limits, self.now = market, limits, now
        self._problems: dict[str, str | None] = {}
        self.stale: set[str] = set()

    def problem(self, symbol: str) -> str | None:
        """Why a symbol cannot be traded, as a sentence; None if it can."""
        if symbol not in self._problems:
            self._problems[symbol] = self._problem(symbol)
        return self._problems[symbol]

    def quote(self, symbol: str) -> Quote:
        """The quote of a tradable symbol."""
        return self.market.quotes[symbol]

    def instrument(self, symbol: str) -> Instrument:
        """The instrument of a tradable symbol."""
        return self.market.instruments[symbol]

    def age_s(self, symbol: str) -> Decimal:
        """How old the quote is, in seconds; a pinned price does not age."""
        quote = self.market.quotes[symbol]
        return ZERO if quote.pinned else max(ZERO, Decimal(str((self.now - quote.at).total_seconds())))

    def smallest_order(self, symbol: str, dust: Decimal) -> Decimal:
        """The smallest notional worth sending: above dust and clear of the venue's minimum, in quote units."""
        return max(dust, MIN_NOTIONAL_MARGIN * self.instrument(symbol).min_notional)

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
            return f"the quote of {symbol} is {plain(round(age, 1))} s old, limit {plain(self.limits.quote_age_max_s)} s"
        return None
