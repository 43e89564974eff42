"""A BingX account: the spot wallet, the perpetual futures wallet, its positions and its stop orders.

Fields as https://bingx-api.github.io/docs documents them: spot account balance, perpetual balance V3, positions V2, open
orders V2, income history, API key permissions.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from cockpit.markets.accounts.rows import (
    Asked,
    Entry,
    Permissions,
    PositionRow,
    Rows,
    StopRow,
    amount,
    flagged,
    incomes,
    listed,
    merged,
    millis,
    position,
    price_of,
    truth,
    unmoved,
    whole,
)
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO, plain

_SPOT, _PERPETUAL, _TRANSFER, _WITHDRAW = 1, 3, 4, 5
"""The numbers by which the list of a key's rights names them; 2 is reading."""
_STOPS = ("STOP_MARKET", "STOP")
_MOST = 1000
_PAIR = f"-{QUOTE}"


async def permissions(venue: Asked) -> Permissions:
    """BingX tells them by flags, and has told them as a list of numbers; where it tells neither they are unknown."""
    answer = await venue.ask("accountV1PrivateGetAccountApiPermissions")
    told = answer["data"] if isinstance(answer.get("data"), dict) else answer
    if not isinstance(rights := told.get("permissions"), list):
        return flagged(told)
    numbers = {int(right) for right in rights}
    notes = ["it may move funds between wallets"] if _TRANSFER in numbers else []
    if told.get("ipAddresses") == []:
        notes.append("it works from any address: bind it to this machine's")
    return Permissions(withdraw=_WITHDRAW in numbers, trade=bool(numbers & {_SPOT, _PERPETUAL}), told=tuple(notes))


async def rows(venue: Asked) -> Rows:
    """The account. Positions and spot wallet are read twice: an order or transfer in between gives a Fault, no torn account."""
    before = _signed(await _positions(venue))
    balances = await _spot(venue)
    wallets = {row["asset"]: amount(row, "balance") for row in listed(await venue.ask("swapV3PrivateGetUserBalance"), "data")}
    orders = listed(await venue.ask("swapV2PrivateGetTradeOpenOrders"), "data", "orders")
    held = await _positions(venue)
    if _signed(held) != before:
        raise Fault(Kind.UNREADABLE, "its positions changed while they were read")
    unmoved(balances, await _spot(venue))
    coin, notes = await _coin_margined(venue)
    extra = {asset: part for asset, part in wallets.items() if asset != QUOTE and part}
    notes += [f"{plain(part)} {asset} of the futures wallet stands with the spot holdings" for asset, part in extra.items()]
    return Rows(
        spot=merged(venue, [*balances.items(), *extra.items()]),
        wallet=wallets.get(QUOTE, ZERO),
        positions=tuple(_position(row) for row in held if _asset(row)),
        stops=tuple(stop for stop in map(_stop, orders) if stop is not None),
        unsupported=tuple(
            f"a position in {symbol}, which is no {QUOTE}-margined perpetual"
            for symbol in [*(row["symbol"] for row in held if not _asset(row)), *coin]
        ),
        notes=tuple(notes),
    )


async def books(venue: Asked, since: datetime, until: datetime) -> tuple[Entry, ...]:
    """The income of the perpetual futures wallet: one list, without pages."""
    params = {"startTime": millis(since), "endTime": millis(until), "limit": str(_MOST)}
    found = listed(await venue.ask("swapV2PrivateGetUserIncome", params, optional=True), "data")
    if len(found) >= _MOST:
        raise Fault(Kind.UNREADABLE, "it does not tell all of its income")
    return incomes(found, {"TRANSFER"})


async def _spot(venue: Asked) -> dict[str, Decimal]:
    return whole(listed(await venue.ask("spotV1PrivateGetAccountBalance"), "data", "balances"))


async def _positions(venue: Asked) -> list[dict[str, Any]]:
    found = listed(await venue.ask("swapV2PrivateGetUserPositions"), "data")
    return [row for row in found if amount(row, "positionAmt")]


async def _coin_margined(venue: Asked) -> tuple[list[str], list[str]]:
    """The symbols of coin-margined positions, and a note where the key may not look at them."""
    try:
        found = listed(await venue.ask("cswapV1PrivateGetUserPositions", optional=True), "data")
    except Fault as fault:
        if fault.kind is not Kind.REFUSED:
            raise
        return [], ["coin-margined futures could not be looked at with this key"]
    return [row["symbol"] for row in found if amount(row, "positionAmt")], []


def _signed(held: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(row["symbol"], str(row.get("positionSide"))): plain(amount(row, "positionAmt")) for row in held}


def _asset(row: Mapping[str, Any]) -> str:
    """The base asset of a USDT perpetual; "" of anything else."""
    symbol = str(row.get("symbol", ""))
    return symbol.removesuffix(_PAIR) if symbol.endswith(_PAIR) else ""


def _position(row: Mapping[str, Any]) -> PositionRow:
    """What it was given: its `margin` less the unrealised PnL in it. `initialMargin` lacks what was added, and funding."""
    short = str(row.get("positionSide")).upper() == "SHORT"
    signed = amount(row, "positionAmt")
    isolated = amount(row, "margin") - amount(row, "unrealizedProfit") if truth(row, "isolated") else None
    signed = -abs(signed) if short else signed
    told = price_of(row, "liquidationPrice")
    return position(_asset(row), signed, amount(row, "avgPrice"), amount(row, "leverage"), isolated, told)


def _stop(row: Mapping[str, Any]) -> StopRow | None:
    """A stop order that closes; a take profit, and a trigger that may open a position, is none."""
    side = str(row.get("positionSide")).upper()
    buys = row.get("side") == "BUY"
    whole = truth(row, "closePosition") or False
    sided = side in ("LONG", "SHORT") and buys is (side == "SHORT")
    if row.get("type") not in _STOPS or not _asset(row) or not (whole or sided or truth(row, "reduceOnly")):
        return None
    if side in ("LONG", "SHORT") and not sided:
        return None
    quantity = None if whole else amount(row, "origQty")
    price = amount(row, "stopPrice")
    return StopRow(asset=_asset(row), buys=buys, trigger_price=price, quantity=quantity) if price > 0 else None
