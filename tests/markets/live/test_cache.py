"""The folder of the live market: it may be full, removed or hold anything; quotes come all the same, and it is told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LAST, LATE, SETTLED, LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketSnapshot
from cockpit.model.sources import LiveSettings
from tests.eventually import eventually
from tests.loopback import Clock, Loopback, simulated_world

NOON = datetime(2026, 8, 20, 12, 34, 56, tzinfo=UTC)
ASSETS = ("BTC", "ETH", "UNI")
Write = Callable[[Path, str], None]
Damage = Callable[[Path], object]
OpenFeed = Callable[..., LiveFeed]


def whole(path: Path, text: str) -> None:
    write_atomic(path, text, private=True)


def full(path: Path, text: str) -> None:
    """What the writer of files says of a full disk."""
    raise BadInput(f"{path}: cannot be written: the disk is full; free some space and write again")


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture(scope="module")
def loopback(clock: Clock) -> Iterator[Loopback]:
    with Loopback(simulated_world(clock=clock, assets=ASSETS)) as running:
        yield running


@pytest.fixture
def opened(loopback: Loopback, universe: Universe) -> Iterator[OpenFeed]:
    made: list[LiveFeed] = []
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*ASSETS, "USDT")})

    def open_(folder: Path, write: Write = whole, clock: Clock | None = None) -> LiveFeed:
        settings = LiveSettings(gateway=loopback.gateway, venues=("binance",), days=40, ethereum=())
        feed = LiveFeed(settings, universe=few, shelf=Shelf(folder, write), clock=clock or loopback.world.clock)
        made.append(feed)
        feed.open()
        feed.follow(["ETH"])
        feed.wait_for(["ETH"], 60)
        return feed

    yield open_
    for feed in made:
        feed.close()


@pytest.fixture(scope="module")
def kept(loopback: Loopback, universe: Universe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a cockpit leaves it."""
    folder = tmp_path_factory.mktemp("kept")
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*ASSETS, "USDT")})
    settings = LiveSettings(gateway=loopback.gateway, venues=("binance", "bybit"), days=40, ethereum=())
    feed = LiveFeed(settings, universe=few, shelf=Shelf(folder, whole), clock=loopback.world.clock)
    feed.open()
    feed.follow(["ETH"])
    feed.wait_for(["ETH"], 60)
    assert len(feed.history().prices) == 40
    eventually(lambda: all((folder / name).exists() for name in ("manifest.toml", "tiers.json", "listings/binance.json")))
    feed.close()
    assert (folder / LAST).exists()
    return folder


def check_quotes(feed: LiveFeed) -> None:
    """Quotes of now go on coming, with numbers that can be."""
    began = feed.now()
    eventually(lambda: all(feed.snapshot(["ETH"]).quotes[symbol].at > began for symbol in ("ETH/USDT", "ETH/USDT:USDT")))
    market = feed.snapshot(["ETH"])
    assert all(quote.mark > 0 for quote in market.quotes.values())
    assert all(one.tick > 0 and one.lot > 0 for one in market.instruments.values())


def test_a_disk_that_is_full_stops_no_quote_and_is_told_once(opened: OpenFeed, tmp_path: Path) -> None:
    feed = opened(tmp_path, full)
    check_quotes(feed)
    eventually(lambda: any("disk is full" in note for note in feed.notes()))
    assert len([note for note in feed.notes() if note.startswith("the daily history cannot be kept")]) == 1
    feed.close()
    assert not (tmp_path / LAST).exists()


def test_what_cannot_be_written_any_more_is_told_until_it_can_be(
    opened: OpenFeed, kept: Path, tmp_path: Path, loopback: Loopback
) -> None:
    folder = tmp_path / "market"
    shutil.copytree(kept, folder)
    works: list[Write] = [full]

    def write(path: Path, text: str) -> None:
        works[0](path, text)

    feed = opened(folder, write)
    assert len(feed.history().prices) == 40
    feed._save()
    assert any("what the venues say cannot be kept" in note for note in feed.notes())
    works[0] = whole
    feed._save()
    assert not any("what the venues say" in note for note in feed.notes())
    check_quotes(feed)


def test_a_folder_that_is_removed_is_filled_again(opened: OpenFeed, tmp_path: Path, loopback: Loopback) -> None:
    folder = tmp_path / "market"
    feed = opened(folder)
    before = feed.history().prices
    eventually((folder / "manifest.toml").exists)
    shutil.rmtree(folder)
    check_quotes(feed)
    collector = feed._collector
    network = feed._network
    assert collector is not None
    assert network is not None
    network.start(collector.collect(40)).result(60)
    assert feed.history().prices.equals(before)
    assert {path.name for path in folder.glob("*.csv")} >= {"prices.csv", "tvl.csv", "fees.csv", "funding.csv"}


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


def hostile(text: str) -> Damage:
    return lambda path: path.write_text(text, encoding="utf-8")


DAMAGES: dict[str, Damage] = {
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "nested": hostile("[" * 100_000),
    "other": hostile('{"schema": 2, "at": "2026-08-20T12:00:00", "symbols": {}, "quotes": {"\\u001b[2J": 1e999}}'),
    "pipe": pipe,
    "folder": folder_instead,
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        (LAST, "pipe"),
        (LAST, "nested"),
        ("tiers.json", "pipe"),
        ("tiers.json", "other"),
        ("listings/binance.json", "cut"),
        ("listings/binance.json", "other"),
        ("collected.json", "garbage"),
        ("collected.json", "folder"),
        ("tvl.csv", "cut"),
        ("prices.csv", "cut"),
        ("prices.csv", "pipe"),
    ],
)
def test_what_is_damaged_counts_as_not_there(name: str, damage: str, opened: OpenFeed, kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(kept, folder)
    DAMAGES[damage](folder / name)
    feed = opened(folder)
    check_quotes(feed)
    eventually(lambda: len(feed.history().prices) == 40)
    assert not any("\x1b" in note for note in feed.notes())
    feed.close()


def edited(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("number", ["NaN", "-1", "0", "Infinity", "1E+999999"])
def test_numbers_that_cannot_be_are_not_believed_though_they_were_kept(
    number: str, kept: Path, tmp_path: Path, universe: Universe
) -> None:
    """Nobody answers: what was kept is all there is."""
    folder = tmp_path / "market"
    shutil.copytree(kept, folder)
    shelf = Shelf(folder, whole)
    snapshot = shelf.kept(LAST, MarketSnapshot)
    assert snapshot is not None
    mark = str(snapshot.quotes["ETH/USDT"].mark)
    (folder / LAST).write_text(edited((folder / LAST).read_text(), (f'"mark":"{mark}"', f'"mark":"{number}"')))
    feed = LiveFeed(LiveSettings(venues=("binance",)), universe=universe, shelf=shelf, clock=Clock(NOON + timedelta(days=1)))
    quote = feed.snapshot(["ETH"]).quotes.get("ETH/USDT")
    assert quote is None or quote.mark.is_finite()
    assert number == "1E+999999" or quote is None


def test_a_time_without_a_zone_is_none(kept: Path, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    shutil.copytree(kept, folder)
    (folder / LAST).write_text((folder / LAST).read_text().replace('Z"', '"'))
    assert Shelf(folder, whole).kept(LAST, MarketSnapshot) is None


def test_two_cockpits_on_one_folder_leave_it_whole(opened: OpenFeed, tmp_path: Path) -> None:
    folder = tmp_path / "market"
    one, other = opened(folder), opened(folder)
    assert len(one.history().prices) == len(other.history().prices) == 40
    for feed in (one, other):
        check_quotes(feed)
        feed.close()
    assert len(opened(folder).history().prices) == 40
    # What is being written at this moment is not left behind.
    eventually(lambda: not [path for path in folder.rglob("*") if path.suffix in (".tmp", ".damaged")])


def test_a_close_that_nobody_has_half_an_hour_after_midnight_is_missing_and_the_readings_age(
    opened: OpenFeed, kept: Path, tmp_path: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.markets.live.feed.HISTORY_WAIT", 0.1)
    folder = tmp_path / "market"
    shutil.copytree(kept, folder)
    clock = Clock(datetime(2026, 8, 21, tzinfo=UTC) + 2 * SETTLED)
    loopback.fault(".*", "reset")
    try:
        feed = opened(folder, clock=clock)
        edition, prices = feed.edition, feed.history().prices
        assert (len(prices), prices.index[-1].day) == (40, 19)
        clock.move(LATE)
        assert feed.edition != edition
        prices = feed.history().prices
        assert (len(prices), prices.index[-1].day) == (41, 20)
        assert prices.iloc[-1].isna().all()
        feed.close()
    finally:
        loopback.heal()


def test_the_close_of_a_day_comes_soon_after_midnight_though_the_machine_was_asleep(
    universe: Universe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock leaps over midnight: the history grows, and the phase is called anew."""
    monkeypatch.setattr("cockpit.markets.live.feed.LOOK", 0.1)
    clock = Clock(NOON)
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*ASSETS, "USDT")})
    with Loopback(simulated_world(clock=clock, assets=ASSETS)) as loopback:
        settings = LiveSettings(gateway=loopback.gateway, venues=("binance",), days=40, ethereum=())
        feed = LiveFeed(settings, universe=few, shelf=Shelf(tmp_path, whole), clock=clock)
        feed.open()
        try:
            assert feed.history().prices.index[-1].day == 19
            edition = feed.edition
            clock.move(timedelta(hours=11, minutes=40))
            eventually(lambda: feed.edition != edition)
            prices = feed.history().prices
            assert prices.index[-1].day == 20
            assert prices.iloc[-1].notna().any()
            feed.follow(["ETH"])
            eventually(lambda: all(rate.next_at > feed.now() for rate in feed.snapshot(["ETH"]).funding.values()))
            check_quotes(feed)
        finally:
            feed.close()
