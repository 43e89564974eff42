"""A small portfolio and a plan for the tests of the store."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.orders import Fill, Role
from cockpit.model.plan import Plan
from cockpit.store.unit import Unit
from tests.files.plans import SHORT, TRANSFER, plan

NAME = "Hundred thousand"
START = datetime(2021, 8, 20, 12, tzinfo=UTC)
PLAN: Plan = plan(TRANSFER, SHORT)
PLAN_ID = PLAN.plan.id


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def portfolio(**changes: Any) -> Book:
    """The book of a portfolio file."""
    spot = {"USDT": Decimal(35000), "ETH": Decimal(10), "UNI": Decimal(1250), "AAVE": Decimal(50)}
    account = Account(
        id="main", venue="paper", spot=spot, futures_wallet=Decimal(5000),
        positions=(Position(
            asset="ETH", side=Side.SHORT, quantity=Decimal("2.5"), entry_price=Decimal(4000), margin=Decimal(5000),
            stop_price=Decimal(4480), opened_at=START,
        ),),
    )  # fmt: skip
    return replace(Book(name=NAME, accounts=(account,), pinned_prices={"ETH": Decimal(4000)}), **changes)


def richer(book: Book, by: str = "1") -> Book:
    """The book with more USDT."""
    return book.with_account(book.accounts[0].with_spot("USDT", Decimal(by)))


def fill(trade_id: str = "t1", coid: str = "rc1", **changes: Any) -> Fill:
    """A trade of the example's short."""
    made = Fill(
        trade_id=trade_id, client_id=coid, account="main", symbol="ETH/USDT:USDT", buys=False, quantity=Decimal("2.5"),
        price=Decimal(4000), fee=Decimal(5), reduce_only=False, leverage=Decimal(2), at=START,
    )  # fmt: skip
    return replace(made, **changes)


def intend(unit: Unit, coid: str = "rc1", **changes: Any) -> None:
    """Note the example's entry as about to be sent."""
    values: dict[str, Any] = {
        "account": "main", "plan_id": PLAN_ID, "step": 2, "attempt": 1, "role": Role.ENTRY, "symbol": "ETH/USDT:USDT",
        "parameters": {"quantity": Decimal("2.50")}, "baseline": {"position": Decimal(0)}, "pinned_at": START, "epoch": 1,
        "protective": False,
    }  # fmt: skip
    unit.insert_intent(coid, **(values | changes))
