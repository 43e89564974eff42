"""What time and the mark price do to a paper account: funding, liquidation, triggered stops, resting orders.

The market is seen at the moments at which the venue is asked, so a move while nobody asked is met at its end: funding of every
interval that passed is paid at today's mark and rate, and a stop fills on today's depth.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN

from msgspec.structs import replace

from cockpit.execution.paper_account import PaperAccount, through
from cockpit.execution.paper_order import PaperOrder
from cockpit.model import ledger
from cockpit.model.instruments import asset_of
from cockpit.model.market import FundingRate
from cockpit.model.money import UNIT, plain
from cockpit.model.orders import OrderStatus, VenueEventKind
from cockpit.rotation.protection import below_maintenance


def advance(account: PaperAccount, now: datetime) -> None:
    """Carry an account forward to `now`. A change of market charges no funding for the time between the two markets."""
    if account.source == account.market.source:
        for due, symbol in sorted(_due(account, now)):
            _pay_funding(account, symbol, due)
            _liquidate(account)
    account.source = account.market.source
    _liquidate(account)
    for order in list(account.working.values()):
        if order.client_id in account.working:
            _work(account, order)
    account.tick(now)


def funding_times(funding: FundingRate, after: datetime, until: datetime) -> Iterator[datetime]:
    """The funding timestamps in (after, until], earliest first, on the grid of `next_at` and the interval."""
    step = timedelta(hours=float(funding.interval_hours))
    due = funding.next_at - ((funding.next_at - after) // step) * step
    while due <= after:
        due += step
    while due <= until:
        yield due
        due += step


def _due(account: PaperAccount, now: datetime) -> Iterator[tuple[datetime, str]]:
    for position in account.account.positions:
        funding = account.market.funding.get(position.symbol)
        if funding is not None and position.symbol in account.market.quotes:
            for due in funding_times(funding, account.at, now):
                yield due, position.symbol


def _pay_funding(account: PaperAccount, symbol: str, due: datetime) -> None:
    """A long pays when the rate is positive. What a payment may take is the free collateral and the position's own margin."""
    position = account.account.position(asset_of(symbol))
    if position is None:
        return
    rate = account.market.funding[symbol].rate
    payment = -position.signed_notional(account.market.mark(symbol)) * rate
    payment = payment.quantize(UNIT, ROUND_HALF_EVEN)
    payment = max(payment, -(account.account.free_wallet + position.margin - UNIT))
    account.account = ledger.settle_funding(account.account, position.asset, payment)
    note = f"funding of {due:%Y-%m-%d %H:%M} UTC at {plain(rate * 100)} %"
    account.record(VenueEventKind.FUNDING, symbol, payment, due=due, note=note)


def _liquidate(account: PaperAccount) -> None:
    for position in account.account.positions:
        quote = account.market.quotes.get(position.symbol)
        instrument = account.market.instruments.get(position.symbol)
        if quote is None or not below_maintenance(position, quote.mark, instrument.tiers if instrument else ()):
            continue
        account.account = ledger.liquidate(account.account, position.asset)
        note = f"{position.side} {plain(position.quantity)} {position.asset} liquidated at a mark price of {plain(quote.mark)}"
        account.record(VenueEventKind.LIQUIDATION, position.symbol, -position.margin, note=note)
        account.drop_orphans(position.symbol)


def _work(account: PaperAccount, order: PaperOrder) -> None:
    """Trigger a stop and fill it on the depth without a limit; fill a resting order at its own price as a maker."""
    quote = account.market.quotes.get(order.symbol)
    if quote is None:
        return
    if order.stop is not None:
        if order.status is OrderStatus.OPEN and not through(order.stop, quote.mark):
            return
        _trigger(account, replace(order, status=OrderStatus.TRIGGERED))
    elif order.order is not None:
        left = order.quantity - order.filled
        limit = order.order.limit_price
        filled = account.fill(order, left, limit, maker=True)
        if filled.reason:
            account.cancel(filled, filled.reason)
        elif filled.fills != order.fills:
            account.settle(filled)


def _trigger(account: PaperAccount, order: PaperOrder) -> None:
    held = account.account.position(asset_of(order.symbol))
    if held is None or order.stop is None:
        account.cancel(order, "the position is closed")
        return
    left = min(order.quantity - order.filled, held.quantity)
    before = len(order.fills)
    entry = held.entry_price
    filled = replace(account.fill(order, left, None, maker=False), reason="")
    for fill in filled.fills[before:]:
        realised = held.side.sign * fill.quantity * (fill.price - entry)
        note = f"stop at {plain(order.stop.trigger_price)} closed {plain(fill.quantity)} {held.asset} at {plain(fill.price)}"
        account.record(VenueEventKind.STOP, order.symbol, realised - fill.fee, fill=fill, note=note)
    account.settle(filled)
