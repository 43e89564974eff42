"""The blueprint's worked example, ready to be carried out: store, paper venue, pinned market and the plan of six steps."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

from cockpit.execution import paper_tables
from cockpit.execution.bookkeeping import differences
from cockpit.execution.broker import Broker
from cockpit.execution.clock import Clock
from cockpit.execution.executor import Executor
from cockpit.execution.paper import PaperBroker
from cockpit.execution.paper_order import PaperOrder
from cockpit.execution.progress import Listener, StepStatus
from cockpit.files.portfolio import load_portfolio
from cockpit.files.settings import load_risk_settings, load_universe
from cockpit.files.shipped import sample_portfolio
from cockpit.files.strategies import load_strategies
from cockpit.model.book import Book
from cockpit.model.orders import OrderStatus, Role, StepState
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from cockpit.rotation.planner import plan as make_plan
from cockpit.store.rows import Intent
from tests.execution.boundaries import Hook, WatchedBroker, WatchedStore
from tests.execution.scripted import START, ScriptedMarket

D = Decimal
UNIVERSE = load_universe()
SETTINGS = load_risk_settings()
PORTFOLIO = load_portfolio(sample_portfolio(), UNIVERSE)
STRATEGIES = load_strategies()


class VirtualClock:
    """Time that passes only when the test says so; the market's time goes along."""

    def __init__(self, market: ScriptedMarket | None = None) -> None:
        self.time = START
        self.market = market

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        if self.market is not None:
            self.market.now = self.time


def pinned_market() -> ScriptedMarket:
    """The example's prices, standing still."""
    return ScriptedMarket(PORTFOLIO.pinned_prices, pinned=True)


def worked_plan(book: Book, market: ScriptedMarket) -> Plan:
    """Transfer, short ETH 2.5, transfer, long AAVE 50, transfer, long UNI 1,250."""
    request = PlanRequest(strategy="B", preset="reconciled")
    snapshot = market.snapshot({*book.assets(), *PORTFOLIO.pinned_prices})
    return make_plan(book, snapshot, UNIVERSE, STRATEGIES["B"], SETTINGS, request, market.now)


class Desk:
    """Everything that it takes to carry a plan out on the store in `folder`; `hook` is called at every boundary."""

    def __init__(
        self,
        folder: Path,
        market: ScriptedMarket | None = None,
        *,
        portfolio: Book = PORTFOLIO,
        clock: Clock | None = None,
        listener: Listener | None = None,
        hook: Hook | None = None,
        venue: Callable[[PaperBroker], Broker] = lambda paper: paper,
    ) -> None:
        self.market = market or pinned_market()
        self.store = WatchedStore(str(folder / "store.db"))
        self.store.hook = lambda _: None
        self.book = self.store.open_book(portfolio, "test").book
        self.paper = PaperBroker(self.store.database, self.book.name, self.market.snapshot, SETTINGS.fees)
        self.paper.open(self.book)
        self.store.hook = hook or (lambda _: None)
        self.executor = Executor(
            self.store,
            self.book.name,
            WatchedBroker(venue(self.paper), hook or (lambda _: None)),
            self.market.snapshot,
            universe=UNIVERSE,
            settings=SETTINGS,
            lock_path=folder / "executor.lock",
            clock=clock,
            rng=random.Random(7),
            listener=listener,
            cycle=0.02,
        )

    def plan(self) -> Plan:
        """The worked plan on the book as it is now."""
        return worked_plan(self.now(), self.market)

    def now(self) -> Book:
        """The store's book."""
        with self.store.view(self.book.name) as view:
            book = view.book()
        assert book is not None
        return book

    def run_step(self, plan_id: str, number: int) -> StepStatus:
        """Confirm one step to the executor's thread and wait until it rests."""
        self.executor.confirm(plan_id, number, f"shown {number}", self.store.revision(self.book.name))
        return self.executor.wait(plan_id, number)

    def states(self, plan: Plan) -> list[StepState]:
        """Where the steps stand."""
        return [status.state for status in self.executor.status(plan.plan.id)]

    def intents(self, plan: Plan) -> tuple[Intent, ...]:
        """Every intent of a plan."""
        with self.store.view(self.book.name) as view:
            return view.intents(plan.plan.id)

    def accepted(self) -> list[PaperOrder]:
        """Every order, stop and transfer that the venue has accepted."""
        with self.store.database.read() as db:
            rows = db.execute(select(paper_tables.ORDERS.c.client_id).order_by(paper_tables.ORDERS.c.seq)).scalars()
            orders = [paper_tables.load_order(db, client_id) for client_id in rows]
        return [order for order in orders if order is not None and order.status is not OrderStatus.REJECTED]

    def close(self) -> None:
        """Stop everything."""
        self.executor.stop()
        self.store.close()


def check_rest(desk: Desk, plan: Plan) -> None:
    """What holds whenever nothing is on its way: the ledger is the venue's, nothing was accepted twice, every stop is there."""
    book = desk.now()
    intents = {intent.coid: intent for intent in desk.intents(plan)}
    accepted = [order for order in desk.accepted() if not order.client_id.startswith("deposit:")]
    attempts = [(intents[o.client_id].step, intents[o.client_id].attempt, intents[o.client_id].role) for o in accepted]
    assert len(attempts) == len(set(attempts)), "an attempt was accepted twice"
    with desk.store.view(book.name) as view:
        known = {(fill.account, fill.symbol, fill.trade_id): fill for fill in view.fills()}
    traded = {(f.account, f.symbol, f.trade_id): f for order in desk.accepted() for f in order.fills}
    assert known == traded, "the ledger's trades are not the venue's"
    for account in book.accounts:
        venue = asyncio.run(desk.paper.account(account.id))
        assert differences(account, venue.account) == ()
        for position in account.positions:
            stops = [s for s in venue.stops if s.symbol == position.symbol]
            assert [s.quantity for s in stops] == [position.quantity], f"{position.asset} is not protected by exactly one stop"
            assert stops[0].trigger_price == position.stop_price


def check_done(desk: Desk, plan: Plan) -> None:
    """The worked plan was carried out, every step once: the numbers of the blueprint's reconciled reading."""
    check_rest(desk, plan)
    assert desk.states(plan) == [StepState.DONE] * 6
    entries = [intent for intent in desk.intents(plan) if intent.role is Role.ENTRY and intent.state is StepState.FILLED]
    assert sorted(intent.step for intent in entries) == [1, 2, 3, 4, 5, 6], "a step was done more than once"
    (account,) = desk.now().accounts
    assert account.spot["USDT"] == D("17482.50")
    assert account.futures_wallet == D(17_500)
    assert [(p.asset, p.side.sign * p.quantity, p.margin, p.stop_price) for p in account.positions] == [
        ("ETH", D("-2.5"), D(5000), D(4480)),
        ("AAVE", D(50), D(6250), D("212.5")),
        ("UNI", D(1250), D(6250), D("8.5")),
    ]
