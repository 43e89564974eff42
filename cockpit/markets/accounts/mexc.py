"""A MEXC account: the spot wallet, the futures wallet, its positions in contracts, its plan orders and the stops of positions.

Fields as https://www.mexc.com/api-docs documents them: spot account information, futures assets, open positions, plan orders,
stop orders, contract details.
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
    unmoved,
    whole,
)
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.instruments import QUOTE
from cockpit.model.money import UNIT, ZERO, plain

_PAIR = f"_{QUOTE}"
_PAGE = 100
_CLOSES = {"2": True, "4": False}
"""The plan orders that close: a short by buying, a long by selling; the others open."""
_RISES, _FALLS = "1", "2"


async def permissions(venue: Asked) -> Permissions:
    """MEXC has no end point that tells the rights of a key: they are unknown."""
    return Permissions()


async def rows(venue: Asked) -> Rows:
    """The account. Positions and spot wallet are read twice: an order or transfer in between gives a Fault, no torn account."""
    before = _signed(await _positions(venue))
    balances = await _spot(venue)
    assets = listed(await venue.ask("contractPrivateGetAccountAssets"), "data")
    wallets = {row["currency"]: (amount(row, "equity") - amount(row, "unrealized")).quantize(UNIT) for row in assets}
    plans = await _pages(venue, "contractPrivateGetPlanorderListOrders", {"states": "1"})
    stops = await _pages(venue, "contractPrivateGetStoporderListOrders", {"is_finished": "0"})
    held = await _positions(venue)
    if _signed(held) != before:
        raise Fault(Kind.UNREADABLE, "its positions changed while they were read")
    unmoved(balances, await _spot(venue))
    perps = [row for row in held if _asset(row)]
    sizes = await _contract_sizes(venue) if perps else {}
    extra = {asset: part for asset, part in wallets.items() if asset != QUOTE and part}
    found = [*(_plan(row, sizes) for row in plans), *(_stop(row, sizes) for row in stops)] if perps else []
    return Rows(
        spot=merged(venue, [*balances.items(), *extra.items()]),
        wallet=wallets.get(QUOTE, ZERO),
        positions=tuple(_position(row, sizes) for row in perps),
        stops=tuple(stop for stop in found if stop is not None),
        unsupported=tuple(
            f"a position in {row['symbol']}, which is no {QUOTE}-margined perpetual" for row in held if not _asset(row)
        ),
        notes=tuple(
            f"{plain(part)} {asset} of the futures wallet stands with the spot holdings" for asset, part in extra.items()
        ),
    )


async def _spot(venue: Asked) -> dict[str, Decimal]:
    return whole(listed(await venue.ask("spotPrivateGetAccount"), "balances"))


async def _positions(venue: Asked) -> list[dict[str, Any]]:
    found = listed(await venue.ask("contractPrivateGetPositionOpenPositions"), "data")
    return [row for row in found if amount(row, "holdVol")]


async def _pages(venue: Asked, method: str, params: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for number in range(1, 21):
        page = listed(await venue.ask(method, {**params, "page_num": str(number), "page_size": str(_PAGE)}), "data")
        found += page
        if len(page) < _PAGE:
            return found
    raise Fault(Kind.UNREADABLE, "its pages do not end")


async def _contract_sizes(venue: Asked) -> dict[str, Decimal]:
    found = listed(await venue.ask("contractPublicGetDetail"), "data")
    return {row["symbol"]: amount(row, "contractSize") for row in found if _asset(row)}


def _signed(held: list[dict[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    return {(row["symbol"], str(row.get("positionType")), str(row.get("openType"))): amount(row, "holdVol") for row in held}


def _asset(row: Mapping[str, Any]) -> str:
    """The base asset of a USDT perpetual; "" of anything else."""
    symbol = str(row.get("symbol", ""))
    return symbol.removesuffix(_PAIR) if symbol.endswith(_PAIR) else ""


def _base(row: Mapping[str, Any], key: str, sizes: Mapping[str, Decimal]) -> Decimal:
    """Contracts as base units."""
    size = sizes.get(str(row["symbol"]), ZERO)
    if size <= 0:
        raise Fault(Kind.MISSING, f"the contract size of {row['symbol']}")
    return amount(row, key) * size


def _position(row: Mapping[str, Any], sizes: Mapping[str, Decimal]) -> PositionRow:
    sign = -1 if str(row.get("positionType")) == "2" else 1
    isolated = amount(row, "im") if str(row.get("openType")) == "1" else None
    signed = sign * _base(row, "holdVol", sizes)
    told = price_of(row, "liquidatePrice")
    return position(_asset(row), signed, amount(row, "holdAvgPrice"), amount(row, "leverage"), isolated, told)


def _plan(row: Mapping[str, Any], sizes: Mapping[str, Decimal]) -> StopRow | None:
    """A plan order that closes, and waits on the side of the loss."""
    buys = _CLOSES.get(str(row.get("side")))
    if buys is None or not _asset(row) or str(row.get("triggerType")) != (_RISES if buys else _FALLS):
        return None
    return StopRow(asset=_asset(row), buys=buys, trigger_price=amount(row, "triggerPrice"), quantity=_base(row, "vol", sizes))


def _stop(row: Mapping[str, Any], sizes: Mapping[str, Decimal]) -> StopRow | None:
    """The stop loss that is set on a position. It may have a size of its own beside that of the take profit."""
    price = amount(row, "stopLossPrice") if row.get("stopLossPrice") else ZERO
    if price <= 0 or not _asset(row):
        return None
    buys = str(row.get("positionType")) == "2"
    sides = [_base(row, key, sizes) for key in ("vol", "stopLossVol") if row.get(key)]
    return StopRow(asset=_asset(row), buys=buys, trigger_price=price, quantity=min(sides, default=ZERO))
