"""The paper venue is a venue: depth, fees, margin, funding, stops and liquidation, and nothing accepted twice."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cockpit.execution.paper import PaperBroker
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.errors import BadInput
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.orders import (
    OrderReport,
    OrderRequest,
    OrderStatus,
    StopRequest,
    TransferRequest,
    VenueAccount,
    VenueEvent,
    VenueEventKind,
)
from cockpit.model.plan import Wallet
from cockpit.store.database import Database
from tests.execution.scripted import FEES, ScriptedMarket

D = Decimal
ETH, UNI = perp_symbol("ETH"), perp_symbol("UNI")


class Venue:
    """The paper venue with the calls of a test written short."""

    def __init__(self, database: Database, market: ScriptedMarket, account: Account | None = None) -> None:
        spot = {"USDT": D(30_000), "ETH": D(10)}
        account = account or Account(id="main", venue="paper", spot=spot, futures_wallet=D(10_000))
        self.database, self.market = database, market
        self.book = Book(name="test", accounts=(account,))
        self.broker = PaperBroker(database, "test", market.snapshot, FEES)
        self.broker.open(self.book)
        self.sent = 0

    def order(self, symbol: str, buys: bool, quantity: str, limit: str, **more: Any) -> OrderReport:
        self.sent += 1
        perp = ":" in symbol and not more.get("reduce_only")
        request = OrderRequest(
            client_id=more.pop("client_id", f"o{self.sent}"),
            account="main",
            symbol=symbol,
            buys=buys,
            quantity=D(quantity),
            limit_price=D(limit),
            leverage=more.pop("leverage", D(2) if perp else None),
            **more,
        )
        return asyncio.run(self.broker.submit(request))

    def stop(self, symbol: str, buys: bool, quantity: str, trigger: str, client_id: str = "s1") -> OrderReport:
        request = StopRequest(
            client_id=client_id, account="main", symbol=symbol, buys=buys, quantity=D(quantity), trigger_price=D(trigger)
        )
        return asyncio.run(self.broker.place_stop(request))

    def transfer(self, source: Wallet, amount: str, asset: str | None = None, client_id: str = "t1") -> OrderReport:
        request = TransferRequest(client_id=client_id, account="main", source=source, amount=D(amount), asset=asset)
        return asyncio.run(self.broker.transfer(request))

    @property
    def view(self) -> VenueAccount:
        return asyncio.run(self.broker.account("main"))

    @property
    def account(self) -> Account:
        return self.view.account

    def events(self, after: int = 0) -> list[VenueEvent]:
        return list(asyncio.run(self.broker.events("main", after)))

    def find(self, client_id: str, symbol: str = ETH) -> OrderReport | None:
        return asyncio.run(self.broker.find("main", symbol, client_id))


@pytest.fixture
def market() -> ScriptedMarket:
    return ScriptedMarket({"ETH": D(4000), "UNI": D(10), "AAVE": D(250)})


@pytest.fixture
def venue(database: Database, market: ScriptedMarket) -> Venue:
    return Venue(database, market)


def test_the_worked_hedge_costs_its_margin_and_its_fee(venue: Venue) -> None:
    # The blueprint's hedge: short 2.5 ETH at 4,000 with 2x is 5,000 of margin, and 0.05 % of 10,000 in fees.
    report = venue.order(ETH, False, "2.5", "4000")
    assert (report.status, report.filled) == (OrderStatus.FILLED, D("2.5"))
    account = venue.account
    assert account.futures_wallet == D("9995")
    assert account.free_wallet == D("4995")
    position = account.position("ETH")
    assert position is not None
    assert (position.side, position.entry_price, position.margin) == (Side.SHORT, D(4000), D(5000))


def test_an_order_takes_the_depth_level_by_level_and_the_rest_is_cancelled(venue: Venue) -> None:
    # Levels at 4000, 4004 and 4040; a limit of 4010 reaches the first two.
    venue.market.depth = ((D(0), D("0.5")), (D("0.001"), D("0.25")), (D("0.01"), D(5)))
    report = venue.order(ETH, True, "1.5", "4010")
    assert [(f.quantity, f.price) for f in report.fills] == [(D("0.5"), D(4000)), (D("0.25"), D(4004))]
    assert (report.status, report.filled) == (OrderStatus.CANCELLED, D("0.75"))
    position = venue.account.position("ETH")
    assert position is not None
    assert position.quantity == D("0.75")
    assert position.entry_price.quantize(D("0.0001")) == D("4001.3333")


def test_an_order_beyond_the_best_price_fills_nothing(venue: Venue) -> None:
    before = venue.account
    report = venue.order(spot_symbol("ETH"), True, "1", "3999")
    assert (report.status, report.filled) == (OrderStatus.CANCELLED, D(0))
    assert venue.account == before


def test_a_pinned_quote_fills_any_size_at_its_mark(database: Database) -> None:
    market = ScriptedMarket({"ETH": D(4000)}, pinned=True)
    report = Venue(database, market).order(spot_symbol("ETH"), False, "10", "3990")
    assert [(f.quantity, f.price) for f in report.fills] == [(D(10), D(4000))]


def test_an_accepted_order_is_reported_again_and_never_filled_again(venue: Venue) -> None:
    first = venue.order(ETH, False, "1", "4000", client_id="same")
    account = venue.account
    assert venue.order(ETH, False, "1", "4000", client_id="same") == first
    assert venue.account == account


def test_the_venue_remembers_across_processes(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000", client_id="kept")
    venue.stop(ETH, True, "1", "4480")
    again = PaperBroker(venue.database, "test", venue.market.snapshot, FEES)
    again.open(venue.book)
    assert asyncio.run(again.account("main")) == venue.view
    found = asyncio.run(again.find("main", ETH, "kept"))
    assert found is not None
    assert found.status is OrderStatus.FILLED


def test_what_was_never_sent_is_not_found(venue: Venue) -> None:
    assert venue.find("unheard") is None


@pytest.mark.parametrize(
    ("send", "words"),
    [
        (lambda v: v.order(ETH, False, "1", "4000.001"), "tick"),
        (lambda v: v.order(ETH, False, "1.0001", "4000"), "lots"),
        (lambda v: v.order(ETH, False, "0.001", "4000"), "below the minimum"),
        (lambda v: v.order(ETH, False, "1", "4000", leverage=None), "leverage"),
        (lambda v: v.order(ETH, False, "1", "4000", leverage=D(126)), "above 125"),
        (lambda v: v.order(UNI, True, "10001", "10", leverage=D(1)), "above the last margin tier"),
        (lambda v: v.order(ETH, True, "1", "4000", reduce_only=True), "no position"),
        (lambda v: v.order(perp_symbol("DOGE"), True, "1", "1"), "not traded"),
        (lambda v: v.order(spot_symbol("ETH"), True, "1", "4000", leverage=D(2)), "perpetuals"),
        (lambda v: v.stop(ETH, True, "1", "4480"), "no position"),
        (lambda v: v.transfer(Wallet.SPOT, "30001"), "is free"),
        (lambda v: v.transfer(Wallet.FUTURES, "1", asset="ETH"), "margin"),
    ],
)
def test_a_rejection_says_why_and_changes_nothing(
    database: Database, market: ScriptedMarket, send: Callable[[Venue], OrderReport], words: str
) -> None:
    market.prices["UNI"] = D(100) if words == "above the last margin tier" else D(10)
    venue = Venue(database, market)
    before = venue.account
    report = send(venue)
    assert report.status is OrderStatus.REJECTED
    assert words in report.reason
    assert venue.account == before


def test_an_order_against_a_position_must_be_reduce_only(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    report = venue.order(ETH, True, "2", "4000")
    assert report.status is OrderStatus.REJECTED
    assert "reduce-only" in report.reason


def test_a_reduce_only_order_closes_and_never_flips(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    venue.market.prices["ETH"] = D(3800)
    report = venue.order(ETH, True, "5", "3800", reduce_only=True)
    assert (report.status, report.filled) == (OrderStatus.FILLED, D(1))
    assert venue.account.positions == ()
    assert venue.account.futures_wallet == D(10_000) - D(2) + D(200) - D("1.9")


def test_collateral_carries_what_it_can_and_the_rest_is_cancelled(venue: Venue) -> None:
    # 10,000 free, 2x: 4,000 / 2 + 2 of fee a coin: 4.995 lots of .001 fit, 4.996 do not.
    report = venue.order(ETH, False, "8", "4000")
    assert (report.status, report.filled) == (OrderStatus.CANCELLED, D("4.995"))
    assert "collateral" in report.reason
    assert D(0) <= venue.account.free_wallet < D(3)


def test_a_resting_order_fills_as_a_maker_when_the_market_comes(venue: Venue) -> None:
    resting = venue.order(ETH, True, "1", "3900", rests=True)
    assert resting.status is OrderStatus.OPEN
    assert [o.client_id for o in venue.view.open_orders] == [resting.client_id]
    venue.market.prices["ETH"] = D(3890)
    venue.market.pass_time(seconds=1)
    found = venue.find(resting.client_id)
    assert found is not None
    assert [(f.quantity, f.price, f.fee) for f in found.fills] == [(D(1), D(3900), D("0.78"))]
    assert venue.view.open_orders == ()


def test_a_resting_order_can_be_cancelled_once(venue: Venue) -> None:
    resting = venue.order(spot_symbol("ETH"), True, "1", "3900", rests=True)
    cancelled = asyncio.run(venue.broker.cancel("main", spot_symbol("ETH"), resting.client_id))
    assert cancelled is not None
    assert cancelled.status is OrderStatus.CANCELLED
    venue.market.prices["ETH"] = D(3800)
    assert venue.view.open_orders == ()
    assert venue.account.spot["ETH"] == D(10)
    assert asyncio.run(venue.broker.cancel("main", ETH, "unheard")) is None


def test_a_stop_triggers_on_the_mark_and_closes_the_position(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    assert venue.stop(ETH, True, "1", "4480").status is OrderStatus.OPEN
    assert [s.trigger_price for s in venue.view.stops] == [D(4480)]
    venue.market.prices["ETH"] = D("4479.99")
    assert venue.events() == []
    venue.market.prices["ETH"] = D(4500)
    (event,) = venue.events()
    assert event.kind is VenueEventKind.STOP
    assert event.fill is not None
    assert (event.fill.buys, event.fill.quantity, event.fill.price) == (True, D(1), D(4500))
    assert event.amount == D(-500) - D("2.25")
    assert venue.view.stops == ()
    assert venue.account.futures_wallet == D(10_000) - D(2) - D("502.25")


def test_a_stop_that_would_trigger_at_once_is_rejected(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    report = venue.stop(ETH, True, "1", "4000")
    assert report.status is OrderStatus.REJECTED
    assert "at once" in report.reason


def test_a_stop_on_a_thin_market_goes_on_until_the_position_is_closed(venue: Venue) -> None:
    venue.order(ETH, True, "1", "4000")
    venue.stop(ETH, False, "1", "3520")
    venue.market.prices["ETH"] = D(3500)
    venue.market.depth = ((D(0), D("0.4")),)
    assert [e.fill.quantity for e in venue.events() if e.fill] == [D("0.4")]
    assert len(venue.events()) == 1  # the depth of one quote is taken once
    venue.market.pass_time(seconds=1)
    assert len(venue.events()) == 2
    venue.market.pass_time(seconds=1)
    assert [e.fill.quantity for e in venue.events() if e.fill] == [D("0.4"), D("0.4"), D("0.2")]
    found = venue.find("s1")
    assert found is not None
    assert found.status is OrderStatus.FILLED
    assert venue.account.positions == ()


def test_two_stops_never_flip_a_position(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    venue.stop(ETH, True, "1", "4480", "s1")
    venue.stop(ETH, True, "1", "4470", "s2")
    venue.market.prices["ETH"] = D(4490)
    assert len(venue.events()) == 1
    assert venue.account.positions == ()
    assert venue.view.stops == ()


def test_closing_a_position_takes_its_stop_away(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000")
    venue.stop(ETH, True, "1", "4480")
    venue.order(ETH, True, "1", "4000", reduce_only=True)
    assert venue.view.stops == ()


def test_funding_is_paid_for_every_interval_that_passed(venue: Venue) -> None:
    # Long 1 ETH at 4,000 from 01:00; 0.01 % is due at 08:00, 16:00 and 00:00: three times 0.40 paid.
    venue.order(ETH, True, "1", "4000")
    wallet = venue.account.futures_wallet
    venue.market.funding_rate = D("0.0001")
    venue.market.pass_time(hours=24)
    events = venue.events()
    assert [(e.kind, e.amount, e.at.hour) for e in events] == [
        (VenueEventKind.FUNDING, D("-0.4"), 8),
        (VenueEventKind.FUNDING, D("-0.4"), 16),
        (VenueEventKind.FUNDING, D("-0.4"), 0),
    ]
    assert venue.account.futures_wallet == wallet - D("1.2")
    assert venue.events(after=events[-1].number) == []


def test_a_short_receives_positive_funding(venue: Venue) -> None:
    # 10,000 short at 0.1 % an interval, nine intervals: 90 received in three days.
    venue.order(ETH, False, "2.5", "4000")
    venue.market.funding_rate = D("0.001")
    venue.market.pass_time(days=3)
    assert sum(e.amount for e in venue.events()) == D(90)


def test_another_market_charges_no_funding_for_the_time_between(venue: Venue) -> None:
    venue.order(ETH, True, "1", "4000")
    venue.market.funding_rate = D("0.0001")
    venue.market.source = "another market"
    venue.market.pass_time(days=400)
    assert venue.events() == []
    venue.order(ETH, True, "1", "4000")
    venue.market.pass_time(hours=8)
    assert len(venue.events()) == 1


def test_liquidation_at_the_published_price_takes_the_margin(venue: Venue) -> None:
    # ETH short 2.5 at 4,000 with 2x: the liquidation price with Binance's tiers is 5,976.0956.
    venue.order(ETH, False, "2.5", "4000")
    venue.stop(ETH, True, "2.5", "7000")
    venue.market.prices["ETH"] = D("5976.09")
    assert venue.events() == []
    venue.market.prices["ETH"] = D("5976.10")
    (event,) = venue.events()
    assert (event.kind, event.amount) == (VenueEventKind.LIQUIDATION, D(-5000))
    assert venue.account.positions == ()
    assert venue.account.futures_wallet == D(4995)
    assert venue.view.stops == ()


def test_margin_that_was_added_moves_the_liquidation_away(venue: Venue) -> None:
    venue.order(ETH, False, "2.5", "4000")
    assert venue.transfer(Wallet.FUTURES, "1000", asset="ETH").status is OrderStatus.FILLED
    venue.market.prices["ETH"] = D(6000)
    assert venue.events() == []
    position = venue.account.position("ETH")
    assert position is not None
    assert position.margin == D(6000)


def test_a_transfer_moves_only_what_is_free(venue: Venue) -> None:
    venue.order(ETH, False, "2.5", "4000")
    assert venue.transfer(Wallet.FUTURES, "4995.01", client_id="t1").status is OrderStatus.REJECTED
    assert venue.transfer(Wallet.FUTURES, "4995", client_id="t2").status is OrderStatus.FILLED
    assert venue.account.spot["USDT"] == D(34_995)
    assert venue.account.free_wallet == 0


def test_a_deposited_position_keeps_its_stop(database: Database, market: ScriptedMarket) -> None:
    position = Position(asset="ETH", side=Side.SHORT, quantity=D(1), entry_price=D(3900), margin=D(1950), stop_price=D(4368))
    venue = Venue(database, market, Account(id="main", venue="paper", spot={}, futures_wallet=D(2000), positions=(position,)))
    assert [(s.buys, s.quantity, s.trigger_price) for s in venue.view.stops] == [(True, D(1), D(4368))]
    assert venue.account.positions == (position,)


def test_starting_over_deposits_again_and_takes_no_old_order_twice(venue: Venue) -> None:
    venue.order(ETH, False, "1", "4000", client_id="old")
    venue.stop(ETH, True, "1", "4480")
    venue.broker.open(venue.book, 7)
    assert venue.account == venue.book.accounts[0]
    assert venue.view.stops == ()
    assert venue.order(ETH, False, "1", "4000", client_id="old").filled == D(1)
    assert venue.account.positions == ()
    trade = venue.order(ETH, False, "1", "4000", client_id="new").fills[0]
    assert trade.trade_id == "2"


def test_a_portfolio_that_was_started_over_is_deposited_again_when_it_is_opened(venue: Venue) -> None:
    venue.broker.open(venue.book, 1)
    venue.order(ETH, False, "1", "4000")
    venue.broker.open(venue.book, 1)
    assert len(venue.account.positions) == 1
    venue.broker.open(venue.book, 7)
    assert venue.account == venue.book.accounts[0]


def test_books_do_not_see_each_other(database: Database, market: ScriptedMarket) -> None:
    venue = Venue(database, market)
    other = PaperBroker(database, "other", market.snapshot, FEES)
    with pytest.raises(BadInput, match="no account main of other"):
        asyncio.run(other.account("main"))
    other.open(Book(name="other", accounts=venue.book.accounts))
    venue.order(ETH, False, "1", "4000")
    assert asyncio.run(other.account("main")).account == venue.book.accounts[0]


def test_records_of_an_account_have_rising_times(venue: Venue) -> None:
    venue.order(ETH, True, "1", "4000")
    venue.market.funding_rate = D("0.0001")
    venue.market.pass_time(hours=9)
    second = venue.order(ETH, True, "1", "4000")
    assert [e.at < second.fills[0].at for e in venue.events()] == [True]
