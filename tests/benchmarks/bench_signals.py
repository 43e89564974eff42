"""How long the signals of a whole history take, beyond imports.

Run it by hand: `python -m tests.benchmarks.bench_signals [--runs N]`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

import cockpit
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.market import MarketLabel
from cockpit.model.readings import PhaseSettings
from cockpit.signals.engine import compute
from cockpit.signals.history import MarketHistory
from tests.benchmarks.measuring import Effort, Row, Table, main, seconds

DAYS, ASSETS, PROTOCOLS = 1096, 36, 18


def history(days: int) -> tuple[MarketHistory, Universe]:
    """Random walks for every table, with every asset in every one of them."""
    random = np.random.default_rng(1)
    index = pd.date_range("2020-01-01", periods=days, freq="D", tz="UTC")
    names = ["BTC", "ETH", *(f"T{number}" for number in range(ASSETS - 2))]

    def walks(columns: list[str]) -> pd.DataFrame:
        steps = random.standard_normal((days, len(columns))) * 0.04
        return pd.DataFrame(np.exp(np.cumsum(steps, axis=0) + 5), index=index, columns=columns)

    prices = walks(names)
    slugs = [f"slug{number}" for number in range(PROTOCOLS)]
    stamps = pd.date_range(index[0], periods=3 * days, freq="8h")
    funding = pd.DataFrame(
        {
            "time": np.tile(stamps, len(names)),
            "asset": np.repeat(names, len(stamps)),
            "rate": random.standard_normal(len(stamps) * len(names)) * 3e-4,
            "interval_hours": 8.0,
        }
    )
    funding["time"] = pd.to_datetime(funding["time"], utc=True)
    half = len(names) // 2
    assets = {
        name: Asset(
            symbol=name,
            name=name,
            sector=Sector.BENCHMARK if at == 0 else Sector.L1 if at <= half else Sector.DEFI,
            defillama_protocol=slugs[at - half - 1] if half < at <= half + PROTOCOLS else "",
        )
        for at, name in enumerate(names)
    }
    market = MarketHistory(
        name="walks",
        source="made for the benchmark",
        label=MarketLabel.SIMULATED,
        prices=prices,
        market_caps=prices * 1e6,
        tvl=walks(["total", *slugs]),
        fees=walks(names),
        activity=walks([f"{name}.{metric}" for name in names[:8] for metric in ("gas_gwei", "tx_count", "fees_usd")]),
        sentiment=walks(["fear_greed"]),
        funding=funding,
    )
    return market, Universe(assets=assets)


def taken(days: int, settings: PhaseSettings, runs: int) -> float:
    """Seconds for all phases and the last day's call, readings and triggers."""
    market, universe = history(days)

    def work() -> None:
        signals = compute(market, universe, settings)
        signals.phases()
        signals.call()
        signals.readings()
        signals.triggers()

    return seconds(work, runs)


def measure(effort: Effort) -> Iterator[Table]:
    """Three years, and six."""
    shipped = Path(cockpit.__file__).parent / "files" / "shipped" / "phase.toml"
    settings = msgspec.convert(tomllib.loads(shipped.read_text(encoding="utf-8")), PhaseSettings)
    taken(200, settings, effort.runs)  # warms caches
    once, twice = taken(DAYS, settings, effort.runs), taken(2 * DAYS, settings, effort.runs)
    rows = [
        Row(f"{DAYS:,} days of {ASSETS} assets", once, "s", 1.0, most=2.0),
        Row(f"{2 * DAYS:,} days of {ASSETS} assets", twice, "s", twice / once, most_ratio=2.2),
    ]
    yield Table("The signals of a whole history", rows)


if __name__ == "__main__":
    main(measure, __doc__)
