"""Where a position's stop belongs, how far liquidation is, and how much margin its rules ask for."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side
from cockpit.model.instruments import MarginTier
from cockpit.model.money import ONE, UNIT, ZERO, ceil_to, floor_to
from cockpit.model.strategy import Limits
from cockpit.rotation.margin import liquidation_price, maintenance_margin, margin_for_liquidation_at

PRICE_DIGITS = 8
"""Significant digits of a derived price, such as a liquidation price."""


class PositionRisk(Struct, frozen=True, kw_only=True):
    """One position against the rules. `room` is the adverse move, as a fraction of mark, that liquidates it.

    `stop_distance` is measured from entry, or from mark where the price has already moved against the position; without a
    working stop it is 1. `stop_ratio` is the stop's way from entry over liquidation's way.
    """

    sector: Sector
    side: Side
    leverage: Decimal
    stop_distance: Decimal
    stop_ratio: Decimal
    room: Decimal
    liquidation: Decimal | None


def significant(value: Decimal, digits: int = PRICE_DIGITS) -> Decimal:
    """`value` rounded to significant digits."""
    with localcontext(prec=digits):
        return +value


def on_loss_side(side: Side, stop_price: Decimal, mark: Decimal) -> bool:
    """Whether a stop still waits: below mark for a long, above it for a short."""
    return stop_price < mark if side is Side.LONG else stop_price > mark


def below_maintenance(position: Position, mark: Decimal, tiers: tuple[MarginTier, ...]) -> bool:
    """Whether an isolated position is liquidated at `mark`: its equity is at most its maintenance margin (0 without tiers)."""
    required = maintenance_margin(position.notional(mark), tiers) if tiers else ZERO
    return position.margin + position.unrealised_pnl(mark) <= required


def stop_distance(side: Side, stop_price: Decimal, entry_price: Decimal, mark: Decimal) -> Decimal:
    """How far a stop stands on the loss side of entry, or of mark where that is the worse price; never below 0."""
    worse = min(entry_price, mark) if side is Side.LONG else max(entry_price, mark)
    return max(ZERO, side.sign * (1 - stop_price / worse))


def stop_for(side: Side, entry_price: Decimal, mark: Decimal, distance: Decimal, tick: Decimal) -> Decimal | None:
    """The stop at `distance` from entry, on a tick, rounded towards entry.

    Where the price has already passed it, the distance counts from mark. None where no tick lies between it and mark.
    """
    for reference in (entry_price, mark):
        raw = reference * (1 - side.sign * distance)
        stop = ceil_to(raw, tick) if side is Side.LONG else floor_to(raw, tick)
        if stop > 0 and on_loss_side(side, stop, mark):
            return stop
    return None


def position_risk(position: Position, mark: Decimal, tiers: tuple[MarginTier, ...], sector: Sector) -> PositionRisk:
    """The numbers that the rules judge; without known tiers the room is 0, because nobody can vouch for any.

    One in cross margin is judged by its share of the wallet, as if that were all that it has; where it is liquidated is unknown.
    """
    side, entry, stop = position.side, position.entry_price, position.stop_price
    liquidation = liquidation_price(side, position.quantity, entry, position.margin, tiers)
    room = ONE if tiers else ZERO
    if liquidation is not None:
        room = side.sign * (1 - liquidation / mark)
    if stop is None or not on_loss_side(side, stop, mark):
        distance, ratio = ONE, ONE
    else:
        distance = stop_distance(side, stop, entry, mark)
        ratio = _stop_ratio(side, entry, stop, liquidation)
    return PositionRisk(
        sector=sector,
        side=side,
        leverage=_rounded(position.leverage),
        stop_distance=_rounded(distance),
        stop_ratio=_rounded(ratio),
        room=_rounded(room),
        liquidation=None if position.cross else liquidation,
    )


def broken_rule(risk: PositionRisk, limits: Limits) -> str | None:
    """The first hard rule that a position breaks, by its limit's name."""
    l1 = risk.sector is Sector.L1
    if risk.leverage > limits.leverage_max:
        return "leverage_max"
    if risk.stop_distance > limits.stop_distance(risk.sector):
        return "stop_distance_l1" if l1 else "stop_distance_defi"
    if risk.stop_ratio > limits.stop_liquidation_ratio_max:
        return "stop_liquidation_ratio_max"
    if risk.room < limits.shock(risk.sector):
        return "shock_l1" if l1 else "shock_defi"
    return None


def better_stop(
    position: Position, mark: Decimal, tiers: tuple[MarginTier, ...], sector: Sector, limits: Limits, tick: Decimal
) -> Decimal | None:
    """The stop that a position should have: the one it has if that keeps the rules, else a new one; None where none can wait.

    A stop that would come too near to liquidation moves towards entry as far as the mark allows.
    """
    risk = position_risk(position, mark, tiers, sector)
    if risk.stop_distance <= limits.stop_distance(sector) and risk.stop_ratio <= limits.stop_liquidation_ratio_max:
        return position.stop_price
    side, entry = position.side, position.entry_price
    stop = stop_for(side, entry, mark, limits.stop_distance(sector), tick)
    if stop is None or risk.liquidation is None:
        return stop
    reach = entry - side.sign * limits.stop_liquidation_ratio_max * abs(entry - risk.liquidation)
    nearest = ceil_to(reach, tick) if side is Side.LONG else floor_to(reach, tick)
    tighter = max(stop, nearest) if side is Side.LONG else min(stop, nearest)
    return tighter if on_loss_side(side, tighter, mark) else stop


def required_margin(position: Position, mark: Decimal, tiers: tuple[MarginTier, ...], sector: Sector, limits: Limits) -> Decimal:
    """The least margin with which a position and its stop keep the leverage, shock and stop rules, rounded up to the unit."""
    side, quantity, entry = position.side, position.quantity, position.entry_price
    needs = [quantity * entry / limits.leverage_max]
    shocked = mark * (1 - side.sign * limits.shock(sector))
    needs.append(margin_for_liquidation_at(side, quantity, entry, shocked, tiers))
    if position.stop_price is not None:
        way = side.sign * (entry - position.stop_price)
        if way > 0:
            liquidation = entry - side.sign * way / limits.stop_liquidation_ratio_max
            if liquidation > 0:
                needs.append(margin_for_liquidation_at(side, quantity, entry, liquidation, tiers))
    return ceil_to(max(needs), UNIT)


def fires_first(side: Side, stop_price: Decimal, liquidation: Decimal | None) -> bool:
    """Whether the price meets a stop before it meets the liquidation."""
    return liquidation is None or side.sign * (stop_price - liquidation) > 0


def margin_for_stop(position: Position, tiers: tuple[MarginTier, ...], sector: Sector, limits: Limits) -> Decimal:
    """The least margin with which a position's stop keeps its share of the way to liquidation, rounded up to the unit.

    A stop on the profit side of entry asks for what one at the limit's distance would.
    """
    side, entry = position.side, position.entry_price
    way = ZERO if position.stop_price is None else side.sign * (entry - position.stop_price)
    if way <= 0:
        way = entry * limits.stop_distance(sector)
    liquidation = entry - side.sign * way / limits.stop_liquidation_ratio_max
    if liquidation <= 0 or not tiers:
        return ZERO
    return ceil_to(margin_for_liquidation_at(side, position.quantity, entry, liquidation, tiers), UNIT)


def _stop_ratio(side: Side, entry: Decimal, stop: Decimal, liquidation: Decimal | None) -> Decimal:
    way = side.sign * (entry - stop)
    if way <= 0 or liquidation is None:
        return ZERO
    to_liquidation = side.sign * (entry - liquidation)
    return way / to_liquidation if to_liquidation > way else ONE


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(UNIT, ROUND_HALF_EVEN)
