"""How a trade, a transfer, a margin top-up or a funding payment changes an account.

The planner's preview, the store's book and the paper venue all use these functions, so that they cannot disagree.
Amounts are quote units; a change that the account cannot carry raises LedgerError.
"""

from datetime import datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from msgspec.structs import replace

from cockpit.model.book import Account, Position, Side, initial_margin
from cockpit.model.errors import CockpitError
from cockpit.model.instruments import QUOTE, Kind, asset_of, kind_of
from cockpit.model.money import UNIT, ZERO, plain
from cockpit.model.orders import Fill
from cockpit.model.plan import Wallet

ENTRY_QUANTUM = Decimal("0.000000000001")
"""The precision of an average entry price."""


class LedgerError(CockpitError):
    """The account does not hold what the change needs."""


def trade_spot(account: Account, asset: str, buys: bool, quantity: Decimal, price: Decimal, fee: Decimal) -> Account:
    """A spot fill: the fee is paid in the quote currency."""
    notional = quantity * price
    if buys:
        cost = notional + fee
        if account.spot.get(QUOTE, ZERO) < cost:
            raise LedgerError(f"{account.id}: buying {plain(quantity)} {asset} costs {plain(cost)} {QUOTE}, more than it holds")
        return account.with_spot(asset, quantity).with_spot(QUOTE, -cost)
    if account.spot.get(asset, ZERO) < quantity:
        raise LedgerError(f"{account.id}: cannot sell {plain(quantity)} {asset}, it holds less")
    return account.with_spot(asset, -quantity).with_spot(QUOTE, notional - fee)


def open_position(
    account: Account,
    asset: str,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    leverage: Decimal,
    fee: Decimal,
    stop_price: Decimal | None = None,
    at: datetime | None = None,
) -> Account:
    """A fill that opens or grows a position: margin adds up, the entry price is the average, the fee leaves the wallet."""
    held = account.position(asset)
    if held is not None and held.side is not side:
        raise LedgerError(f"{account.id}: a {side} order would flip the {held.side} position in {asset}")
    margin = initial_margin(quantity, price, leverage)
    if account.free_wallet < margin + fee:
        raise LedgerError(
            f"{account.id}: opening {plain(quantity)} {asset} needs {plain(margin + fee)} {QUOTE} "
            f"in the futures wallet, {plain(account.free_wallet)} is free"
        )
    if held is None:
        grown = Position(
            asset=asset,
            side=side,
            quantity=quantity,
            entry_price=price,
            margin=margin,
            stop_price=stop_price,
            opened_at=at,
        )
    else:
        total = held.quantity + quantity
        entry = ((held.quantity * held.entry_price + quantity * price) / total).quantize(ENTRY_QUANTUM, ROUND_HALF_EVEN)
        grown = replace(
            held,
            quantity=total,
            entry_price=entry,
            margin=held.margin + margin,
            stop_price=held.stop_price if stop_price is None else stop_price,
        )
    return replace(account.with_position(asset, grown), futures_wallet=account.futures_wallet - fee)


def reduce_position(account: Account, asset: str, quantity: Decimal, price: Decimal, fee: Decimal) -> Account:
    """A reduce-only fill: margin is released in proportion, realised PnL and fee settle in the futures wallet."""
    held = account.position(asset)
    if held is None or held.quantity < quantity:
        raise LedgerError(f"{account.id}: reducing {asset} by {plain(quantity)} is more than the position")
    left = held.quantity - quantity
    realised = held.side.sign * quantity * (price - held.entry_price)
    released = held.margin if not left else (held.margin * quantity / held.quantity).quantize(UNIT, ROUND_FLOOR)
    remaining = replace(held, quantity=left, margin=held.margin - released) if left else None
    return replace(account.with_position(asset, remaining), futures_wallet=account.futures_wallet + realised - fee)


def transfer(account: Account, source: Wallet, amount: Decimal) -> Account:
    """Move quote currency out of `source` into the account's other wallet."""
    free = account.spot.get(QUOTE, ZERO) if source is Wallet.SPOT else account.free_wallet
    if amount <= 0 or free < amount:
        raise LedgerError(f"{account.id}: cannot move {plain(amount)} {QUOTE} from the {source} wallet, {plain(free)} is free")
    sign = 1 if source is Wallet.SPOT else -1
    return replace(account.with_spot(QUOTE, -sign * amount), futures_wallet=account.futures_wallet + sign * amount)


def add_margin(account: Account, asset: str, amount: Decimal) -> Account:
    """Move free futures collateral into a position's isolated margin."""
    held = account.position(asset)
    if held is None or amount <= 0 or account.free_wallet < amount:
        raise LedgerError(f"{account.id}: cannot add {plain(amount)} {QUOTE} of margin to {asset}")
    return account.with_position(asset, replace(held, margin=held.margin + amount))


def set_stop(account: Account, asset: str, stop_price: Decimal | None) -> Account:
    """Note the reduce-only stop that protects a position."""
    held = account.position(asset)
    if held is None:
        raise LedgerError(f"{account.id}: there is no position in {asset} to protect")
    return account.with_position(asset, replace(held, stop_price=stop_price))


def settle_funding(account: Account, asset: str, payment: Decimal) -> Account:
    """A funding payment, positive when received: it settles in the wallet.

    Once nothing is free it comes out of the position's margin.
    """
    held = account.position(asset)
    if held is None:
        raise LedgerError(f"{account.id}: there is no position in {asset} to pay funding on")
    short = max(ZERO, -(account.free_wallet + payment))
    drained = replace(held, margin=max(UNIT, held.margin - short))
    return replace(account.with_position(asset, drained), futures_wallet=account.futures_wallet + payment)


def liquidate(account: Account, asset: str) -> Account:
    """The venue takes an isolated position over: the position is gone, and its margin with it."""
    held = account.position(asset)
    if held is None:
        raise LedgerError(f"{account.id}: there is no position in {asset} to liquidate")
    return replace(account.with_position(asset, None), futures_wallet=account.futures_wallet - held.margin)


def apply_fill(account: Account, fill: Fill) -> Account:
    """What a venue's trade does to the account: spot, reduce-only, or opening with the fill's leverage."""
    asset = asset_of(fill.symbol)
    if kind_of(fill.symbol) is Kind.SPOT:
        return trade_spot(account, asset, fill.buys, fill.quantity, fill.price, fill.fee)
    if fill.reduce_only:
        held = account.position(asset)
        if held is not None and held.side is (Side.LONG if fill.buys else Side.SHORT):
            raise LedgerError(f"{account.id}: a reduce-only fill would grow the {held.side} position in {asset}")
        return reduce_position(account, asset, fill.quantity, fill.price, fill.fee)
    if fill.leverage is None:
        raise LedgerError(f"{account.id}: a fill that opens {asset} carries no leverage")
    side = Side.LONG if fill.buys else Side.SHORT
    return open_position(account, asset, side, fill.quantity, fill.price, fill.leverage, fill.fee, at=fill.at)
