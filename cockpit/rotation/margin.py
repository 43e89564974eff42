"""What a perpetual position costs, earns and risks: margin, liquidation, funding, break-even and hedge formulas.

Quantities are base units above zero, prices and amounts quote units, rates fractions. A long counts +1, a short -1.
Arithmetic is exact Decimal; only ratios and compounding round, to the precision of the decimal context.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from cockpit.model.book import Side, initial_margin
from cockpit.model.instruments import MarginTier
from cockpit.model.money import ZERO

__all__ = [
    "annualised_funding",
    "average_entry",
    "beta_hedge_notional",
    "break_even_price",
    "buffered_liquidation_price",
    "closed_pnl",
    "effective_leverage",
    "entry_margin_liquidation_price",
    "fee_margin_liquidation_price",
    "funding_payment",
    "funding_rate",
    "hedge_ratio",
    "initial_margin",
    "liquidation_move",
    "liquidation_price",
    "maintenance_margin",
    "margin_for_liquidation_at",
    "minimum_variance_hedge_ratio",
    "order_cost",
    "per_8h",
    "quantity_from_stop",
    "return_on_margin",
    "shock_equity",
    "shock_top_up",
    "stop_liquidation_ratio",
    "tier_of",
    "unrealised_pnl",
]

HOURS_PER_DAY = 24
DAYS_PER_YEAR = 365


def tier_of(notional: Decimal, tiers: Sequence[MarginTier]) -> MarginTier:
    """The tier whose (floor, cap] holds `notional`; above the last cap the last tier goes on."""
    for tier in tiers:
        if tier.cap is None or notional <= tier.cap:
            return tier
    return tiers[-1]


def maintenance_margin(notional: Decimal, tiers: Sequence[MarginTier]) -> Decimal:
    """notional * rate - amount of its tier: the equity below which a position is liquidated."""
    tier = tier_of(notional, tiers)
    return notional * tier.rate - tier.amount


def unrealised_pnl(side: Side, quantity: Decimal, entry_price: Decimal, mark: Decimal) -> Decimal:
    """side * quantity * (mark - entry). Leverage is no part of it."""
    return Side(side).sign * quantity * (mark - entry_price)


def closed_pnl(
    side: Side,
    quantity: Decimal,
    entry_price: Decimal,
    exit_price: Decimal,
    *,
    fee_rate: Decimal = ZERO,
    funding_paid: Decimal = ZERO,
) -> Decimal:
    """PnL of a round trip after the fees of both sides and the funding that the position paid."""
    fees = quantity * (entry_price + exit_price) * fee_rate
    return unrealised_pnl(side, quantity, entry_price, exit_price) - fees - funding_paid


def average_entry(fills: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The entry price after fills of (quantity, price); reducing a position later does not change it."""
    rows = list(fills)
    return sum((q * p for q, p in rows), ZERO) / sum((q for q, _ in rows), ZERO)


def return_on_margin(pnl: Decimal, margin: Decimal, closing_fee: Decimal = ZERO) -> Decimal:
    """PnL over initial margin plus the estimated closing fee (Bybit's definition of the return)."""
    return pnl / (margin + closing_fee)


def order_cost(quantity: Decimal, price: Decimal, leverage: Decimal, fee_rate: Decimal) -> Decimal:
    """What an opening order takes from the free wallet: initial margin plus its fee."""
    return initial_margin(quantity, price, leverage) + quantity * price * fee_rate


def liquidation_price(
    side: Side,
    quantity: Decimal,
    entry_price: Decimal,
    wallet_balance: Decimal,
    tiers: Sequence[MarginTier],
    *,
    other_maintenance: Decimal = ZERO,
    other_pnl: Decimal = ZERO,
) -> Decimal | None:
    """The mark price at which equity equals maintenance margin, by Binance's one-way formula over all tiers.

    LP = (WB - TMM + UPNL + amount - side*q*EP) / (q*rate - side*q), taken from the tier that holds q*LP. Isolated:
    `wallet_balance` is the position's margin and the others are 0. Cross: it is the wallet's balance, with the maintenance
    margin and the unrealised PnL of the other positions. Where maintenance margin jumps at a floor, it is the price that comes
    first: for a long the highest, for a short maybe the floor itself. None where no price above zero liquidates the position,
    or where no tiers are known.
    """
    sign = Side(side).sign
    equity = wallet_balance - other_maintenance + other_pnl - sign * quantity * entry_price
    for tier in tiers if sign < 0 else reversed(tiers):
        price = (equity + tier.amount) / (quantity * (tier.rate - sign))
        notional = quantity * price
        if sign > 0 and notional > tier.floor:
            return price
        if sign < 0 and (tier.cap is None or tier is tiers[-1] or notional <= tier.cap):
            return max(price, tier.floor / quantity) if max(notional, tier.floor) > 0 else None
    return None


def entry_margin_liquidation_price(
    side: Side,
    quantity: Decimal,
    entry_price: Decimal,
    leverage: Decimal,
    maintenance_rate: Decimal,
    *,
    deduction: Decimal = ZERO,
    extra_margin: Decimal = ZERO,
) -> Decimal:
    """Liquidation where maintenance margin is taken at the entry value (Bybit's classic isolated USDT contract).

    LP = EP - side * (IM - MM + extra) / q with MM = q*EP*rate - deduction; funding paid out of the margin is a negative extra.
    """
    margin = quantity * entry_price / leverage
    maintenance = quantity * entry_price * maintenance_rate - deduction
    return entry_price - Side(side).sign * (margin - maintenance + extra_margin) / quantity


def fee_margin_liquidation_price(
    side: Side, quantity: Decimal, entry_price: Decimal, margin: Decimal, maintenance_rate: Decimal, fee_rate: Decimal
) -> Decimal:
    """Liquidation where the closing fee counts as maintenance (Gate, OKX): (EP - s*margin/q) / (1 - s*(rate + fee))."""
    sign = Side(side).sign
    return (entry_price - sign * margin / quantity) / (1 - sign * (maintenance_rate + fee_rate))


def buffered_liquidation_price(entry_price: Decimal, liquidation: Decimal, buffer: Decimal) -> Decimal:
    """The liquidation price moved towards entry by `buffer` (a fraction of their distance): no stop belongs beyond it."""
    return liquidation + (entry_price - liquidation) * buffer


def liquidation_move(mark: Decimal, liquidation: Decimal) -> Decimal:
    """The signed move of mark, as a fraction, that liquidates a position: negative for a long."""
    return liquidation / mark - 1


def margin_for_liquidation_at(
    side: Side, quantity: Decimal, entry_price: Decimal, price: Decimal, tiers: Sequence[MarginTier]
) -> Decimal:
    """The isolated margin with which a position is liquidated exactly at `price`: MM(q*price) - side*q*(price - entry).

    A long must also get past the floors above, where maintenance margin may jump: with that margin it is liquidated no earlier.
    """
    needed = maintenance_margin(quantity * price, tiers) - unrealised_pnl(side, quantity, entry_price, price)
    if Side(side).sign < 0:
        return needed
    above = [tier for tier in tiers if tier.floor >= quantity * price]
    return max([needed, *(tier.floor * (tier.rate - 1) - tier.amount + quantity * entry_price for tier in above)])


def stop_liquidation_ratio(entry_price: Decimal, stop_price: Decimal, liquidation: Decimal) -> Decimal:
    """|entry - stop| / |entry - liquidation|: how much of the way to liquidation the stop lets the price go."""
    return abs(entry_price - stop_price) / abs(entry_price - liquidation)


def shock_equity(side: Side, quantity: Decimal, entry_price: Decimal, margin: Decimal, mark: Decimal, shock: Decimal) -> Decimal:
    """The isolated equity of a position once mark has moved against it by `shock`, a fraction."""
    sign = Side(side).sign
    return margin + sign * quantity * (mark * (1 - sign * shock) - entry_price)


def shock_top_up(
    side: Side,
    quantity: Decimal,
    entry_price: Decimal,
    margin: Decimal,
    mark: Decimal,
    shock: Decimal,
    tiers: Sequence[MarginTier],
) -> Decimal:
    """The margin that is missing for the position to survive `shock`; 0 where none is."""
    price = mark * (1 - Side(side).sign * shock)
    return max(ZERO, margin_for_liquidation_at(side, quantity, entry_price, price, tiers) - margin)


def quantity_from_stop(
    nav: Decimal,
    risk: Decimal,
    entry_price: Decimal,
    stop_price: Decimal,
    *,
    fee_rate: Decimal = ZERO,
) -> Decimal:
    """The quantity that loses the fraction `risk` of NAV at the stop, after the commissions of a round trip on the risked sum."""
    risked = nav * risk
    return (risked - risked * fee_rate * 2) / abs(entry_price - stop_price)


def funding_payment(side: Side, quantity: Decimal, mark: Decimal, rate: Decimal) -> Decimal:
    """What the position receives at a funding timestamp, -side * q * mark * rate: negative is paid (longs pay while rate > 0)."""
    return -Side(side).sign * quantity * mark * rate


def per_8h(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """A funding rate per interval as its 8-hour equivalent."""
    return rate * 8 / interval_hours


def annualised_funding(rate: Decimal, interval_hours: Decimal = Decimal(8), *, compounded: bool = False) -> Decimal:
    """A funding rate per interval as a yearly fraction: simple (what cash pays), or compounded as if payments were reinvested."""
    periods = Decimal(HOURS_PER_DAY * DAYS_PER_YEAR) / interval_hours
    return (1 + rate) ** periods - 1 if compounded else rate * periods


def funding_rate(
    premium: Decimal, interest: Decimal, *, interval_hours: Decimal = Decimal(8), clamp: Decimal = Decimal("0.0005")
) -> Decimal:
    """The rate of an interval from the 8-hour premium and interest: (P + clamp(I - P)) / (8 / interval) (Binance)."""
    return (premium + max(-clamp, min(clamp, interest - premium))) * interval_hours / 8


def break_even_price(side: Side, entry_price: Decimal, fee_rate: Decimal, funding: Decimal = ZERO) -> Decimal:
    """The exit price at which a round trip earns nothing.

    `fee_rate` is the taker fee of each side, `funding` the sum of the rates over the holding time, positive where longs paid.
    Long EP*(1 + f + funding)/(1 - f), short EP*(1 - f + funding)/(1 + f).
    """
    sign = Side(side).sign
    return entry_price * (1 + sign * fee_rate + funding) / (1 - sign * fee_rate)


def hedge_ratio(short_notional: Decimal, spot_value: Decimal) -> Decimal:
    """Short notional over the spot value that it protects; a short without any spot is infinite, neither is 0."""
    if spot_value > 0:
        return short_notional / spot_value
    return Decimal("Infinity") if short_notional > 0 else ZERO


def minimum_variance_hedge_ratio(correlation: Decimal, spot_deviation: Decimal, futures_deviation: Decimal) -> Decimal:
    """rho * sigma_spot / sigma_futures (Hull): the ratio whose remaining variance is least."""
    return correlation * spot_deviation / futures_deviation


def beta_hedge_notional(value: Decimal, beta: Decimal, target_beta: Decimal = ZERO) -> Decimal:
    """The notional to short so that a holding of `value` keeps `target_beta`: (beta - target) * value; negative is a long."""
    return (beta - target_beta) * value


def effective_leverage(gross_notional: Decimal, equity: Decimal) -> Decimal:
    """Gross notional over equity, 0 where there is no equity."""
    return gross_notional / equity if equity > 0 else ZERO
