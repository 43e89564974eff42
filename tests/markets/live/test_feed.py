"""The live market as the desk sees it: quotes of the first venue that answers, what stands in for it, and what is kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cockpit.files.atomic import write_atomic
from cockpit.markets.live import meter
from cockpit.markets.live.feed import LAST, LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput, MarketUnavailable
from cockpit.model.market import MarketLabel
from cockpit.model.sources import Health, LiveSettings, standing_in
from tests.eventually import eventually
from tests.loopback import Clock, Loopback, simulated_world

NOON = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "SOL", "UNI", "AAVE")
HELD = ("ETH", "UNI")
BINANCE = r"binance\.com"
SPEED = 5.0
"""Seconds of the world in one: what waits for an age need not be waited for."""

OpenFeed = Callable[..., LiveFeed]


@pytest.fixture
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(clock=Clock(NOON, speed=SPEED), assets=ASSETS)) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "market"


@pytest.fixture
def opened(loopback: Loopback, folder: Path, universe: Universe) -> Iterator[OpenFeed]:
    """Open a live market through the loopback one, on the same folder each time; closed in the end."""
    made: list[LiveFeed] = []
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*ASSETS, "USDT")})

    def open_(*venues: str, wait: float = 60) -> LiveFeed:
        shelf = Shelf(folder, lambda path, text: write_atomic(path, text, private=True))
        settings = LiveSettings(gateway=loopback.gateway, venues=venues or ("binance", "bybit"), days=120)
        made.append(LiveFeed(settings, universe=few, shelf=shelf, clock=loopback.world.clock))
        made[-1].open()
        made[-1].follow(HELD)
        made[-1].wait_for(HELD, wait)
        return made[-1]

    yield open_
    for feed in made:
        feed.close()


def venues_of(feed: LiveFeed) -> set[str]:
    """Whose quotes of the held assets count, if they are fresh."""
    market = feed.snapshot(HELD)
    return {quote.venue for quote in market.quotes.values() if feed.now() - quote.at <= timedelta(seconds=10)}


def test_the_first_word_has_prices_depth_funding_and_instruments_as_the_venue_says(opened: OpenFeed, loopback: Loopback) -> None:
    feed = opened()
    # Books may come a moment after the best prices.
    eventually(lambda: all(quote.bids for quote in feed.snapshot(HELD).quotes.values()))
    market = feed.snapshot(HELD)
    assert (market.source, market.label) == ("live", MarketLabel.LIVE)
    assert set(market.quotes) == {"ETH/USDT", "ETH/USDT:USDT", "UNI/USDT", "UNI/USDT:USDT"}
    for symbol, quote in market.quotes.items():
        true, listed = loopback.world.quote(symbol), loopback.world.instruments()[symbol]
        assert abs(quote.mark / true.mark - 1) < 0.02, symbol
        assert quote.bid < quote.ask
        assert quote.asks
        assert quote.venue == "binance"
        assert (market.instruments[symbol].tick, market.instruments[symbol].lot) == (listed.tick, listed.lot)
    eventually(lambda: set(feed.snapshot(HELD).funding) == {"ETH/USDT:USDT", "UNI/USDT:USDT"})
    rate, true_rate = feed.snapshot(HELD).funding["ETH/USDT:USDT"], loopback.world.funding("ETH/USDT:USDT")
    assert (rate.rate, rate.interval_hours, rate.next_at) == (true_rate.rate, true_rate.interval_hours, true_rate.next_at)
    eventually(lambda: feed.snapshot(HELD).funding["ETH/USDT:USDT"].mean_3d is not None)
    eventually(lambda: set(feed.snapshot(HELD).open_interest) == {"ETH/USDT:USDT", "UNI/USDT:USDT"})


def test_margin_tiers_are_another_venues_where_the_first_tells_its_own_only_with_a_key(opened: OpenFeed) -> None:
    feed = opened()
    eventually(lambda: feed.snapshot(["ETH"]).instruments["ETH/USDT:USDT"].tiers_of == "Bybit")
    assert feed.snapshot(["ETH"]).instruments["ETH/USDT:USDT"].tiers


@pytest.mark.parametrize("fault", ["451", "429", "truncated", "reset"])
def test_the_next_venue_takes_over_and_gives_back(fault: str, opened: OpenFeed, loopback: Loopback) -> None:
    feed = opened()
    eventually(lambda: venues_of(feed) == {"binance"})
    options: dict[str, Any] = {"retry_after": 20} if fault == "429" else {}
    loopback.fault(BINANCE, fault, **options)
    eventually(lambda: venues_of(feed) == {"bybit"})
    eventually(lambda: [(one.name, one.stands_in_for) for one in standing_in(feed.sources())] == [("Bybit", "Binance")])
    assert feed.notes()[0].startswith("Binance ")
    assert "asked again" in feed.notes()[0]
    loopback.heal()
    if fault != "451":  # it is left alone for minutes
        eventually(lambda: venues_of(feed) == {"binance"})
        eventually(lambda: not standing_in(feed.sources()))
        eventually(lambda: not [note for note in feed.notes() if note.startswith("Binance")])


def test_a_venue_that_lets_wait_gives_way_before_its_prices_are_old(
    opened: OpenFeed, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = opened()
    eventually(lambda: venues_of(feed) == {"binance"})
    monkeypatch.setattr(meter, "OVERDUE", 0.3)
    loopback.fault(BINANCE, "timeout")
    eventually(lambda: venues_of(feed) == {"bybit"})
    eventually(lambda: [(one.name, one.stands_in_for) for one in standing_in(feed.sources())] == [("Bybit", "Binance")])
    assert re.match(r"Binance takes \d+ s to tell prices", feed.notes()[0])


def givers(feed: LiveFeed) -> dict[str, str]:
    """Whose quote of each symbol counts, of those that are fresh."""
    quotes = feed.snapshot(HELD).quotes
    return {symbol: quote.venue for symbol, quote in quotes.items() if feed.now() - quote.at <= timedelta(seconds=10)}


@pytest.mark.parametrize("fault", ["vanish", "zero"])
def test_what_a_venue_lists_and_gives_no_price_of_is_the_next_ones_to_give(
    fault: str, opened: OpenFeed, loopback: Loopback
) -> None:
    feed = opened()
    eventually(lambda: venues_of(feed) == {"binance"})
    loopback.fault(BINANCE, fault, path="ticker|premiumIndex", assets=["UNI"])
    both = {"ETH/USDT": "binance", "ETH/USDT:USDT": "binance", "UNI/USDT": "bybit", "UNI/USDT:USDT": "bybit"}
    eventually(lambda: givers(feed) == both)
    assert [(one.name, one.stands_in_for) for one in standing_in(feed.sources())] == [("Bybit", "Binance")]
    said = "lists UNI/USDT, UNI/USDT:USDT and tells no price of it" if fault == "vanish" else "sends prices that cannot be of UNI"
    eventually(lambda: any(note.startswith(f"Binance {said}") for note in feed.notes()))
    loopback.heal()
    eventually(lambda: givers(feed) == dict.fromkeys(both, "binance"))


def test_the_perpetuals_of_a_venue_that_fails_are_the_next_ones_that_has_any(
    opened: OpenFeed, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "OVERDUE", 600.0)  # Kraken is asked once a second: at this world's speed that is slow
    feed = opened("binance", "kraken", "bybit")
    eventually(lambda: venues_of(feed) == {"binance"})
    loopback.fault(BINANCE, "reset")
    eventually(lambda: {givers(feed).get(symbol) for symbol in ("ETH/USDT:USDT", "UNI/USDT:USDT")} == {"bybit"})
    assert not {source.name: source for source in feed.sources()}["Kraken"].sentence


def test_a_venue_that_repeats_an_old_answer_gives_way_and_comes_back(opened: OpenFeed, loopback: Loopback) -> None:
    """A cache before a venue, or a venue that stands, answers at once, with prices of before."""
    feed = opened()
    eventually(lambda: venues_of(feed) == {"binance"})
    loopback.fault(BINANCE, "copy", path="bookTicker|premiumIndex")
    eventually(lambda: venues_of(feed) == {"bybit"})
    eventually(lambda: feed.notes()[:1] and feed.notes()[0].startswith("Binance repeats old prices: none of 10 has moved since"))
    loopback.heal()
    eventually(lambda: venues_of(feed) == {"binance"})


def test_what_nobody_gives_keeps_its_last_quote_with_its_age(opened: OpenFeed, loopback: Loopback) -> None:
    feed = opened()
    before = feed.snapshot(HELD).quotes["ETH/USDT"]
    loopback.fault(".*", "reset")
    eventually(lambda: not venues_of(feed))
    after = feed.snapshot(HELD).quotes["ETH/USDT"]
    assert after.at >= before.at
    assert feed.now() - after.at > timedelta(seconds=10)
    began = threading.Event()
    feed.wait_for(HELD, 0.2)
    began.set()
    eventually(lambda: {source.health for source in feed.sources()[:2]} <= {Health.FAILING, Health.RESTING})


def test_a_start_without_a_network_shows_what_was_said_last_and_when(opened: OpenFeed, loopback: Loopback, folder: Path) -> None:
    feed = opened()
    said = feed.snapshot(HELD).quotes["ETH/USDT"]
    feed.close()
    assert (folder / LAST).stat().st_mode & 0o777 == 0o600
    loopback.fault(".*", "reset")
    loopback.world.clock.move(timedelta(hours=5))
    again = opened(wait=0)
    shown = again.snapshot(HELD).quotes["ETH/USDT"]
    assert said.at <= shown.at <= said.at + timedelta(minutes=1)
    assert shown.bids == ()
    assert again.now() - shown.at >= timedelta(hours=4)


def test_the_history_ends_with_yesterdays_close(opened: OpenFeed, loopback: Loopback) -> None:
    feed = opened()
    history = feed.history()
    assert (history.last_day, history.label) == (NOON.date() - timedelta(days=1), MarketLabel.LIVE)
    close = loopback.world.closes("ETH")[history.last_day]
    assert history.prices["ETH"].iloc[-1] == pytest.approx(float(close))
    assert not history.funding.empty
    assert not history.tvl.empty
    eventually(lambda: feed.edition)


def test_a_second_start_on_the_same_day_asks_for_nothing_that_is_there(opened: OpenFeed, loopback: Loopback) -> None:
    first = opened()
    first.history()
    eventually(lambda: len(loopback.asked("llama.fi")) > 0 and bool(first.edition))
    first.close()
    before = len(loopback.requests)
    second = opened()
    second.history()
    eventually(lambda: bool(loopback.asked("", "bookTicker")))
    asked = [f"{one.host}{one.path}" for one in loopback.requests[before:]]
    assert not [one for one in asked if "klines" in one or "exchangeInfo" in one or "coins.llama.fi" in one]


def test_without_a_network_and_without_a_history_it_says_why(opened: OpenFeed, loopback: Loopback) -> None:
    loopback.fault(".*", "reset")
    feed = opened(wait=5)
    assert feed.snapshot(HELD).quotes == {}
    with pytest.raises(MarketUnavailable, match="there is no daily history yet: Binance broke the connection off"):
        feed.history()


def test_closing_leaves_no_thread_behind(opened: OpenFeed) -> None:
    before = {thread.name for thread in threading.enumerate()}
    feed = opened()
    assert "network" in {thread.name for thread in threading.enumerate()} - before
    feed.close()
    feed.close()
    eventually(lambda: {thread.name for thread in threading.enumerate()} <= before)


def test_a_venue_that_there_is_not_is_one_sentence(universe: Universe, folder: Path) -> None:
    shelf = Shelf(folder, lambda path, text: None)
    with pytest.raises(BadInput, match=r"live\.venues\[1\]: there is no venue binanse; did you mean binance\?"):
        LiveFeed(LiveSettings(venues=("okx", "binanse")), universe=universe, shelf=shelf)


def test_what_no_venue_lists_is_known_at_the_first_word_and_at_the_next_start(opened: OpenFeed, loopback: Loopback) -> None:
    feed = opened("binance", "hyperliquid", "bybit")
    feed.follow((*HELD, "AIRDROP"))
    feed.wait_for((*HELD, "AIRDROP"), 60)
    market = feed.snapshot((*HELD, "AIRDROP"))
    assert market.unlisted == ("AIRDROP",)
    assert market.notes[-1] == "AIRDROP is listed by no venue: counted as 0"
    assert feed.snapshot(HELD).unlisted == ()
    assert "AIRDROP" not in " ".join(feed.notes())
    feed.close()
    loopback.fault(".*", "reset")
    again = opened("binance", "bybit", wait=0)
    assert again.snapshot(["AIRDROP"]).unlisted == ("AIRDROP",)


def test_what_a_silent_venue_may_list_has_no_value_until_that_is_known(opened: OpenFeed, loopback: Loopback) -> None:
    loopback.fault("bybit", "timeout")
    feed = opened()
    feed.follow((*HELD, "AIRDROP"))
    feed.wait_for(("AIRDROP",), 0.5)
    assert not feed.snapshot(["AIRDROP"]).has_price("AIRDROP")
