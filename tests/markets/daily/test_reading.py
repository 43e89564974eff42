"""What was fetched live is a recorded market: it replays, its readings name their vendors, and they age in silence."""

from __future__ import annotations

import tomllib
from datetime import timedelta

from cockpit.files.settings import load_phase_settings
from cockpit.markets.daily.series import DAY
from cockpit.markets.live.past import read_past
from cockpit.markets.recorded import RecordedFeed
from cockpit.model.market import MarketLabel
from cockpit.model.readings import Reading
from cockpit.signals.engine import compute
from tests.markets.daily.conftest import NOON, UNIVERSE, Bench

TODAY = NOON.date()
YESTERDAY = TODAY - DAY
DAYS = 150
EVIDENCE = (("trend", "MARKET"), ("tvl_acc", "DEFI"), ("activity", "L1"), ("fund_defi", "DEFI"))


async def test_the_folder_replays_with_the_vendors_as_the_sources_of_its_readings(bench: Bench) -> None:
    bench.venues = ("binance",)
    await bench.collect(DAYS)
    feed = RecordedFeed(bench.folder, universe=UNIVERSE)
    assert feed.as_of == YESTERDAY
    assert feed.snapshot(["ETH"]).price("ETH") == bench.truth("prices")["ETH"][YESTERDAY]
    settled = [one.rate for one in bench.world.prints("ETH/USDT:USDT") if one.time.date() <= YESTERDAY]
    assert feed.snapshot(["ETH"]).funding["ETH/USDT:USDT"].rate == settled[-1]
    said = compute(feed.history(), UNIVERSE, load_phase_settings())
    sources = {name: _reading(said.reading(name, subject)).source for name, subject in EVIDENCE}
    assert sources == {
        "trend": "DefiLlama",
        "tvl_acc": "DefiLlama",
        "activity": "Coin Metrics, Ethereum nodes, DefiLlama",
        "fund_defi": "binance",
    }


async def test_the_manifest_says_who_gave_what_and_whom_to_cite(bench: Bench) -> None:
    await bench.collect(5)
    manifest = tomllib.loads((bench.folder / "manifest.toml").read_text())
    assert (manifest["schema"], manifest["first"], manifest["last"]) == (1, TODAY - 5 * DAY, YESTERDAY)
    assert manifest["sources"]["sentiment"] == "alternative.me"
    assert "DefiLlama" in manifest["licence"]
    assert "CC BY-NC 4.0" in manifest["licence"]
    assert set(manifest["files"]) == {path.stem for path in bench.folder.glob("*.csv")}


async def test_the_fetched_past_says_the_same_of_the_market_as_the_world_that_it_was_fetched_from(bench: Bench) -> None:
    bench.venues = ("binance",)
    await bench.collect(DAYS, funding_days=DAYS)
    settings = load_phase_settings()
    fetched = compute(RecordedFeed(bench.folder, universe=UNIVERSE).history(), UNIVERSE, settings)
    world = compute(bench.world.history().until(YESTERDAY), UNIVERSE, settings)
    for name, subject in (("rsi", "DEFI"), ("tvl_30d", "UNI"), ("fund_defi", "DEFI"), ("tvl_30d", "DEFI")):
        one, other = _reading(fetched.reading(name, subject)), _reading(world.reading(name, subject))
        assert one.raw is not None
        assert other.raw is not None
        assert abs(one.raw - other.raw) <= 1e-4 * max(1.0, abs(other.raw))


async def test_readings_lose_quality_with_every_day_of_silence_until_they_are_gone(bench: Bench) -> None:
    bench.venues = ("binance",)
    await bench.collect(DAYS)
    bench.loopback.fault("", "reset")
    settings = load_phase_settings()
    qualities = {name: list[float]() for name, _ in EVIDENCE}
    for _ in range(6):
        await bench.collect(DAYS)
        until = bench.clock().date() - DAY
        history = read_past(bench.folder, "live", until)
        assert (history.label, history.last_day) == (MarketLabel.LIVE, until)
        said = compute(history, UNIVERSE, settings)
        for name, subject in EVIDENCE:
            reading = _reading(said.reading(name, subject))
            qualities[name].append(reading.quality)
            if reading.age is not None and reading.at is not None:
                assert reading.at + reading.age == said.call().at
                assert reading.at <= NOON + timedelta(hours=12)
        bench.move(days=1)
    for name, seen in qualities.items():
        assert seen[0] > 0, name
        assert seen == sorted(seen, reverse=True), name
        assert seen[-1] == 0, name
    assert said.call().coverage == 0


def _reading(found: Reading | None) -> Reading:
    assert found is not None
    return found
