"""Market histories for the tests: a synthetic one with cycles, holes and late listings, and a reader of recorded ones."""

from pathlib import Path

import numpy as np
import pandas as pd

from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.market import MarketLabel
from cockpit.signals.history import MarketHistory, no_days

L1 = ("ETH", "SOL", "ADA", "NEAR")
DEFI = {"UNI": "uniswap", "AAVE": "aave", "CRV": "curve", "COMP": "compound"}
BASKET = ("ETH", "SOL", "AVAX", "ADA", "DOT", "NEAR", "ATOM")
DEFI_BASKET = {
    "UNI": "uniswap",
    "AAVE": "aave",
    "MKR": "makerdao",
    "CRV": "curve",
    "LDO": "lido",
    "COMP": "compound",
    "SNX": "synthetix",
    "SUSHI": "sushiswap",
}


def universe(l1: tuple[str, ...] = L1, defi: dict[str, str] | None = None) -> Universe:
    """A universe with BTC as benchmark and two stablecoins."""
    slugs = DEFI if defi is None else defi
    sectors = [(symbol, Sector.L1) for symbol in l1] + [(symbol, Sector.DEFI) for symbol in slugs]
    sectors += [("USDT", Sector.STABLE), ("USDC", Sector.STABLE), ("BTC", Sector.BENCHMARK)]
    return Universe(
        assets={
            symbol: Asset(symbol=symbol, name=symbol, sector=sector, defillama_protocol=slugs.get(symbol, ""))
            for symbol, sector in sectors
        }
    )


def daily(count: int, columns: dict[str, np.ndarray], first: str = "2021-01-01") -> pd.DataFrame:
    """A daily table from arrays."""
    return pd.DataFrame(columns, index=pd.date_range(first, periods=count, freq="D", tz="UTC"), dtype="float64")


def synthetic(days: int = 420, seed: int = 7) -> MarketHistory:
    """A market whose sectors lead in turns; NEAR lists late, CRV has a gap, a TVL day and a funding week are missing."""
    random = np.random.default_rng(seed)
    day = np.arange(days)
    cycle = 2 * np.pi * day / 150
    drift = {"BTC": 0.001 * np.sin(cycle)}
    drift |= {asset: 0.006 * np.sin(cycle) + 0.001 for asset in L1}
    drift |= {asset: 0.009 * np.sin(cycle - 1.2) for asset in DEFI}
    shocks = random.standard_normal((days, len(drift) + 1)) * 0.03
    prices = {
        asset: 100.0 * np.exp(np.cumsum(mean + shocks[:, column + 1] * 0.6 + shocks[:, 0] * 0.8))
        for column, (asset, mean) in enumerate(drift.items())
    }
    prices["NEAR"][:130] = np.nan
    prices["CRV"][200:215] = np.nan
    units = 1e7 * np.exp(np.cumsum(0.004 * np.sin(cycle - 1.0) + random.standard_normal(days) * 0.01))
    total = units * prices["ETH"]
    # A snapshot is stamped with the day after the close that it belongs to.
    tvl = daily(days, {"total": total} | dict.fromkeys(DEFI.values(), total * 0.1), first="2021-01-02")
    tvl.iloc[260] = np.nan
    fees = {asset: np.exp(random.standard_normal(days) * 0.4 + 10) for asset in L1[:2]}
    activity = {
        "ETH.gas_gwei": np.exp(random.standard_normal(days) * 0.5 + 3),
        "ETH.tx_count": 1e6 + 1e5 * random.standard_normal(days),
    }
    stamps = pd.date_range("2021-01-01", periods=3 * days, freq="8h", tz="UTC")
    prints = pd.concat(
        [
            pd.DataFrame(
                {
                    "time": stamps,
                    "asset": asset,
                    "rate": 0.0004 + 0.0006 * np.sin(np.arange(3 * days) / 60 + shift),
                    "interval_hours": 8.0,
                }
            )
            for shift, asset in enumerate(("BTC", "ETH", "UNI"))
        ],
        ignore_index=True,
    )
    prints = prints.drop(prints.index[900:921])
    return MarketHistory(
        name="synthetic",
        source="made for the tests",
        label=MarketLabel.SIMULATED,
        prices=daily(days, prices),
        market_caps=daily(days, {asset: values * 1e6 for asset, values in prices.items()}),
        tvl=tvl,
        fees=daily(days, fees),
        activity=daily(days, activity),
        sentiment=daily(days, {"fear_greed": 50 + 40 * np.sin(cycle)}),
        funding=prints,
    )


def prices_only(history: MarketHistory) -> MarketHistory:
    """The same market with nothing but prices."""
    return MarketHistory(name=history.name, source=history.source, label=history.label, prices=history.prices)


def read_recorded(folder: Path) -> MarketHistory:
    """The recorded market of a folder."""

    def table(name: str) -> pd.DataFrame:
        path = folder / f"{name}.csv"
        if not path.is_file():
            return no_days()
        frame = pd.read_csv(path, index_col=0, parse_dates=True).astype("float64")
        frame.index = pd.DatetimeIndex(frame.index).tz_localize("UTC")
        return frame

    funding = pd.read_csv(folder / "funding.csv")
    funding["time"] = pd.to_datetime(funding["time"], utc=True)
    return MarketHistory(
        name=folder.name,
        source="recorded",
        label=MarketLabel.RECORDED,
        prices=table("prices"),
        market_caps=table("market_caps"),
        tvl=table("tvl"),
        fees=table("fees"),
        activity=table("activity"),
        sentiment=table("sentiment"),
        funding=funding,
    )
