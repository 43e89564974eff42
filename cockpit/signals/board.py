"""Every indicator of every subject on every day, computed once from a market history."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cockpit.model.assets import Sector, Universe
from cockpit.model.phase_settings import INDICATORS, PhaseSettings
from cockpit.signals import tvl
from cockpit.signals.activity import activity, activity_z
from cockpit.signals.context import breadth, dominance
from cockpit.signals.divergence import divergence
from cockpit.signals.funding import Funding, crowding_points, funding, sector_mean
from cockpit.signals.history import MarketHistory
from cockpit.signals.indicators import Track, track
from cockpit.signals.rsi import heat_points, rsi
from cockpit.signals.sector_index import sector_index
from cockpit.signals.stats import Floats, slope
from cockpit.signals.strength import NEUTRAL, strength, strength_points
from cockpit.signals.trend import above_mean, drawdown_points, from_high, market_index, trend_points

SUBJECTS = {
    "l1_rs": "L1/BTC",
    "defi_rs": "DEFI/BTC",
    "rot_rs": "DEFI/L1",
    "trend": "MARKET",
    "drawdown": "MARKET",
    "tvl_acc": "DEFI",
    "activity": "L1",
    "heat": "DEFI",
    "div": "DEFI",
    "fund_defi": "DEFI",
    "fund_l1": "L1",
}
"""Whose indicator enters the evidence."""
L1, DEFI, MARKET = Sector.L1.value, Sector.DEFI.value, "MARKET"
ETH = "ETH"


@dataclass(frozen=True, eq=False)
class Board:
    """The indicators of a history. `evidence` is in the order of INDICATORS; `tracks` is keyed (indicator, subject);
    `baskets` are the assets that stand for L1 and DEFI.

    `levels` are the indices of L1, DEFI and MARKET and the prices of the assets; `rsi` are uncarried RSIs, `funding`
    the prints behind the sectors, `flows` the price-adjusted TVL of every protocol in `protocols`.
    `beyond_prices` tells from which day on anything but prices is known.
    """

    days: pd.DatetimeIndex
    baskets: dict[str, tuple[str, ...]]
    evidence: tuple[Track, ...]
    tracks: dict[tuple[str, str], Track]
    levels: dict[str, Floats]
    rsi: dict[str, Floats]
    funding: dict[str, Funding]
    protocols: tuple[str, ...]
    flows: tvl.Flows
    eth: Floats
    beyond_prices: npt.NDArray[np.bool_]


@dataclass
class _Build:
    """The work in progress: inputs aligned to the days, results as they come."""

    history: MarketHistory
    universe: Universe
    settings: PhaseSettings
    days: pd.DatetimeIndex
    assets: list[str]
    groups: dict[str, list[str]]
    baskets: dict[str, list[str]]
    tracks: dict[tuple[str, str], Track] = field(default_factory=dict)
    levels: dict[str, Floats] = field(default_factory=dict)

    def prices(self, assets: list[str]) -> Floats:
        frame = self.history.prices.reindex(index=self.days, columns=assets)
        values = frame.to_numpy(dtype=np.float64)
        return np.where(values > 0, values, np.nan)

    def add(self, name: str, subject: str, raw: Floats, stale: float, linear: Floats | None = None, **how: Any) -> None:
        self.tracks[name, subject] = track(name, subject, raw, stale=stale, linear=linear, **how)


def build(history: MarketHistory, universe: Universe, settings: PhaseSettings) -> Board:
    """Computes everything; about a tenth of a second for three years of 36 assets."""
    groups = {sector.value: list(universe.members(sector)) for sector in (Sector.L1, Sector.DEFI, Sector.BENCHMARK)}
    work = _Build(
        history=history,
        universe=universe,
        settings=settings,
        days=history.days,
        assets=[asset for members in groups.values() for asset in members],
        groups=groups,
        baskets=_baskets(groups, settings),
    )
    eth = work.prices([ETH])[:, 0]
    _levels(work)
    raw_rsi = _heat(work)
    _strength(work)
    _market(work)
    protocols, flows = _tvl(work, eth)
    prints = _funding(work)
    _activity(work)
    _context(work, eth)
    beyond = [item for item in work.tracks.values() if item.indicator.table in ("tvl", "activity", "funding")]
    seen = np.any([item.quality > 0 for item in beyond], axis=0)
    return Board(
        days=work.days,
        baskets={sector: tuple(basket) for sector, basket in work.baskets.items()},
        evidence=tuple(work.tracks[name, SUBJECTS[name]] for name in INDICATORS),
        tracks=work.tracks,
        levels=work.levels,
        rsi=raw_rsi,
        funding=prints,
        protocols=protocols,
        flows=flows,
        eth=eth,
        beyond_prices=np.maximum.accumulate(seen),
    )


def _baskets(groups: dict[str, list[str]], settings: PhaseSettings) -> dict[str, list[str]]:
    """The assets that stand for each sector, in the universe's order."""
    wanted = {L1: settings.index.l1, DEFI: settings.index.defi}
    return {sector: [asset for asset in groups[sector] if asset in names] or groups[sector] for sector, names in wanted.items()}


def _levels(work: _Build) -> None:
    for sector in (L1, DEFI):
        members = work.baskets[sector]
        caps = work.history.market_caps.reindex(index=work.days, columns=members).to_numpy(dtype=np.float64)
        work.levels[sector] = sector_index(work.prices(members), caps, work.days, work.settings.index)
    work.levels[MARKET] = market_index(work.levels[L1], work.levels[DEFI])
    prices = work.prices(work.assets)
    for column, asset in enumerate(work.assets):
        work.levels[asset] = prices[:, column]


def _heat(work: _Build) -> dict[str, Floats]:
    """RSI and divergences of both sectors and all assets; gives the RSIs as they are, not carried forward."""
    settings, stale = work.settings, work.settings.stale.prices
    subjects = [L1, DEFI, *work.assets]
    levels = np.column_stack([work.levels[subject] for subject in subjects])
    values = rsi(levels, settings.heat.window)
    per = -1.0 / (settings.heat.full - settings.heat.neutral)
    for column, subject in enumerate(subjects):
        index = values[:, column]
        score = divergence(levels[:, column], index, settings.divergence)
        for name in ("rsi", "heat") if subject == DEFI else ("rsi",):
            work.add(name, subject, index, stale, heat_points(index, settings.heat), per=per)
        for name in ("divergence", "div") if subject == DEFI else ("divergence",):
            work.add(name, subject, score, stale, score)
    return {subject: values[:, column] for column, subject in enumerate(subjects)}


def _strength(work: _Build) -> None:
    """Relative strength of both sectors and all assets against the benchmark, and of DeFi against L1."""
    settings, stale = work.settings.strength, work.settings.stale.prices
    benchmark = work.groups[Sector.BENCHMARK.value]
    against = work.levels[benchmark[0]] if benchmark else np.full(len(work.days), np.nan)
    subjects = [L1, DEFI, *(asset for asset in work.assets if asset not in benchmark)]
    of = np.column_stack([*(work.levels[subject] for subject in subjects), work.levels[DEFI]])
    base = np.column_stack([*(against for _ in subjects), work.levels[L1]])
    rsr, rsm = strength(of, base, settings)
    pairs = {L1: ("l1_rs", "L1/BTC"), DEFI: ("defi_rs", "DEFI/BTC"), "DEFI/L1": ("rot_rs", "DEFI/L1")}
    for column, subject in enumerate([*subjects, "DEFI/L1"]):
        level, gain = rsr[:, column], rsm[:, column]
        work.add("strength", subject, level, stale, (level - NEUTRAL) / settings.full, per=1.0 / settings.full)
        work.add("momentum", subject, gain, stale, (gain - NEUTRAL) / settings.full, per=1.0 / settings.full)
        if subject in pairs:
            per = settings.level_weight / settings.full
            work.add(*pairs[subject], level, stale, strength_points(level, gain, settings), per=per)


def _market(work: _Build) -> None:
    settings, stale = work.settings, work.settings.stale.prices
    above = above_mean(work.levels[MARKET], settings.trend)
    work.add("trend", MARKET, above, stale, trend_points(above, settings.trend), per=1.0 / settings.trend.full)
    below = from_high(work.levels[MARKET], settings.drawdown)
    per = 1.0 / (settings.drawdown.full - settings.drawdown.neutral)
    work.add("drawdown", MARKET, below, stale, drawdown_points(below, settings.drawdown), per=per)


def _tvl(work: _Build, eth: Floats) -> tuple[tuple[str, ...], tvl.Flows]:
    """Price-adjusted TVL of all of DeFi, of each DeFi asset, and of every protocol that the history has."""
    settings, stale, history = work.settings.tvl, work.settings.stale.tvl, work.history
    slugs = {asset: work.universe.assets[asset].defillama_protocol for asset in work.groups[DEFI]}
    protocols = [str(column) for column in history.tvl if column not in tvl.NOT_PROTOCOLS]
    usd = tvl.at_close(history.tvl, [tvl.ALL_OF_DEFI, *protocols], work.days)
    basket = np.isin(protocols, list(slugs.values()))
    whole = tvl.defi_usd(usd[:, 0], usd[:, 1:][:, basket])
    every = np.column_stack([whole, usd[:, 1:]])
    units = _unit_growth(work, protocols, every)
    flows = tvl.flows(every, eth, units, settings)
    pace = tvl.acceleration(flows.level[:, 0], settings, work.settings.robust)
    per = pace.per_slope / settings.full
    growth = tvl.growth_30d(pace.short)
    grade = flows.quality[:, 0]
    work.add("tvl_acc", DEFI, growth, stale, pace.z / settings.full, per=per, grade=grade)
    work.add("tvl_30d", DEFI, tvl.growth_30d(pace.long), stale, grade=grade)
    for asset, slug in slugs.items():
        column = 1 + protocols.index(slug) if slug in protocols else 0
        level = flows.level[:, column] if column else np.full(len(work.days), np.nan)
        growth = tvl.growth_30d(slope(level, settings.long, settings.points))
        work.add("tvl_30d", asset, growth, stale, grade=flows.quality[:, column])
    return tuple(protocols), tvl.Flows(usd=usd[:, 1:], level=flows.level[:, 1:], quality=flows.quality[:, 1:])


def _unit_growth(work: _Build, protocols: list[str], usd: Floats) -> Floats | None:
    """Growth by token units of all of DeFi and each protocol, where the history has them."""
    table = work.history.tvl_units
    if table is None or table.empty:
        return None
    tokens = [str(column).partition(":")[::2] for column in table]
    units = tvl.at_close(table, [str(column) for column in table], work.days)
    prices = work.prices([token for _, token in tokens])
    stable = [work.universe.sector(token) is Sector.STABLE for _, token in tokens]
    prices[:, stable] = np.where(np.isnan(prices[:, stable]), 1.0, prices[:, stable])
    cover = work.settings.tvl.units_cover
    growth = np.full_like(usd, np.nan)
    growth[:, 0] = tvl.unit_growth(units, prices, usd[:, 0], cover)
    for column, protocol in enumerate(protocols, start=1):
        own = [at for at, (slug, _) in enumerate(tokens) if slug == protocol]
        if own:
            growth[:, column] = tvl.unit_growth(units[:, own], prices[:, own], usd[:, column], cover)
    return growth


def _funding(work: _Build) -> dict[str, Funding]:
    """Funding of every asset and of both sectors, whose baskets are weighted equally; gives the baskets' prints."""
    settings, stale = work.settings.funding, work.settings.stale.funding
    per = -1.0 / (settings.full - settings.neutral)

    def add(name: str, subject: str, mean: Floats, age: Floats, grade: float) -> None:
        points = crowding_points(mean, settings)
        work.add(name, subject, mean, stale, points, per=per, age=age, grade=grade)

    def read(assets: list[str]) -> Funding:
        level = work.settings.triggers.funding.level
        return funding(work.history.funding, assets, work.days, settings, level)

    each = read(work.assets)
    for column, asset in enumerate(work.assets):
        add("funding", asset, each.mean[:, column], each.age[:, column], 1.0)
    prints = {sector: read(basket) for sector, basket in work.baskets.items()}
    for sector, part in prints.items():
        mean, age = sector_mean(part.mean), sector_mean(np.where(np.isnan(part.mean), np.nan, part.age))
        for name in ("funding", f"fund_{sector.lower()}"):
            add(name, sector, mean, age, settings.quality_equal_weight)
    return prints


def _activity(work: _Build) -> None:
    settings, stale, history = work.settings.activity, work.settings.stale.activity, work.history
    assets = work.groups[L1] + work.groups[DEFI]
    every = activity_z(history.activity, history.fees, work.days, assets, settings, work.settings.robust)
    for subject, group in (work.baskets | {asset: [asset] for asset in assets}).items():
        z = activity(every[:, :, [assets.index(asset) for asset in group]])
        work.add("activity", subject, z, stale, z / settings.full, per=1.0 / settings.full)


def _context(work: _Build, eth: Floats) -> None:
    stale, history = work.settings.stale, work.history
    stable = set(work.universe.members(Sector.STABLE))
    columns = [column for column in history.market_caps if column not in stable]
    caps = history.market_caps.reindex(index=work.days, columns=columns).to_numpy(dtype=np.float64)
    for sector, members in work.groups.items():
        group = [columns.index(asset) for asset in members if asset in columns]
        work.add("dominance", sector, dominance(caps, group), stale.prices)
    share, count = breadth(work.prices(work.groups[DEFI]), eth, work.settings.context.breadth)
    work.add("breadth", DEFI, share, stale.prices)
    work.add("compared", DEFI, np.where(np.isnan(share), np.nan, count), stale.prices)
    mood = history.sentiment.reindex(work.days)
    first = mood.iloc[:, 0].to_numpy(dtype=np.float64) if mood.shape[1] else np.full(len(work.days), np.nan)
    work.add("sentiment", MARKET, first, stale.sentiment)
