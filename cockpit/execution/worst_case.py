"""What a step loses if it goes wrong: its stop is hit, or what it buys falls by its sector's shock."""

from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.assets import Sector, Universe
from cockpit.model.book import Book, Side
from cockpit.model.exposure import sector_of
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ONE, UNIT, ZERO, nearest_to
from cockpit.model.picture import Hazard, WorstCase
from cockpit.model.plan import Action, Step
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.book_walk import BPS, NoDepth, walk
from cockpit.rotation.path import WEIGHT_UNIT
from cockpit.rotation.sender import trading_fee


def worst_case(
    step: Step, book: Book, market: MarketSnapshot, universe: Universe, settings: RiskSettings, nav: Decimal
) -> WorstCase:
    """The worst case of a step against a NAV of `nav` quote units, the order filled at its limit.

    A perpetual that is opened is closed at its stop, slipped by the larger of `slippage_max_bps` and the order book of now,
    which may be thinner then. A purchase of spot falls by the shock of its sector. Every other step puts nothing at risk.
    """
    if step.action.opens and step.stop_price is not None:
        found = _stopped(step, book, market, settings)
    elif step.action is Action.BUY:
        found = _shocked(step, sector_of(step.asset or "", book, universe), market, settings)
    else:
        return WorstCase()
    share = nearest_to(found.loss / nav, WEIGHT_UNIT) if nav > 0 else ZERO
    return replace(found, share=share)


def _stopped(step: Step, book: Book, market: MarketSnapshot, settings: RiskSettings) -> WorstCase:
    side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
    entry, stop, quantity = _limit(step), step.stop_price or ZERO, step.quantity
    held = book.account(step.account).position(step.asset or "")
    grown = held.quantity if held is not None and held.side is side else ZERO
    walked = _walked(step, market, quantity + grown)
    bps = max(settings.limits.slippage_max_bps, walked or ZERO)
    slipped = stop * bps / BPS
    paid = (stop - side.sign * slipped) * settings.fees.perp_taker
    found = WorstCase(
        hazard=Hazard.STOP,
        entry_price=entry,
        exit_price=stop,
        move=_unit(side.sign * quantity * (entry - stop)),
        entry_fee=trading_fee(quantity * entry, settings.fees, step.symbol or ""),
        closing_fee=_unit(quantity * paid),
        slippage=_unit(quantity * slipped),
        slippage_bps=bps,
        book_bps=walked,
    )
    if not grown:
        return found
    older = grown * (side.sign * (market.mark(step.symbol or "") - stop) + slipped + paid)
    return replace(found, whole=_unit(found.loss + older))


def _shocked(step: Step, sector: Sector, market: MarketSnapshot, settings: RiskSettings) -> WorstCase:
    if sector is Sector.STABLE:
        return WorstCase()
    entry, shock = _limit(step), settings.limits.shock(sector)
    fallen = market.mark(step.symbol or "") * (ONE - shock)
    return WorstCase(
        hazard=Hazard.SHOCK,
        entry_price=entry,
        exit_price=fallen,
        shock=shock,
        move=_unit(step.quantity * (entry - fallen)),
        entry_fee=trading_fee(step.quantity * entry, settings.fees, step.symbol or ""),
    )


def _walked(step: Step, market: MarketSnapshot, quantity: Decimal) -> Decimal | None:
    """What closing `quantity` would slip in the order book of now, in basis points; None where it shows too little of it."""
    quote, instrument = market.quotes.get(step.symbol or ""), market.instruments.get(step.symbol or "")
    if quote is None or instrument is None or quote.pinned:
        return None
    try:
        return walk(quote, instrument, not step.action.buys, quantity).slippage_bps
    except NoDepth:
        return None


def _limit(step: Step) -> Decimal:
    return step.price or step.expected_price or ZERO


def _unit(value: Decimal) -> Decimal:
    return nearest_to(value, UNIT)
