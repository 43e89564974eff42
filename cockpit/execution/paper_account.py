"""One account of the paper venue: what it accepts, what it fills, and what it refuses, as a real venue would.

Everything is computed in memory from the account's rows; `cockpit.execution.paper` loads and stores them in one transaction.
Orders are accepted once per client id, fill on the depth of the quote, never flip a position and never overdraw a wallet.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct
from msgspec.structs import replace

from cockpit.execution.paper_matching import taken
from cockpit.execution.paper_order import PaperOrder
from cockpit.model import ledger
from cockpit.model.book import Account, Position, Side
from cockpit.model.instruments import Instrument, Kind, asset_of, kind_of
from cockpit.model.ledger import LedgerError
from cockpit.model.market import Level, MarketSnapshot, Quote
from cockpit.model.money import UNIT, ZERO, floor_to, plain
from cockpit.model.orders import (
    Fill,
    OrderRequest,
    OrderStatus,
    StopRequest,
    TransferRequest,
    VenueAccount,
    VenueEvent,
    VenueEventKind,
)
from cockpit.model.strategy import Fees

INSTANT = timedelta(microseconds=1)
"""Two records of an account never carry the same time, so that their order can be told from it."""


class PaperState(Struct, frozen=True, kw_only=True):
    """The durable part of a paper account besides its orders. `at` is the time up to which it has been carried forward.

    `trades` and `events` count what was numbered so far; `source` names the market of `at`. `opened` is the revision
    at which the store opened the portfolio's file when this was deposited.
    """

    account: Account
    at: datetime
    source: str
    trades: int = 0
    events: int = 0
    opened: int = 0


class PaperAccount:
    """A paper account being worked on. `touched` and `events` collect what a transaction has to store."""

    def __init__(self, state: PaperState, working: Iterable[PaperOrder], market: MarketSnapshot, fees: Fees) -> None:
        self.account = state.account
        self.at = state.at
        self.source = state.source
        self.market = market
        self.fees = fees
        self.working = {order.client_id: order for order in working}
        self.touched: dict[str, PaperOrder] = {}
        self.events: list[VenueEvent] = []
        self._opened = state.opened
        self._trades = state.trades
        self._events = state.events

    @property
    def changed(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.touched or self.events)

    @property
    def newest_event(self) -> int:
        """The number of the last event; 0 before the first."""
        return self._events

    def state(self) -> PaperState:
        """The account's row as it is now."""
        return PaperState(
            account=self.account,
            at=self.at,
            source=self.source,
            trades=self._trades,
            events=self._events,
            opened=self._opened,
        )

    def view(self) -> VenueAccount:
        """What the venue tells of the account; each position carries the trigger price of the latest stop that protects it."""
        return VenueAccount(
            account=self.account,
            stops=tuple(o.stop for o in self.working.values() if o.stop is not None),
            open_orders=tuple(o.report() for o in self.working.values() if o.stop is None),
        )

    def submit(self, order: OrderRequest) -> PaperOrder:
        """Accept an order, fill what the depth carries, then cancel the rest or let it rest; or reject it with the reason."""
        refusal = self._order_refusal(order)
        if refusal:
            return self._touch(PaperOrder(order=order, status=OrderStatus.REJECTED, reason=refusal))
        if order.reduce_only:
            held = self._position(order.symbol)
            order = replace(order, quantity=min(order.quantity, held.quantity)) if held else order
        maker = False
        placed = self.fill(PaperOrder(order=order, status=OrderStatus.OPEN), order.quantity, order.limit_price, maker)
        if placed.filled == order.quantity:
            placed = replace(placed, status=OrderStatus.FILLED)
        elif not order.rests:
            reason = placed.reason or "the depth within the limit price was used up"
            placed = replace(placed, status=OrderStatus.CANCELLED, reason=reason)
        return self._touch(placed)

    def place_stop(self, stop: StopRequest) -> PaperOrder:
        """Rest a reduce-only stop; rejected where nothing is to be protected or the mark is already through the trigger."""
        refusal = self._stop_refusal(stop)
        if refusal:
            return self._touch(PaperOrder(stop=stop, status=OrderStatus.REJECTED, reason=refusal))
        placed = self._touch(PaperOrder(stop=stop, status=OrderStatus.OPEN))
        self._note_stop(stop.symbol)
        return placed

    def transfer(self, request: TransferRequest) -> PaperOrder:
        """Move collateral at once, or reject with the reason."""
        try:
            if request.asset is None:
                self.account = ledger.transfer(self.account, request.source, request.amount)
            else:
                self.account = ledger.add_margin(self.account, request.asset, request.amount)
        except LedgerError as error:
            return self._touch(PaperOrder(transfer=request, status=OrderStatus.REJECTED, reason=str(error)))
        self.tick()
        return self._touch(PaperOrder(transfer=request, status=OrderStatus.FILLED))

    def cancel(self, order: PaperOrder, reason: str = "cancelled on request") -> PaperOrder:
        """Cancel what still works; what is done stays as it is."""
        if not order.working:
            return order
        cancelled = self._touch(replace(order, status=OrderStatus.CANCELLED, reason=reason))
        if order.stop is not None:
            self._note_stop(order.symbol)
        return cancelled

    def fill(self, order: PaperOrder, quantity: Decimal, limit: Decimal | None, maker: bool) -> PaperOrder:
        """`order` with the fills that depth and collateral carry now, up to `quantity`. A maker fills at its own price."""
        quote = self.market.quotes.get(order.symbol)
        request = order.request
        assert not isinstance(request, TransferRequest)
        if quote is None or quote.at == order.quoted_at:
            return order
        order = replace(order, quoted_at=quote.at)
        for level in taken(quote, request.buys, quantity, limit):
            price = limit if maker and limit is not None else level.price
            size = self._affordable(order, Level(price, level.size), maker)
            if size > 0:
                order = replace(order, fills=(*order.fills, self._trade(order, size, price, maker)))
            if size < level.size:
                return replace(order, reason=f"{self.account.id} has no more collateral for it")
        return order

    def tick(self, at: datetime | None = None) -> datetime:
        """The next record's time: `at`, or later by an instant where that has passed."""
        self.at = self.at + INSTANT if at is None or at <= self.at else at
        return self.at

    def record(
        self,
        kind: VenueEventKind,
        symbol: str,
        amount: Decimal,
        *,
        fill: Fill | None = None,
        due: datetime | None = None,
        note: str = "",
    ) -> None:
        """Number and keep an event of the venue's own, at its fill's time, or when it was `due`, or now."""
        self._events += 1
        self.events.append(
            VenueEvent(
                number=self._events,
                kind=kind,
                account=self.account.id,
                symbol=symbol,
                at=fill.at if fill else self.tick(due),
                amount=amount,
                fill=fill,
                note=note,
            )
        )

    def drop_orphans(self, symbol: str) -> None:
        """Cancel the stops and reduce-only orders of a position that is closed."""
        if self._position(symbol) is not None:
            return
        for order in list(self.working.values()):
            reduces = order.stop is not None or (order.order is not None and order.order.reduce_only)
            if order.symbol == symbol and reduces:
                self.cancel(order, "the position is closed")

    def settle(self, order: PaperOrder) -> PaperOrder:
        """Keep the order's new state; filled once nothing is left."""
        return self._touch(replace(order, status=OrderStatus.FILLED) if order.filled >= order.quantity else order)

    def _touch(self, order: PaperOrder) -> PaperOrder:
        self.touched[order.client_id] = order
        self.working.pop(order.client_id, None)
        if order.working:
            self.working[order.client_id] = order
        if order.fills and kind_of(order.symbol) is Kind.PERP:
            self.drop_orphans(order.symbol)
        return order

    def _position(self, symbol: str) -> Position | None:
        return self.account.position(asset_of(symbol))

    def _note_stop(self, symbol: str) -> None:
        if self._position(symbol) is None:
            return
        stops = [o.stop for o in self.working.values() if o.stop is not None and o.symbol == symbol]
        self.account = ledger.set_stop(self.account, asset_of(symbol), stops[-1].trigger_price if stops else None)

    def _trade(self, order: PaperOrder, size: Decimal, price: Decimal, maker: bool) -> Fill:
        request = order.request
        assert not isinstance(request, TransferRequest)
        self._trades += 1
        fill = Fill(
            trade_id=str(self._trades),
            client_id=order.client_id,
            account=self.account.id,
            symbol=order.symbol,
            buys=request.buys,
            quantity=size,
            price=price,
            fee=self._fee(order.symbol, size * price, maker),
            reduce_only=isinstance(request, StopRequest) or request.reduce_only,
            leverage=request.leverage if isinstance(request, OrderRequest) else None,
            at=self.tick(),
        )
        self.account = ledger.apply_fill(self.account, fill)
        return fill

    def _fee(self, symbol: str, notional: Decimal, maker: bool) -> Decimal:
        if kind_of(symbol) is Kind.PERP:
            rate = self.fees.perp_maker if maker else self.fees.perp_taker
        else:
            rate = self.fees.spot_maker if maker else self.fees.spot_taker
        return (notional * rate).quantize(UNIT, ROUND_HALF_EVEN)

    def _affordable(self, order: PaperOrder, level: Level, maker: bool) -> Decimal:
        """The part of a level, in lots, that the account can carry without overdrawing a wallet."""
        size = level.size
        if self._carries(order, level, maker):
            return size
        instrument = self.market.instruments[order.symbol]
        low, high = ZERO, floor_to(size, instrument.lot)
        while low < high:
            middle = floor_to((low + high + instrument.lot) / 2, instrument.lot)
            if self._carries(order, Level(level.price, middle), maker):
                low = middle
            else:
                high = middle - instrument.lot
        return low

    def _carries(self, order: PaperOrder, level: Level, maker: bool) -> bool:
        request = order.request
        assert not isinstance(request, TransferRequest)
        probe = Fill(
            trade_id="",
            client_id="",
            account=self.account.id,
            symbol=order.symbol,
            buys=request.buys,
            quantity=level.size,
            price=level.price,
            fee=self._fee(order.symbol, level.size * level.price, maker),
            reduce_only=isinstance(request, StopRequest) or request.reduce_only,
            leverage=request.leverage if isinstance(request, OrderRequest) else None,
            at=self.at,
        )
        try:
            after = ledger.apply_fill(self.account, probe)
        except LedgerError:
            return False
        return after.free_wallet >= min(ZERO, self.account.free_wallet)

    def _order_refusal(self, order: OrderRequest) -> str:
        quote, instrument = self.market.quotes.get(order.symbol), self.market.instruments.get(order.symbol)
        if quote is None or instrument is None:
            return f"{order.symbol} is not traded here"
        if order.quantity <= 0 or order.limit_price <= 0:
            return "quantity and limit price must be above zero"
        if instrument.kind is Kind.PERP:
            refusal = self._perp_refusal(order, quote, instrument)
        elif order.reduce_only or order.leverage is not None:
            refusal = "reduce-only and leverage belong to perpetuals"
        else:
            refusal = ""
        return refusal or self._filter_refusal(order, instrument)

    def _filter_refusal(self, order: OrderRequest, instrument: Instrument) -> str:
        held = self._position(order.symbol)
        whole = order.reduce_only and held is not None and order.quantity == held.quantity
        if floor_to(order.limit_price, instrument.tick) != order.limit_price:
            return f"the limit price {plain(order.limit_price)} is not on a tick of {plain(instrument.tick)}"
        if floor_to(order.quantity, instrument.lot) != order.quantity and not whole:
            return f"the quantity {plain(order.quantity)} is not in lots of {plain(instrument.lot)}"
        notional = order.quantity * order.limit_price
        least = instrument.least_notional(order.limit_price)
        if notional < least and not order.reduce_only:
            return f"the notional {plain(notional)} is below the minimum of {plain(least)}"
        return ""

    def _perp_refusal(self, order: OrderRequest, quote: Quote, instrument: Instrument) -> str:
        held = self._position(order.symbol)
        side = Side.LONG if order.buys else Side.SHORT
        if order.reduce_only:
            if held is None or held.side is side:
                return f"reduce-only: there is no position in {instrument.asset} that it would reduce"
            return ""
        if held is not None and held.side is not side:
            return f"it would reduce or flip the {held.side} position in {instrument.asset}: send it reduce-only"
        if order.leverage is None or order.leverage < 1:
            return "a perpetual needs a leverage of at least 1"
        notional = (order.quantity + (held.quantity if held else ZERO)) * quote.mark
        tier = next((t for t in instrument.tiers if t.cap is None or notional <= t.cap), None)
        if instrument.tiers and tier is None:
            return f"a notional of {plain(notional)} is above the last margin tier"
        if tier is not None and order.leverage > tier.max_leverage:
            return f"the leverage {plain(order.leverage)} is above {plain(tier.max_leverage)}, the most at this notional"
        return ""

    def _stop_refusal(self, stop: StopRequest) -> str:
        quote, instrument = self.market.quotes.get(stop.symbol), self.market.instruments.get(stop.symbol)
        held = self._position(stop.symbol)
        if quote is None or instrument is None or instrument.kind is not Kind.PERP:
            return f"{stop.symbol} is no perpetual that is traded here"
        if stop.quantity <= 0 or stop.trigger_price <= 0:
            return "quantity and trigger price must be above zero"
        if held is None or held.side is (Side.LONG if stop.buys else Side.SHORT):
            return f"reduce-only: there is no position in {instrument.asset} that it would protect"
        if floor_to(stop.trigger_price, instrument.tick) != stop.trigger_price:
            return f"the trigger price {plain(stop.trigger_price)} is not on a tick of {plain(instrument.tick)}"
        if through(stop, quote.mark):
            return f"it would trigger at once: the mark price is {plain(quote.mark)}, the trigger {plain(stop.trigger_price)}"
        return ""


def through(stop: StopRequest, mark: Decimal) -> bool:
    """Whether the mark price has reached a stop's trigger: at or above it for a buying stop, at or below it for a selling one."""
    return mark >= stop.trigger_price if stop.buys else mark <= stop.trigger_price
