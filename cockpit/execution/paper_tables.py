"""Where the paper venue keeps its accounts, orders and events: its own tables, in the database of the store."""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import Column, Connection, Integer, MetaData, String, Table, Text, delete, insert, select, update

from cockpit.execution.paper_account import PaperState
from cockpit.execution.paper_order import PaperOrder
from cockpit.model.orders import OrderStatus, VenueEvent
from cockpit.model.wire import prepared

METADATA = MetaData()

ACCOUNTS = Table(
    "paper_account",
    METADATA,
    Column("book", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("content", Text, nullable=False),
)
ORDERS = Table(
    "paper_order",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("book", String, nullable=False, index=True),
    Column("account", String, nullable=False),
    Column("client_id", String, nullable=False, unique=True),
    Column("status", String, nullable=False),
    Column("content", Text, nullable=False),
)
EVENTS = Table(
    "paper_event",
    METADATA,
    Column("book", String, primary_key=True),
    Column("account", String, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", Text, nullable=False),
)
WORKING = (OrderStatus.OPEN.value, OrderStatus.TRIGGERED.value)


def load_state(db: Connection, book: str, account: str) -> PaperState | None:
    """The account's row, held against other writers until the transaction ends; None where it was never opened."""
    where = (ACCOUNTS.c.book == book) & (ACCOUNTS.c.account == account)
    content = db.execute(select(ACCOUNTS.c.content).where(where).with_for_update()).scalar()
    return None if content is None else msgspec.json.decode(content, type=prepared(PaperState))


def insert_state(db: Connection, book: str, state: PaperState) -> None:
    """A new account."""
    db.execute(insert(ACCOUNTS).values(book=book, account=state.account.id, content=_text(state)))


def save_state(db: Connection, book: str, state: PaperState) -> None:
    """The account's row after a change."""
    where = (ACCOUNTS.c.book == book) & (ACCOUNTS.c.account == state.account.id)
    db.execute(update(ACCOUNTS).where(where).values(content=_text(state)))


def load_order(db: Connection, client_id: str) -> PaperOrder | None:
    """The order, stop or transfer of that client id."""
    content = db.execute(select(ORDERS.c.content).where(ORDERS.c.client_id == client_id)).scalar()
    return None if content is None else msgspec.json.decode(content, type=prepared(PaperOrder))


def load_working(db: Connection, book: str, account: str) -> list[PaperOrder]:
    """Every order and stop of an account that can still fill, oldest first."""
    where = (ORDERS.c.book == book) & (ORDERS.c.account == account) & ORDERS.c.status.in_(WORKING)
    rows = db.execute(select(ORDERS.c.content).where(where).order_by(ORDERS.c.seq)).scalars()
    return [msgspec.json.decode(row, type=prepared(PaperOrder)) for row in rows]


def save_orders(db: Connection, book: str, account: str, orders: Iterable[PaperOrder]) -> None:
    """Insert what is new, update what is known."""
    for order in orders:
        values = {"status": order.status.value, "content": _text(order)}
        known = db.execute(update(ORDERS).where(ORDERS.c.client_id == order.client_id).values(values)).rowcount
        if not known:
            db.execute(insert(ORDERS).values(book=book, account=account, client_id=order.client_id, **values))


def save_events(db: Connection, book: str, events: Iterable[VenueEvent]) -> None:
    """Append events."""
    for event in events:
        db.execute(insert(EVENTS).values(book=book, account=event.account, number=event.number, content=_text(event)))


def load_events(db: Connection, book: str, account: str, after: int) -> Sequence[VenueEvent]:
    """The account's events with a number above `after`, in order."""
    where = (EVENTS.c.book == book) & (EVENTS.c.account == account) & (EVENTS.c.number > after)
    rows = db.execute(select(EVENTS.c.content).where(where).order_by(EVENTS.c.number)).scalars()
    return [msgspec.json.decode(row, type=prepared(VenueEvent)) for row in rows]


def drop_events(db: Connection, book: str, account: str) -> None:
    """Forget the events of an account that starts over."""
    db.execute(delete(EVENTS).where((EVENTS.c.book == book) & (EVENTS.c.account == account)))


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
