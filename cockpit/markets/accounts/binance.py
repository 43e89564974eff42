"""A Binance account: the spot wallet, the USD-M futures wallet, its positions and its conditional orders.

Fields as https://developers.binance.com/docs documents them: wallet/account/api-key-permission, binance-spot-api-docs account
end points, derivatives/usds-margined-futures account V3, position risk V3, symbol configuration, open algo orders and income.
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

_STOPS = ("STOP_MARKET", "STOP")
_TRANSFERS = {
    "TRANSFER",
    "INTERNAL_TRANSFER",
    "CROSS_COLLATERAL_TRANSFER",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
    "STRATEGY_UMFUTURES_TRANSFER",
}
"""Kinds of income that no position made."""
_PAGE, _PAGES = 1000, 5
_TRAILING = "TRAILING_STOP_MARKET"


async def permissions(venue: Asked) -> Permissions:
    """Binance tells every permission of the key that asks."""
    return flagged(await venue.ask("sapiGetAccountApiRestrictions"))


async def rows(venue: Asked) -> Rows:
    """The account. Positions and spot wallet are read twice: an order or transfer in between gives a Fault, no torn account."""
    before = _signed(await _positions(venue))
    balances = await _spot(venue)
    wallets = {row["asset"]: amount(row, "walletBalance") for row in listed(await venue.ask("fapiPrivateV3GetAccount"), "assets")}
    configured = listed(await venue.ask("fapiPrivateGetSymbolConfig"))
    leverage = {row["symbol"]: amount(row, "leverage") for row in configured}
    conditional = listed(await venue.ask("fapiPrivateGetOpenAlgoOrders"))
    working = listed(await venue.ask("fapiPrivateGetOpenOrders"))
    held = await _positions(venue)
    if _signed(held) != before:
        raise Fault(Kind.UNREADABLE, "its positions changed while they were read")
    unmoved(balances, await _spot(venue))
    coin, notes = await _coin_margined(venue)
    extra = {asset: part for asset, part in wallets.items() if asset != QUOTE and part}
    notes += [f"{plain(part)} {asset} of the futures wallet stands with the spot holdings" for asset, part in extra.items()]
    stops = [
        *(_stop(row, "orderType", "triggerPrice", "quantity") for row in conditional),
        *(_stop(row, "type", "stopPrice", "origQty") for row in working),
    ]
    if trailing := [_asset(row) for row in [*conditional, *working] if _TRAILING in (row.get("orderType"), row.get("type"))]:
        notes.append(f"{', '.join(sorted(set(trailing)))}: a trailing stop has no price of its own, so it counts as none")
    if others := sum(1 for row in working if not truth(row, "reduceOnly") and row.get("type") not in (*_STOPS, _TRAILING)):
        notes.append(f"{others} orders rest on the futures book; they are not shown")
    return Rows(
        spot=merged(venue, [*balances.items(), *extra.items()]),
        wallet=wallets.get(QUOTE, ZERO),
        positions=tuple(_position(row, leverage) for row in held if _asset(row)),
        stops=tuple(stop for stop in stops if stop is not None),
        unsupported=tuple(
            f"a position in {symbol}, which is no {QUOTE}-margined perpetual"
            for symbol in [*(row["symbol"] for row in held if not _asset(row)), *coin]
        ),
        notes=tuple(notes),
    )


async def books(venue: Asked, since: datetime, until: datetime) -> tuple[Entry, ...]:
    """The income history of the futures wallet."""
    found: list[dict[str, Any]] = []
    for number in range(1, _PAGES + 1):
        params = {"startTime": millis(since), "endTime": millis(until), "limit": str(_PAGE), "page": str(number)}
        page = listed(await venue.ask("fapiPrivateGetIncome", params, optional=True))
        found += page
        if len(page) < _PAGE:
            return incomes(found, _TRANSFERS)
    raise Fault(Kind.UNREADABLE, "its pages do not end")


async def _spot(venue: Asked) -> dict[str, Decimal]:
    return whole(listed(await venue.ask("privateGetAccount", {"omitZeroBalances": "true"}), "balances"))


async def _positions(venue: Asked) -> list[dict[str, Any]]:
    found = listed(await venue.ask("fapiPrivateV3GetPositionRisk"))
    return [row for row in found if amount(row, "positionAmt")]


async def _coin_margined(venue: Asked) -> tuple[list[str], list[str]]:
    """The symbols of coin-margined positions, and a note where the key may not look at them."""
    try:
        found = listed(await venue.ask("dapiPrivateGetPositionRisk", optional=True))
    except Fault as fault:
        if fault.kind is not Kind.REFUSED:
            raise
        return [], ["coin-margined futures could not be looked at with this key"]
    return [row["symbol"] for row in found if amount(row, "positionAmt")], []


def _signed(held: list[dict[str, Any]]) -> dict[tuple[str, str], Decimal]:
    return {(row["symbol"], row.get("positionSide", "")): amount(row, "positionAmt") for row in held}


def _asset(row: Mapping[str, Any]) -> str:
    """The base asset of a USDT-margined perpetual; "" of anything else. A dated contract has its day behind an underscore."""
    symbol = str(row.get("symbol", ""))
    return symbol.removesuffix(QUOTE) if symbol.endswith(QUOTE) else ""


def _position(row: Mapping[str, Any], leverage: Mapping[str, Decimal]) -> PositionRow:
    isolated = amount(row, "isolatedWallet")
    set_to = leverage.get(str(row["symbol"]), ZERO)
    told = price_of(row, "liquidationPrice")
    return position(_asset(row), amount(row, "positionAmt"), amount(row, "entryPrice"), set_to, isolated or None, told)


def _stop(row: Mapping[str, Any], kind: str, trigger: str, quantity: str) -> StopRow | None:
    """A conditional order that closes at a loss; a take profit, and one that may open a position, is none."""
    whole = truth(row, "closePosition") or False
    one_way = row.get("positionSide", "BOTH") == "BOTH"
    if row.get(kind) not in _STOPS or not _asset(row) or not (whole or truth(row, "reduceOnly") or not one_way):
        return None
    buys = row.get("side") == "BUY"
    if not one_way and buys is not (row["positionSide"] == "SHORT"):
        return None
    price = amount(row, trigger)
    if price <= 0:
        return None
    return StopRow(asset=_asset(row), buys=buys, trigger_price=price, quantity=None if whole else amount(row, quantity))
