"""The blueprint's worked example, ready to be carried out: store, paper venue, pinned market and the plan of six steps."""

import random
from pathlib import Path

from cockpit.execution.clock import Clock
from cockpit.execution.executor import Executor
from cockpit.execution.paper import PaperBroker
from cockpit.execution.progress import Listener
from cockpit.files.portfolio import load_portfolio
from cockpit.files.settings import load_risk_settings, load_universe
from cockpit.files.shipped import sample_portfolio
from cockpit.files.strategies import load_strategies
from cockpit.model.book import Book
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from cockpit.rotation.planner import plan as make_plan
from cockpit.store.store import Store
from tests.execution.scripted import START, ScriptedMarket

UNIVERSE = load_universe()
SETTINGS = load_risk_settings()
PORTFOLIO = load_portfolio(sample_portfolio(), UNIVERSE)
STRATEGIES = load_strategies()


def pinned_market() -> ScriptedMarket:
    """The example's prices, standing still."""
    return ScriptedMarket(PORTFOLIO.pinned_prices, pinned=True)


def worked_plan(book: Book, market: ScriptedMarket) -> Plan:
    """Transfer, short ETH 2.5, transfer, long AAVE 50, transfer, long UNI 1,250."""
    request = PlanRequest(strategy="B", preset="reconciled")
    snapshot = market.snapshot({*book.assets(), *PORTFOLIO.pinned_prices})
    return make_plan(book, snapshot, UNIVERSE, STRATEGIES["B"], SETTINGS, request, START)


class Desk:
    """Everything that a test needs to carry a plan out on a store in `folder`."""

    def __init__(
        self,
        folder: Path,
        market: ScriptedMarket | None = None,
        *,
        portfolio: Book = PORTFOLIO,
        clock: Clock | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.market = market or pinned_market()
        self.store = Store(str(folder / "store.db"))
        self.book = self.store.open_book(portfolio, "test").book
        self.broker = PaperBroker(self.store.database, self.book.name, self.market.snapshot, SETTINGS.fees)
        self.broker.open(self.book)
        self.executor = Executor(
            self.store,
            self.book.name,
            self.broker,
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

    def close(self) -> None:
        """Stop everything."""
        self.executor.stop()
        self.store.close()
