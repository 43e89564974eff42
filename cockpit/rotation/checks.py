"""What must hold at the very moment an order is sent: pure functions over the actual account and market."""

from collections.abc import Collection, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Side
from cockpit.model.instruments import QUOTE, Instrument
from cockpit.model.market import MarketSnapshot, Quote
from cockpit.model.money import ZERO, floor_to, plain, seconds_of
from cockpit.model.plan import Action, Step, Wallet
from cockpit.model.strategy import Limits
from cockpit.rotation.book_walk import NoDepth, walk
from cockpit.rotation.markets import too_old
from cockpit.rotation.protection import on_loss_side, stop_distance
from cockpit.rotation.rules import percent


class TradingState(StrEnum):
    """What may be sent: everything, only what reduces risk, or nothing but reduce-only orders, stops and margin."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"

    def allows(self, step: Step) -> bool:
        """Whether a step may be sent in this state."""
        protects = step.action.reduces or step.action in (Action.SET_STOP, Action.ADD_MARGIN)
        match self:
            case TradingState.ACTIVE:
                return True
            case TradingState.REDUCING:
                home = step.action is Action.TRANSFER and step.source is Wallet.FUTURES
                return protects or home or step.action is Action.SELL
            case TradingState.HALTED:
                return protects


class Refusal(Struct, frozen=True):
    """Why an order must not be sent: a rule, by its limit's name where it has one, and the sentence for the trader."""

    rule: str
    message: str


def trading_state(nav: Decimal, day_start_nav: Decimal, limits: Limits) -> TradingState:
    """What the day's loss allows. `day_start_nav` is NAV at 00:00 UTC, with deposits and withdrawals since then taken into it."""
    if day_start_nav <= 0:
        return TradingState.HALTED
    loss = 1 - nav / day_start_nav
    if loss >= limits.daily_loss_halted:
        return TradingState.HALTED
    return TradingState.REDUCING if loss >= limits.daily_loss_reducing else TradingState.ACTIVE


def order_refusals(
    step: Step,
    account: Account,
    market: MarketSnapshot,
    limits: Limits,
    now: datetime,
    state: TradingState = TradingState.ACTIVE,
    *,
    sector: Sector,
    nav: Decimal | None = None,
    quoted_at: datetime | None = None,
    sent: Collection[str] = (),
) -> list[Refusal]:
    """Every rule that forbids sending `step` now; an empty list lets it go.

    `account` is the actual account, `sector` the asset's. `nav` of the whole book judges the order's size, `quoted_at` (when
    the plan was made or the step last quoted) its age, and `sent` holds the ids of steps that were sent already. A pinned
    price does not age.
    """
    return list(_refusals(step, account, market, limits, now, state, sector, nav, quoted_at, sent))


def _refusals(
    step: Step,
    account: Account,
    market: MarketSnapshot,
    limits: Limits,
    now: datetime,
    state: TradingState,
    sector: Sector,
    nav: Decimal | None,
    quoted_at: datetime | None,
    sent: Collection[str],
) -> Iterator[Refusal]:
    if step.id in sent:
        yield Refusal("duplicate", f"step {step.number} was sent already")
    if not state.allows(step):
        only = "stops, margin and reduce-only orders" if state is TradingState.HALTED else "orders that reduce risk"
        yield Refusal("trading_state", f"trading is {state}: only {only} go out")
    if step.account != account.id:
        yield Refusal("account", f"step {step.number} belongs to the account {step.account}, not to {account.id}")
        return
    yield from _funds(step, account)
    if step.symbol is None or step.asset is None:
        return
    quote, instrument = market.quotes.get(step.symbol), market.instruments.get(step.symbol)
    if quote is None or instrument is None:
        yield Refusal("quote_age_max_s", f"{market.source} has no quote of {step.symbol}")
        return
    yield from _ages(quote, limits, now, quoted_at)
    yield from _position(step, account)
    yield from _stop(step, quote, limits, sector)
    if step.action.trades:
        yield from _order(step, account, quote, instrument, limits, sector, nav)


def _funds(step: Step, account: Account) -> Iterator[Refusal]:
    if step.action is Action.TRANSFER:
        free = account.spot.get(QUOTE, ZERO) if step.source is Wallet.SPOT else account.free_wallet
        if step.quantity > free:
            yield Refusal("funds", f"the {step.source} wallet has {free:,.2f} {QUOTE} free, {step.quantity:,.2f} is to move")
    elif step.action is Action.BUY:
        cost = step.quantity * (step.price or ZERO) + (step.fee or ZERO)
        free = account.spot.get(QUOTE, ZERO)
        if cost > free:
            yield Refusal("funds", f"the spot wallet has {free:,.2f} {QUOTE}, the order costs {cost:,.2f}")
    elif step.action is Action.SELL:
        held = account.spot.get(step.asset or "", ZERO)
        if step.quantity > held:
            yield Refusal("funds", f"{plain(held)} {step.asset} is held, {plain(step.quantity)} is to be sold")
    elif step.action.opens or step.action is Action.ADD_MARGIN:
        cost = (step.margin or ZERO) + (step.fee or ZERO) if step.action.opens else step.quantity
        if cost > account.free_wallet:
            yield Refusal("funds", f"the futures wallet has {account.free_wallet:,.2f} {QUOTE} free, {cost:,.2f} is needed")


def old_quote(quote: Quote, limits: Limits, now: datetime) -> Iterator[Refusal]:
    """A quote, its price or its depth, that is older than an order may rest on; a pinned one does not age."""
    age = seconds_of(now - quote.seen_at)
    if not quote.pinned and age > limits.quote_age_max_s:
        yield Refusal("quote_age_max_s", too_old(quote, age, limits))


def _ages(quote: Quote, limits: Limits, now: datetime, quoted_at: datetime | None) -> Iterator[Refusal]:
    yield from old_quote(quote, limits, now)
    if quoted_at is not None and not quote.pinned:
        age = seconds_of(now - quoted_at)
        if age > limits.plan_age_max_s:
            yield Refusal(
                "plan_age_max_s", f"the step was quoted {round(age)} s ago, limit {plain(limits.plan_age_max_s)} s: re-quote it"
            )


def _position(step: Step, account: Account) -> Iterator[Refusal]:
    held = account.position(step.asset or "")
    if step.action.reduces:
        side = Side.LONG if step.action is Action.REDUCE_LONG else Side.SHORT
        if held is None or held.side is not side:
            yield Refusal("reduce_only", f"there is no {side} position in {step.asset} to reduce")
        elif step.quantity > held.quantity:
            yield Refusal(
                "reduce_only", f"the {side} position in {step.asset} is {plain(held.quantity)}, less than {plain(step.quantity)}"
            )
    elif step.action.opens:
        side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
        if held is not None and held.side is not side:
            yield Refusal("one_way", f"the account is {held.side} {step.asset}: opening a {side} would flip the position")
    elif step.action in (Action.SET_STOP, Action.ADD_MARGIN) and held is None:
        yield Refusal("reduce_only", f"there is no position in {step.asset}")


def _stop(step: Step, quote: Quote, limits: Limits, sector: Sector) -> Iterator[Refusal]:
    if not step.action.opens:
        return
    rule = "stop_distance_l1" if sector is Sector.L1 else "stop_distance_defi"
    side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
    if step.stop_price is None:
        yield Refusal(rule, f"step {step.number} opens {step.asset} without a stop")
    elif not on_loss_side(side, step.stop_price, quote.mark):
        yield Refusal(
            rule, f"the stop {plain(step.stop_price)} would trigger at once, {step.asset} stands at {plain(quote.mark)}"
        )
    elif stop_distance(side, step.stop_price, quote.mark, quote.mark) > 2 * limits.stop_distance(sector):
        yield Refusal(rule, f"the stop {plain(step.stop_price)} is too far from {plain(quote.mark)}: re-quote the step")


def _order(
    step: Step,
    account: Account,
    quote: Quote,
    instrument: Instrument,
    limits: Limits,
    sector: Sector,
    nav: Decimal | None,
) -> Iterator[Refusal]:
    price, symbol = step.price, step.symbol
    if price is None or price <= 0 or step.quantity <= 0:
        yield Refusal("filters", f"step {step.number} has no price or no quantity")
        return
    held = account.position(step.asset or "")
    closes = step.action.reduces and held is not None and held.quantity == step.quantity
    if floor_to(price, instrument.tick) != price:
        yield Refusal("filters", f"{plain(price)} is no multiple of {symbol}'s price step {plain(instrument.tick)}")
    if floor_to(step.quantity, instrument.lot) != step.quantity and not closes:
        yield Refusal("filters", f"{plain(step.quantity)} is no multiple of {symbol}'s quantity step {plain(instrument.lot)}")
    if step.quantity * price < (least := instrument.least_notional(price)) and not step.action.reduces:
        yield Refusal("filters", f"{symbol} takes no order below {plain(least)} {QUOTE}")
    if step.leverage is not None and step.leverage > limits.leverage_max:
        yield Refusal("leverage_max", f"leverage {plain(step.leverage)}, limit {plain(limits.leverage_max)}")
    if nav is not None and step.quantity * quote.mark > limits.order_notional_max * nav:
        part = percent(step.quantity * quote.mark / nav)
        yield Refusal("order_notional_max", f"the order is {part} of NAV, limit {percent(limits.order_notional_max)}")
    collar = abs(price / quote.mark - 1)
    if collar > limits.collar(sector):
        rule = "collar_l1" if sector is Sector.L1 else "collar_defi"
        yield Refusal(rule, f"the limit price is {percent(collar)} away from mark, limit {percent(limits.collar(sector))}")
    yield from _depth(step, quote, instrument, limits)


def _depth(step: Step, quote: Quote, instrument: Instrument, limits: Limits) -> Iterator[Refusal]:
    buys, price = step.action.buys, step.price or ZERO
    try:
        found = walk(quote, instrument, buys, step.quantity)
    except NoDepth:
        yield Refusal("slippage_max_bps", f"the order book of {step.symbol} does not show {plain(step.quantity)}")
        return
    if found.slippage_bps > limits.slippage_max_bps:
        bps = f"{round(found.slippage_bps, 1)} bps"
        yield Refusal("slippage_max_bps", f"the order would slip {bps} from mark, limit {plain(limits.slippage_max_bps)} bps")
    if (found.worst > price) if buys else (found.worst < price):
        yield Refusal("limit_price", f"the book needs {plain(found.worst)}, beyond the limit {plain(price)}: re-quote the step")
