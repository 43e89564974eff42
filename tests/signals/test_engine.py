"""What the engine says of a whole history: calls, readings, quality, and an independent implementation as cross-check."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel
from cockpit.model.readings import PHASES, Level, Phase, PhaseCall, PhaseSettings
from cockpit.signals.engine import COLUMNS, Signals, compute
from cockpit.signals.history import MarketHistory, no_days
from cockpit.signals.indicators import TWINS
from tests.signals.markets import DEFI, L1, prices_only, synthetic, universe


@pytest.mark.shared
def test_the_phases_agree_with_an_independent_implementation(real: Signals, shared_data: Path) -> None:
    oracle = pd.read_csv(shared_data / "oracle_phases.csv", index_col=0, parse_dates=True)
    mine = real.phases()
    oracle.index = mine.index
    span = slice("2020-07-01", "2022-12-30")
    assert (mine["phase"] == oracle["phase"])[span].mean() >= 0.97
    numbers = [column for column in COLUMNS if column not in ("phase", "level")]
    difference = (mine[numbers] - oracle[numbers])[span].abs()
    assert difference.max().max() < 1e-6


@pytest.mark.shared
def test_a_wider_universe_leaves_the_indices_and_the_phases_as_they_are(
    real: Signals, real_market: MarketHistory, settings: PhaseSettings
) -> None:
    baskets = settings.index
    wider = universe((*baskets.l1, "BNB", "TRX", "MATIC"), dict.fromkeys((*baskets.defi, "YFI", "CAKE"), ""))
    assert (compute(real_market, wider, settings).phases()["phase"] == real.phases()["phase"]).all()


def test_phases_have_a_row_a_day_with_the_names_that_other_programs_read(signals: Signals) -> None:
    frame = signals.phases()
    assert list(frame) == COLUMNS
    assert len(frame) == len(signals.days) == 420
    assert frame.index[0] == pd.Timestamp("2021-01-01", tz="UTC")
    assert set(frame["phase"]) == {"A", "B", "C", "UNDETERMINED"}
    before = frame[frame["phase"] == "UNDETERMINED"]
    assert before["confidence"].isna().all()
    assert set(before["level"]) == {"none"}


def test_a_call_tells_all_that_the_day_s_row_tells(signals: Signals, settings: PhaseSettings) -> None:
    frame = signals.phases()
    for at in range(100, 420, 16):
        day, row = signals.days[at], frame.iloc[at]
        call = signals.call(day)
        assert call.phase.value == row["phase"]
        assert call.at == datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
        assert call.coverage == row["coverage"]
        assert call.level.value == row["level"]
        for phase in PHASES:
            total = sum(evidence.contributions[phase] for evidence in call.rows)
            assert total == pytest.approx(row[f"E_{phase}"], abs=1e-12)
            assert call.evidence[phase] == row[f"E_{phase}"]
        if call.incumbent is None or call.challenger is None or call.lead is None:
            continue
        assert call.scores[call.incumbent] - call.scores[call.challenger] == pytest.approx(call.lead)
        assert call.flips_at == -settings.decision.lead
        added = [evidence.contributions[call.incumbent] for evidence in call.rows]
        assert added == sorted(added, reverse=True)
        assert call.since is not None
        assert frame["phase"].iloc[signals.days.index(call.since)] == call.incumbent.value
        assert call.strip[-1].phase is call.phase
        assert len(call.strip) == min(180, at + 1)


def test_before_the_first_call_nothing_is_claimed(signals: Signals) -> None:
    call = signals.call(signals.days[20])
    assert (call.phase, call.held, call.level) == (Phase.UNDETERMINED, Phase.UNDETERMINED, Level.NONE)
    assert (call.incumbent, call.lead, call.confidence, call.since) == (None, None, None, None)
    assert call.flips == ()
    assert "L1/BTC rotation" in call.missing
    assert call.outlook.startswith("no call yet")
    assert any("coverage" in note for note in call.notes)


def test_a_call_and_its_readings_survive_json(signals: Signals) -> None:
    call = signals.call()
    assert msgspec.json.decode(msgspec.json.encode(call), type=PhaseCall) == call
    text = msgspec.json.encode([*signals.readings(), *signals.triggers()])
    assert b"NaN" not in text


def test_missing_readings_are_none_with_quality_0_and_never_0(signals: Signals) -> None:
    by_key = {(reading.indicator, reading.subject): reading for reading in signals.readings(signals.days[50])}
    for indicator in ("strength", "momentum", "rsi"):
        late = by_key[indicator, "NEAR"]
        assert (late.raw, late.score, late.at, late.age, late.quality, late.text) == (None, None, None, None, 0, "no data")
    assert by_key["funding", "AAVE"].raw is None


HEATMAP = {"strength", "momentum", "funding", "rsi", "tvl_30d", "activity", "divergence"}


def test_every_sector_and_asset_has_its_heatmap(signals: Signals) -> None:
    keys = {(reading.indicator, reading.subject) for reading in signals.readings()}
    for subject in ("L1", "DEFI", *L1, *DEFI):
        expected = HEATMAP - ({"tvl_30d"} if subject in ("L1", *L1) else set())
        assert {indicator for indicator, of in keys if of == subject} >= expected
    assert ("sentiment", "MARKET") in keys
    last = {(reading.indicator, reading.subject): reading for reading in signals.readings()}
    for key in (("strength", "UNI"), ("rsi", "ETH"), ("tvl_30d", "AAVE"), ("funding", "UNI"), ("activity", "ETH")):
        assert last[key].raw is not None
        assert last[key].quality > 0
    for reading in last.values():
        assert 0 <= reading.quality <= 1
        assert reading.score is None or -1 <= reading.score <= 1
        assert (reading.raw is None) == (reading.quality == 0)


def test_no_name_stands_for_two_scores(signals: Signals) -> None:
    named: dict[str, str] = {}
    for reading in signals.readings():
        label, subject = reading.label.casefold(), reading.subject.casefold()
        name = label if label.startswith(subject) else f"{subject} {label}"
        numbers = TWINS.get(reading.indicator, reading.indicator)
        assert named.setdefault(name, numbers) == numbers, name


def test_stale_data_lose_quality_and_then_disappear(settings: PhaseSettings) -> None:
    whole = synthetic()
    cut = whole.tvl.copy()
    cut.iloc[-6:] = np.nan
    stale = MarketHistory(
        name=whole.name,
        source=whole.source,
        label=whole.label,
        prices=whole.prices,
        tvl=cut,
        funding=whole.funding[whole.funding["time"] < pd.Timestamp("2022-02-22", tz="UTC")],
        activity=whole.activity.iloc[:-3],
    )
    result = compute(stale, universe(), settings)
    fresh = compute(whole, universe(), settings)
    quality = []
    for back in (7, 6, 5, 4, 3, 2, 1):
        reading = result.reading("tvl_acc", "DEFI", result.days[-back])
        assert reading is not None
        quality.append(reading.quality)
        if reading.quality:
            assert reading.age == timedelta(days=7 - back)
    assert quality[:2] == [settings.tvl.quality_elasticity] * 2
    assert quality[2:] == sorted(quality[2:], reverse=True)
    assert quality[-1] == 0
    activity = result.reading("activity", "L1")
    assert activity is not None
    assert activity.raw is None
    assert result.phases()["coverage"].iloc[-1] < fresh.phases()["coverage"].iloc[-1]


def test_a_market_with_only_prices_still_gets_calls_and_says_so(
    market: MarketHistory, signals: Signals, settings: PhaseSettings
) -> None:
    result = compute(prices_only(market), universe(), settings)
    call = result.call()
    assert call.phase is not Phase.UNDETERMINED
    assert call.gate == settings.decision.gate_prices_only
    assert call.coverage == pytest.approx(0.85)
    assert any(note.startswith("prices only") for note in call.notes)
    assert set(call.missing) >= {"DeFi TVL growth", "network activity", "L1 funding", "DeFi funding"}
    assert signals.call().gate == settings.decision.gate


def test_coverage_below_the_gate_is_undetermined_and_remembers_the_phase(settings: PhaseSettings) -> None:
    market = synthetic()
    prices = market.prices.copy()
    prices.iloc[300:310] = np.nan
    holed = MarketHistory(name="holed", source="", label=MarketLabel.SIMULATED, prices=prices)
    result = compute(holed, universe(), settings)
    before, within, after = (result.call(result.days[at]) for at in (299, 307, 312))
    assert before.incumbent is not None
    assert within.phase is Phase.UNDETERMINED
    assert within.incumbent is before.incumbent
    assert within.scores == before.scores or within.scores
    assert "hold, take no new risk" in " ".join(within.notes)
    assert after.coverage >= 0


def test_token_units_are_used_where_the_history_has_them(settings: PhaseSettings) -> None:
    market = synthetic()
    share = market.tvl.index[100]
    eth = market.prices["ETH"].to_numpy()
    units = (market.tvl["total"].to_numpy() / eth)[:, None] * np.array([[0.5, 0.45]])
    units[:, 1] *= eth  # the other half is in stablecoins, which stand at 1 where nobody prices them
    table = pd.DataFrame(units, index=market.tvl.index, columns=["uniswap:ETH", "curve:USDC"])
    with_units = compute(dataclasses.replace(market, tvl_units=table[table.index >= share]), universe(), settings)
    before, after = (with_units.reading("tvl_30d", "DEFI", with_units.days[at]) for at in (95, 200))
    assert before is not None
    assert after is not None
    assert (before.quality, after.quality) == (settings.tvl.quality_elasticity, settings.tvl.quality_units)
    assert "ETH price" in before.note
    assert after.note == ""


def test_a_market_of_one_day_or_without_any_known_asset_is_undetermined(settings: PhaseSettings) -> None:
    market = synthetic()
    one = compute(market.until(market.first_day), universe(), settings)
    assert one.call().phase is Phase.UNDETERMINED
    assert len(one.phases()) == 1
    foreign = MarketHistory(
        name="foreign", source="", label=MarketLabel.RECORDED, prices=market.prices.rename(columns=lambda name: f"X{name}")
    )
    result = compute(foreign, universe(), settings)
    assert result.call().phase is Phase.UNDETERMINED
    assert all(reading.raw is None for reading in result.readings())
    assert all(not trigger.fired for trigger in result.triggers())


def test_a_day_outside_of_the_history_is_refused_with_its_span(signals: Signals) -> None:
    for day in (date(2020, 12, 31), date(2023, 1, 1)):
        with pytest.raises(BadInput, match="runs from 2021-01-01 to 2022-02-24"):
            signals.call(day)


def test_sparklines_and_levels_end_with_the_day_asked_for(signals: Signals) -> None:
    day = signals.days[300]
    line = signals.sparkline("rsi", "DEFI", 30, until=day)
    reading = signals.reading("rsi", "DEFI", day)
    assert len(line) == 30
    assert reading is not None
    assert line[-1] == reading.raw
    assert signals.sparkline("rsi", "NOBODY", 30) == ()
    assert signals.levels("L1", 10)[-1] == signals.sector_levels()["L1"].iloc[-1]
    assert signals.levels("CRV", 10, until=signals.days[205])[-1] is None


def test_a_history_keeps_the_tvl_snapshot_of_the_close_and_drops_the_print_at_it(market: MarketHistory) -> None:
    day = date(2021, 6, 1)
    cut = market.until(day)
    assert cut.last_day == day
    assert cut.tvl.index[-1].date() == day + timedelta(days=1)
    assert cut.funding["time"].max() == pd.Timestamp("2021-06-01T16:00", tz="UTC")
    assert cut.activity.index[-1].date() == day
    with pytest.raises(BadInput, match="begins on 2021-01-01"):
        market.until(date(2020, 1, 1))


def test_tables_of_the_wrong_shape_are_refused_by_name(market: MarketHistory) -> None:
    def made(**tables: Any) -> MarketHistory:
        return dataclasses.replace(MarketHistory(name="m", source="", label=MarketLabel.LIVE, prices=market.prices), **tables)

    with pytest.raises(BadInput, match="prices is empty"):
        made(prices=no_days())
    with pytest.raises(BadInput, match="tvl needs one row a day, stamped in UTC"):
        made(tvl=market.tvl.tz_localize(None))
    with pytest.raises(BadInput, match="fees has a day twice or out of order"):
        made(fees=market.fees.iloc[::-1])
    with pytest.raises(BadInput, match="activity has stamps within a day"):
        made(activity=market.activity.set_axis(market.activity.index + pd.Timedelta(hours=1)))
    with pytest.raises(BadInput, match="funding has no column rate"):
        made(funding=market.funding.drop(columns="rate"))
    with pytest.raises(BadInput, match="funding has times without a time zone"):
        made(funding=market.funding.assign(time=market.funding["time"].dt.tz_localize(None)))
