"""Whatever is asked of the paper venue, money is conserved, no wallet is overdrawn and reduce-only never increases."""

import asyncio
from collections.abc import Coroutine
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cockpit.execution import paper_tables as tables
from cockpit.execution.paper import PaperBroker
from cockpit.model.book import Account, Book, Position
from cockpit.model.instruments import asset_of, perp_symbol, spot_symbol
from cockpit.model.money import ZERO
from cockpit.model.orders import OrderRequest, OrderStatus, StopRequest, TransferRequest, VenueEventKind
from cockpit.model.plan import Wallet
from cockpit.store.database import Database
from tests.execution.scripted import FEES, LOTS, ScriptedMarket

D = Decimal
T = TypeVar("T")
ASSETS = ("ETH", "UNI", "AAVE")
TOLERANCE = D("0.000001")
"""An average entry price is kept to twelve places."""

assets = st.sampled_from(ASSETS)
sides = st.booleans()
lots = st.integers(1, 5_000)
percents = st.integers(-60, 60)


class PaperVenue(RuleBasedStateMachine):
    """Random orders, stops, transfers, prices, depth and time against one account."""

    @initialize()
    def open(self) -> None:
        spot = {"USDT": D(20_000), "ETH": D(2), "UNI": D(500)}
        account = Account(id="main", venue="paper", spot=spot, futures_wallet=D(8_000))
        self.market = ScriptedMarket({"ETH": D(4000), "UNI": D(10), "AAVE": D(250)})
        self.folder = TemporaryDirectory()
        self.database = Database(f"{self.folder.name}/store.db")
        self.broker = PaperBroker(self.database, "test", self.market.snapshot, FEES)
        self.broker.open(Book(name="test", accounts=(account,)))
        self.deposited = spot["USDT"] + account.futures_wallet
        self.sent: dict[str, str] = {}
        self.flow = ZERO
        self.known_fills: set[str] = set()
        self.events_seen = 0

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    @rule(asset=assets, perp=sides, buys=sides, size=lots, away=st.integers(-3, 3), reduce=sides, rests=sides)
    def order(self, asset: str, perp: bool, buys: bool, size: int, away: int, reduce: bool, rests: bool) -> None:
        before = self._positions()
        limit = (self.market.prices[asset] * (1 + D(away) / 200)).quantize(D("0.01"))
        report = self.call(
            self.broker.submit(
                OrderRequest(
                    client_id=f"o{len(self.sent)}",
                    account="main",
                    symbol=perp_symbol(asset) if perp else spot_symbol(asset),
                    buys=buys,
                    quantity=size * LOTS[asset],
                    limit_price=limit,
                    reduce_only=reduce and perp,
                    leverage=D(3) if perp and not reduce else None,
                    rests=rests,
                )
            )
        )
        self.sent[report.client_id] = report.symbol
        assert report.filled <= report.quantity
        if reduce and perp and report.status is not OrderStatus.REJECTED:
            held, left = before.get(asset), self._positions().get(asset)
            assert held is not None
            assert left is None or (left.side is held.side and left.quantity <= held.quantity)

    @rule(asset=assets, size=lots, away=st.integers(1, 30))
    def stop(self, asset: str, size: int, away: int) -> None:
        held = self._positions().get(asset)
        if held is None:
            return
        mark = self.market.prices[asset]
        trigger = (mark * (1 - held.side.sign * D(away) / 100)).quantize(D("0.01"))
        request = StopRequest(
            client_id=f"s{len(self.sent)}",
            account="main",
            symbol=held.symbol,
            buys=held.side.sign < 0,
            quantity=size * LOTS[asset],
            trigger_price=trigger,
        )
        self.sent[request.client_id] = self.call(self.broker.place_stop(request)).symbol

    @rule(out_of=st.sampled_from(Wallet), amount=st.integers(1, 30_000), asset=st.none() | assets)
    def transfer(self, out_of: Wallet, amount: int, asset: str | None) -> None:
        request = TransferRequest(client_id=f"t{len(self.sent)}", account="main", source=out_of, amount=D(amount), asset=asset)
        self.sent[request.client_id] = self.call(self.broker.transfer(request)).symbol

    @rule(asset=assets, percent=percents)
    def move(self, asset: str, percent: int) -> None:
        self.market.prices[asset] = (self.market.prices[asset] * (1 + D(percent) / 100)).quantize(D("0.01")) + D("0.01")

    @rule(sizes=st.lists(st.integers(0, 3_000), max_size=4))
    def thin(self, sizes: list[int]) -> None:
        self.market.depth = tuple((D(step) / 500, D(size) / 100) for step, size in enumerate(sizes))

    @rule(hours=st.integers(1, 30), rate=st.integers(-40, 40))
    def wait(self, hours: int, rate: int) -> None:
        self.market.funding_rate = D(rate) / 10_000
        self.market.pass_time(hours=hours)

    @rule(number=st.integers(0, 60))
    def cancel(self, number: int) -> None:
        known = list(self.sent.items())
        if number < len(known):
            client_id, symbol = known[number]
            self.call(self.broker.cancel("main", symbol, client_id))

    @invariant()
    def holds(self) -> None:
        if not hasattr(self, "broker"):
            return
        account = self.call(self.broker.account("main")).account
        assert all(amount >= 0 for amount in account.spot.values())
        assert account.free_wallet >= 0
        assert all(p.margin > 0 and p.quantity > 0 for p in account.positions)
        self._note_fills()
        held = account.spot.get("USDT", ZERO) + account.futures_wallet
        assert abs(held - self.deposited - self.flow - sum(self._basis().values(), ZERO)) < TOLERANCE

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Ask the venue, and note the money that its own events moved."""
        before = self._basis()
        answer = asyncio.run(work)
        with self.database.read() as db:
            for event in tables.load_events(db, "test", "main", self.events_seen):
                self.events_seen = event.number
                if event.kind is not VenueEventKind.STOP:
                    self.flow += event.amount
                if event.kind is VenueEventKind.LIQUIDATION:
                    self.flow += before[asset_of(event.symbol)]
        return answer

    def _positions(self) -> dict[str, Position]:
        return {p.asset: p for p in self.call(self.broker.account("main")).account.positions}

    def _basis(self) -> dict[str, Decimal]:
        """What the positions cost, signed: with it, cash flows explain the wallet without any formula of PnL."""
        with self.database.read() as db:
            state = tables.load_state(db, "test", "main")
        assert state is not None
        return {p.asset: p.signed_notional(p.entry_price) for p in state.account.positions}

    def _note_fills(self) -> None:
        with self.database.read() as db:
            orders = [tables.load_order(db, client_id) for client_id in self.sent]
        for fill in (fill for order in orders if order for fill in order.fills):
            if fill.trade_id not in self.known_fills:
                self.known_fills.add(fill.trade_id)
                self.flow += fill.quantity * fill.price * (-1 if fill.buys else 1) - fill.fee


PaperVenue.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestPaperVenue = PaperVenue.TestCase
