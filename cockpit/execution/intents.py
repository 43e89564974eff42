"""What a plan's step asks of the venue: its client order id and its request."""

import base64
import hashlib
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from cockpit.model.errors import BadInput
from cockpit.model.orders import OrderRequest, Role, StopRequest, TransferRequest
from cockpit.model.plan import Action, Step, Wallet
from cockpit.model.wire import builtins_of, canonical_json, prepared

Request = OrderRequest | StopRequest | TransferRequest
R = TypeVar("R", OrderRequest, StopRequest, TransferRequest)


def client_order_id(store_id: str, plan_id: str, step: int, attempt: int, role: Role) -> str:
    """26 lower-case letters and digits, the same for the same attempt whoever computes it."""
    identity = "|".join((store_id, plan_id, str(step), str(attempt), role))
    digest = hashlib.blake2b(identity.encode(), digest_size=15).digest()
    return "rc" + base64.b32encode(digest).decode().lower()


def shown_hash(step: Step, attempt: int, revision: int, quantity: Decimal) -> str:
    """A hash of what a confirmation without a screen binds: the step as it will be sent, on that revision of the book."""
    shown = (canonical_json(step), str(attempt), str(revision), str(quantity))
    return hashlib.blake2b("|".join(shown).encode(), digest_size=16).hexdigest()


def symbol_of(step: Step) -> str:
    """The symbol in which the step sends an order; empty where it only moves money between wallets or into a position."""
    return "" if step.symbol is None or step.action is Action.ADD_MARGIN else step.symbol


def entry_request(step: Step, coid: str, quantity: Decimal) -> OrderRequest | TransferRequest:
    """The order or transfer of a step, for what is still to be done of it. A set_stop has a `stop_request` instead."""
    if step.action in (Action.TRANSFER, Action.ADD_MARGIN):
        asset = step.asset if step.action is Action.ADD_MARGIN else None
        source = Wallet.FUTURES if asset else step.source
        if source is None:
            raise BadInput(f"step {step.number}: a transfer needs `from`")
        return TransferRequest(client_id=coid, account=step.account, source=source, amount=quantity, asset=asset)
    if step.symbol is None or step.price is None:
        raise BadInput(f"step {step.number}: an order needs a symbol and a price")
    return OrderRequest(
        client_id=coid,
        account=step.account,
        symbol=step.symbol,
        buys=step.action.buys,
        quantity=quantity,
        limit_price=step.price,
        reduce_only=step.action.reduces,
        leverage=step.leverage if step.action.opens else None,
    )


def to_parameters(request: Request) -> Any:
    """A request as JSON values, for the store."""
    return builtins_of(request)


def from_parameters(parameters: Any, kind: type[R]) -> R:
    """The request that was kept in the store."""
    return msgspec.convert(parameters, prepared(kind), strict=False)
