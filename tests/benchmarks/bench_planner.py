"""How long a plan takes for 200 assets over two accounts, and how much longer for twice as many.

Run it by hand: `python -m tests.benchmarks.bench_planner [--runs N]`. The best of the runs counts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.book import Account, Book, Position, Side, initial_margin
from cockpit.model.instruments import Instrument, perp_symbol, spot_symbol
from cockpit.model.market import FundingRate, Level, MarketLabel, MarketSnapshot, Quote
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from cockpit.rotation.planner import plan
from tests.benchmarks.measuring import Effort, Row, Table, main
from tests.rotation.worlds import NOW, instruments, settings, strategy

D = Decimal


def world(count: int) -> tuple[Book, MarketSnapshot, Universe]:
    """Half L1 and half DeFi, all held in both accounts, every fourth with a position; deep order books."""
    names = [f"T{number:03d}" for number in range(count)]
    assets = {
        name: Asset(symbol=name, name=name, sector=Sector.L1 if number % 2 else Sector.DEFI) for number, name in enumerate(names)
    }
    assets["USDT"] = Asset(symbol="USDT", name="USDT", sector=Sector.STABLE)
    quotes: dict[str, Quote] = {}
    known: dict[str, Instrument] = {}
    funding: dict[str, FundingRate] = {}
    for number, name in enumerate(names):
        price = D(5 + number * 7 % 90)
        known |= instruments(name, price)
        for symbol in (spot_symbol(name), perp_symbol(name)):
            ways = [D("0.0002") * step for step in range(1, 11)]
            quotes[symbol] = Quote(
                symbol=symbol,
                mark=price,
                bid=price * (1 - ways[0]),
                ask=price * (1 + ways[0]),
                at=NOW,
                bids=tuple(Level(price * (1 - way), 40_000 / price) for way in ways),
                asks=tuple(Level(price * (1 + way), 40_000 / price) for way in ways),
            )
        perp = perp_symbol(name)
        funding[perp] = FundingRate(symbol=perp, rate=D("0.0001"), interval_hours=D(8), next_at=NOW + timedelta(hours=8))
    market = MarketSnapshot(
        source="benchmark", label=MarketLabel.SIMULATED, as_of=NOW, quotes=quotes, instruments=known, funding=funding
    )
    return Book(name="benchmark", accounts=tuple(account(i, names, market) for i in range(2))), market, Universe(assets=assets)


def account(index: int, names: list[str], market: MarketSnapshot) -> Account:
    """Each holding is worth 5,000, each position 2,000; cash is a third of the holdings."""
    spot = {name: D(5000) / market.price(name) for name in names}
    spot["USDT"] = D(5000 * len(names)) / 3
    positions = []
    for number, name in enumerate(names):
        if number % 4 == index:
            price = market.price(name)
            quantity = (D(2000) / price).quantize(D(1))
            side = Side.SHORT if number % 8 < 4 else Side.LONG
            margin = initial_margin(quantity, price, D(2))
            stop = price * (1 - side.sign * D("0.12"))
            positions.append(
                Position(asset=name, side=side, quantity=quantity, entry_price=price, margin=margin, stop_price=stop)
            )
    wallet = sum((p.margin for p in positions), D(0))
    return Account(id=f"account{index}", venue="paper", spot=spot, futures_wallet=wallet, positions=tuple(positions))


def timed(count: int, name: str, mode: Mode, runs: int) -> tuple[float, Plan]:
    """The best of the runs, in seconds."""
    book, market, universe = world(count)
    rules = settings()
    fine = rules.drift.__class__(points=D("0.05"), share=D("0.25"), dust_nav=D("0.00005"), asset_cap=D("0.40"))
    rules = rules.__class__(
        schema=1, limits=rules.limits, warnings=rules.warnings, sending=rules.sending, fees=rules.fees, drift=fine
    )
    best, made = float("inf"), None
    for _ in range(runs):
        began = time.perf_counter()
        made = plan(book, market, universe, strategy(name), rules, PlanRequest(mode=mode), NOW)
        best = min(best, time.perf_counter() - began)
    assert made is not None
    return best, made


def measure(effort: Effort) -> Iterator[Table]:
    """Every strategy in a mode that makes it work."""
    rows = []
    for name, mode in (("B", Mode.SPOT), ("B", Mode.OVERLAY), ("B", Mode.BLEND), ("A", Mode.SPOT), ("C", Mode.BLEND)):
        small, plan_small = timed(200, name, mode, effort.runs)
        large, plan_large = timed(400, name, mode, effort.runs)
        rows.append(Row(f"{name} {mode}, 200 assets, {len(plan_small.steps)} steps", small, "s", most=1.0))
        rows.append(Row(f"{name} {mode}, 400 assets, {len(plan_large.steps)} steps", large, "s", large / small, most_ratio=2.5))
    yield Table("A plan", rows, "Ratios are to 200 assets.")


if __name__ == "__main__":
    main(measure, __doc__)
