"""From a venue's rows to an account of the book: which margin backs a position, which stop protects it, what is refused."""

import re
from collections.abc import Iterable
from decimal import ROUND_FLOOR, Decimal

from msgspec import Struct

from cockpit.markets.accounts.rows import PositionRow, Rows, StopRow
from cockpit.model.book import Account, MarginMode, Position, Side, initial_margin
from cockpit.model.errors import RefusedByRule
from cockpit.model.instruments import QUOTE
from cockpit.model.money import UNIT, ZERO, plain
from cockpit.model.text import sanitise

LEAST_BACKED = 2
"""Positions whose margin is more than so many times the USDT behind them are backed by other coins, and can show no leverage."""
CROSS = "cross margin; of the wallet behind it quantity × entry price / leverage counts as its margin"
"""What is told of positions that share a wallet."""
_TICKER = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)


class Reading(Struct, frozen=True, kw_only=True):
    """An account as it was read, and sentences about what of it needs telling.

    `liquidations` are the prices at which the venue says that it liquidates positions in cross margin, by asset. `wallet` is the
    USDT of the wallet that backs positions, without their unrealised PnL.
    """

    account: Account
    wallet: Decimal
    liquidations: dict[str, Decimal] = {}
    notes: tuple[str, ...] = ()


def account_of(account_id: str, venue_id: str, rows: Rows, *, venue: str = "") -> Reading:
    """The account at `venue_id`, called `venue` in sentences.

    RefusedByRule where it holds what no book can carry: an account that lacks a part of it would be a wrong number.
    """
    venue = venue or venue_id
    spot = {asset: held for asset, held in rows.spot.items() if held and _TICKER.fullmatch(asset)}
    _refuse_unsupported(venue, rows)
    notes = [
        *rows.notes,
        *(
            f"{plain(held)} {sanitise(a, 20)} is left out: its ticker cannot be written"
            for a, held in rows.spot.items()
            if held and a not in spot
        ),
    ]
    behind = spot.get(QUOTE, ZERO) if rows.wallet is None else rows.wallet
    margins = _margins(venue, rows.positions, behind, notes)
    positions = tuple(_position(row, margin, rows.stops, notes) for row, margin in zip(rows.positions, margins, strict=True))
    used = sum(margins, ZERO)
    account = Account(
        id=account_id,
        venue=venue_id,
        spot=dict(sorted(spot.items())),
        futures_wallet=used if rows.wallet is None else rows.wallet,
        positions=tuple(sorted(positions, key=lambda p: p.asset)),
    )
    if rows.wallet is None and used:
        account = account.with_spot(QUOTE, -used)
        notes.append(f"one wallet backs everything at {venue}: the margin of the positions is shown as the futures wallet")
    crossed = {row.asset: row.liquidation for row in rows.positions if row.isolated_margin is None}
    told = {asset: price for asset, price in crossed.items() if price}
    return Reading(account=account, wallet=behind, liquidations=told, notes=tuple(notes))


def _refuse_unsupported(venue: str, rows: Rows) -> None:
    found = [*rows.unsupported, *_two_sided(rows.positions)]
    found += [
        f"{plain(-held)} {sanitise(a, 20)} is owed; borrowed coins are not supported" for a, held in rows.spot.items() if held < 0
    ]
    if rows.wallet is not None and rows.wallet < 0:
        found.append(f"its futures wallet stands at {plain(rows.wallet)} {QUOTE}; a negative one is not supported")
    if found:
        raise RefusedByRule("unsupported", f"the account at {venue} cannot be shown whole: {'; '.join(dict.fromkeys(found))}")


def _two_sided(positions: Iterable[PositionRow]) -> Iterable[str]:
    seen: set[str] = set()
    for row in positions:
        if row.asset in seen:
            yield f"hedge mode: a long and a short in {row.asset} at once; keep one side"
        seen.add(row.asset)


def _margins(venue: str, positions: tuple[PositionRow, ...], behind: Decimal, notes: list[str]) -> list[Decimal]:
    """The margin of each position; what shares the wallet has quantity * entry / leverage, at most its share of what is there."""
    isolated = sum((row.isolated_margin for row in positions if row.isolated_margin is not None), ZERO)
    crossed = [row for row in positions if row.isolated_margin is None]
    shared = {row.asset: _shared(row) for row in crossed}
    wanted, room = sum(shared.values(), ZERO), behind - isolated
    if room < 0 or room * LEAST_BACKED < wanted:
        raise RefusedByRule(
            "unsupported",
            f"positions at {venue} are backed by other coins than {QUOTE}: their margin is more than the {plain(behind)} there",
        )
    if wanted > room:
        notes.append(
            f"{', '.join(sorted(shared))}: {plain(room)} {QUOTE} stand behind a margin of {plain(wanted)}: other coins or "
            "profits back the rest, and the leverage that is shown is higher than at the venue"
        )
        shared = {asset: max(UNIT, (margin * room / wanted).quantize(UNIT, ROUND_FLOOR)) for asset, margin in shared.items()}
    if shared:
        notes.append(f"{', '.join(map(_crossed, sorted(crossed, key=lambda row: row.asset)))}: {CROSS}")
    return [shared[row.asset] if row.isolated_margin is None else row.isolated_margin for row in positions]


def _crossed(row: PositionRow) -> str:
    where = "tells no liquidation price" if row.liquidation is None else f"liquidates it at {plain(row.liquidation)}"
    return f"{row.asset} ({where})"


def _shared(row: PositionRow) -> Decimal:
    return initial_margin(row.quantity, row.entry_price, row.leverage or Decimal(1))


def _position(row: PositionRow, margin: Decimal, stops: Iterable[StopRow], notes: list[str]) -> Position:
    return Position(
        asset=row.asset,
        side=row.side,
        quantity=row.quantity,
        entry_price=row.entry_price,
        margin=margin,
        margin_mode=None if row.isolated_margin is not None else MarginMode.CROSS,
        stop_price=_stop(row, stops, notes),
    )


def _stop(row: PositionRow, stops: Iterable[StopRow], notes: list[str]) -> Decimal | None:
    """The trigger at which the whole position is closed: stops fire from the nearest on, until together they cover it."""
    buys = row.side is Side.SHORT
    mine = sorted(
        (stop for stop in stops if stop.asset == row.asset and stop.buys is buys),
        key=lambda stop: stop.trigger_price * (1 if buys else -1),
    )
    closed = ZERO
    for stop in mine:
        closed += row.quantity if stop.quantity is None else stop.quantity
        if closed >= row.quantity:
            return stop.trigger_price
    if mine:
        notes.append(f"{row.asset}: its stops close {plain(closed)} of {plain(row.quantity)}, so it counts as without a stop")
    return None
