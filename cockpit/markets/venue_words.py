"""What a venue can do here, what it cannot, and what is done about its traps: a row of the capability table, in words."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from cockpit.markets.venue_terms import Capabilities, Paging, Practice, Side
from cockpit.model.instruments import Kind

_KINDS = {Kind.SPOT: "spot", Kind.PERP: "perpetuals"}


class Words(Struct, frozen=True, kw_only=True):
    """A row in words, for a person. A trap's line says what goes wrong and what is done about it."""

    name: str
    can: tuple[str, ...]
    cannot: tuple[str, ...]
    traps: tuple[str, ...]


def in_words(row: Capabilities) -> Words:
    """The row of a venue in words."""
    missing = tuple(f"no {_KINDS[kind]}" for kind in Kind if row.side(kind) is None)
    return Words(
        name=row.name,
        can=(*(f"{_KINDS[side.kind]}: {', '.join(_can(side))}" for side in row.sides), *_orders_can(row)),
        cannot=(*missing, *(word for side in row.sides for word in _cannot(side)), *_orders_cannot(row)),
        traps=tuple(f"{trap.sentence}: {trap.gate}" for trap in row.traps),
    )


def _can(side: Side) -> Iterator[str]:
    if side.quoted:
        yield "quotes"
        yield "order books by WebSocket" if side.stream is not None and side.stream.books else "order books by polling"
    if side.candles is not None:
        newest = f" (the newest {side.candles.most})" if side.candles.paging is Paging.NEWEST else ""
        yield f"daily candles{newest}"
    if side.funding is not None:
        yield "funding" if side.funding.rates is not None else "funding (one symbol a call)"
    if side.open_interest is not None:
        yield "open interest"
    if side.tiers is not None:
        yield "margin tiers" if side.tiers.public else "margin tiers (with a key)"


def _cannot(side: Side) -> Iterator[str]:
    kind = _KINDS[side.kind]
    if not side.quoted:
        yield f"{kind}: no quotes, they are in {side.settle or side.quote}"
    if side.candles is None:
        yield f"{kind}: no daily candles in USDT"
    if side.kind is Kind.PERP and side.tiers is None and side.quoted:
        yield f"{kind}: no margin tiers"


def _orders_can(row: Capabilities) -> Iterator[str]:
    if row.orders is None:
        return
    if row.orders.practice is not Practice.NONE:
        yield f"practice: {row.orders.practice}"
    if row.orders.precheck:
        yield "an order can be checked by the venue before it is sent"


def _orders_cannot(row: Capabilities) -> Iterator[str]:
    if row.orders is None:
        yield "orders: not prepared"
        return
    if row.orders.practice is Practice.NONE:
        yield "practice: there is no test network"
    if not row.orders.transfer:
        yield "transfers between its wallets"
    if not row.orders.rights:
        yield "what a key may do is not told: it is unknown, never taken as safe"
