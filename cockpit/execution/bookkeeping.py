"""What a venue tells becomes the store's book: fills and venue events, each once, in the venue's order, in one transaction."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec.structs import replace

from cockpit.execution.context import Context
from cockpit.execution.intents import client_order_id, to_parameters
from cockpit.model import ledger
from cockpit.model.book import Account, Position, Side
from cockpit.model.errors import StoreError
from cockpit.model.instruments import asset_of
from cockpit.model.journal import JournalKind
from cockpit.model.money import ZERO, plain
from cockpit.model.orders import Fill, Role, StepState, StopRequest, VenueEvent, VenueEventKind
from cockpit.store.rows import OF_BOOK, Intent
from cockpit.store.unit import Unit
from cockpit.store.view import View

_JOURNAL = {
    VenueEventKind.STOP: JournalKind.STOP,
    VenueEventKind.FUNDING: JournalKind.FUNDING,
    VenueEventKind.LIQUIDATION: JournalKind.LIQUIDATION,
}


def event_bookmark(account: str) -> str:
    """The key under which the number of the last event taken in is kept."""
    return f"venue-events:{account}"


def stopped_bookmark(account: str, asset: str) -> str:
    """The key of the market time at which the venue last closed a position in an asset, by its stop or by liquidation."""
    return f"{OF_BOOK}stopped-out:{account}:{asset}"


async def new_events(ctx: Context, account: str) -> Sequence[VenueEvent]:
    """What the venue did on its own since the last event taken in."""
    with ctx.store.view(ctx.book) as view:
        after = last_event(view, account)
    return await ctx.broker.events(account, after)


def last_event(view: View, account: str) -> int:
    """The number of the last event of an account that was taken in; 0 before the first."""
    return int(view.bookmark(event_bookmark(account)) or 0)


def take_in(
    ctx: Context, unit: Unit, account_id: str, fills: Iterable[Fill], events: Sequence[VenueEvent], intent: Intent | None = None
) -> list[str]:
    """Apply what is new of fills and events to the book; sentences for the listener. LedgerError if the book cannot follow.

    A trade is known by the venue's trade id and counts once, however often it is told.
    """
    book = unit.book()
    if book is None:
        raise StoreError(f"the store has no portfolio {unit.name}")
    account = before = book.account(account_id)
    told: list[str] = []
    seen = last_event(unit, account_id)
    fresh = [event for event in events if event.number > seen]
    records: list[Fill | VenueEvent] = [*fills, *fresh]
    for record in sorted(records, key=lambda r: r.at):
        if isinstance(record, VenueEvent):
            account = _apply_event(ctx, unit, account, record, told)
        elif unit.insert_fill(record, epoch=ctx.epochs[account_id]):
            account = ledger.apply_fill(account, record)
            told.append(_note_fill(unit, record, intent))
    if account != before:
        unit.save_book(book.with_account(account), book.revision)
    if fresh:
        unit.set_bookmark(event_bookmark(account_id), str(max(e.number for e in fresh)))
    return told


def insert_stop(
    ctx: Context, unit: Unit, plan_id: str, step: int, position: Position, account_id: str, trigger: Decimal
) -> StopRequest:
    """Note the intent of a stop over the whole position; the caller's transaction decides whether it exists."""
    attempt = 1 + sum(1 for known in unit.intents(plan_id, step) if known.role is Role.STOP)
    coid = client_order_id(ctx.store.id, plan_id, step, attempt, Role.STOP)
    request = StopRequest(
        client_id=coid,
        account=account_id,
        symbol=position.symbol,
        buys=position.side is Side.SHORT,
        quantity=position.quantity,
        trigger_price=trigger,
    )
    unit.insert_intent(
        coid,
        account=account_id,
        plan_id=plan_id,
        step=step,
        attempt=attempt,
        role=Role.STOP,
        symbol=position.symbol,
        parameters=to_parameters(request),
        baseline={},
        pinned_at=ctx.now(),
        epoch=ctx.epochs[account_id],
        protective=True,
    )
    return request


def note_stop_price(unit: Unit, account_id: str, asset: str, trigger: Decimal | None) -> None:
    """Write the protecting stop into the book."""
    book = unit.book()
    if book is None:
        return
    account = book.account(account_id)
    held = account.position(asset)
    if held is not None and held.stop_price != trigger:
        unit.save_book(book.with_account(ledger.set_stop(account, asset, trigger)), book.revision)


def differences(ours: Account, theirs: Account) -> tuple[str, ...]:
    """How a venue's account differs from the store's, one sentence each: before is the store's, after the venue's."""
    found = []
    for asset in sorted(ours.spot.keys() | theirs.spot.keys()):
        a, b = ours.spot.get(asset, ZERO), theirs.spot.get(asset, ZERO)
        if a != b:
            found.append(f"{ours.id}: spot {asset} was {plain(a)}, the venue has {plain(b)}")
    if ours.futures_wallet != theirs.futures_wallet:
        found.append(
            f"{ours.id}: the futures wallet was {plain(ours.futures_wallet)}, the venue has {plain(theirs.futures_wallet)}"
        )
    mine, yours = _without_stops(ours), _without_stops(theirs)
    for asset in sorted(mine.keys() | yours.keys()):
        if mine.get(asset) != yours.get(asset):
            found.append(f"{ours.id}: position {asset} was {_words(mine.get(asset))}, the venue has {_words(yours.get(asset))}")
    return tuple(found)


def _without_stops(account: Account) -> dict[str, Position]:
    """Positions by asset, as far as both sides must agree on them."""
    return {p.asset: replace(p, stop_price=None, opened_at=None) for p in account.positions}


def _words(position: Position | None) -> str:
    if position is None:
        return "none"
    return f"{position.side} {plain(position.quantity)} at {plain(position.entry_price)} with {plain(position.margin)} of margin"


def _apply_event(ctx: Context, unit: Unit, account: Account, event: VenueEvent, told: list[str]) -> Account:
    asset = asset_of(event.symbol)
    if event.fill is not None:
        if unit.insert_fill(event.fill, epoch=ctx.epochs[account.id]):
            account = ledger.apply_fill(account, event.fill)
    elif event.kind is VenueEventKind.FUNDING:
        account = ledger.settle_funding(account, asset, event.amount)
    elif event.kind is VenueEventKind.LIQUIDATION:
        account = ledger.liquidate(account, asset)
    if event.kind is not VenueEventKind.FUNDING:
        unit.set_bookmark(stopped_bookmark(account.id, asset), event.at.isoformat())
    message = event.note or f"{event.kind} {event.symbol} {plain(event.amount)}"
    data = {"account": account.id, "symbol": event.symbol, "amount": event.amount, "number": event.number}
    unit.journal(_JOURNAL[event.kind], f"{account.id}: {message}", data=data)
    told.append(f"{account.id}: {message}")
    return account


def _note_fill(unit: Unit, fill: Fill, intent: Intent | None) -> str:
    side = "bought" if fill.buys else "sold"
    message = f"{fill.account}: {side} {plain(fill.quantity)} {fill.symbol} at {plain(fill.price)}, fee {plain(fill.fee)}"
    unit.journal(
        JournalKind.FILL,
        message,
        plan_id=intent.plan_id if intent else None,
        step=intent.step if intent else None,
        data={
            "account": fill.account,
            "symbol": fill.symbol,
            "trade_id": fill.trade_id,
            "client_id": fill.client_id,
            "quantity": fill.quantity,
            "price": fill.price,
            "fee": fill.fee,
        },
    )
    return message


def end_state(filled: Decimal, quantity: Decimal, reason: str) -> tuple[StepState, str]:
    """Done, or cancelled with what is left."""
    if filled >= quantity:
        return StepState.DONE, ""
    left = f"{plain(filled)} of {plain(quantity)} done"
    return StepState.CANCELLED, f"{left}: {reason}" if reason else left
