"""An OKX trading account: one wallet for spot and perpetuals, its positions in contracts, and its algo orders.

Fields as https://www.okx.com/docs-v5 documents them: account configuration, balance, positions, algo order list, instruments.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cockpit.markets.accounts.rows import (
    Asked,
    Permissions,
    PositionRow,
    Rows,
    StopRow,
    amount,
    listed,
    merged,
    position,
    price_of,
    truth,
)
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO, plain

_PERP = f"-{QUOTE}-SWAP"
_ALGOS = ("conditional", "oco", "trigger")


async def permissions(venue: Asked) -> Permissions:
    """OKX tells the rights of the key that asks, and from which addresses it works."""
    told = await _config(venue)
    rights = str(told.get("perm") or "")
    if not rights:
        return Permissions()
    parts = {part.strip() for part in rights.split(",")}
    notes = () if told.get("ip") else ("it works from any address: bind it to this machine's",)
    return Permissions(withdraw="withdraw" in parts, trade="trade" in parts, told=notes)


async def rows(venue: Asked) -> Rows:
    """The account. Positions are read first and last: an order that fills in between gives a Fault, never a torn account."""
    before = await _positions(venue)
    balance = listed(await venue.ask("privateGetAccountBalance"), "data")
    if len(balance) != 1:
        raise Fault(Kind.UNREADABLE, "its balance has another shape")
    details = listed(balance[0], "details")
    algos = [row for kind in _ALGOS for row in await _algos(venue, kind)]
    held = await _positions(venue)
    if _signed(held) != _signed(before):
        raise Fault(Kind.UNREADABLE, "its positions changed while they were read")
    perps = [row for row in held if _asset(row)]
    sizes = await _contract_sizes(venue) if perps else {}
    marks = {_asset(row): amount(row, "markPx") for row in perps}
    positions = tuple(_position(row, sizes) for row in perps)
    owed = [(row["ccy"], amount(row, "liab")) for row in details if row.get("liab")]
    robots = [row for row in details if row.get("stgyEq") and amount(row, "stgyEq")]
    return Rows(
        spot=merged(venue, [(row["ccy"], _held(row, perps)) for row in details]),
        wallet=None,
        positions=positions,
        stops=tuple(stop for row in algos for stop in _stops(row, sizes, marks)),
        unsupported=(
            *(f"a position in {row['instId']}, which is no {QUOTE}-margined perpetual" for row in held if not _asset(row)),
            *(f"{plain(abs(debt))} {coin} is borrowed; loans are not supported" for coin, debt in owed if debt),
        ),
        notes=tuple(f"{row['stgyEq']} {row['ccy']} in trading bots is not counted" for row in robots),
    )


async def _config(venue: Asked) -> dict[str, Any]:
    found = listed(await venue.ask("privateGetAccountConfig"), "data")
    return found[0] if found else {}


async def _positions(venue: Asked) -> list[dict[str, Any]]:
    found = listed(await venue.ask("privateGetAccountPositions"), "data")
    return [row for row in found if amount(row, "pos")]


async def _algos(venue: Asked, kind: str) -> list[dict[str, Any]]:
    """Every waiting algo order of a kind: 100 a page, the next one from the last id on."""
    found: list[dict[str, Any]] = []
    for _ in range(20):
        params = {"ordType": kind} | ({"after": found[-1]["algoId"]} if found else {})
        page = listed(await venue.ask("privateGetTradeOrdersAlgoPending", params), "data")
        found += page
        if len(page) < 100:
            return found
    raise Fault(Kind.UNREADABLE, "its pages do not end")


async def _contract_sizes(venue: Asked) -> dict[str, Decimal]:
    found = listed(await venue.ask("publicGetPublicInstruments", {"instType": "SWAP"}), "data")
    return {
        row["instId"]: amount(row, "ctVal") * (amount(row, "ctMult") or 1) for row in found if str(row["instId"]).endswith(_PERP)
    }


def _held(row: Mapping[str, Any], perps: list[dict[str, Any]]) -> Decimal:
    """A currency without unrealised PnL: the cash balance, and for USDT the margin of isolated positions.

    Equity tells whether the cash balance has that margin in it already: it is cash, margin, unrealised PnL and trading bots.
    """
    cash = amount(row, "cashBal")
    if row["ccy"] != QUOTE:
        return cash
    isolated = sum((amount(p, "margin") for p in perps if p.get("mgnMode") == "isolated"), ZERO)
    unrealised = sum((amount(p, "upl") for p in perps), ZERO)
    target = amount(row, "eq") - (amount(row, "stgyEq") if row.get("stgyEq") else ZERO) - unrealised
    return min((cash + isolated, cash), key=lambda found: abs(found - target))


def _signed(held: list[dict[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    return {(row["instId"], str(row.get("posSide")), str(row.get("mgnMode"))): amount(row, "pos") for row in held}


def _asset(row: Mapping[str, Any]) -> str:
    """The base asset of a USDT perpetual; "" of anything else."""
    name = str(row.get("instId", ""))
    return name.removesuffix(_PERP) if name.endswith(_PERP) else ""


def _size(row: Mapping[str, Any], sizes: Mapping[str, Decimal]) -> Decimal:
    size = sizes.get(str(row["instId"]), ZERO)
    if size <= 0:
        raise Fault(Kind.MISSING, f"the contract size of {row['instId']}")
    return size


def _position(row: Mapping[str, Any], sizes: Mapping[str, Decimal]) -> PositionRow:
    sign = -1 if row.get("posSide") == "short" else 1
    margin = amount(row, "margin") if row.get("mgnMode") == "isolated" else None
    signed = sign * amount(row, "pos") * _size(row, sizes)
    return position(_asset(row), signed, amount(row, "avgPx"), amount(row, "lever"), margin, price_of(row, "liqPx"))


def _stops(row: Mapping[str, Any], sizes: Mapping[str, Decimal], marks: Mapping[str, Decimal]) -> list[StopRow]:
    """What of an algo order closes at a loss. A trigger order does not say on which side it waits: price against mark does."""
    sided, buys = row.get("posSide") in ("long", "short"), row.get("side") == "buy"
    reduces = truth(row, "reduceOnly") or bool(row.get("closeFraction")) or sided
    key = "slTriggerPx" if row.get("slTriggerPx") else "triggerPx"
    mark = marks.get(_asset(row))
    if mark is None or not row.get(key) or not reduces or (sided and buys is not (row["posSide"] == "short")):
        return []
    price = amount(row, key)
    if key == "triggerPx" and (price > mark) is not buys:
        return []
    quantity = None if row.get("closeFraction") else amount(row, "sz") * _size(row, sizes)
    return [StopRow(asset=_asset(row), buys=buys, trigger_price=price, quantity=quantity)]
