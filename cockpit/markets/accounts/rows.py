"""What a venue tells of an account, in words that are the same for every venue."""

from collections.abc import Container, Coroutine, Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from msgspec import Struct

from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.book import Side
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO, plain

_MOVES = {
    "enableInternalTransfer": "it may move funds between accounts",
    "permitsUniversalTransfer": "it may move funds between wallets",
}


class Permissions(Struct, frozen=True, kw_only=True):
    """What a key may do; None where the venue does not tell, which is never taken for a no."""

    withdraw: bool | None = None
    trade: bool | None = None
    told: tuple[str, ...] = ()


class PositionRow(Struct, frozen=True, kw_only=True):
    """A position in a USDT-linear perpetual: base units, above zero. `isolated_margin` is None where it shares the wallet.

    `liquidation` is the mark price at which the venue says that it liquidates it; None where it tells none.
    """

    asset: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    leverage: Decimal | None = None
    isolated_margin: Decimal | None = None
    liquidation: Decimal | None = None


class StopRow(Struct, frozen=True, kw_only=True):
    """A resting order that only reduces, on the side of the loss. `quantity` in base units; None closes what is there."""

    asset: str
    buys: bool
    trigger_price: Decimal
    quantity: Decimal | None = None


class Rows(Struct, frozen=True, kw_only=True):
    """All of an account. `wallet` is the futures wallet in USDT without unrealised PnL; None where one wallet holds everything.

    `unsupported` names what the book cannot carry; `notes` are sentences about how the rest was read.
    """

    spot: dict[str, Decimal]
    wallet: Decimal | None
    positions: tuple[PositionRow, ...] = ()
    stops: tuple[StopRow, ...] = ()
    unsupported: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Entry(Struct, frozen=True, kw_only=True):
    """A line of the venue's own books: by how much USDT it changed the wallet that backs positions.

    `trading`: a position made or lost it, fees and funding included. What is not surely a transfer or a spot trade counts so: a
    loss must never pass for a withdrawal.
    """

    id: str
    amount: Decimal
    trading: bool


class Asked(Protocol):
    """A venue that can be asked with a key."""

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, *, optional: bool = False) -> Any:
        """The JSON answer of an end point, by ccxt's name for it; fractions are text. Fault where there is none.

        A key that may not use an `optional` one is no worse for it.
        """
        ...

    def code(self, currency: str) -> str:
        """The common ticker of a venue's currency."""
        ...


class Reader(Protocol):
    """How one venue is read."""

    def permissions(self, venue: Asked) -> Coroutine[Any, Any, Permissions]:
        """What the key may do."""
        ...

    def rows(self, venue: Asked) -> Coroutine[Any, Any, Rows]:
        """The account as it is now. Fault where any part of it cannot be had: half an answer is none."""
        ...


class Books(Protocol):
    """How one venue is asked for what changed the wallet."""

    def __call__(self, venue: Asked, since: datetime, until: datetime) -> Coroutine[Any, Any, tuple[Entry, ...]]:
        """Every entry between two times. Fault where not all of them can be had."""
        ...


def amount(row: Mapping[str, Any], key: str) -> Decimal:
    """The number under a key; an empty one is 0. Fault where it is missing or none."""
    if key not in row:
        raise Fault(Kind.UNREADABLE, f"it has no {key}")
    try:
        value = Decimal(str(row[key] or 0))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise Fault(Kind.NONSENSE, f"{key} is no number")
    return Decimal(plain(value))


def price_of(row: Mapping[str, Any], key: str) -> Decimal | None:
    """The price under a key; None where it has none above zero: venues write 0, nothing or a dash where they tell none."""
    try:
        value = Decimal(str(row.get(key) or 0))
    except InvalidOperation:
        return None
    return Decimal(plain(value)) if value.is_finite() and value > 0 else None


def millis(at: datetime) -> str:
    """A time as venues want it."""
    return str(int(at.timestamp() * 1000))


def truth(row: Mapping[str, Any], key: str) -> bool | None:
    """The yes or no under a key, however it is written; None where there is neither."""
    return {"true": True, "1": True, "false": False, "0": False}.get(str(row.get(key)).lower())


def flagged(told: Mapping[str, Any]) -> Permissions:
    """What a key may do, where it is told by flags, as Binance and BingX name them."""
    trades = [truth(told, key) for key in ("enableSpotAndMarginTrading", "enableFutures")]
    notes = [note for key, note in _MOVES.items() if truth(told, key)]
    if truth(told, "ipRestrict") is False:
        notes.append("it works from any address: bind it to this machine's")
    return Permissions(
        withdraw=truth(told, "enableWithdrawals"),
        trade=True if True in trades else None if None in trades else False,
        told=tuple(notes),
    )


def incomes(found: Iterable[Mapping[str, Any]], transfers: Container[str]) -> tuple[Entry, ...]:
    """What changed a wallet's USDT, as Binance and BingX tell it; ids are unique within a kind, `transfers` no position made."""
    return tuple(
        Entry(
            id=f"{row['incomeType']} {row['tranId']} {row.get('symbol')}",
            amount=amount(row, "income"),
            trading=row["incomeType"] not in transfers,
        )
        for row in found
        if row["asset"] == QUOTE
    )


def listed(answer: Any, *keys: str) -> list[dict[str, Any]]:
    """The list of objects found by following the keys. Fault where the answer has another shape."""
    for key in keys:
        answer = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise Fault(Kind.UNREADABLE, f"it has no list {'.'.join(keys)}".rstrip())
    return answer


def position(
    asset: str,
    signed: Decimal,
    entry: Decimal,
    leverage: Decimal,
    isolated: Decimal | None,
    liquidation: Decimal | None = None,
) -> PositionRow:
    """A position of a signed quantity in base units. Fault where its numbers cannot be."""
    if entry <= 0 or (isolated is not None and isolated <= 0) or (isolated is None and leverage <= 0):
        raise Fault(Kind.NONSENSE, f"the position in {asset} has no entry price or no margin")
    return PositionRow(
        asset=asset,
        side=Side.LONG if signed > 0 else Side.SHORT,
        quantity=abs(signed),
        entry_price=entry,
        leverage=leverage or None,
        isolated_margin=isolated,
        liquidation=liquidation,
    )


def whole(balances: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
    """The balances of a spot wallet by the venue's currency, what rests in orders included."""
    return {row["asset"]: amount(row, "free") + amount(row, "locked") for row in balances}


def unmoved(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> None:
    """Fault where the spot wallet's USDT changed meanwhile: a transfer to the futures wallet would be counted twice, or never."""
    if before.get(QUOTE, ZERO) != after.get(QUOTE, ZERO):
        raise Fault(Kind.UNREADABLE, "its wallets changed while they were read")


def merged(venue: Asked, parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Holdings by common ticker, those of one ticker added up."""
    held: dict[str, Decimal] = {}
    for currency, part in parts:
        code = venue.code(currency)
        held[code] = held.get(code, ZERO) + part
    return held
