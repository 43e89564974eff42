"""A Bybit unified account: one wallet for spot and perpetuals, its positions, and the stops set on them or resting as orders.

Fields as https://bybit-exchange.github.io/docs/v5 documents them: user/apikey-info, account/wallet-balance, position,
order/open-order, account/transaction-log.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cockpit.markets.accounts.rows import (
    Asked,
    Entry,
    Permissions,
    PositionRow,
    Rows,
    StopRow,
    amount,
    listed,
    merged,
    millis,
    position,
    price_of,
    truth,
)
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO, plain

_PAGES = 20
_KINDS = ({"category": "linear", "settleCoin": QUOTE}, {"category": "linear", "settleCoin": "USDC"}, {"category": "inverse"})
"""Where positions may stand; the first is what the book carries."""


async def permissions(venue: Asked) -> Permissions:
    """Bybit tells what a key may do, and whether it only reads, whatever it may."""
    told = (await venue.ask("privateGetV5UserQueryApi")).get("result") or {}
    rights, reads = told.get("permissions"), truth(told, "readOnly")
    if not isinstance(rights, dict) or reads is None:
        return Permissions()
    every = {str(right) for group in rights.values() if isinstance(group, list) for right in group}
    notes = []
    if not reads and every & {"AccountTransfer", "SubMemberTransfer"}:
        notes.append("it may move funds between accounts")
    if told.get("ips") in (["*"], [], None):
        notes.append("it works from any address: bind it to this machine's")
    if expires := told.get("expiredAt"):
        notes.append(f"it expires on {str(expires)[:10]}")
    return Permissions(
        withdraw=not reads and "Withdraw" in every, trade=not reads and bool(every - {"Withdraw"}), told=tuple(notes)
    )


async def rows(venue: Asked) -> Rows:
    """The account. Positions are read first and last: an order that fills in between gives a Fault, never a torn account."""
    before = await _positions(venue, _KINDS[0])
    wallet = listed(await venue.ask("privateGetV5AccountWalletBalance", {"accountType": "UNIFIED"}), "result", "list")
    if len(wallet) != 1:
        raise Fault(Kind.MISSING, "no unified account is behind this key")
    info = (await venue.ask("privateGetV5AccountInfo")).get("result") or {}
    orders = await _pages(venue, "privateGetV5OrderRealtime", {**_KINDS[0], "limit": "50"})
    held = await _positions(venue, _KINDS[0])
    if _signed(held) != _signed(before):
        raise Fault(Kind.UNREADABLE, "its positions changed while they were read")
    others = [row for kind in _KINDS[1:] for row in await _positions(venue, kind)]
    others += [row for row in held if not _asset(row)]
    isolated = info.get("marginMode") == "ISOLATED_MARGIN"
    held = [row for row in held if _asset(row)]
    stops = [*filter(None, map(_stop, orders)), *filter(None, map(_attached, held))]
    resting = sum(1 for row in orders if not truth(row, "reduceOnly"))
    coins = listed(wallet[0], "coin")
    owed = [(row["coin"], amount(row, "borrowAmount")) for row in coins if row.get("borrowAmount")]
    return Rows(
        spot=merged(venue, [(row["coin"], amount(row, "walletBalance")) for row in coins]),
        wallet=None,
        positions=tuple(_position(row, isolated) for row in held),
        stops=tuple(stops),
        unsupported=(
            *(f"a position in {row['symbol']}, which is no {QUOTE}-margined perpetual" for row in others),
            *(f"{plain(debt)} {coin} is borrowed; loans are not supported" for coin, debt in owed if debt),
        ),
        notes=(f"{resting} orders rest on the futures book; they are not shown",) if resting else (),
    )


async def books(venue: Asked, since: datetime, until: datetime) -> tuple[Entry, ...]:
    """The transaction log of the unified account's USDT. Spot trades are in it too: what they buy stands beside it."""
    params = {"accountType": "UNIFIED", "currency": QUOTE, "startTime": millis(since), "endTime": millis(until), "limit": "50"}
    return tuple(
        Entry(
            id=str(row["id"]),
            amount=amount(row, "change"),
            trading=row.get("type") not in ("TRANSFER_IN", "TRANSFER_OUT") and row.get("category") != "spot",
        )
        for row in await _pages(venue, "privateGetV5AccountTransactionLog", params, optional=True)
    )


async def _positions(venue: Asked, kind: Mapping[str, str]) -> list[dict[str, Any]]:
    found = await _pages(venue, "privateGetV5PositionList", {**kind, "limit": "200"})
    return [row for row in found if amount(row, "size")]


async def _pages(venue: Asked, method: str, params: Mapping[str, str], *, optional: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(_PAGES):
        answer = await venue.ask(method, {**params, "cursor": cursor} if cursor else params, optional=optional)
        page = listed(answer, "result", "list")
        found += page
        cursor = str(answer["result"].get("nextPageCursor") or "")
        if not cursor or not page:
            return found
    raise Fault(Kind.UNREADABLE, "its pages do not end")


def _signed(held: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(row["symbol"], str(row.get("positionIdx"))): f"{row.get('side')} {amount(row, 'size')}" for row in held}


def _asset(row: Mapping[str, Any]) -> str:
    """The base asset of a USDT perpetual; "" of anything else. A dated contract has its day behind a dash."""
    symbol = str(row.get("symbol", ""))
    return symbol.removesuffix(QUOTE) if symbol.endswith(QUOTE) else ""


def _position(row: Mapping[str, Any], isolated: bool) -> PositionRow:
    sign = 1 if row.get("side") == "Buy" else -1
    margin = amount(row, "positionBalance") if isolated else ZERO
    entry, leverage = amount(row, "avgPrice"), amount(row, "leverage")
    told = price_of(row, "liqPrice")
    return position(_asset(row), sign * amount(row, "size"), entry, leverage, margin if isolated else None, told)


def _attached(row: Mapping[str, Any]) -> StopRow | None:
    """The stop loss that is set on the position itself; in the mode for the whole of it, it closes what is there."""
    price = amount(row, "stopLoss") if row.get("stopLoss") else ZERO
    if not price or row.get("tpslMode", "Full") != "Full":
        return None
    return StopRow(asset=_asset(row), buys=row.get("side") == "Sell", trigger_price=price)


def _stop(row: Mapping[str, Any]) -> StopRow | None:
    """A conditional order that reduces, and waits on the side of the loss: a sale for a fall, a purchase for a rise."""
    buys = row.get("side") == "Buy"
    reduces = truth(row, "reduceOnly") or truth(row, "closeOnTrigger")
    loss = str(row.get("triggerDirection")) == ("1" if buys else "2")
    if row.get("orderStatus") != "Untriggered" or not reduces or not loss or not _asset(row):
        return None
    return StopRow(asset=_asset(row), buys=buys, trigger_price=amount(row, "triggerPrice"), quantity=amount(row, "qty") or None)
