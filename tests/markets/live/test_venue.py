"""What a venue says through the real ccxt is what the loopback market holds, to the last digit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.reader import DEPTH
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.venue import Venue
from cockpit.markets.venue_terms import Unit
from cockpit.markets.venues import VENUES
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import Kind as Market
from cockpit.model.instruments import asset_of, kind_of, perp_symbol, spot_symbol
from tests.loopback import Loopback
from tests.loopback.world import SMALLEST
from tests.markets.live.conftest import ASSETS, NOW, SPOKEN, MakeVenue

PERP = "ETH/USDT:USDT"
every_venue = pytest.mark.parametrize("id", SPOKEN)
NO_LEAST_NOTIONAL = {("okx", Market.SPOT), ("okx", Market.PERP), ("weex", Market.SPOT), ("weex", Market.PERP)}
NO_LEAST_NOTIONAL |= {("mexc", Market.PERP)}
"""Venues that name a smallest quantity instead."""
LISTINGS = ("exchangeInfo", "instruments", "contracts", "contract/detail", "AssetPairs", "/symbols")


def quoted(id: str, kind: Market) -> bool:
    """Whether a side's prices are quotes here."""
    side = VENUES[id].side(kind)
    return side is not None and side.quoted


def symbols(id: str, loopback: Loopback) -> set[str]:
    """What the world trades on the sides that are quoted."""
    return {symbol for symbol in loopback.world.instruments() if quoted(id, kind_of(symbol))}


@pytest.fixture
def open_venue(venue: MakeVenue, id: str) -> Venue:
    """The venue of the test."""
    return venue(id)


@every_venue
async def test_tickers_are_the_worlds_prices(open_venue: Venue, id: str, loopback: Loopback) -> None:
    if not any(quoted(id, kind) for kind in Market):
        pytest.skip(f"{id} quotes nothing in USDT")
    quotes = await open_venue.tickers()
    assert set(quotes) == symbols(id, loopback)
    for symbol, quote in quotes.items():
        true = loopback.world.quote(symbol)
        assert (quote.bid, quote.ask, quote.venue, quote.at) == (true.bid, true.ask, id, NOW)
        middle = (true.bid + true.ask) / 2
        assert quote.mark == (true.mark if VENUES[id].side(kind_of(symbol)).mark is not None else middle)  # type: ignore[union-attr]


@every_venue
async def test_a_book_is_the_worlds_in_base_units(open_venue: Venue, id: str, loopback: Loopback) -> None:
    for symbol in (spot_symbol("ETH"), PERP):
        if not quoted(id, kind_of(symbol)):
            continue
        quote, true = await open_venue.book(symbol), loopback.world.quote(symbol)
        assert (quote.bid, quote.ask) == (true.bid, true.ask)
        assert quote.bids[:DEPTH] == true.bids[: len(quote.bids)]
        assert quote.asks[:DEPTH] == true.asks[: len(quote.asks)]
        assert len(quote.bids) == min(len(true.bids), DEPTH) or len(quote.bids) >= 15


@every_venue
async def test_funding_is_the_worlds_by_the_venues_own_interval(open_venue: Venue, id: str, loopback: Loopback) -> None:
    found = {symbol: rate for symbol, rate in (await open_venue.funding()).items() if asset_of(symbol) in ASSETS}
    assert set(found) == {perp_symbol(asset) for asset in ASSETS}
    for symbol, rate in found.items():
        true = loopback.world.funding(symbol)
        assert rate.per_8h == true.per_8h
        assert NOW < rate.next_at <= NOW + timedelta(hours=float(rate.interval_hours))


@every_venue
async def test_past_funding_is_whole_and_oldest_first(open_venue: Venue, id: str, loopback: Loopback) -> None:
    since = NOW - timedelta(days=40)
    found = await open_venue.funding_prints("ETH", since)
    assert [(print.time.replace(microsecond=0), print.per_8h) for print in found] == payments(id, loopback, since)


def payments(id: str, loopback: Loopback, since: datetime) -> list[tuple[datetime, Decimal]]:
    """What the world paid, as 8-hour rates: whole, or in equal hours where the venue pays by the hour."""
    funding = VENUES[id].side(Market.PERP).funding  # type: ignore[union-attr]
    hourly = funding is not None and funding.interval_hours == 1
    times = [
        (print.time - timedelta(hours=back), print.rate * 8 / print.interval_hours)
        for print in loopback.world.prints(PERP)
        for back in (range(int(print.interval_hours) - 1, -1, -1) if hourly else (0,))
    ]
    return [(time, rate) for time, rate in times if time >= since]


@every_venue
async def test_open_interest_is_in_quote_units(open_venue: Venue, id: str, loopback: Loopback) -> None:
    found = await open_venue.open_interest(PERP)
    assert found == pytest.approx(loopback.world.open_interest(PERP) * loopback.world.quote(PERP).mark, rel=Decimal("1e-9"))


@every_venue
async def test_margin_tiers_are_the_worlds_or_need_a_key(open_venue: Venue, id: str, loopback: Loopback) -> None:
    terms = VENUES[id].side(Market.PERP).tiers  # type: ignore[union-attr]
    if terms is None or not terms.public:
        with pytest.raises(Fault) as caught:
            await open_venue.tiers(PERP)
        assert caught.value.kind is Kind.MISSING
        assert not open_venue.meter.failing
        return
    found, true = await open_venue.tiers(PERP), loopback.world.tiers(PERP)
    if terms.unit is Unit.QUOTE:
        assert found == true
    else:  # whole contracts lie near the bounds in USDT; to the digit: test_loopback_venues.py
        assert not found[0].floor
        assert (found[0].rate, found[0].max_leverage) == (true[0].rate, true[0].max_leverage)
        assert found[1].floor == pytest.approx(true[1].floor, rel=Decimal("0.01"))


@every_venue
async def test_closes_are_those_of_closed_days(open_venue: Venue, id: str, loopback: Loopback) -> None:
    kinds = [kind for kind in Market if quoted(id, kind) and VENUES[id].side(kind).candles is not None]  # type: ignore[union-attr]
    if not kinds:
        pytest.skip(f"{id} has no candles in USDT")
    first = NOW.date() - timedelta(days=90)
    closes = await open_venue.candles("ETH", first, NOW.date())
    true = {day: close for day, close in loopback.world.closes("ETH").items() if first <= day < NOW.date()}
    assert closes == true
    assert list(closes) == sorted(closes)


@every_venue
async def test_instruments_have_the_steps_of_the_world(open_venue: Venue, id: str, loopback: Loopback) -> None:
    await open_venue.open()
    found = open_venue.instruments("ETH")
    assert set(found) == {symbol for symbol in (spot_symbol("ETH"), PERP) if quoted(id, kind_of(symbol))}
    for symbol, instrument in found.items():
        true = loopback.world.instruments()[symbol]
        assert (instrument.symbol, instrument.asset, instrument.kind) == (true.symbol, true.asset, true.kind)
        assert (instrument.tick, instrument.lot) == (true.tick, true.lot)
        apart = id in ("okx", "kraken") and instrument.kind is Market.SPOT
        assert instrument.min_quantity in ((true.lot * SMALLEST,) if apart else (0, true.lot))
        assert instrument.min_notional == (0 if (id, instrument.kind) in NO_LEAST_NOTIONAL else true.min_notional)


@every_venue
async def test_a_clock_that_is_off_is_measured(open_venue: Venue, id: str, loopback: Loopback) -> None:
    assert await open_venue.skew() < timedelta(seconds=1)
    loopback.fault(".", "skew", seconds=3)
    assert await open_venue.skew() == pytest.approx(timedelta(seconds=-3), abs=timedelta(seconds=2))


@every_venue
async def test_a_listing_is_kept_for_a_day(venue: MakeVenue, id: str, loopback: Loopback) -> None:
    def listed() -> int:
        return sum(len(loopback.asked(path=word)) for word in LISTINGS)

    await venue(id).open()
    asked = len(loopback.requests)
    second = venue(id)
    await second.open()
    assert len(loopback.requests) == asked
    assert second.exchange(Market.PERP).markets
    loopback.world.clock.move(timedelta(hours=25))
    await second.open()
    assert len(loopback.requests) > asked


@every_venue
async def test_an_old_listing_is_better_than_none(venue: MakeVenue, id: str, loopback: Loopback) -> None:
    await venue(id).open()
    loopback.world.clock.move(timedelta(days=9))
    loopback.fault(".", "5xx", status=500)
    later = venue(id)
    await later.open()
    assert later.listed(PERP).base == "ETH"
    assert later.meter.fault is not None


async def test_what_cannot_be_a_price_is_left_out_and_told(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    loopback.fault("^api.binance.com", "zero", assets=["ETH", "SOL"])
    quotes = await one.tickers()
    assert spot_symbol("BTC") in quotes
    assert spot_symbol("ETH") not in quotes
    assert one.notes == ("Binance sends prices that cannot be of ETH/USDT, SOL/USDT: they are left out",)
    loopback.heal()
    assert spot_symbol("ETH") in await one.tickers()
    assert not one.notes


async def test_no_price_at_all_is_a_fault(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("bybit")
    await one.open()
    loopback.fault("bybit", "zero")
    with pytest.raises(Fault) as caught:
        await one.tickers()
    assert caught.value.kind is Kind.NONSENSE
    with pytest.raises(Fault):
        await one.book(spot_symbol("ETH"))


@pytest.mark.parametrize("id", ["binance", "bybit"])
async def test_symbols_that_vanish_are_left_out(venue: MakeVenue, id: str, loopback: Loopback) -> None:
    one = venue(id)
    await one.tickers()
    loopback.fault(".", "vanish", assets=["UNI"])
    quotes = await one.tickers()
    assert spot_symbol("UNI") not in quotes
    assert perp_symbol("UNI") not in quotes
    assert spot_symbol("ETH") in quotes


async def test_an_asset_of_no_universe_is_quoted_once_it_is_asked_for(venue: MakeVenue) -> None:
    one = venue("binance")
    assert "1000PEPE/USDT:USDT" not in await one.tickers()
    assert set(one.instruments("1000PEPE")) == {"1000PEPE/USDT:USDT"}
    assert one.lists("1000PEPE/USDT:USDT")
    assert not one.lists("ETH/BTC")


async def test_a_book_of_kraken_is_found_under_either_of_a_pairs_names(venue: MakeVenue, loopback: Loopback) -> None:
    # github.com/ccxt/ccxt/issues/8662: sometimes the answer names the pair as the streams did, not as the question.
    body = '{"error":[],"result":{"XBT/USDT":{"asks":[["40001.5","0.5",1]],"bids":[["40001.4","0.25",1]]}}}'
    loopback.fault("api.kraken", "body", path="Depth", status=200, body=body)
    told = await venue("kraken").book("BTC/USDT")
    assert (told.bid, told.ask) == (Decimal("40001.4"), Decimal("40001.5"))


async def test_what_is_not_listed_is_missing_and_nobodys_failure(venue: MakeVenue) -> None:
    one = venue("binance")
    with pytest.raises(Fault) as caught:
        await one.book("NOSUCH/USDT")
    assert caught.value.kind is Kind.MISSING
    assert not one.meter.failing
    assert one.instruments("NOSUCH") == {}


async def test_a_second_instance_shares_the_markets_and_asks_nobody(venue: MakeVenue, loopback: Loopback) -> None:
    one = venue("binance")
    await one.open()
    asked = len(loopback.requests)
    other = await one.share(Market.PERP, apiKey="key", secret="secret")
    try:
        assert other.markets is one.exchange(Market.PERP).markets
        assert other.budget is one.budget
        assert other.apiKey == "key"
        assert one.exchange(Market.PERP).apiKey is None
        assert len(loopback.requests) == asked
    finally:
        await other.close()


def test_a_venue_that_nobody_knows_is_refused(universe: Universe, shelf: Shelf) -> None:
    def clock() -> datetime:
        return NOW

    with pytest.raises(BadInput, match="there is no venue bitmex: it is one of binance"):
        Venue("bitmex", Meter("Bitmex", clock), universe=universe, shelf=shelf, clock=clock)


async def test_a_folder_that_cannot_be_written_costs_only_the_second_start(
    universe: Universe, loopback: Loopback, tmp_path: Path
) -> None:
    def full(path: Path, text: str) -> None:
        raise BadInput(f"{path}: there is no space left")

    clock = loopback.world.clock
    one = Venue(
        "binance",
        Meter("Binance", clock),
        universe=universe,
        shelf=Shelf(tmp_path, full),
        clock=clock,
        gateway=loopback.gateway,
    )
    try:
        assert spot_symbol("ETH") in await one.tickers()
    finally:
        await one.close()
