"""Total value locked: of all of DeFi, and of every protocol of the universe with the units of its tokens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cockpit.markets.daily.llama import Chains
from cockpit.markets.daily.run import Run, all_of
from cockpit.markets.daily.series import DAY, Table
from cockpit.markets.daily.sift import TVL, Drift, no_drift
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.assets import Sector
from cockpit.model.money import ONE, ZERO

TOTAL = "total"
SOURCE = "DefiLlama"
COVER = Decimal("0.8")
"""The share of a TVL whose tokens must have prices before a move of prices is taken out of it."""


async def collect(run: Run, llama: Chains) -> None:
    """Keep the snapshots that are lacking, and write them."""
    slugs = dict.fromkeys(asset.defillama_protocol for asset in run.universe.assets.values() if asset.defillama_protocol)
    await all_of([_total(run, llama), *(_protocol(run, llama, slug) for slug in slugs)])
    await run.save("tvl", "tvl_units")


async def _total(run: Run, llama: Chains) -> None:
    if run.due("tvl", SOURCE, TOTAL, run.today) is None:
        return
    try:
        points = await llama.total(run.first, run.now)
    except Fault as fault:
        run.failed(llama.meter.name, fault)
        return
    run.kept.take("tvl", TOTAL, points, TVL, run.now, SOURCE)
    run.asked("tvl", SOURCE, TOTAL, run.first, run.today)


async def _protocol(run: Run, llama: Chains, slug: str) -> None:
    if run.due("tvl", SOURCE, slug, run.today) is None:
        return
    assets = frozenset(run.universe.assets)
    try:
        usd, units = await llama.protocol(slug, assets, run.first, run.now)
    except Fault as fault:
        run.failed(llama.meter.name, fault)
        if fault.kind is Kind.MISSING:
            run.asked("tvl", SOURCE, slug, run.first, run.today)
        return
    taken = run.kept.take("tvl", slug, usd, TVL, run.now, SOURCE, _drift(run, usd, units))
    for asset, amounts in units.items():
        run.kept.put_in("tvl_units", f"{slug}:{asset}", {day: amount for day, amount in amounts.items() if day in taken})
    if units:
        run.kept.notebook.words.setdefault("tvl_units", {})[slug] = SOURCE
    run.asked("tvl", SOURCE, slug, run.first, run.today)


def _drift(run: Run, usd: dict[date, Decimal], units: Table) -> Drift:
    """How far prices alone moved the value of what was locked, where its tokens are known."""
    if not units:
        return no_drift
    stable = set(run.universe.members(Sector.STABLE))

    def price(asset: str, stamp: date) -> Decimal | None:
        known = run.kept.tables["prices"].get(asset, {}).get(stamp - DAY)
        return ONE if known is None and asset in stable else known

    def drift(before: date, after: date) -> Decimal:
        then = now = ZERO
        for asset, amounts in units.items():
            amount, old, new = amounts.get(before), price(asset, before), price(asset, after)
            if amount is not None and old is not None and new is not None:
                then += amount * old
                now += amount * new
        known = then > 0 and now > 0 and then >= COVER * usd.get(before, ZERO)
        return now / then if known else ONE

    return drift
