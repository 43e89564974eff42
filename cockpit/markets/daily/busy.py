"""How busy the networks are: fees paid, transactions, the price of gas; and the mood beside it."""

from __future__ import annotations

from cockpit.markets.daily.coinmetrics import CoinMetrics
from cockpit.markets.daily.ethereum import Ethereum
from cockpit.markets.daily.llama import Chains
from cockpit.markets.daily.run import Run, all_of
from cockpit.markets.daily.sentiment import Sentiment
from cockpit.markets.daily.series import DAY, days
from cockpit.markets.daily.sift import FLOW
from cockpit.markets.live.fault import Fault, Kind

LLAMA, METRICS, NODE, MOOD = "DefiLlama", "Coin Metrics", "Ethereum nodes", "alternative.me"
GAS = "ETH.gas_gwei"
GAS_DAYS = 3
"""Closed days whose gas is asked for: a day takes a dozen requests, and public nodes are shared by everybody."""
FEAR = "fear_greed"


async def collect(run: Run, llama: Chains, metrics: CoinMetrics, ethereum: Ethereum) -> None:
    """Keep the fees, transactions and gas that are lacking, and write them."""
    await all_of([*(_fees(run, llama, *what) for what in _payers(run)), _gas(run, ethereum)])
    await _network(run, metrics)
    await run.save("fees", "activity")


async def mood(run: Run, sentiment: Sentiment) -> None:
    """Keep the fear and greed that is lacking, and write it."""
    span = run.due("sentiment", MOOD, FEAR, run.yesterday)
    if span is None:
        return
    try:
        points = await sentiment.index((run.today - span[0]).days, run.today)
    except Fault as fault:
        run.failed(sentiment.meter.name, fault)
        return
    run.kept.take("sentiment", FEAR, {d: v for d, v in points.items() if d >= run.first}, FLOW, run.now, MOOD)
    run.asked("sentiment", MOOD, FEAR, *span)
    await run.save("sentiment")


def _payers(run: Run) -> list[tuple[str, str]]:
    """(asset, its name at the vendor) of every chain and protocol whose fees are paid by users."""
    named = ((asset.symbol, asset.defillama_chain or asset.defillama_protocol) for asset in run.universe.assets.values())
    return [(asset, name) for asset, name in named if name]


async def _fees(run: Run, llama: Chains, asset: str, name: str) -> None:
    if run.due("fees", LLAMA, asset, run.yesterday) is None:
        return
    try:
        points = await llama.fees(name, run.first, run.yesterday, run.now)
    except Fault as fault:
        run.failed(llama.meter.name, fault)
        if fault.kind is Kind.MISSING:
            run.asked("fees", LLAMA, asset, run.first, run.yesterday)
        return
    run.kept.take("fees", asset, points, FLOW, run.now, LLAMA)
    run.asked("fees", LLAMA, asset, run.first, run.yesterday)


async def _network(run: Run, metrics: CoinMetrics) -> None:
    """Transactions of every chain, and the fees of those of which nobody else told any."""
    chains = [asset.symbol for asset in run.universe.assets.values() if asset.defillama_chain]
    spans = {
        asset: span for asset in chains if (span := run.due("activity", METRICS, f"{asset}.tx_count", run.yesterday)) is not None
    }
    if not spans:
        return
    first, last = min(span[0] for span in spans.values()), run.yesterday
    try:
        transactions, fees = await metrics.network(list(spans), first, last)
    except Fault as fault:
        run.failed(metrics.meter.name, fault)
        return
    for asset in spans:
        column = f"{asset}.tx_count"
        run.kept.take("activity", column, transactions.get(asset, {}), FLOW, run.now, METRICS)
        run.asked("activity", METRICS, column, first, last)
        lacking = run.lacking("fees", asset, run.settled)  # before, the first vendor may only be late
        paid = {day: usd for day, usd in fees.get(asset, {}).items() if day in lacking}
        if paid:
            run.kept.take("fees", asset, paid, FLOW, run.now, METRICS)


async def _gas(run: Run, ethereum: Ethereum) -> None:
    if "ETH" not in run.universe.assets or not ethereum.nodes or run.due("activity", NODE, GAS, run.yesterday) is None:
        return
    first = max(run.first, run.today - GAS_DAYS * DAY)
    lacking = run.lacking("activity", GAS, run.yesterday)
    for day in days(first, run.yesterday):
        if day in lacking:
            try:
                price = await ethereum.gas(day)
            except Fault as fault:
                run.failed(NODE, fault)
                return
            run.kept.take("activity", GAS, {day: price}, FLOW, run.now, NODE)
    run.asked("activity", NODE, GAS, run.first, run.yesterday)
