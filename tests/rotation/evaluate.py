"""The rules read anew from a book, with nothing of the planner: what the properties hold a plan's every prefix against."""

from dataclasses import dataclass
from decimal import Decimal

from cockpit.model import ledger
from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.exposure import expose, sector_of
from cockpit.model.instruments import MarginTier
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ONE
from cockpit.model.plan import Action, Step, Wallet
from tests.rotation.worlds import D, settings, universe


def applied(account: Account, step: Step, part: Decimal = ONE) -> Account:
    """The account after a step of which `part` has filled, straight through the ledger."""
    quantity, price, fee = step.quantity * part, step.expected_price or D(0), (step.fee or D(0)) * part
    asset = step.asset or ""
    match step.action:
        case Action.TRANSFER:
            return ledger.transfer(account, step.source or Wallet.SPOT, step.quantity)
        case Action.SET_STOP:
            return ledger.set_stop(account, asset, step.stop_price)
        case Action.ADD_MARGIN:
            return ledger.add_margin(account, asset, step.quantity)
        case Action.BUY | Action.SELL:
            return ledger.trade_spot(account, asset, step.action is Action.BUY, quantity, price, fee)
        case Action.OPEN_LONG | Action.OPEN_SHORT:
            side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
            assert step.leverage is not None
            return ledger.open_position(account, asset, side, quantity, price, step.leverage, fee, step.stop_price)
        case Action.REDUCE_LONG | Action.REDUCE_SHORT:
            held = account.position(asset)
            assert held is not None
            assert held.side is (Side.LONG if step.action is Action.REDUCE_LONG else Side.SHORT)
            return ledger.reduce_position(account, asset, quantity, price, fee)


@dataclass(frozen=True)
class Standing:
    """The rules' values of one book; positions by (account, asset)."""

    nav: Decimal
    base: Decimal
    book: dict[str, Decimal]
    positions: dict[tuple[str, str], dict[str, Decimal]]
    nets: dict[Sector, Decimal]


def maintenance(notional: Decimal, tiers: tuple[MarginTier, ...]) -> Decimal:
    """Bracket by bracket, as a tax is computed."""
    total = D(0)
    for tier in tiers:
        if notional > tier.floor:
            top = notional if tier.cap is None else min(notional, tier.cap)
            total += (top - tier.floor) * tier.rate
    return total


def standing(book: Book, market: MarketSnapshot) -> Standing:
    """Every rule's value; larger is worse."""
    known = universe()
    exposure = expose(book, market, known)
    nav = exposure.nav
    nets = {sector: exposure.sectors[sector].net for sector in (Sector.L1, Sector.DEFI)}
    values = {
        "free_reserve_min": -exposure.cash / nav,
        "futures_capital_max": exposure.futures_wallet / nav,
        "gross_notional_max": exposure.gross_futures_notional / nav,
    }
    positions = {}
    shorts = {Sector.L1: D(0), Sector.DEFI: D(0)}
    for account, position in book.positions():
        sector = sector_of(position.asset, book, known)
        mark = market.mark(position.symbol)
        if sector in shorts and position.side is Side.SHORT:
            shorts[sector] += position.notional(mark)
        positions[account.id, position.asset] = judged(position, mark, market.instruments[position.symbol].tiers, sector)
    for sector, short in shorts.items():
        spot = exposure.sectors[sector].spot
        values[f"hedge {sector}"] = D(0) if short == 0 else (short / spot if spot > 0 else D(999))
    return Standing(nav=nav, base=exposure.base, book=values, positions=positions, nets=nets)


def judged(position: Position, mark: Decimal, tiers: tuple[MarginTier, ...], sector: Sector) -> dict[str, Decimal]:
    """A position's values; larger is worse, and above 0 (or the limit named in LIMITS) is a breach."""
    limits = settings().limits
    sign, stop = position.side.sign, position.stop_price
    shocked = mark * (1 - sign * limits.shock(sector))
    equity = position.margin + position.unrealised_pnl(shocked)
    lacking = maintenance(position.quantity * shocked, tiers) - equity
    naked = stop is None or sign * (mark - stop) <= 0
    wide = D(1)
    near = D(1)
    if stop is not None and not naked:
        worse = min(mark, position.entry_price) if sign > 0 else max(mark, position.entry_price)
        wide = sign * (1 - stop / worse) - limits.stop_distance(sector)
        # rho <= .67 says that the position still has its maintenance margin at entry - (entry - stop) / .67.
        way = sign * (position.entry_price - stop)
        if way > 0:
            beyond = position.entry_price - sign * way / limits.stop_liquidation_ratio_max
            left = position.margin + position.unrealised_pnl(beyond)
            near = maintenance(position.quantity * beyond, tiers) - left if beyond > 0 else D(0)
        else:
            near = D(0)
    return {
        "leverage": position.leverage - limits.leverage_max,
        "stop": wide,
        "rho": ONE if naked else near / (position.quantity * mark),
        "shock": lacking / (position.quantity * mark),
    }
