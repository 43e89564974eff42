"""Whether the quotes behind the numbers are old, and whose quotes they are."""

from collections.abc import Iterable
from datetime import timedelta

from cockpit.model.market import FRESH, MarketLabel
from cockpit.model.picture import Picture

ACCOUNT_OLD = timedelta(minutes=2)
"""The age from which an account that is read at its venue is called old: several readings failed."""


def quotes_are_old(picture: Picture) -> bool:
    """A recorded day is never old: it stands for itself."""
    return picture.quote_age is not None and picture.quote_age > FRESH and picture.market_label is not MarketLabel.RECORDED


def old_quote(picture: Picture, symbols: Iterable[str]) -> timedelta | None:
    """The age of the oldest of these quotes where it is old; None where all are fresh, pinned or not there."""
    if picture.market is None or picture.market_label is MarketLabel.RECORDED:
        return None
    quotes = [picture.market.quotes[symbol] for symbol in symbols if symbol in picture.market.quotes]
    age = max((picture.now - quote.at for quote in quotes if not quote.pinned), default=timedelta(0))
    return age if age > FRESH else None


def nothing_is_fresh(picture: Picture) -> bool:
    """Whether every quote of what is held is old on a market where that keeps a plan from being made."""
    if picture.market is None or picture.market_label is not MarketLabel.LIVE:
        return False
    quotes = picture.market.quotes.values()
    return bool(quotes) and all(not quote.pinned and picture.now - quote.at > FRESH for quote in quotes)


def venue_name(picture: Picture, venue: str) -> str:
    """A venue as its source is called; as it is where no source is."""
    return next((source.name for source in picture.sources if source.name.casefold() == venue.casefold()), venue)
