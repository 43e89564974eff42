"""Recorded markets: the world as it stood at the close of one day, gaps and all."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.markets.recorded import RecordedFeed
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel
from cockpit.signals.history import DAILY, MarketHistory
from tests.markets.conftest import PRICES, MakeFolder

D = Decimal
FUNDING = """time,asset,rate,interval_hours
2021-08-20T16:00:00Z,UNI,0.0004,8
2021-08-17T16:00:00Z,ETH,0.01,8
2021-08-18T00:00:00Z,ETH,0.0001,8
2021-08-20T16:00:00Z,ETH,-0.0002,8
2021-08-20T20:00:00Z,ETH,0.0003,4
2021-08-21T00:00:00Z,ETH,0.02,8
"""
LIGHT = """
import sys
from datetime import date
from pathlib import Path
from cockpit.markets.open import open_feed
from cockpit.model.assets import Universe

market = open_feed("recorded:" + sys.argv[1], as_of=date(2021, 8, 19), universe=Universe(assets={})).snapshot(["ETH"])
assert str(market.price("ETH")) == "3100"
print(sorted({"pandas", "numpy", "sqlalchemy", "ccxt", "textual"} & sys.modules.keys()))
"""


def same(one: MarketHistory, other: MarketHistory) -> None:
    """Both histories hold the same numbers."""
    for table in DAILY:
        left, right = getattr(one, table), getattr(other, table)
        if left is None or right is None:
            assert left is right
        else:
            pd.testing.assert_frame_equal(left, right, check_freq=False)
    pd.testing.assert_frame_equal(one.funding.reset_index(drop=True), other.funding.reset_index(drop=True))


def test_prices_alone_are_a_market(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(), universe=universe)
    market = feed.snapshot(["ETH", "BTC"])
    assert (feed.label, market.label, feed.ticks) == (MarketLabel.RECORDED, MarketLabel.RECORDED, False)
    assert feed.source == market.source == "recorded market"
    assert feed.now() == market.as_of == datetime(2021, 8, 21, tzinfo=UTC)
    assert market.quotes["ETH/USDT"].mark == market.quotes["ETH/USDT:USDT"].mark == 3200
    assert market.age("ETH/USDT", feed.now()) == timedelta(0)
    assert market.funding == {}
    history = feed.history()
    assert (history.first_day, history.last_day) == (date(2021, 8, 17), date(2021, 8, 20))
    assert history.tvl.empty
    assert history.tvl_units is None
    assert history.funding.empty


def test_a_recorded_day_stands_still(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(), universe=universe)
    assert feed.snapshot(["ETH", "BTC", "UNI"]) == feed.snapshot(["ETH", "BTC", "UNI"])


def test_a_close_is_quoted_exactly_with_a_modest_book_around_it(folder: MakeFolder, universe: Universe) -> None:
    quote = RecordedFeed(folder(), as_of=date(2021, 8, 19), universe=universe).snapshot(["BTC"]).quotes["BTC/USDT"]
    assert quote.mark == D("46000.5")
    assert quote.bid < quote.mark < quote.ask
    assert (quote.ask - quote.bid) / quote.mark < D("0.0002")
    assert sum((level.size for level in quote.asks), D(0)) * quote.mark > 1_000_000


def test_the_world_ends_on_the_day_asked_for(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(funding=FUNDING), as_of=date(2021, 8, 18), universe=universe)
    assert feed.now() == datetime(2021, 8, 19, tzinfo=UTC)
    assert feed.snapshot(["ETH"]).price("ETH") == 3010
    history = feed.history()
    assert history.last_day == date(2021, 8, 18)
    assert history.funding["time"].max() == pd.Timestamp("2021-08-18", tz="UTC")


@pytest.mark.parametrize("day", [date(2021, 8, 16), date(2021, 8, 21), date.min, date.max])
def test_a_day_outside_is_refused_with_the_first_and_the_last_one(day: date, folder: MakeFolder, universe: Universe) -> None:
    with pytest.raises(BadInput, match="runs from 2021-08-17 to 2021-08-20"):
        RecordedFeed(folder(), as_of=day, universe=universe)


def test_what_follows_the_day_is_not_even_read(folder: MakeFolder, universe: Universe) -> None:
    market = folder(
        prices=PRICES + "2021-08-21,broken,,\n",
        tvl="date,aave\n2021-08-20,5\n2021-08-21,6\n2021-08-22,broken\n",
        funding=FUNDING + "2021-08-21T08:00:00Z,ETH,broken,8\n",
    )
    feed = RecordedFeed(market, as_of=date(2021, 8, 20), universe=universe)
    assert feed.history().tvl["aave"].tolist() == [5, 6]
    assert feed.snapshot(["ETH"]).price("ETH") == 3200


def test_a_gap_keeps_the_last_close_with_its_true_age_and_nothing_to_trade_on(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(), universe=universe)
    market = feed.snapshot(["UNI", "ETH"])
    quote = market.quotes["UNI/USDT"]
    assert quote.mark == quote.bid == quote.ask == 28
    assert market.age("UNI/USDT", feed.now()) == timedelta(days=1)
    assert (quote.bids, quote.asks) == ((), ())
    assert market.notes == ("UNI has no close on 2021-08-20: valued at that of 2021-08-19, not tradable",)


def test_a_close_older_than_a_week_is_no_price(folder: MakeFolder, universe: Universe) -> None:
    days = [date(2021, 8, 1) + timedelta(days=n) for n in range(10)]
    rows = [f"{day},{3000 + n},{10 if n <= 1 else ''}" for n, day in enumerate(days)]
    market = folder(prices="\n".join(["date,ETH,UNI", *rows]))
    assert "UNI/USDT" in RecordedFeed(market, as_of=days[8], universe=universe).snapshot(["UNI"]).quotes
    assert RecordedFeed(market, as_of=days[9], universe=universe).snapshot(["UNI"]).quotes == {}


def test_a_missing_day_makes_every_quote_stale(folder: MakeFolder, universe: Universe) -> None:
    market = folder(prices="date,ETH\n2021-08-17,3000\n2021-08-19,3100\n")
    feed = RecordedFeed(market, as_of=date(2021, 8, 18), universe=universe)
    snapshot = feed.snapshot(["ETH"])
    assert snapshot.age("ETH/USDT", feed.now()) == timedelta(days=1)
    assert snapshot.quotes["ETH/USDT"].asks == ()


def test_a_stablecoin_without_prices_counts_at_par_and_the_notes_say_so(folder: MakeFolder, universe: Universe) -> None:
    market = RecordedFeed(folder(), universe=universe).snapshot(["USDC", "USDT"])
    assert market.price("USDC") == market.price("USDT") == 1
    assert list(market.quotes) == ["USDC/USDT"]
    assert market.notes == ("USDC is not in prices.csv: valued at par",)
    priced = folder(prices="date,USDC\n2023-03-10,0.9999\n2023-03-11,0.88\n")
    assert RecordedFeed(priced, universe=universe).snapshot(["USDC"]).price("USDC") == D("0.88")


def test_an_asset_that_nobody_classified_is_quoted_from_its_column(folder: MakeFolder, universe: Universe) -> None:
    market = RecordedFeed(folder(prices="date,WIF\n2021-08-20,0.5\n"), universe=universe).snapshot(["WIF", "NONE"])
    assert market.price("WIF") == D("0.5")
    assert not any("NONE" in symbol for symbol in market.quotes)


def test_funding_is_the_last_print_and_the_mean_of_three_days(folder: MakeFolder, universe: Universe) -> None:
    """Prints in any order; the mean is per 8 hours, weighted by the hours that each print covers."""
    market = RecordedFeed(folder(funding=FUNDING), universe=universe).snapshot(["ETH", "BTC", "UNI"])
    assert set(market.funding) == {"ETH/USDT:USDT", "UNI/USDT:USDT"}
    rate = market.funding["ETH/USDT:USDT"]
    assert (rate.rate, rate.interval_hours) == (D("0.0003"), D(4))
    assert rate.per_8h == D("0.0006")
    assert rate.mean_3d == D("0.00008")
    assert rate.next_at == datetime(2021, 8, 21, 4, tzinfo=UTC)
    assert market.funding["UNI/USDT:USDT"].next_at == datetime(2021, 8, 21, 8, tzinfo=UTC)


def test_old_funding_is_no_funding(folder: MakeFolder, universe: Universe) -> None:
    market = folder(funding="time,asset,rate,interval_hours\n2021-08-17T16:00:00Z,ETH,0.0001,8\n")
    assert RecordedFeed(market, universe=universe).snapshot(["ETH"]).funding == {}


def test_the_manifest_names_the_market(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(manifest='schema = 1\nname = "summer"\nsource = "by hand"\n'), universe=universe)
    assert feed.source == "recorded summer"
    history = feed.history()
    assert (history.name, history.source, history.label) == ("summer", "by hand", MarketLabel.RECORDED)


def test_a_snapshot_needs_no_heavy_import(folder: MakeFolder) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, folder(funding=FUNDING)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(data=st.data())
@settings(max_examples=30)
def test_the_history_of_a_day_is_that_of_a_folder_that_ends_there(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever comes later changes nothing: the same as cutting the whole, and as a folder that was recorded on that day."""
    universe = load_universe(shipped("universe.toml"))
    days = [date(2021, 8, 1) + timedelta(days=n) for n in range(8)]
    cell = st.one_of(st.just(""), st.integers(1, 9000).map(str))
    values = data.draw(st.lists(st.tuples(cell, cell), min_size=8, max_size=8))
    kept = data.draw(st.sets(st.sampled_from(days), min_size=1))
    end = data.draw(st.sampled_from(sorted(kept)))
    lines = [(day, f"{day},{a},{b}") for day, (a, b) in zip(days, values, strict=True) if day in kept]
    prints = [(day, f"{day}T08:00:00Z,ETH,0.000{n},8") for n, day in enumerate(days)]

    def write(name: str, last: date) -> Path:
        target = tmp_path_factory.mktemp(name)
        for file, more in (("prices", 0), ("tvl", 1), ("fees", 0)):
            rows = [line for day, line in lines if day <= last + timedelta(days=more)]
            (target / f"{file}.csv").write_text("\n".join(["date,ETH,UNI", *rows]) + "\n", encoding="utf-8")
        rows = [line for day, line in prints if day <= last]
        (target / "funding.csv").write_text("\n".join(["time,asset,rate,interval_hours", *rows]), encoding="utf-8")
        (target / "manifest.toml").write_text('name = "cut"\n', encoding="utf-8")
        return target

    whole, ended = write("whole", days[-1]), write("ended", end)
    cut = RecordedFeed(whole, as_of=end, universe=universe)
    same(cut.history(), RecordedFeed(ended, universe=universe).history())
    same(cut.history(), RecordedFeed(whole, universe=universe).history().until(end))
    assert cut.snapshot(["ETH", "UNI"]) == RecordedFeed(ended, universe=universe).snapshot(["ETH", "UNI"])


@pytest.mark.shared
def test_the_real_history_has_its_known_points(shared_data: Path, universe: Universe) -> None:
    """The closes that the data's own notes name."""
    for asset, day, price in (
        ("ETH", date(2021, 11, 8), 4808),
        ("UNI", date(2021, 5, 4), 43.1),
        ("BTC", date(2020, 3, 12), 4857),
        ("SOL", date(2022, 11, 9), 14.1),
    ):
        found = RecordedFeed(shared_data, as_of=day, universe=universe).snapshot([asset]).price(asset)
        assert abs(float(found) / price - 1) < 0.005


@pytest.mark.shared
def test_the_gaps_of_the_real_history_are_told(shared_data: Path, universe: Universe) -> None:
    """LDO is missing from 2022-02-18 to 05-08, LUNA is cut at its collapse on 2022-05-12."""
    fresh = RecordedFeed(shared_data, as_of=date(2022, 2, 17), universe=universe).snapshot(["LDO", "FTM"])
    assert fresh.notes == ()
    stale = RecordedFeed(shared_data, as_of=date(2022, 2, 20), universe=universe).snapshot(["LDO", "FTM"])
    assert len(stale.notes) == 2
    assert not any(quote.asks for quote in stale.quotes.values())
    gone = RecordedFeed(shared_data, as_of=date(2022, 6, 1), universe=universe).snapshot(["LUNA", "FTM", "LDO"])
    assert set(gone.quotes) == {"LDO/USDT", "LDO/USDT:USDT"}


@pytest.mark.shared
@pytest.mark.parametrize("day", [date(2020, 1, 1), date(2021, 8, 20), date(2022, 5, 12)])
def test_cutting_the_real_history_is_reading_it_up_to_the_day(day: date, shared_data: Path, universe: Universe) -> None:
    whole = RecordedFeed(shared_data, universe=universe).history()
    assert (whole.first_day, whole.last_day, len(whole.prices)) == (date(2020, 1, 1), date(2022, 12, 31), 1096)
    same(RecordedFeed(shared_data, as_of=day, universe=universe).history(), whole.until(day))


@pytest.mark.shared
def test_funding_of_the_real_history_is_in_its_own_interval(shared_data: Path, universe: Universe) -> None:
    feed = RecordedFeed(shared_data, as_of=date(2021, 4, 14), universe=universe)
    rate = feed.snapshot(["BTC", "UNI"]).funding
    assert set(rate) == {"BTC/USDT:USDT"}
    prints = feed.history().funding
    last = prints[(prints["asset"] == "BTC") & (prints["time"] >= pd.Timestamp("2021-04-12", tz="UTC"))]["rate"]
    assert len(last) == 9
    assert float(rate["BTC/USDT:USDT"].rate) == last.iloc[-1]
    assert float(rate["BTC/USDT:USDT"].mean_3d or 0) == pytest.approx(last.mean(), abs=1e-12)
