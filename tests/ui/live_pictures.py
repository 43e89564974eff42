"""Pictures of a live market: several vendors, fall-backs, outages and hostile names."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.instruments import Kind
from cockpit.model.market import MarketLabel, MarketSnapshot
from cockpit.model.picture import Picture
from cockpit.model.sources import Health, Source
from tests.ui import worked_example as example

NOW = example.NOON
HOSTILE = "Bin\x1b[2Jance\u202e[red]\n" + "x" * 60


def ago(**time: float) -> timedelta:
    return timedelta(**time)


BINANCE = Source(
    name="Binance",
    health=Health.GOOD,
    used_for=("quotes of 12 symbols", "order books", "funding"),
    latency=timedelta(milliseconds=84),
    heard_at=NOW - timedelta(seconds=2),
    left="5,320 of 6,000 weight a minute",
)
BYBIT = Source(name="Bybit")
LLAMA = Source(
    name="DefiLlama",
    health=Health.GOOD,
    used_for=("prices", "TVL", "fees"),
    latency=timedelta(milliseconds=1240),
    heard_at=NOW - timedelta(minutes=40),
)
USUAL = (BINANCE, BYBIT, LLAMA)
BANNED = replace(
    BINANCE,
    health=Health.RESTING,
    used_for=(),
    sentence="Binance has banned this address for too many requests; it is asked again in 3 min",
    heard_at=NOW - timedelta(minutes=5),
)
INSTEAD = replace(
    BYBIT,
    health=Health.GOOD,
    used_for=("quotes of 12 symbols", "order books", "funding"),
    stands_in_for="Binance",
    latency=timedelta(milliseconds=140),
    heard_at=NOW - timedelta(seconds=1),
)
FALLEN_BACK = (BANNED, INSTEAD, LLAMA)


def failing(sources: Iterable[Source]) -> tuple[Source, ...]:
    """The same sources, none of which answers any more."""
    return tuple(
        replace(source, health=Health.FAILING, used_for=(), stands_in_for="", sentence=f"{source.name} did not answer in time")
        for source in sources
    )


def live_market(market: MarketSnapshot, **ages: float) -> MarketSnapshot:
    """The market as Binance quotes it two seconds ago, an asset of `ages` so many seconds ago; its tiers are another's."""
    quotes = {
        symbol: replace(quote, pinned=False, venue="binance", at=NOW - timedelta(seconds=ages.get(symbol.partition("/")[0], 2)))
        for symbol, quote in market.quotes.items()
    }
    perps = {symbol for symbol, found in market.instruments.items() if found.kind is Kind.PERP}
    return replace(
        market,
        source="live",
        label=MarketLabel.LIVE,
        quotes=quotes,
        instruments={s: replace(i, tiers_of="bybit" if s in perps else "") for s, i in market.instruments.items()},
        open_interest=dict.fromkeys(perps, Decimal("1234567890.5")),
        funding={s: replace(rate, interval_hours=Decimal(4)) for s, rate in market.funding.items()},
    )


def live(picture: Picture, sources: tuple[Source, ...] = USUAL, **ages: float) -> Picture:
    """The picture on a live market."""
    assert picture.market is not None
    market = live_market(picture.market, **ages)
    return replace(picture, market_label=MarketLabel.LIVE, market=market, sources=sources)
