"""The daily closes: DefiLlama first, then the venues' own candles, then reference rates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from cockpit.markets.daily.coinmetrics import CoinMetrics
from cockpit.markets.daily.llama import Prices
from cockpit.markets.daily.run import Run, VenueLike
from cockpit.markets.daily.series import DAY, Table
from cockpit.markets.daily.sift import PRICE
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import QUOTE

OVERLAP = 2 * DAY
"""Days before the lacking ones that are asked for too, so that restated closes are noticed."""
Fetch = Callable[[Sequence[str], date, date], Awaitable[Table]]


async def collect(run: Run, llama: Prices, venues: Sequence[VenueLike], metrics: CoinMetrics) -> None:
    """Keep the closes that are lacking, and write them."""
    coins = {asset.symbol: asset.coingecko for asset in run.universe.assets.values() if asset.coingecko}
    coins.pop(QUOTE, None)

    async def charted(assets: Sequence[str], first: date, last: date) -> Table:
        return await llama.closes({asset: coins[asset] for asset in assets}, first, last)

    assets = [symbol for symbol in run.universe.assets if symbol != QUOTE]
    await _ask(run, "DefiLlama", llama.meter.name, list(coins), charted)
    for venue in venues:
        await _ask(run, venue.id, venue.id, assets, _candles(venue), together=False)
    await _ask(run, "Coin Metrics", metrics.meter.name, assets, metrics.closes)
    await run.save("prices")


def _candles(venue: VenueLike) -> Fetch:
    async def fetch(assets: Sequence[str], first: date, last: date) -> Table:
        try:
            return {asset: await venue.candles(asset, first, last) for asset in assets}
        except Fault as fault:
            if fault.kind is not Kind.MISSING:
                raise
            return {}

    return fetch


async def _ask(run: Run, source: str, name: str, assets: Sequence[str], fetch: Fetch, *, together: bool = True) -> None:
    """Ask one source for what is still lacking: assets with the same days `together`, or one by one."""
    groups: dict[tuple[date, date], list[str]] = {}
    for asset in assets:
        if (span := run.due("prices", source, asset, run.yesterday)) is not None:
            groups.setdefault(span, []).append(asset)
    batches = [(span, part) for span, group in groups.items() for part in ([group] if together else [[one] for one in group])]
    for (first, last), group in batches:
        begin = max(first - OVERLAP, run.first)
        try:
            found = await fetch(group, begin, last)
        except Fault as fault:
            run.failed(name, fault)
            return
        for asset in group:
            run.kept.take("prices", asset, found.get(asset, {}), PRICE, run.now, source)
            run.asked("prices", source, asset, begin, last)
