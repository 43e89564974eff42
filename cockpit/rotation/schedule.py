"""In which order and pieces the legs go so that no prefix breaks a rule: margin just in time, a stop with every position."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.ledger import LedgerError
from cockpit.model.money import CENT, ONE, UNIT, ZERO, ceil_to, floor_to, nearest_to
from cockpit.model.plan import Action, State, Step, Wallet
from cockpit.model.strategy import Fees, RiskSettings
from cockpit.rotation.book_walk import NoDepth, Walk, walk
from cockpit.rotation.legs import RANK, Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Effect, Move, Path, move_of
from cockpit.rotation.protection import (
    better_stop,
    broken_rule,
    on_loss_side,
    position_risk,
    required_margin,
    significant,
    stop_for,
)
from cockpit.rotation.rules import Gate, Watch

PASSES = 60
"""How often the list of legs is gone through; each pass but the last moves something."""
LOWER_LEVERAGES = (Decimal("1.5"), ONE)
"""What is tried where a position at the leverage asked for would break a rule."""


class Refused(Exception):
    """A piece may not go: the rule and the reason."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Order:
    """What a step says beside its money: the limit, the walk and why."""

    price: Decimal
    slippage_bps: Decimal
    symbol: str


class Scheduler:
    """Carries legs out on a path. `steps` are numbered from 1; their ids are given later."""

    def __init__(self, path: Path, gate: Gate, watch: Watch, markets: Markets, settings: RiskSettings, leverage: Decimal) -> None:
        self.path, self.gate, self.watch, self.markets = path, gate, watch, markets
        self.settings, self.leverage = settings, leverage
        self.steps: list[Step] = []
        self.slippage = ZERO
        self._worth: dict[tuple[str, Decimal, bool], Walk] = {}

    def protect(self) -> None:
        """Give every position a working stop, and the margin that it needs, before anything else happens."""
        limits = self.settings.limits
        for account, position in self.path.positions():
            symbol = position.symbol
            sector, mark, tiers = (
                self.path.sector(position.asset),
                self.path.mark(position.asset),
                self.path.tiers(position.asset),
            )
            instrument = self.markets.market.instruments.get(symbol)
            if instrument is None:
                continue
            stop = better_stop(position, mark, tiers, sector, limits, instrument.tick)
            if stop is not None and stop != position.stop_price:
                reason = (
                    "protect the position: it has no working stop"
                    if _naked(position, mark)
                    else "bring the stop within the limits"
                )
                self._emit(
                    self._try(
                        Move(
                            action=Action.SET_STOP,
                            account=account,
                            asset=position.asset,
                            quantity=position.quantity,
                            stop_price=stop,
                        )
                    ),
                    reason,
                )
        for account, position in self.path.positions():
            self._strengthen(account, position)

    def return_surplus(self, needs: dict[str, Decimal]) -> None:
        """Where free reserve or futures capital is broken, move idle collateral back to spot; what legs need stays if it can."""
        for keep in (needs, {}):
            for account in self.path.accounts():
                if self._short_of_cash():
                    self._sweep(
                        account, self.path.free(account) - keep.get(account, ZERO), "return idle collateral to the free reserve"
                    )

    def sweep_released(self, before: dict[str, Decimal]) -> None:
        """Return the collateral that the plan has set free and nothing needs any more."""
        for account, free in before.items():
            released = self.path.free(account) - free
            if released > self.markets.dust:
                self._sweep(account, released, "return the released margin")

    def run(self, legs: list[Leg]) -> None:
        """Carry legs out in order, in the largest pieces that keep every rule; what was blocked is tried again after progress."""
        left = list(legs)
        for _ in range(PASSES):
            moved = False
            for leg in left:
                moved |= self._advance(leg)
            left = [leg for leg in left if leg.quantity > 0]
            if not moved or not left:
                return

    def resend(self, step: Step, sector: Sector) -> Step:
        """Carry a step of an earlier plan out as it would go now; Refused, LedgerError or NoDepth where it no longer can.

        Quantity, leverage, number and id stay; prices, fee, stop and what follows are of the present market.
        """
        count = len(self.steps)
        if step.action.trades and step.asset is not None:
            mark = self.path.price(step.asset) if step.action in (Action.BUY, Action.SELL) else self.path.mark(step.asset)
            self.leverage = step.leverage or self.leverage
            leg = Leg(step.action, step.account, step.asset, sector, step.quantity, mark, step.reason)
            self._send(leg, step.quantity)
        else:
            Preparation(self, step.account).finish(move_of(step), None, step.reason, {})
        if len(self.steps) != count + 1:
            raise Refused("funds", "the wallet does not hold what the step needs any more: plan again")
        return replace(self.steps[-1], number=step.number, id=step.id)

    def _advance(self, leg: Leg) -> bool:
        moved, leg.piece = False, ZERO
        while leg.quantity > 0 and self._piece(leg):
            moved = True
        return moved

    def _piece(self, leg: Leg) -> bool:
        """Send the largest piece of a leg that keeps every rule; False, and the reason in the leg, where none does."""
        instrument = self.markets.instrument(leg.symbol)
        smallest = self.markets.smallest_order(leg.symbol)
        if leg.value < smallest:
            leg.blocked, leg.blocked_rule = leg.blocked or "what is left is below the smallest order", leg.blocked_rule or "dust"
            return False
        first: Refused | None = None
        for quantity in self._pieces(leg, instrument.lot, smallest):
            try:
                self._send(leg, quantity)
            except (Refused, LedgerError, NoDepth) as refusal:
                first = first or _refusal(refusal)
                continue
            leg.quantity -= quantity
            leg.piece = quantity
            leg.blocked = leg.blocked_rule = ""
            if first is not None and first.rule in _IDLE_HELPS and self._free_capital():
                leg.piece = ZERO
            return True
        if first is not None and first.rule in _IDLE_HELPS and self._free_capital():
            leg.piece = ZERO
            return self._piece(leg)
        leg.blocked = str(first) if first else "no piece of it is above the smallest order"
        leg.blocked_rule = first.rule if first else "dust"
        return False

    def _pieces(self, leg: Leg, lot: Decimal, smallest: Decimal) -> Iterator[Decimal]:
        """Quantities to try, largest first: equal orders below the largest one allowed, then halves down to the smallest one.

        What the leg's last piece came to is not exceeded in the same pass: what bound it then still binds.
        """
        most = self.settings.limits.order_notional_max * self.path.totals.nav * (1 - self.settings.fees.spot_taker)
        count = max(ONE, (leg.value / most).to_integral_value(ROUND_CEILING))
        quantity = leg.quantity if count == 1 else nearest_to(leg.quantity / count, lot)
        if quantity * leg.mark > most:
            quantity = floor_to(most / leg.mark, lot)
        if leg.piece > 0 and leg.piece < quantity:
            quantity = leg.piece
        while quantity * leg.mark >= smallest:
            yield quantity
            quantity = floor_to(quantity / 2, lot)
        last = ceil_to(smallest / leg.mark, lot)
        if last <= leg.quantity and last * leg.mark <= most:
            yield last

    def _send(self, leg: Leg, quantity: Decimal) -> None:
        """Emit the step for one piece and the transfers that it needs; after Refused or LedgerError nothing has happened."""
        found = self._walk(leg.symbol, leg.action.buys, quantity)
        rules = self._order_values(leg, quantity, found)
        if leg.action in (Action.BUY, Action.SELL):
            self._send_spot(leg, quantity, found, rules)
        elif leg.action.reduces:
            self._send_reduce(leg, quantity, found, rules)
        else:
            self._send_open(leg, quantity, found, rules)

    def _send_spot(self, leg: Leg, quantity: Decimal, found: Walk, rules: dict[str, Decimal]) -> None:
        move = Move(
            action=leg.action,
            account=leg.account,
            asset=leg.asset,
            quantity=quantity,
            price=found.average,
            fee=trading_fee(quantity * found.average, self.settings.fees, leg.symbol),
        )
        need = ZERO
        if leg.action is Action.BUY:
            worst = quantity * max(found.limit, found.average)
            need = worst + trading_fee(worst, self.settings.fees, leg.symbol)
        prepared = Preparation(self, leg.account).spot(need)
        prepared.finish(move, Order(found.limit, found.slippage_bps, leg.symbol), leg.reason, rules)

    def _send_reduce(self, leg: Leg, quantity: Decimal, found: Walk, rules: dict[str, Decimal]) -> None:
        move = Move(
            action=leg.action,
            account=leg.account,
            asset=leg.asset,
            quantity=quantity,
            price=found.average,
            fee=trading_fee(quantity * found.average, self.settings.fees, leg.symbol),
        )
        # A realised loss and the fee may take more than the margin that is set free.
        missing = max(ZERO, -self._try(move).after.free_wallet)
        need = self.path.free(leg.account) + missing if missing else ZERO
        prepared = Preparation(self, leg.account).futures(need)
        prepared.finish(move, Order(found.limit, found.slippage_bps, leg.symbol), leg.reason, rules)

    def _send_open(self, leg: Leg, quantity: Decimal, found: Walk, rules: dict[str, Decimal]) -> None:
        side = Side.LONG if leg.action is Action.OPEN_LONG else Side.SHORT
        quote = self.markets.quote(leg.symbol)
        worst = max(found.average, found.limit, quote.mark if quote.pinned else quote.bid)
        fee = trading_fee(quantity * found.average, self.settings.fees, leg.symbol)
        refusal: Refused | None = None
        for leverage in self._leverages(leg.symbol, quantity * found.average):
            held = self.path.position(leg.account, leg.asset)
            stop = self._stop(leg, side, quantity, found.average, held)
            move = Move(
                action=leg.action,
                account=leg.account,
                asset=leg.asset,
                quantity=quantity,
                price=found.average,
                fee=fee,
                leverage=leverage,
                stop_price=stop,
            )
            margin = (quantity * worst / leverage).quantize(UNIT, ROUND_CEILING)
            need = margin + trading_fee(quantity * worst, self.settings.fees, leg.symbol)
            try:
                prepared = Preparation(self, leg.account).futures(need)
                prepared.finish(move, Order(found.limit, found.slippage_bps, leg.symbol), leg.reason, rules)
            except Refused as caught:
                if caught.rule not in _POSITION_RULES:
                    raise
                refusal = refusal or caught
                continue
            return
        raise refusal or Refused("leverage_max", "no leverage keeps the rules")

    def _leverages(self, symbol: str, notional: Decimal) -> list[Decimal]:
        tiers = self.markets.instrument(symbol).tiers
        most = next((t.max_leverage for t in tiers if t.cap is None or notional <= t.cap), tiers[-1].max_leverage)
        first = min(self.leverage, self.settings.limits.leverage_max, most)
        return [first, *(lower for lower in LOWER_LEVERAGES if lower < first)]

    def _stop(self, leg: Leg, side: Side, quantity: Decimal, price: Decimal, held: Position | None) -> Decimal:
        entry = price
        if held is not None and held.side is side:
            entry = (held.quantity * held.entry_price + quantity * price) / (held.quantity + quantity)
        distance = self.settings.limits.stop_distance(leg.sector)
        stop = stop_for(side, entry, leg.mark, distance, self.markets.instrument(leg.symbol).tick)
        if stop is None:
            rule = "stop_distance_l1" if leg.sector is Sector.L1 else "stop_distance_defi"
            raise Refused(rule, f"the price step of {leg.symbol} leaves no room for a stop")
        return stop

    def _walk(self, symbol: str, buys: bool, quantity: Decimal) -> Walk:
        limits = self.settings.limits
        found = walk(self.markets.quote(symbol), self.markets.instrument(symbol), buys, quantity, limits.slippage_max_bps)
        if found.slippage_bps > limits.slippage_max_bps:
            raise Refused("slippage_max_bps", f"the order book of {symbol} is too thin: {round(found.slippage_bps, 1)} bps")
        return found

    def _order_values(self, leg: Leg, quantity: Decimal, found: Walk) -> dict[str, Decimal]:
        limits = self.settings.limits
        collar = abs(found.limit / leg.mark - 1)
        if collar > limits.collar(leg.sector):
            raise Refused(_collar_rule(leg.sector), f"the limit price of {leg.symbol} would stand outside its collar")
        notional = quantity * found.average / (self.path.totals.nav * (1 - self.settings.fees.spot_taker))
        if notional > limits.order_notional_max:
            raise Refused("order_notional_max", f"one lot of {leg.symbol} is a larger order than allowed")
        return {
            "order_notional_max": quantity * found.average / self.path.totals.nav,
            _collar_rule(leg.sector): collar,
            "slippage_max_bps": max(ZERO, found.slippage_bps),
            "quote_age_max_s": self.markets.age_s(leg.symbol),
        }

    def _strengthen(self, account: str, position: Position) -> None:
        """Add the margin without which a position breaks its rules."""
        asset = position.asset
        mark, tiers, sector = self.path.mark(asset), self.path.tiers(asset), self.path.sector(asset)
        if not tiers or broken_rule(position_risk(position, mark, tiers, sector), self.settings.limits) is None:
            return
        needed = ceil_to(required_margin(position, mark, tiers, sector, self.settings.limits) - position.margin, CENT)
        if needed <= 0:
            return
        move = Move(action=Action.ADD_MARGIN, account=account, asset=asset, quantity=needed)
        try:
            Preparation(self, account).futures(needed).finish(
                move, None, "add the margin that leverage, shock and stop rules ask for", {}
            )
        except (Refused, LedgerError):
            return

    def _free_capital(self) -> bool:
        """Return the free futures wallets to spot; False where they are empty."""
        returned = False
        for account in self.path.accounts():
            if self.path.free(account) > CENT:
                self._sweep(account, self.path.free(account), "return idle collateral")
                returned = True
        return returned

    def _short_of_cash(self) -> bool:
        totals, limits = self.path.totals, self.settings.limits
        return totals.cash < limits.free_reserve_min * totals.nav or totals.wallet > limits.futures_capital_max * totals.nav

    def _sweep(self, account: str, amount: Decimal, reason: str) -> None:
        amount = floor_to(amount, CENT)
        if amount < CENT:
            return
        move = Move(action=Action.TRANSFER, account=account, quantity=amount, source=Wallet.FUTURES)
        self._emit(self._try(move), reason)

    def _try(self, move: Move) -> Effect:
        return self.path.try_move(move)

    def _emit(self, effect: Effect, reason: str, order: Order | None = None, rules: dict[str, Decimal] | None = None) -> None:
        number = len(self.steps) + 1
        move = effect.move
        if order is not None:
            mark = self.markets.quote(order.symbol).mark
            self.slippage += (move.price - mark) * move.quantity * (1 if move.action.buys else -1)
        self.path.commit(effect)
        self.watch.note(number, (move.account, move.asset))
        if rules:
            self.watch.note_order(number, rules)
        self.steps.append(step_of(number, effect, reason, order, self.path.venue(move.account), self.path.state()))


class Preparation:
    """The moves that one order needs before it, tried one after another; nothing happens before all of them pass."""

    def __init__(self, scheduler: Scheduler, account: str) -> None:
        self._scheduler, self._account = scheduler, account
        self._moves: list[tuple[Move, Order | None, str, dict[str, Decimal]]] = []

    def spot(self, need: Decimal) -> "Preparation":
        """Make `need` quote units available in the spot wallet: out of the free futures wallet, then out of other stablecoins."""
        path = self._scheduler.path
        missing = need - path.held(self._account, QUOTE)
        if missing > 0:
            back = min(ceil_to(missing, CENT), floor_to(path.free(self._account), CENT))
            if back > 0:
                self._add(
                    Move(action=Action.TRANSFER, account=self._account, quantity=back, source=Wallet.FUTURES),
                    "free the collateral",
                )
                missing -= back
        if missing > 0:
            self._swap(missing)
        return self

    def futures(self, need: Decimal) -> "Preparation":
        """Make `need` quote units available in the free futures wallet: by transfer, exact to the cent."""
        path = self._scheduler.path
        amount = ceil_to(max(ZERO, need - path.free(self._account)), CENT)
        if amount > 0:
            missing = amount - path.held(self._account, QUOTE)
            if missing > 0:
                self._swap(missing)
            self._add(
                Move(action=Action.TRANSFER, account=self._account, quantity=amount, source=Wallet.SPOT),
                "margin and fee of the next step",
            )
        return self

    def finish(self, move: Move, order: Order | None, reason: str, rules: dict[str, Decimal]) -> None:
        """Try everything and the move itself; Refused where a rule breaks, else the steps are emitted."""
        scheduler = self._scheduler
        self._moves.append((move, order, reason, rules))
        alone = len(self._moves) == 1
        trial = scheduler.path if alone else scheduler.path.branch(self._account)
        effects: list[Effect] = []
        for step, _, _, _ in self._moves:
            effect = trial.try_move(step)
            self._judge(effect, trial)
            effects.append(effect)
            if len(effects) < len(self._moves):
                trial.commit(effect)
        for effect, (_, placed, why, values) in zip(effects, self._moves, strict=True):
            scheduler._emit(effect, why, placed, values)

    def _judge(self, effect: Effect, path: Path) -> None:
        scheduler = self._scheduler
        rule = scheduler.gate.refusal(path.totals, effect.totals)
        if rule is not None:
            raise Refused(rule, f"it would break {rule}")
        if effect.after.free_wallet < 0:
            raise Refused("futures_capital_max", "the futures wallet would not cover it")
        if effect.risk is not None and effect.move.action.opens:
            broken = broken_rule(effect.risk, scheduler.settings.limits)
            if broken is not None:
                raise Refused(broken, f"the position would break {broken}")

    def _add(self, move: Move, reason: str, order: Order | None = None, rules: dict[str, Decimal] | None = None) -> None:
        self._moves.append((move, order, reason, rules or {}))

    def _swap(self, missing: Decimal) -> None:
        """Sell other stablecoins of the account for the quote currency."""
        scheduler, path = self._scheduler, self._scheduler.path
        for asset, quantity in sorted(path.spot(self._account).items()):
            symbol = spot_symbol(asset)
            if missing <= 0:
                return
            if asset == QUOTE or path.sector(asset) is not Sector.STABLE or scheduler.markets.problem(symbol, False) is not None:
                continue
            instrument = scheduler.markets.instrument(symbol)
            fee = scheduler.settings.fees.spot_taker
            wanted = missing / (path.price(asset) * (1 - fee) * (1 - scheduler.settings.limits.slippage_max_bps / 10_000))
            smallest = scheduler.markets.smallest_order(symbol)
            wanted = max(wanted, smallest / path.price(asset))
            sold = min(ceil_to(wanted, instrument.lot), instrument.floor_quantity(quantity))
            if sold * path.price(asset) < smallest:
                continue
            found = scheduler._walk(symbol, False, sold)
            leg = Leg(Action.SELL, self._account, asset, Sector.STABLE, sold, path.price(asset), "")
            rules = scheduler._order_values(leg, sold, found)
            paid = trading_fee(sold * found.average, scheduler.settings.fees, symbol)
            move = Move(action=Action.SELL, account=self._account, asset=asset, quantity=sold, price=found.average, fee=paid)
            self._add(move, f"turn {asset} into {QUOTE} for the next step", Order(found.limit, found.slippage_bps, symbol), rules)
            missing -= sold * found.average - paid
        if missing > 0:
            raise Refused("free_reserve_min", f"the account {self._account} has not enough {QUOTE}")


_IDLE_HELPS = {"futures_capital_max", "free_reserve_min"}
_POSITION_RULES = {
    "leverage_max",
    "stop_distance_l1",
    "stop_distance_defi",
    "stop_liquidation_ratio_max",
    "shock_l1",
    "shock_defi",
}


def trading_fee(notional: Decimal, fees: Fees, symbol: str) -> Decimal:
    """The taker fee of an order, to the wallet's unit."""
    rate = fees.perp_taker if ":" in symbol else fees.spot_taker
    return nearest_to(notional * rate, UNIT)


def step_of(number: int, effect: Effect, reason: str, order: Order | None, venue: str, after: State) -> Step:
    """The step that a move is shown as."""
    move = effect.move
    transfers = move.action is Action.TRANSFER
    trades = move.action.trades
    margin = abs(effect.after.margin_used - effect.before.margin_used)
    risk = effect.risk
    return Step(
        number=number,
        id="",
        action=move.action,
        account=move.account,
        venue=venue,
        symbol=None if transfers else (order.symbol if order else perp_symbol(move.asset)),
        asset=None if transfers else move.asset,
        source=move.source if transfers else None,
        destination=(Wallet.FUTURES if move.source is Wallet.SPOT else Wallet.SPOT) if transfers else None,
        quantity=move.quantity,
        price=order.price if order else None,
        expected_price=move.price if trades else None,
        slippage_bps=round(order.slippage_bps, 4) if order else None,
        notional=move.quantity * move.price if trades else None,
        leverage=move.leverage,
        margin=margin if move.action.opens or move.action.reduces else None,
        fee=move.fee if trades else None,
        stop_price=move.stop_price,
        liquidation_price=significant(risk.liquidation) if risk is not None and risk.liquidation is not None else None,
        reason=reason,
        after=after,
    )


def _collar_rule(sector: Sector) -> str:
    return "collar_l1" if sector is Sector.L1 else "collar_defi"


def _naked(position: Position, mark: Decimal) -> bool:
    return position.stop_price is None or not on_loss_side(position.side, position.stop_price, mark)


def _refusal(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    rule = "slippage_max_bps" if isinstance(error, NoDepth) else "free_reserve_min"
    return Refused(rule, f"the order book is too thin: {error}" if isinstance(error, NoDepth) else str(error))


__all__ = ["RANK", "Order", "Preparation", "Refused", "Scheduler", "step_of", "trading_fee"]
