"""How much the book has lost since 00:00 UTC, and what that allows."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from cockpit.execution.context import Context
from cockpit.model.book import Account, Side
from cockpit.model.errors import MarketUnavailable
from cockpit.model.exposure import expose
from cockpit.model.instruments import QUOTE
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import CENT, ZERO, plain
from cockpit.model.strategy import Limits
from cockpit.rotation.checks import TradingState, trading_state
from cockpit.store.rows import OF_BOOK
from cockpit.store.unit import Unit
from cockpit.store.view import View

MOST_FUNDING = Decimal("0.04")
"""More of their notional positions do not pay as funding at once: venues cap a payment at 2 to 4 %."""


class Day:
    """Keeps the NAV with which the day began: the first that is seen of it; `rebase` takes in what flows in or out."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._noted: date | None = None

    def note(self) -> None:
        """Keep the NAV of a day's first look."""
        ctx, today = self._ctx, self._ctx.now().date()
        if self._noted == today:
            return
        with ctx.store.view(ctx.book) as view:
            known, book = view.bookmark(nav_bookmark(today)), view.book()
        if known is None and book is not None:
            try:
                nav = expose(book, ctx.snapshot(book.assets()), ctx.universe).nav
            except MarketUnavailable:
                return
            with ctx.store.begin(ctx.book) as unit:
                unit.set_bookmark(nav_bookmark(today), plain(nav))
        self._noted = today


def nav_bookmark(day: date) -> str:
    """The key of a day's first NAV."""
    return f"{OF_BOOK}nav:{day.isoformat()}"


def day_start(view: View, day: date) -> Decimal | None:
    """The NAV with which a day began, in quote units; None where it is not known yet."""
    start = view.bookmark(nav_bookmark(day))
    return None if start is None else Decimal(start)


def rebase(unit: Unit, day: date, flow: Decimal) -> Decimal | None:
    """Take a deposit (above zero) or a withdrawal, in quote units, into the NAV with which a day began; it, if it is known."""
    start = day_start(unit, day)
    if start is None or not flow:
        return None
    unit.set_bookmark(nav_bookmark(day), plain(start + flow))
    return start + flow


class Flow(NamedTuple):
    """What came into an account from outside (above zero) or left it, and what was paid out or lost: nobody knows which."""

    paid: Decimal
    unknown: Decimal = ZERO


def flow_of(before: Account, after: Account, market: MarketSnapshot, made: Decimal | None = None) -> Flow:
    """What flowed between two looks at an account, in quote units, at one set of prices; what has no price counts as nothing.

    `made` is what the positions made or lost meanwhile by the venue's own books: then the rest of what the wallets changed by was
    paid. Without it a position that changed may have lost money while it closed, and one that is open may have paid funding; and
    coins that were exchanged for others may have lost, whose trades nobody reads. A gain in value then counts as a deposit, and
    of a loss nobody knows: it must never pass for a withdrawal. Parts of a cent are none.
    """
    if made is None and _open(before) != _open(after):
        flow = _worth(after, market) - _worth(before, market)
        return Flow(flow) if flow >= 0 else Flow(ZERO, -flow)
    parts = {
        asset: after.spot.get(asset, ZERO) - before.spot.get(asset, ZERO) for asset in before.spot.keys() | after.spot.keys()
    }
    parts[QUOTE] = parts.get(QUOTE, ZERO) + after.futures_wallet - before.futures_wallet - (made or ZERO)
    values = [change * market.price(asset) for asset, change in parts.items() if market.has_price(asset)]
    flow = sum(values, ZERO)
    if abs(flow) < CENT:
        return Flow(ZERO)
    exchanged = any(value >= CENT for value in values)
    funded = made is None and -flow <= MOST_FUNDING * _notional(after, market)
    return Flow(ZERO, -flow) if flow < 0 and (exchanged or funded) else Flow(flow)


def _notional(account: Account, market: MarketSnapshot) -> Decimal:
    return sum((p.notional(market.mark(p.symbol)) for p in account.positions if p.symbol in market.quotes), ZERO)


def since(before: Account, after: Account, market: MarketSnapshot) -> Flow:
    """All that changed in value since a look on an earlier day: with the first look of a day its loss begins."""
    return Flow(_worth(after, market) - _worth(before, market))


def _worth(account: Account, market: MarketSnapshot) -> Decimal:
    spot = sum((amount * market.price(asset) for asset, amount in account.spot.items() if market.has_price(asset)), ZERO)
    marked = (p.unrealised_pnl(market.mark(p.symbol)) for p in account.positions if p.symbol in market.quotes)
    return spot + account.futures_wallet + sum(marked, ZERO)


def _open(account: Account) -> set[tuple[str, Side, Decimal, Decimal]]:
    return {(p.asset, p.side, p.quantity, p.entry_price) for p in account.positions}


def day_state(ctx: Context, view: View, nav: Decimal) -> TradingState:
    """What the loss of this day allows at a NAV of `nav` quote units; everything where the day's first NAV is not known yet."""
    return state_of(nav, day_start(view, ctx.now().date()), ctx.settings.limits)


def state_of(nav: Decimal, start: Decimal | None, limits: Limits) -> TradingState:
    """What a NAV of `nav` allows on a day that began at `start`, in quote units; everything where that is not known yet."""
    return TradingState.ACTIVE if start is None else trading_state(nav, start, limits)
