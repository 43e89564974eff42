"""What was ordered and traded in one asset, as the store knows it."""

from decimal import Decimal

from cockpit.execution.intents import from_parameters
from cockpit.model.inquiry import FillLine, OrderLine
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.money import ZERO
from cockpit.model.orders import Fill, OrderRequest, Role, StopRequest, TransferRequest
from cockpit.store.rows import Intent
from cockpit.store.view import View

MOST = 50
"""How many of the newest orders, and of the newest fills, are told."""


def past_of(view: View, asset: str) -> tuple[tuple[OrderLine, ...], tuple[FillLine, ...]]:
    """The orders and the fills of an asset, spot and perpetual, in every account; newest first, at most MOST of each."""
    symbols = (spot_symbol(asset), perp_symbol(asset))
    orders = tuple(_order(view, intent) for intent in view.newest_intents(symbols, MOST))
    return orders, tuple(map(_fill, view.newest_fills(symbols, MOST)))


def _order(view: View, intent: Intent) -> OrderLine:
    quantity, price = _asked(intent)
    return OrderLine(
        at=intent.pinned_at,
        account=intent.account,
        symbol=intent.symbol,
        plan_id=intent.plan_id,
        step=intent.step,
        action=_action(view, intent),
        state=intent.state.value,
        quantity=quantity,
        price=price,
        filled=sum((fill.quantity for fill in view.fills(coid=intent.coid)), ZERO),
        protective=intent.protective,
    )


def _asked(intent: Intent) -> tuple[Decimal, Decimal | None]:
    """The quantity, and the limit or the trigger price."""
    if intent.role is Role.STOP:
        stop = from_parameters(intent.parameters, StopRequest)
        return stop.quantity, stop.trigger_price
    if "limit_price" in intent.parameters:
        order = from_parameters(intent.parameters, OrderRequest)
        return order.quantity, order.limit_price
    return from_parameters(intent.parameters, TransferRequest).amount, None


def _action(view: View, intent: Intent) -> str:
    """What the plan's step does, or why the order exists without one: a stop, an emergency close."""
    if intent.role is not Role.ENTRY:
        return intent.role.value
    row = view.plan(intent.plan_id)
    steps = row.plan.steps if row is not None else ()
    return next((step.action.value for step in steps if step.number == intent.step), intent.role.value)


def _fill(fill: Fill) -> FillLine:
    return FillLine(
        at=fill.at,
        account=fill.account,
        symbol=fill.symbol,
        side="buy" if fill.buys else "sell",
        quantity=fill.quantity,
        price=fill.price,
        fee=fill.fee,
    )
