"""Every reading and the phase on what was fetched are those on the world that it was fetched from, digit by digit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cockpit.files.settings import load_phase_settings
from cockpit.markets.daily.series import DAY
from cockpit.markets.live.past import read_past
from cockpit.signals.engine import compute
from tests.loopback.world import rounded
from tests.markets.daily.conftest import NOON, UNIVERSE, Bench

if TYPE_CHECKING:
    import pandas as pd

    from cockpit.signals.history import MarketHistory

YESTERDAY = NOON.date() - DAY
DAYS = 150


def told(bench: Bench, first: datetime) -> MarketHistory:
    """What the vendors could tell of the world: their digits, from `first` on, without what nobody tells."""
    world = bench.world.history().until(YESTERDAY)

    def digits(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.loc[first:].map(lambda value: float(rounded(value)) if value == value else value)

    prints = world.funding[world.funding["time"] >= NOON - timedelta(days=DAYS)]
    return replace(
        world,
        prices=digits(world.prices),
        tvl=digits(world.tvl),
        tvl_units=None if world.tvl_units is None else digits(world.tvl_units),
        fees=digits(world.fees),
        sentiment=world.sentiment.loc[first:],
        funding=prints.assign(rate=[float(rounded(rate)) for rate in prints["rate"]]).reset_index(drop=True),
        market_caps=world.market_caps.iloc[:0, :0],
    )


async def test_every_reading_and_the_phase_are_the_worlds(bench: Bench) -> None:
    bench.venues = ("binance",)
    await bench.collect(DAYS, funding_days=DAYS)
    history = read_past(bench.folder, "live", YESTERDAY)
    first = datetime.combine(NOON.date() - DAYS * DAY, datetime.min.time(), UTC)
    settings = load_phase_settings()
    fetched = compute(history, UNIVERSE, settings)
    world = compute(replace(told(bench, first), activity=history.activity), UNIVERSE, settings)
    true = {(one.indicator, one.subject): one for one in world.readings()}
    assert len(true) > 100
    assert {(one.indicator, one.subject) for one in fetched.readings()} == true.keys()
    for one in fetched.readings():
        other = true[one.indicator, one.subject]
        near = [pytest.approx(value, rel=1e-9, abs=1e-12) for value in (other.raw, other.score, other.quality)]
        assert [one.raw, one.score, one.quality] == near, (one.indicator, one.subject)
        assert (one.at, one.age) == (other.at, other.age), (one.indicator, one.subject)
    one_call, other_call = fetched.call(), world.call()
    assert one_call.phase == other_call.phase
    assert one_call.coverage == pytest.approx(other_call.coverage, rel=1e-9)
    assert list(fetched.phases()["phase"]) == list(world.phases()["phase"])
