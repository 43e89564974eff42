"""The blueprint's exits: what fires, what only warns, and how far the rest is away."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cockpit.model.market import MarketLabel
from cockpit.model.readings import PhaseSettings, Trigger, TriggerState
from cockpit.signals.engine import Signals, compute
from cockpit.signals.history import MarketHistory, no_prints
from tests.signals.markets import daily, synthetic, universe

DAYS = 60
SLUGS = {"UNI": "uniswap", "CRV": "curve"}


def market(
    prices: dict[str, np.ndarray] | None = None,
    tvl: dict[str, np.ndarray] | None = None,
    funding: pd.DataFrame | None = None,
) -> MarketHistory:
    flat = {asset: np.full(DAYS, 100.0) for asset in ("BTC", "ETH", "UNI", "CRV")}
    return MarketHistory(
        name="m",
        source="",
        label=MarketLabel.SIMULATED,
        prices=daily(DAYS, flat | (prices or {})),
        tvl=daily(DAYS, tvl or {}, first="2021-01-02"),
        funding=no_prints() if funding is None else funding,
    )


def fired(history: MarketHistory, settings: PhaseSettings, kind: str, day: int) -> list[Trigger]:
    signals = compute(history, universe(("ETH",), SLUGS), settings)
    return [trigger for trigger in signals.triggers(signals.days[day]) if trigger.kind == kind]


def test_rsi_fires_on_the_third_close_at_80_and_tells_its_distance_before(settings: PhaseSettings) -> None:
    wave = np.cumsum(np.where(np.arange(DAYS) % 2, -1.0, 1.0)) + 100
    wave[40:] = wave[39] + np.cumsum(np.full(DAYS - 40, 3.0))
    history = market({"UNI": wave, "CRV": wave})
    signals = compute(history, universe(("ETH",), SLUGS), settings)
    values = [signals.reading("rsi", "DEFI", day) for day in signals.days]
    first = next(at for at, item in enumerate(values) if item is not None and item.raw is not None and item.raw >= 80)
    states = [fired(history, settings, "rsi", first + step) for step in range(3)]
    defi = [next(item for item in triggers if item.subject == "DEFI") for triggers in states]
    assert [item.fired for item in defi] == [False, False, True]
    assert [item.seen for item in defi] == [1, 2, 3]
    assert [bool(item.proposal) for item in defi] == [False, False, True]
    assert defi[0].sentence.startswith(f"DeFi RSI {values[first].raw:.1f}, fires at 80 on 3 closes")  # type: ignore[union-attr]
    flat = next(item for item in states[0] if item.subject == "L1")
    assert (flat.state, flat.value, flat.sentence) == (TriggerState.NO_DATA, None, "L1 RSI: no data")


def prints(rates: list[float], hours: int = 8) -> pd.DataFrame:
    times = pd.date_range("2021-02-01", periods=len(rates), freq=f"{hours}h", tz="UTC")
    return pd.DataFrame({"time": times, "asset": "UNI", "rate": rates, "interval_hours": float(hours)})


@pytest.mark.parametrize(
    ("rates", "fires"),
    [
        ([0.0005] * 9, True),
        ([0.00049] * 9, False),
        ([0.0006] * 7 + [0.0002] * 2, True),
        ([0.0006] * 6 + [0.0004] * 3, False),
        ([0.01] + [0.0] * 8, False),
        ([0.001], False),
    ],
)
def test_funding_fires_when_it_is_consistently_high(settings: PhaseSettings, rates: list[float], fires: bool) -> None:
    # Mean of three days at or above .05 % per 8 h, and 7 of 9 prints at or above it.
    day = (date(2021, 2, 3) - date(2021, 1, 1)).days
    found = fired(market(funding=prints(rates)), settings, "funding", day)
    defi = next(item for item in found if item.subject == "DEFI")
    assert defi.fired is fires
    assert defi.value == pytest.approx(np.mean(rates))


@pytest.mark.parametrize(
    ("rate", "told"), [(-0.000004, "DeFi funding 0.000 %/8h over"), (0.0004999, "DeFi funding 0.04999 %/8h over")]
)
def test_a_rate_that_is_nothing_has_no_sign_and_one_below_its_level_never_reads_as_the_level(
    settings: PhaseSettings, rate: float, told: str
) -> None:
    day = (date(2021, 2, 3) - date(2021, 1, 1)).days
    found = fired(market(funding=prints([rate] * 9)), settings, "funding", day)
    assert next(item for item in found if item.subject == "DEFI").sentence.startswith(told)


def test_nine_prints_at_the_level_fire_whatever_was_paid_before(settings: PhaseSettings) -> None:
    """A mean of .05 % is .05 %: what sums of earlier prints leave behind in binary must not put it below its own level."""
    for earlier in range(60):
        before = [round(0.0002 + 0.000013 * ((7 * at + earlier) % 31), 6) for at in range(3 * (earlier % 20 + 1))]
        days = len(before) // 3
        found = fired(market(funding=prints([*before, *[0.0005] * 9])), settings, "funding", 33 + days)
        defi = next(item for item in found if item.subject == "DEFI")
        assert (defi.fired, defi.seen) == (True, 9)
        assert defi.sentence.startswith("DeFi funding 0.050 %/8h over")


def test_hourly_funding_is_held_to_the_same_rule(settings: PhaseSettings) -> None:
    day = (date(2021, 2, 3) - date(2021, 1, 1)).days
    rates = [0.0006 / 8] * 56 + [0.0002 / 8] * 16
    defi = next(item for item in fired(market(funding=prints(rates, 1)), settings, "funding", day) if item.subject == "DEFI")
    assert (defi.fired, defi.seen) == (True, 7)


def test_l1_strength_fires_once_l1s_lead_bitcoin_and_defi_lags_them(signals: Signals, settings: PhaseSettings) -> None:
    run = 0
    for day in signals.days[100:]:
        own, gain, rotation = (
            signals.reading(*key, day) for key in (("strength", "L1"), ("momentum", "L1"), ("strength", "DEFI/L1"))
        )
        assert own is not None
        assert gain is not None
        assert rotation is not None
        trigger = next(item for item in signals.triggers(day) if item.kind == "l1_strength")
        if own.raw is None or gain.raw is None or rotation.raw is None:
            assert trigger.state is TriggerState.NO_DATA
            run = 0
            continue
        leads = own.raw >= 100 and gain.raw >= 100 and rotation.raw < 100
        run = run + 1 if leads else 0
        assert trigger.fired is (run >= settings.triggers.l1_strength.closes)
        told = re.search(r"DeFi/L1 ([\d.]+):", trigger.sentence)
        assert told is not None
        assert float(told[1]) == pytest.approx(rotation.raw, abs=0.05)
        assert (float(told[1]) < 100) == (rotation.raw < 100)
    assert any(item.kind == "l1_strength" and item.fired for day in signals.days for item in signals.triggers(day))


def levels(*changes: tuple[int, float]) -> np.ndarray:
    values = np.full(DAYS, 1e9)
    for at, factor in changes:
        values[at:] *= factor
    return values


def test_a_tvl_collapse_fires_with_its_second_snapshot(settings: PhaseSettings) -> None:
    history = market(tvl={"uniswap": levels((30, 0.7)), "curve": levels()})
    (first,) = fired(history, settings, "tvl_collapse", 30)
    assert (first.state, first.seen, first.subject) == (TriggerState.NEAR, 1, "uniswap")
    (second,) = fired(history, settings, "tvl_collapse", 31)
    assert second.fired
    assert second.value == pytest.approx(-0.3)
    assert "Uniswap" in second.proposal
    (later,) = fired(history, settings, "tvl_collapse", 30 + settings.triggers.tvl_collapse.hold + 1)
    assert later.state is TriggerState.QUIET


def test_a_glitch_of_one_snapshot_never_fires(settings: PhaseSettings) -> None:
    for factor in (0.01, 0.0):
        glitch = levels()
        glitch[30] *= factor
        history = market(tvl={"uniswap": glitch})
        states = [fired(history, settings, "tvl_collapse", day)[0].state for day in range(28, 45)]
        assert TriggerState.FIRED not in states
        assert states[2] is TriggerState.NEAR


def test_tvl_that_goes_to_nothing_fires(settings: PhaseSettings) -> None:
    history = market(tvl={"uniswap": levels((30, 0.0))})
    assert fired(history, settings, "tvl_collapse", 31)[0].fired


def test_a_fall_of_the_eth_price_is_no_collapse(settings: PhaseSettings) -> None:
    eth = np.full(DAYS, 100.0)
    eth[30:] = 65.0
    history = market({"ETH": eth}, tvl={"uniswap": 1e9 * (eth / 100)})
    assert fired(history, settings, "tvl_collapse", 31)[0].state is not TriggerState.FIRED


def test_money_that_moved_to_another_protocol_is_called_a_migration(settings: PhaseSettings) -> None:
    arrived = levels()
    arrived[:30] = np.nan
    arrived[30:] = 3e8
    (moved,) = fired(market(tvl={"uniswap": levels((30, 0.7)), "sushiswap": arrived}), settings, "tvl_collapse", 31)
    assert moved.state is TriggerState.NEAR
    assert "Sushiswap gained 100 % of it" in moved.sentence
    # A giant's usual day is larger than a small one's loss and explains nothing.
    giant = np.full(DAYS, 1e11) * np.r_[np.ones(30), np.full(30, 1.0035)]
    (lost,) = fired(market(tvl={"uniswap": levels((30, 0.7)), "giant": giant}), settings, "tvl_collapse", 31)
    assert lost.fired


def test_without_tvl_there_is_no_collapse_and_no_all_clear(settings: PhaseSettings) -> None:
    (trigger,) = fired(market(), settings, "tvl_collapse", 40)
    assert (trigger.state, trigger.value) == (TriggerState.NO_DATA, None)


def test_those_that_fired_come_first(settings: PhaseSettings) -> None:
    signals = compute(synthetic(), universe(), settings)
    for day in signals.days[60::7]:
        states = [list(TriggerState).index(trigger.state) for trigger in signals.triggers(day)]
        assert states == sorted(states)


@pytest.mark.shared
def test_known_tvl_events_fire_or_not_as_they_should(real: Signals, shared_data: Path) -> None:
    with (shared_data / "tvl_events.csv").open(encoding="utf-8") as file:
        events = [row for row in csv.DictReader(file) if row["protocol"] in real.board.protocols]
    assert len(events) >= 4
    for event in events:
        day = date.fromisoformat(event["date"])
        window = [real.triggers(day + timedelta(days=after)) for after in range(4)]
        did_fire = any(item.fired and item.subject == event["protocol"] for items in window for item in items)
        if event["expected_for_tvl_stop"] == "true_positive":
            assert did_fire, event
        elif event["kind"] in ("DATA_GLITCH", "MIGRATION"):
            assert not did_fire, event


@pytest.mark.shared
def test_lido_did_not_collapse_when_only_the_eth_price_did(real: Signals) -> None:
    for after in range(4):
        triggers = real.triggers(date(2021, 5, 19) + timedelta(days=after))
        assert not any(item.subject == "lido" and item.fired for item in triggers)
