"""The two years behind the simulated market: daily tables in which L1s lead, then DeFi, then everything falls, and again.

Everything is invented. Each asset draws from its own stream, so that another asset in the universe changes nothing else.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cockpit.markets.chance import uniform
from cockpit.markets.simulated_world import (
    FUNDING_LEVEL,
    FUNDING_SLOTS,
    LOADINGS,
    Stage,
    coin,
    funding_rate,
    last_stage,
)
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.market import MarketLabel
from cockpit.signals.history import TVL_LAG, MarketHistory

Floats = npt.NDArray[np.float64]

DAYS = 730
LASTED = {Stage.L1_LEADS: 64, Stage.DEFI_LEADS: 46, Stage.DE_RISK: 38}
"""How long the present stage has lasted, in days."""
LENGTH = {Stage.L1_LEADS: (70, 95), Stage.DEFI_LEADS: (55, 75), Stage.DE_RISK: (48, 66)}
"""The shortest and the longest stage, in days."""
DRIFT = {
    Stage.L1_LEADS: {Sector.BENCHMARK: 0.0040, Sector.L1: 0.0086, Sector.DEFI: 0.0028},
    Stage.DEFI_LEADS: {Sector.BENCHMARK: 0.0022, Sector.L1: 0.0034, Sector.DEFI: 0.0098},
    Stage.DE_RISK: {Sector.BENCHMARK: -0.0066, Sector.L1: -0.0100, Sector.DEFI: -0.0145},
}
"""Logarithmic drift of a day."""
FLOW = {Stage.L1_LEADS: 0.001, Stage.DEFI_LEADS: 0.009, Stage.DE_RISK: -0.006}
"""Growth of the token units locked in DeFi, a day."""
BUSTLE = {Stage.L1_LEADS: 0.5, Stage.DEFI_LEADS: 0.9, Stage.DE_RISK: -0.5}
"""Where network use settles, as a logarithm."""
CROWDING = 0.0007
"""What DeFi funding gains towards the end of a stage in which DeFi led, per 8 hours."""
POOLED = {"ETH": 0.5, "BTC": 0.15, "USDC": 0.35}
"""What is locked in DeFi, as shares of its value today."""


class _Stages(NamedTuple):
    """The stage of every day, how far through it the day is (0 to 1), and the days on which one begins."""

    stage: npt.NDArray[np.int64]
    progress: Floats
    starts: list[int]


def invent(seed: int, universe: Universe, closes: Mapping[str, Decimal], today: date, source: str) -> MarketHistory:
    """Two years of daily history that end with `closes` (USD, by asset) at 00:00 UTC of `today`."""
    days = pd.date_range(end=pd.Timestamp(today - timedelta(days=1), tz="UTC"), periods=DAYS, freq="D")
    assets = [asset for symbol, asset in universe.assets.items() if symbol in closes]
    stages = _stages(seed)
    prices = _prices(seed, assets, closes, stages, days)
    risky = [asset for asset in assets if asset.sector is not Sector.STABLE]
    supply = {asset.symbol: coin(asset, seed).supply for asset in risky}
    bustle = _settle(stages, BUSTLE, 0.05)
    tvl, tvl_units = _tvl(seed, assets, prices, stages)
    return MarketHistory(
        name=source,
        source=source,
        label=MarketLabel.SIMULATED,
        prices=prices,
        market_caps=prices[list(supply)] * pd.Series(supply),
        tvl=tvl,
        tvl_units=tvl_units,
        fees=_fees(seed, risky, prices, bustle),
        activity=_activity(seed, risky, prices, bustle),
        sentiment=_sentiment(seed, prices),
        funding=_funding(seed, risky, stages, days),
    )


def _stages(seed: int) -> _Stages:
    stage = last_stage(seed)
    shortest, longest = LENGTH[stage]
    spans = [(stage, LASTED[stage], (shortest + longest) // 2)]
    while sum(lasted for _, lasted, _ in spans) < DAYS:
        stage = Stage((stage - 1) % len(Stage))
        shortest, longest = LENGTH[stage]
        length = shortest + round((longest - shortest) * uniform(seed, "stage", len(spans)))
        spans.append((stage, length, length))
    spans.reverse()
    number = np.concatenate([np.full(lasted, int(stage)) for stage, lasted, _ in spans])[-DAYS:]
    progress = np.concatenate([(np.arange(lasted) + 1) / full for _, lasted, full in spans])[-DAYS:]
    starts = [0, *(int(day) for day in np.flatnonzero(np.diff(number)) + 1)]
    return _Stages(number, progress, starts)


def _prices(
    seed: int, assets: list[Asset], closes: Mapping[str, Decimal], stages: _Stages, days: pd.DatetimeIndex
) -> pd.DataFrame:
    market = _steady(_shocks(seed, "market"), stages)
    sectors = {sector: _steady(_shocks(seed, sector), stages) for sector in LOADINGS}
    columns = {}
    for asset in assets:
        last = float(closes[asset.symbol])
        share = LOADINGS[asset.sector]
        own = _steady(_shocks(seed, asset.symbol), stages)
        moves = share.volatility * (share.market * market + share.sector * sectors[asset.sector] + share.own * own)
        if asset.sector is Sector.STABLE:
            columns[asset.symbol] = last + (moves - moves[-1])
            continue
        drift = np.array([DRIFT[stage][asset.sector] for stage in Stage])[stages.stage]
        tilt = _stream(seed, asset.symbol, "tilt").standard_normal(len(stages.starts))
        drift = drift + 0.0008 * np.repeat(tilt, np.diff([*stages.starts, DAYS]))
        path = np.cumsum(drift + moves)
        columns[asset.symbol] = last * np.exp(path - path[-1])
    return pd.DataFrame(columns, index=days)


def _tvl(seed: int, assets: list[Asset], prices: pd.DataFrame, stages: _Stages) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    pooled = {token: share for token, share in POOLED.items() if token in prices}
    flow = np.array([FLOW[stage] for stage in Stage])[stages.stage]
    flow = flow * np.where(stages.stage == Stage.DEFI_LEADS, 0.4 + 1.2 * stages.progress, 1.0)
    usd: dict[str, Floats] = {}
    units: dict[str, Floats] = {}
    for asset in assets:
        if not asset.defillama_protocol or not pooled:
            continue
        growth = np.cumsum(flow + 0.004 * _stream(seed, asset.symbol, "tvl").standard_normal(DAYS))
        size = np.exp(growth - growth[-1]) * coin(asset, seed).locked / sum(pooled.values())
        value = np.zeros(DAYS)
        for token, share in pooled.items():
            price = prices[token].to_numpy(dtype=np.float64)
            amount = size * share / price[-1]
            units[f"{asset.defillama_protocol}:{token}"] = amount
            value += amount * price
        usd[asset.defillama_protocol] = value
    stamps = pd.DatetimeIndex(prices.index) + pd.Timedelta(TVL_LAG)
    if not usd:
        return pd.DataFrame(index=stamps, dtype="float64"), None
    frame = pd.DataFrame(usd, index=stamps)
    frame.insert(0, "total", 1.1 * frame.sum(axis=1))
    return frame, pd.DataFrame(units, index=stamps)


def _fees(seed: int, assets: list[Asset], prices: pd.DataFrame, bustle: Floats) -> pd.DataFrame:
    """What users paid: a share of the capitalisation that rises with network use."""
    columns = {}
    for asset in assets:
        yearly = 0.08 if asset.sector is Sector.DEFI else 0.004
        scale = coin(asset, seed).supply * float(prices[asset.symbol].iloc[-1]) * yearly / 365
        relative = np.sqrt(prices[asset.symbol].to_numpy(dtype=np.float64) / float(prices[asset.symbol].iloc[-1]))
        columns[asset.symbol] = scale * relative * np.exp(bustle + _noise(seed, asset.symbol, "fees", 0.15))
    return pd.DataFrame(columns, index=prices.index)


def _activity(seed: int, assets: list[Asset], prices: pd.DataFrame, bustle: Floats) -> pd.DataFrame:
    columns = {}
    for asset in assets:
        if asset.sector is Sector.DEFI:
            continue
        busiest = 2e5 * 10 ** (2 * uniform(asset.symbol, "transactions"))
        columns[f"{asset.symbol}.tx_count"] = busiest * np.exp(0.4 * bustle + _noise(seed, asset.symbol, "transactions", 0.06))
    if "ETH" in prices:
        gas = 12 * np.exp(0.9 * bustle + _noise(seed, "ETH", "gas", 0.2))
        columns["ETH.gas_gwei"] = gas
        columns["ETH.avg_fee_usd"] = gas * 1e-9 * 90_000 * prices["ETH"].to_numpy(dtype=np.float64)
    return pd.DataFrame(columns, index=prices.index)


def _sentiment(seed: int, prices: pd.DataFrame) -> pd.DataFrame:
    """Fear and greed: the last month's return of what is first in the universe, and moods."""
    month = np.log(prices.iloc[:, 0]).diff(30).fillna(0.0).to_numpy(dtype=np.float64)
    mood = 50 + 42 * np.tanh(4 * month) + _noise(seed, "market", "mood", 4.0)
    return pd.DataFrame({"fear_greed": np.clip(np.round(mood), 1, 99)}, index=prices.index)


def _funding(seed: int, assets: list[Asset], stages: _Stages, days: pd.DatetimeIndex) -> pd.DataFrame:
    """A print every 8 hours. The last three days repeat the present prints, so that their mean is the one that quotes carry."""
    prints = DAYS * FUNDING_SLOTS
    rates, symbols = [], []
    late = np.clip((stages.progress - 0.6) / 0.4, 0, 1) * (stages.stage == Stage.DEFI_LEADS)
    for asset in assets:
        level = _settle(stages, {stage: FUNDING_LEVEL[stage].get(asset.sector, 0.0001) for stage in Stage}, 0.2)
        if asset.sector is Sector.DEFI:
            level = level + CROWDING * late
        noise = 0.00004 * _stream(seed, asset.symbol, "funding").standard_normal(prints)
        rate = np.round(np.repeat(level, FUNDING_SLOTS) + noise, 6)
        rate[-9:] = [funding_rate(seed, asset, slot) for slot in range(FUNDING_SLOTS)] * 3
        rates.append(rate)
        symbols.append(asset.symbol)
    times = pd.date_range(days[0], periods=prints, freq=f"{24 // FUNDING_SLOTS}h")
    return pd.DataFrame(
        {
            "time": times.repeat(len(symbols)),
            "asset": np.tile(np.array(symbols, dtype=object), prints),
            "rate": np.array(rates).T.ravel(),
            "interval_hours": 24.0 / FUNDING_SLOTS,
        }
    )


def _settle(stages: _Stages, targets: Mapping[Stage, float], pace: float) -> Floats:
    """A level that moves towards the target of the stage by `pace` a day."""
    wanted = np.array([targets[stage] for stage in Stage])[stages.stage]
    return pd.Series(wanted).ewm(alpha=pace, adjust=False).mean().to_numpy(dtype=np.float64)


def _shocks(seed: int, name: str) -> Floats:
    """Standard daily shocks with an outsized one now and then."""
    stream = _stream(seed, name, "daily")
    shocks = stream.standard_normal(DAYS)
    return np.asarray(np.where(stream.random_sample(DAYS) < 0.02, 2.5, 1.0) * shocks)


def _steady(shocks: Floats, stages: _Stages) -> Floats:
    """The shocks without their mean in each stage, so that a stage shows its drift."""
    bounds = [*stages.starts, DAYS]
    return np.concatenate([part - part.mean() for part in np.split(shocks, bounds[1:-1])])


def _noise(seed: int, name: str, what: str, size: float) -> Floats:
    return size * np.asarray(_stream(seed, name, what).standard_normal(DAYS))


def _stream(seed: int, *name: str) -> np.random.RandomState:
    """The legacy generator: its streams are the same in every version of numpy."""
    digest = blake2b("|".join((str(seed), *name)).encode(), digest_size=4).digest()
    return np.random.RandomState(int.from_bytes(digest, "big"))
