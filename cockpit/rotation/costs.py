"""What a plan costs: fees, slippage, funding a day, and for how long perpetuals are cheaper than spot."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from cockpit.model.instruments import perp_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import CENT, UNIT, ZERO, nearest_to, plain
from cockpit.model.plan import Cost, CostKind, Step
from cockpit.model.strategy import Fees
from cockpit.rotation.margin import funding_payment
from cockpit.rotation.path import Path

DAY_UNIT = Decimal("0.01")


def mean_funding(market: MarketSnapshot) -> dict[str, Decimal]:
    """The mean funding per 8 hours of every asset whose perpetual's funding is known (the last rate where no mean is)."""
    rates = market.funding.items()
    return {symbol.partition("/")[0]: rate.per_8h if rate.mean_3d is None else rate.mean_3d for symbol, rate in rates}


def daily_funding(path: Path) -> dict[tuple[str, str], Decimal]:
    """What every position pays a day at the present rates, by account and asset; received is negative, unknown counts as 0."""
    paid = {}
    for account, position in path.positions():
        rate = path.market.funding.get(position.symbol)
        day = rate.per_day if rate is not None else ZERO
        paid[account, position.asset] = -funding_payment(position.side, position.quantity, path.mark(position.asset), day)
    return paid


def costs_of(
    steps: Iterable[Step],
    slippage: Decimal,
    before: Mapping[tuple[str, str], Decimal],
    after: Mapping[tuple[str, str], Decimal],
    fees: Fees,
    market: MarketSnapshot,
) -> tuple[Cost, ...]:
    """The whole plan's costs; `before` and `after` are the daily funding of the book at its start and its end.

    break_even follows d = 2 (f_spot - f_perp) V / funding a day, with V the notional that the plan opens: only where what it
    opens pays funding on balance.
    """
    rows = list(steps)
    fee = sum((step.fee or ZERO for step in rows), ZERO)
    opened = [step for step in rows if step.action.opens]
    then, now = sum(before.values(), ZERO), sum(after.values(), ZERO)
    unknown = sorted({s.asset for s in opened if s.asset and perp_symbol(s.asset) not in market.funding})
    verb = "receives" if now < 0 else "pays"
    note = f"change against the start; the book then {verb} {plain(nearest_to(abs(now), CENT))} a day"
    if unknown:
        note += f"; no funding known for {', '.join(unknown)}"
    costs = [
        Cost(kind=CostKind.FEE, amount=nearest_to(fee, UNIT), note="taker fees of every order"),
        Cost(kind=CostKind.SLIPPAGE, amount=nearest_to(slippage, UNIT), note="expected fills against mark"),
        Cost(kind=CostKind.FUNDING, amount=nearest_to(now - then, UNIT), note=note),
    ]
    turnover = sum((step.notional or ZERO for step in opened), ZERO)
    saved = 2 * (fees.spot_taker - fees.perp_taker) * turnover
    if turnover > 0 and now > then and saved > 0:
        days = nearest_to(saved / (now - then), DAY_UNIT)
        costs.append(
            Cost(kind=CostKind.BREAK_EVEN, amount=days, note="days until spot would have been cheaper than the perpetuals")
        )
    return tuple(costs)
