"""What the simulated market is made of: invented prices and sizes, who leads when, and how much of a move assets share."""

from enum import IntEnum
from typing import NamedTuple

from cockpit.markets.chance import normal, uniform
from cockpit.model.assets import Asset, Sector


class Coin(NamedTuple):
    """One asset of the invented world: price in USD, circulating supply in units, value locked in USD (protocols and chains)."""

    price: float
    supply: float
    locked: float = 0.0


class Loadings(NamedTuple):
    """How an asset moves: volatility of a day, and the shares of market, sector and own moves (their squares add up to 1)."""

    volatility: float
    market: float
    sector: float
    own: float


COINS = {
    "BTC": Coin(100_000, 19.9e6),
    "ETH": Coin(4_000, 120e6, 80e9),
    "SOL": Coin(190, 540e6, 11e9),
    "BNB": Coin(1_000, 139e6, 8e9),
    "ADA": Coin(0.7, 35.5e9, 0.3e9),
    "AVAX": Coin(25, 420e6, 1.9e9),
    "TRX": Coin(0.3, 94e9, 6e9),
    "DOT": Coin(3.6, 1.55e9, 0.25e9),
    "NEAR": Coin(2.6, 1.25e9, 0.2e9),
    "ATOM": Coin(3.8, 470e6, 0.05e9),
    "MATIC": Coin(0.25, 9.6e9, 1.2e9),
    "SUI": Coin(2.8, 3.5e9, 2.1e9),
    "APT": Coin(3.7, 690e6, 0.8e9),
    "FTM": Coin(0.32, 2.8e9, 0.1e9),
    "LUNA": Coin(0.12, 700e6, 0.02e9),
    "UNI": Coin(10, 600e6, 6e9),
    "AAVE": Coin(250, 15e6, 35e9),
    "MKR": Coin(1_600, 0.85e6, 7e9),
    "LDO": Coin(1.1, 890e6, 33e9),
    "CRV": Coin(0.6, 1.35e9, 2.5e9),
    "COMP": Coin(42, 9.3e6, 3e9),
    "SNX": Coin(0.9, 340e6, 0.2e9),
    "SUSHI": Coin(0.65, 275e6, 0.2e9),
    "YFI": Coin(5_200, 35e3, 0.4e9),
    "BAL": Coin(1.2, 66e6, 0.8e9),
    "CAKE": Coin(3.1, 340e6, 2.2e9),
    "DYDX": Coin(0.55, 780e6, 0.3e9),
    "1INCH": Coin(0.24, 1.4e9, 0.01e9),
    "RUNE": Coin(1.2, 350e6, 0.15e9),
    "GMX": Coin(14, 10.2e6, 0.45e9),
    "PENDLE": Coin(4.5, 170e6, 6e9),
    "ENA": Coin(0.6, 6.8e9, 10e9),
    "JUP": Coin(0.45, 3.1e9, 2.6e9),
}
LOADINGS = {
    Sector.BENCHMARK: Loadings(0.032, 0.96, 0.0, 0.28),
    Sector.L1: Loadings(0.042, 0.76, 0.40, 0.5123),
    Sector.DEFI: Loadings(0.052, 0.66, 0.50, 0.5607),
    Sector.STABLE: Loadings(0.0003, 0.0, 0.0, 1.0),
}
"""Volatilities of 60 to 100 % a year, as daily fractions; a stablecoin stays within a few basis points of one."""


class Stage(IntEnum):
    """Who leads in a stretch of the invented years; they follow each other in this order, round and round."""

    L1_LEADS = 0
    DEFI_LEADS = 1
    DE_RISK = 2


FUNDING_LEVEL = {
    Stage.L1_LEADS: {Sector.BENCHMARK: 0.00011, Sector.L1: 0.00014, Sector.DEFI: 0.00009},
    Stage.DEFI_LEADS: {Sector.BENCHMARK: 0.00010, Sector.L1: 0.00012, Sector.DEFI: 0.00022},
    Stage.DE_RISK: {Sector.BENCHMARK: 0.00003, Sector.L1: 0.00001, Sector.DEFI: -0.00005},
}
"""Where funding settles, as a fraction per 8 hours; positive when longs pay."""
FUNDING_SLOTS = 3
"""Prints a day: 00:00, 08:00 and 16:00 UTC."""


def last_stage(seed: int) -> Stage:
    """How the invented years end: seeds divisible by 3 with L1s leading, the next ones with DeFi, the next in de-risk."""
    return Stage(seed % len(Stage))


def funding_rate(seed: int, asset: Asset, slot: int) -> float:
    """The print of slot 0, 1 or 2 of a day at the end of the invented years: a fraction per 8 hours."""
    level = FUNDING_LEVEL[last_stage(seed)].get(asset.sector, 0.0001)
    own = 0.00003 * normal(seed, asset.symbol, "funding") + 0.00002 * normal(seed, asset.symbol, "funding", slot)
    return round(level + own, 6)


def coin(asset: Asset, seed: int) -> Coin:
    """The level and size of an asset in the world of `seed`: the table's, moved a little; made up where it has no entry."""
    if asset.sector is Sector.STABLE:
        return Coin(1.0, 1e9 * (1 + 40 * uniform(asset.symbol, "supply")))
    known = COINS.get(asset.symbol)
    if known is None:
        price = 10.0 ** (3 * uniform(asset.symbol, "price") - 1)
        known = Coin(price, 4e8 / price * (1 + 4 * uniform(asset.symbol, "supply")), 2e8)
    return known._replace(price=known.price * (1 + 0.012 * normal(seed, asset.symbol, "level")))
