"""Accounts that are watched at their venue: what changed there becomes the book, and the journal says before and after."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from cockpit.execution.broker import Snapshot
from cockpit.execution.daily import Flow, day_start, flow_of, rebase, since
from cockpit.model import format as fmt
from cockpit.model.book import Account, Position
from cockpit.model.instruments import QUOTE
from cockpit.model.journal import JournalKind
from cockpit.model.money import CENT, ZERO, plain
from cockpit.model.sources import Seen
from cockpit.store.rows import OF_BOOK
from cockpit.store.store import Store
from cockpit.store.unit import Unit
from cockpit.store.view import View

NONE = "none"
CLOSED = "closed"


class Change(Struct, frozen=True, kw_only=True):
    """One difference, as a sentence and as text before and after; `asset` is "" where the wallet changed."""

    message: str
    asset: str
    before: str
    after: str


def adopt(
    store: Store, book_name: str, seen: Seen, snapshot: Snapshot, today: date, last: Seen | None = None
) -> tuple[Change, ...]:
    """Replace the account of that id by what was seen at its venue; what changed, each with a row in the journal.

    The book's revision rises where anything changed, so that what was planned on the old one is stale. What was paid in or out
    is no gain or loss of the day: the NAV with which it began goes with it; where nobody can say whether money was paid out or
    lost, it counts as lost, and the journal says so. With the first look of a day its loss begins. A reading that is older than
    one that another process adopted, or of an account that the book does not have, changes nothing. `last` is what was adopted
    before, if that was here.
    """
    account, at = seen.account, seen.at
    with store.view(book_name) as view:
        before = _known(view, account, at)
        if before is None or not (any(changes(before, account)) or _first_of_day(view, account, at)):
            return ()
    with store.begin(book_name) as unit:
        before, book = _known(unit, account, at), unit.book()
        if before is None or book is None:
            return ()
        found, first = tuple(changes(before, account)), _first_of_day(unit, account, at)
        unit.set_bookmark(_bookmark(account.id), at.isoformat())
        if not found:
            return ()
        unit.save_book(book.with_account(_dated(before, account, at)), book.revision)
        for change in found:
            data = {"account": account.id, "asset": change.asset, "before": change.before, "after": change.after}
            unit.journal(JournalKind.EXTERNAL, change.message, data=data)
        market = snapshot({*_assets(before), *_assets(account)})
        flow = since(before, account, market) if first else flow_of(before, account, market, _made(before, last, seen))
        _count(unit, account, flow, today, first=first)
    return found


def _count(unit: Unit, account: Account, flow: Flow, today: date, *, first: bool) -> None:
    """Take what flowed into the NAV with which the day began, and tell of it."""
    if (start := rebase(unit, today, flow.paid)) is not None:
        data = {"account": account.id, "flow": plain(flow.paid), "day_start": plain(start)}
        unit.journal(JournalKind.EXTERNAL, _rebased(account, flow.paid, start, first=first), data=data)
    if flow.unknown >= CENT and day_start(unit, today) is not None:
        data = {"account": account.id, "unknown": plain(flow.unknown)}
        unit.journal(JournalKind.EXTERNAL, _unknown(account, flow.unknown), data=data)


def _made(before: Account, last: Seen | None, seen: Seen) -> Decimal | None:
    """What the positions made since the book's account was adopted; None where nobody knows, or another process adopted it."""
    if last is None or last.made is None or seen.made is None or last.made.run != seen.made.run:
        return None
    same = not any(changes(before, last.account))
    return seen.made.total - last.made.total if same else None


def _assets(account: Account) -> set[str]:
    return {*account.spot, *(position.asset for position in account.positions)}


def _rebased(account: Account, flow: Decimal, start: Decimal, *, first: bool) -> str:
    what = "paid in" if flow > 0 else "paid out"
    if first:
        what = f"{'more' if flow > 0 else 'less'} at its first look of the day"
    counted = f"the day's loss is counted from {fmt.amount(start)}"
    return f"{account.id} at {account.venue}: {fmt.amount(abs(flow))} {QUOTE} {what}; {counted}"


def _unknown(account: Account, lost: Decimal) -> str:
    left = f"{fmt.amount(lost)} {QUOTE} less, lost or paid out"
    return f"{account.id} at {account.venue}: {left}: nobody knows which; it counts as a loss of the day"


def changes(before: Account, after: Account) -> Iterator[Change]:
    """How the account at the venue differs from the one that was seen before."""
    for asset in sorted(before.spot.keys() | after.spot.keys()):
        old, new = before.spot.get(asset, ZERO), after.spot.get(asset, ZERO)
        if old != new:
            yield _change(after, asset, f"spot {asset} was {plain(old)}, it is {plain(new)}", plain(old), plain(new))
    if before.futures_wallet != after.futures_wallet:
        old, new = before.futures_wallet, after.futures_wallet
        yield _change(after, "", f"the futures wallet was {plain(old)}, it is {plain(new)} {QUOTE}", plain(old), plain(new))
    positions = {p.asset: p for p in before.positions}, {p.asset: p for p in after.positions}
    for asset in sorted(positions[0].keys() | positions[1].keys()):
        yield from _of_position(after, asset, positions[0].get(asset), positions[1].get(asset))
    if before.venue != after.venue:
        yield _change(after, "", f"it stood at {before.venue}, it is watched at {after.venue}", before.venue, after.venue)


def _of_position(account: Account, asset: str, old: Position | None, new: Position | None) -> Iterator[Change]:
    if new is None:
        yield _change(account, asset, f"the {_words(old)} was closed elsewhere", _words(old), CLOSED)
    elif old is None:
        yield _change(account, asset, f"a {_words(new)} was opened elsewhere", NONE, _words(new))
    else:
        if replace(old, stop_price=None, opened_at=None) != replace(new, stop_price=None, opened_at=None):
            yield _change(account, asset, f"the {_words(old)} is now a {_words(new)}", _words(old), _words(new))
        if old.stop_price != new.stop_price:
            yield _of_stop(account, new, old.stop_price)


def _of_stop(account: Account, held: Position, old: Decimal | None) -> Change:
    before, after = _price(old), _price(held.stop_price)
    if held.stop_price is None:
        what = f"the stop of the {held.side} {held.asset} at {before} is gone: nothing protects it"
    elif old is None:
        what = f"the {held.side} {held.asset} has a stop at {after}"
    else:
        what = f"the stop of the {held.side} {held.asset} was {before}, it is {after}"
    return _change(account, held.asset, what, before, after)


def _known(view: View, account: Account, at: datetime) -> Account | None:
    """The book's account of that id; None where it has none, or has a newer reading of it."""
    book, seen = view.book(), view.bookmark(_bookmark(account.id))
    if book is None or (seen is not None and at <= datetime.fromisoformat(seen)):
        return None
    return next((known for known in book.accounts if known.id == account.id), None)


def _first_of_day(view: View, account: Account, at: datetime) -> bool:
    """Whether nobody read the account on the day of `at`: what happened since the last time may be of any day."""
    seen = view.bookmark(_bookmark(account.id))
    return seen is None or datetime.fromisoformat(seen).date() < at.date()


def _bookmark(account: str) -> str:
    """The key of the time at which the account was read: of the newest reading that changed the book, or was a day's first."""
    return f"{OF_BOOK}seen-at:{account}"


def _dated(before: Account, after: Account, at: datetime) -> Account:
    """When a position was opened is kept here: a venue does not tell."""

    def opened(position: Position) -> Position:
        known = before.position(position.asset)
        same = known is not None and known.side is position.side
        return replace(position, opened_at=known.opened_at if same and known is not None else at)

    return replace(after, positions=tuple(map(opened, after.positions)))


def _change(account: Account, asset: str, what: str, before: str, after: str) -> Change:
    return Change(message=f"{account.id} at {account.venue}: {what}", asset=asset, before=before, after=after)


def _price(price: Decimal | None) -> str:
    return NONE if price is None else plain(price)


def _words(position: Position | None) -> str:
    if position is None:
        return NONE
    size = f"{position.side} {plain(position.quantity)} {position.asset}"
    mode = " in cross margin" if position.cross else ""
    return f"{size}{mode} at {plain(position.entry_price)}, margin {plain(position.margin)}"
