"""What `--market` may say, and how pinned prices enter a snapshot."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.markets.open import open_feed, pin
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput, ExitCode
from cockpit.model.market import MarketLabel
from tests.markets.conftest import NOON, MakeFolder, Simulate

D = Decimal


def test_simulated_takes_seed_and_clock(universe: Universe) -> None:
    feed = open_feed("simulated", universe=universe, seed=3, clock=lambda: NOON)
    assert (feed.source, feed.label, feed.now()) == ("simulated seed 3", MarketLabel.SIMULATED, NOON)


def test_recorded_takes_a_folder_and_a_day(folder: MakeFolder, universe: Universe) -> None:
    feed = open_feed(f"recorded:{folder()}", universe=universe, as_of=date(2021, 8, 19))
    assert feed.label is MarketLabel.RECORDED
    assert feed.snapshot(["ETH"]).price("ETH") == 3100


def test_recorded_finds_a_folder_below_home(folder: MakeFolder, universe: Universe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder().parent))
    assert open_feed("recorded:~/market", universe=universe).source == "recorded market"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("live:okx", "did you mean live?"),
        ("simulate", "did you mean simulated?"),
        ("Simulated", "did you mean simulated?"),
        ("record:here", "did you mean recorded:DIR?"),
        ("simulated:7", "did you mean simulated?"),
        ("recorded", "names no folder"),
        ("recorded:", "names no folder"),
        ("recorded:/nowhere/at/all", "is not a folder"),
        ("", "it is one of simulated, recorded:DIR, live"),
        ("moon", "it is one of simulated, recorded:DIR, live"),
    ],
)
def test_anything_else_is_refused_with_what_there_is(spec: str, said: str, universe: Universe) -> None:
    with pytest.raises(BadInput) as refused:
        open_feed(spec, universe=universe)
    assert said in str(refused.value)
    assert refused.value.exit_code == ExitCode.BAD_INPUT


def test_a_simulated_market_has_no_past_days(universe: Universe) -> None:
    with pytest.raises(BadInput, match="--as-of"):
        open_feed("simulated", universe=universe, as_of=date(2021, 8, 20))


def test_a_pinned_price_is_exact_on_both_markets_and_has_no_spread(simulate: Simulate) -> None:
    market = simulate().snapshot(["ETH", "SOL"])
    pinned = pin(market, {"ETH": D("4000.123456")})
    for symbol in ("ETH/USDT", "ETH/USDT:USDT"):
        quote = pinned.quotes[symbol]
        assert quote.pinned
        assert quote.mark == quote.bid == quote.ask == D("4000.123456")
        assert (quote.at, quote.bids, quote.asks) == (market.as_of, (), ())
        assert pinned.instruments[symbol].lot == market.instruments[symbol].lot
    assert pinned.quotes["SOL/USDT"] == market.quotes["SOL/USDT"]
    assert pinned.funding == market.funding
    assert pin(market, {}) == market


def test_a_pin_makes_a_market_for_an_asset_that_has_none(simulate: Simulate) -> None:
    pinned = pin(simulate().snapshot(["ETH"]), {"WIF": D("0.000012")})
    assert pinned.price("WIF") == pinned.mark("WIF/USDT:USDT") == D("0.000012")
    assert pinned.instruments["WIF/USDT"].tick == D("0.000000001")
    assert pinned.instruments["WIF/USDT:USDT"].tiers


def test_a_pin_refreshes_a_price_that_a_recorded_market_lost(folder: MakeFolder, universe: Universe) -> None:
    feed = open_feed(f"recorded:{folder()}", universe=universe)
    pinned = pin(feed.snapshot(["UNI"]), {"UNI": D(10)})
    assert pinned.age("UNI/USDT", feed.now()).total_seconds() == 0


def test_a_pinned_stablecoin_gets_no_perpetual(simulate: Simulate) -> None:
    pinned = pin(simulate().snapshot(["USDC"]), {"USDC": D("0.99"), "USDT": D(1)})
    assert pinned.price("USDC") == D("0.99")
    assert pinned.price("USDT") == 1
    assert "USDC/USDT:USDT" not in pinned.quotes


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity"])
def test_a_price_that_is_none_is_refused(price: str, simulate: Simulate) -> None:
    with pytest.raises(BadInput, match=r"prices\.ETH"):
        pin(simulate().snapshot(["ETH"]), {"ETH": D(price)})


def test_the_quote_currency_has_no_other_price_than_1(simulate: Simulate) -> None:
    with pytest.raises(BadInput, match=r"prices\.USDT"):
        pin(simulate().snapshot(["ETH"]), {"USDT": D("0.97")})


def test_no_message_shows_what_a_terminal_would_obey(universe: Universe, tmp_path: Path) -> None:
    for spec in ("\x1b[2Jmoon", f"recorded:{tmp_path}/\x1b[2J\u202e"):
        with pytest.raises(BadInput) as refused:
            open_feed(spec, universe=universe)
        assert str(refused.value).isprintable()
