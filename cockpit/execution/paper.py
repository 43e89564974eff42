"""The paper venue: a venue of its own with durable state, behind the same protocol as a real one.

Its tables stand in the store's database but its transactions are its own, as a venue's are: what it has accepted stays accepted
when the cockpit dies before it has read the answer, and has to be looked up.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from cockpit.execution import paper_tables as tables
from cockpit.execution.broker import Snapshot
from cockpit.execution.paper_account import PaperAccount, PaperState
from cockpit.execution.paper_advance import advance
from cockpit.execution.paper_order import PaperOrder
from cockpit.model.book import Account, Book, Side
from cockpit.model.errors import BadInput
from cockpit.model.instruments import asset_of
from cockpit.model.orders import (
    OrderReport,
    OrderRequest,
    OrderStatus,
    StopRequest,
    TransferRequest,
    VenueAccount,
    VenueEvent,
)
from cockpit.model.strategy import Fees
from cockpit.store.database import Database

ELSEWHERE = -1
"""The opening of an account that is kept at another venue for now."""


class PaperBroker:
    """The paper accounts of one book, in the store's database.

    Every call first carries the account forward to the market's time: funding, liquidations, stops, resting orders.
    """

    def __init__(
        self, database: Database, book: str, snapshot: Snapshot, fees: Fees, version: Callable[[], str] | None = None
    ) -> None:
        """`version` gives another text after every commit of anyone: with it, what no commit has changed is not read again."""
        self._version = version
        self._kept: dict[str, tuple[str, PaperState, list[PaperOrder]]] = {}
        self._database = database
        self._book = book
        self._snapshot = snapshot
        self._fees = fees
        with database.write() as db:
            tables.METADATA.create_all(db)

    @property
    def horizon(self) -> timedelta:
        """Zero: what this venue does not find was never placed."""
        return timedelta(0)

    def open(self, book: Book, opened: int = 0, watched: Collection[str] = ()) -> None:
        """Deposit the accounts that the venue does not know yet, with their positions and stops; the others stay as they are.

        `opened` is the revision at which the store opened the portfolio's file: where it is another one than at the deposit, the
        portfolio was started over, and so is the account: working orders are cancelled, past ones stay known so that none is
        taken twice. `watched` accounts are kept elsewhere: what this venue had of one is over, and begins anew with what the
        book says once it is watched no more.
        """
        for account in book.accounts:
            with self._database.write() as db:
                known = tables.load_state(db, self._book, account.id)
                if account.id in watched:
                    if known is not None and known.opened != ELSEWHERE:
                        self._clear(db, account.id, "the account is watched at its venue")
                        tables.save_state(db, self._book, replace(known, opened=ELSEWHERE))
                elif known is None or known.opened != opened:
                    self._deposit(db, account, known, opened)

    async def submit(self, order: OrderRequest) -> OrderReport:
        """Fill what the depth carries; an order already known is reported, never taken again."""
        with self._account(order.account, order.symbol) as (account, db):
            known = self._order(account, db, order.client_id)
            return (known or account.submit(order)).report()

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        """Rest a reduce-only stop on the mark price."""
        with self._account(stop.account, stop.symbol) as (account, db):
            known = self._order(account, db, stop.client_id)
            return (known or account.place_stop(stop)).report()

    async def transfer(self, request: TransferRequest) -> OrderReport:
        """Move collateral between the wallets or into a position's margin."""
        with self._account(request.account) as (account, db):
            known = self._order(account, db, request.client_id)
            return (known or account.transfer(request)).report()

    async def cancel(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        """Cancel what still works of an order or a stop."""
        with self._account(account, symbol) as (held, db):
            known = self._order(held, db, client_id)
            return None if known is None else held.cancel(known).report()

    async def find(self, account: str, symbol: str, client_id: str) -> OrderReport | None:
        """What became of an order, a stop or a transfer; None means that it was never accepted."""
        with self._account(account, symbol or None) as (held, db):
            known = self._order(held, db, client_id)
            return None if known is None else known.report()

    async def account(self, account: str) -> VenueAccount:
        """Balances, positions, stops and open orders."""
        with self._account(account) as (held, _):
            return held.view()

    async def events(self, account: str, after: int) -> Sequence[VenueEvent]:
        """Stops, funding and liquidations since event number `after`."""
        if self._untouched(account, after):
            return ()
        with self._account(account) as (held, _):
            pass
        if held.newest_event <= after:
            return ()
        with self._database.read() as db:
            return tables.load_events(db, self._book, account, after)

    def _untouched(self, account_id: str, after: int) -> bool:
        """Whether time and the market change nothing of an account as it was read last, and nobody else has since."""
        if self._version is None:
            return False
        version, kept = self._version(), self._kept.get(account_id)
        if kept is None or kept[0] != version:
            with self._database.read() as db:
                state = tables.load_state(db, self._book, account_id)
                working = tables.load_working(db, self._book, account_id)
            if state is None:
                return False
            kept = self._kept[account_id] = version, state, working
        carried = self._carried(*kept[1:])
        return carried.newest_event <= after and not carried.changed

    def _carried(self, state: PaperState, working: Sequence[PaperOrder], symbol: str | None = None) -> PaperAccount:
        """The account carried forward to now."""
        assets = {p.asset for p in state.account.positions} | {asset_of(o.symbol) for o in working}
        market = self._snapshot(sorted(assets | ({asset_of(symbol)} if symbol else set())))
        account = PaperAccount(state, working, market, self._fees)
        advance(account, market.as_of)
        return account

    @contextmanager
    def _account(self, account_id: str, symbol: str | None = None) -> Iterator[tuple[PaperAccount, Connection]]:
        """The account carried forward to now, in one transaction that stores whatever changed."""
        with self._database.write() as db:
            state = tables.load_state(db, self._book, account_id)
            if state is None:
                raise BadInput(f"the paper venue has no account {account_id} of {self._book}")
            account = self._carried(state, tables.load_working(db, self._book, account_id), symbol)
            yield account, db
            if account.changed:
                tables.save_orders(db, self._book, account_id, account.touched.values())
                tables.save_events(db, self._book, account.events)
                tables.save_state(db, self._book, account.state())

    def _order(self, account: PaperAccount, db: Connection, client_id: str) -> PaperOrder | None:
        return account.touched.get(client_id) or tables.load_order(db, client_id)

    def _deposit(self, db: Connection, account: Account, known: PaperState | None, opened: int) -> None:
        market = self._snapshot([p.asset for p in account.positions])
        if known is None:
            state = PaperState(account=account, at=market.as_of, source=market.source, opened=opened)
            tables.insert_state(db, self._book, state)
        else:
            self._clear(db, account.id)
            at = max(known.at, market.as_of)
            state = replace(known, account=account, at=at, source=market.source, opened=opened)
            tables.save_state(db, self._book, state)
        stops = [
            StopRequest(
                client_id=f"deposit:{self._book}:{account.id}:{p.asset}",
                account=account.id,
                symbol=p.symbol,
                buys=p.side is Side.SHORT,
                quantity=p.quantity,
                trigger_price=p.stop_price,
            )
            for p in account.positions
            if p.stop_price is not None
        ]
        orders = [PaperOrder(stop=stop, status=OrderStatus.OPEN) for stop in stops]
        tables.save_orders(db, self._book, account.id, orders)

    def _clear(self, db: Connection, account: str, reason: str = "the account started over") -> None:
        """Cancel what works and forget the events of an account that starts over."""
        working = tables.load_working(db, self._book, account)
        ended = [replace(order, status=OrderStatus.CANCELLED, reason=reason) for order in working]
        tables.save_orders(db, self._book, account, ended)
        tables.drop_events(db, self._book, account)
