"""What the market says of one asset: whose quotes value it and how old they are, funding, open interest, margin tiers."""

from __future__ import annotations

from datetime import timedelta

from cockpit.model import format as fmt
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import FundingRate, MarketSnapshot, Quote
from cockpit.model.picture import Picture
from cockpit.ui.blocks.freshness import old_quote, venue_name
from cockpit.ui.lines import Line, title
from cockpit.ui.table import Cell, Fact, facts

RATE_PLACES = 4
"""Decimals of a funding rate in percent."""


def quoted(picture: Picture, asset: str, width: int) -> list[Line]:
    """The block; nothing where the market does not know the asset."""
    market = picture.market
    if market is None:
        return []
    pairs: list[Fact] = []
    for name, symbol in (("spot", spot_symbol(asset)), ("perpetual", perp_symbol(asset))):
        if (quote := market.quotes.get(symbol)) is not None:
            pairs.append((name, _quote(picture, quote), "book.quote_of"))
    perp = perp_symbol(asset)
    if (rate := market.funding.get(perp)) is not None:
        pairs += _funding(picture, rate)
    if (interest := market.open_interest.get(perp)) is not None:
        pairs.append(("open interest", fmt.whole(interest), "book.open_interest"))
    if perp in market.instruments:
        pairs.append(("margin tiers", _tiers(picture, market, perp), "book.margin_tiers"))
    return [title("Market"), *facts(pairs, width)] if pairs else []


def _quote(picture: Picture, quote: Quote) -> Cell:
    """Binance, 2 s old; the depth has an age of its own where it was seen earlier."""
    if quote.pinned:
        return "pinned"
    whose = f"{venue_name(picture, quote.venue)}, " if quote.venue else ""
    if (age := old_quote(picture, [quote.symbol])) is not None:
        return f"{whose}OLD {fmt.age(age)}", "warn"
    depth = "" if quote.seen_at == quote.at else f", depth {fmt.since(quote.seen_at, picture.now)}"
    return f"{whose}{fmt.since(quote.at, picture.now)} old{depth}"


def _funding(picture: Picture, rate: FundingRate) -> list[Fact]:
    """The rate of an interval, whose it is where another venue gives the quote, the next payment, the rate that compares."""
    whose = f", {venue_name(picture, rate.venue)}'s" if rate.venue else ""
    day = "" if rate.next_at - picture.now < timedelta(days=1) else f"{fmt.day(rate.next_at.date())} "
    own, compared = (fmt.percent(each, RATE_PLACES, signed=True) for each in (rate.rate, rate.per_8h))
    return [
        ("funding", f"{own} every {fmt.exact(rate.interval_hours, 2)} h{whose}", "book.funding_rate"),
        ("next", f"{day}{rate.next_at:%H:%M}", "book.funding_rate"),
        ("as 8 h", compared, "book.funding_rate"),
    ]


def _tiers(picture: Picture, market: MarketSnapshot, symbol: str) -> Cell:
    """Whose they are: the venue's own, another's, or nobody's."""
    instrument = market.instruments[symbol]
    if not instrument.tiers:
        return "unknown", "warn"
    count = f"{len(instrument.tiers)}, "
    if instrument.tiers_of:
        return f"{count}those of {venue_name(picture, instrument.tiers_of)}"
    quote = market.quotes.get(symbol)
    return f"{count}{venue_name(picture, quote.venue)}'s own" if quote is not None and quote.venue else f"{count}the market's own"
