"""In which order and pieces the legs go so that no prefix breaks a rule: margin just in time, a stop with every position."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side, initial_margin
from cockpit.model.ledger import LedgerError
from cockpit.model.money import CENT, ONE, UNIT, ZERO, ceil_to, floor_to
from cockpit.model.plan import Action, Step, Wallet
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.book_walk import BPS, NoDepth, Walk
from cockpit.rotation.legs import Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Move, Path, move_of
from cockpit.rotation.protection import better_stop, broken_rule, on_loss_side, position_risk, required_margin, stop_for
from cockpit.rotation.rules import Gate, Watch
from cockpit.rotation.sender import Order, Preparation, Refused, Sender, trading_fee

PASSES = 60
"""How often the list of legs is gone through; each pass but the last moves something."""
LOWER_LEVERAGES = (Decimal("1.5"), ONE)
"""What is tried where a position at the leverage asked for would break a rule."""


class Scheduler:
    """Carries legs out on a path; the steps are those of its `sender`."""

    def __init__(self, path: Path, gate: Gate, watch: Watch, markets: Markets, settings: RiskSettings, leverage: Decimal) -> None:
        self.path, self.markets, self.settings, self.leverage = path, markets, settings, leverage
        self.sender = Sender(path, gate, watch, markets, settings)
        self._exact = False

    def protect(self) -> None:
        """Give every position a working stop, then the margin that it needs, before anything else happens.

        A stop only moves towards entry, away from liquidation, where no margin could be added.
        """
        for account, position in self.path.positions():
            self._restop(account, position, tighten=False)
        for account, position in self.path.positions():
            self._strengthen(account, position)
        for account, position in self.path.positions():
            self._restop(account, position, tighten=True)

    def _restop(self, account: str, position: Position, *, tighten: bool) -> None:
        asset, limits = position.asset, self.settings.limits
        sector, mark, tiers = self.path.sector(asset), self.path.mark(asset), self.path.tiers(asset)
        instrument = self.markets.market.instruments.get(position.symbol)
        if instrument is None:
            return
        if tighten:
            stop = better_stop(position, mark, tiers, sector, limits, instrument.tick)
        elif position_risk(position, mark, tiers, sector).stop_distance > limits.stop_distance(sector):
            stop = stop_for(position.side, position.entry_price, mark, limits.stop_distance(sector), instrument.tick)
        else:
            return
        if stop is None or stop == position.stop_price:
            return
        naked = position.stop_price is None or not on_loss_side(position.side, position.stop_price, mark)
        reason = "protect the position: it has no working stop" if naked else "bring the stop within the limits"
        move = Move(action=Action.SET_STOP, account=account, asset=asset, quantity=position.quantity, stop_price=stop)
        self.sender.emit(self.path.try_move(move), reason)

    def return_surplus(self, needs: dict[str, Decimal]) -> None:
        """Where free reserve or futures capital is broken, move idle collateral back to spot; what legs need stays if it can."""
        for keep in (needs, {}):
            for account in self.path.accounts():
                if self._short_of_cash():
                    self._sweep(
                        account, self.sender.free(account) - keep.get(account, ZERO), "return idle collateral to the free reserve"
                    )

    def sweep_released(self, before: dict[str, Decimal]) -> None:
        """Return the collateral that the plan has set free and nothing needs any more."""
        for account, free in before.items():
            released = self.sender.free(account) - free
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
        count, self._exact = len(self.sender.steps), True
        if step.action.trades and step.asset is not None:
            mark = self.path.price(step.asset) if step.action in (Action.BUY, Action.SELL) else self.path.mark(step.asset)
            self.leverage = step.leverage or self.leverage
            leg = Leg(step.action, step.account, step.asset, sector, step.quantity, mark, step.reason)
            self._send(leg, step.quantity)
        else:
            Preparation(self.sender, step.account).finish(move_of(step), None, step.reason, {})
        if len(self.sender.steps) != count + 1:
            raise Refused("funds", "the wallet does not hold what the step needs any more: plan again")
        return replace(self.sender.steps[-1], number=step.number, id=step.id)

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
        quantity = leg.quantity if count == 1 else ceil_to(leg.quantity / count, lot)
        if quantity * leg.mark > most or (count > 1 and quantity * leg.mark < smallest):
            quantity = floor_to(most / leg.mark, lot)
        if leg.piece > 0 and leg.piece < quantity:
            if (quantity - leg.piece) * leg.mark < smallest:
                yield quantity
            quantity = leg.piece
        while quantity * leg.mark >= smallest:
            yield quantity
            quantity = floor_to(quantity / 2, lot)
        last = ceil_to(smallest / leg.mark, lot)
        if last <= leg.quantity and last * leg.mark <= most:
            yield last

    def _send(self, leg: Leg, quantity: Decimal) -> None:
        """Emit the step for one piece and the transfers that it needs; after Refused or LedgerError nothing has happened."""
        found = self.sender.walk(leg.symbol, leg.action.buys, quantity)
        rules = self.sender.order_values(leg.symbol, leg.sector, found)
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
            worst = quantity * (found.average if self._exact else max(found.limit, found.average))
            need = worst + trading_fee(worst, self.settings.fees, leg.symbol)
        prepared = Preparation(self.sender, leg.account).spot(need)
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
        missing = max(ZERO, -self.path.try_move(move).after.free_wallet)
        need = self.sender.free(leg.account) + missing if missing else ZERO
        prepared = Preparation(self.sender, leg.account).futures(need)
        prepared.finish(move, Order(found.limit, found.slippage_bps, leg.symbol), leg.reason, rules)
        if not self._exact:
            # What it sets free is less where it fills at its limit: a later step may not count on more.
            dearer = trading_fee(quantity * found.limit, self.settings.fees, leg.symbol) - move.fee
            self.sender.keep(leg.account, quantity * abs(found.limit - found.average) + max(ZERO, dearer))

    def _send_open(self, leg: Leg, quantity: Decimal, found: Walk, rules: dict[str, Decimal]) -> None:
        side = Side.LONG if leg.action is Action.OPEN_LONG else Side.SHORT
        quote = self.markets.quote(leg.symbol)
        # The margin is moved for the dearest fill that the price band allows, whichever side it is on.
        band = ZERO if quote.pinned or self._exact else self.settings.limits.slippage_max_bps / BPS
        worst = max(found.average, quote.mark * (1 + band))
        fee = trading_fee(quantity * found.average, self.settings.fees, leg.symbol)
        refusal: Refused | None = None
        for leverage in self._leverages(leg.symbol, quantity * found.average):
            held = self.path.position(leg.account, leg.asset)
            stop = self._stop(leg, side, quantity, found.average if self._exact else found.limit, held)
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
                prepared = Preparation(self.sender, leg.account).futures(need)
                prepared.finish(move, Order(found.limit, found.slippage_bps, leg.symbol), leg.reason, rules)
            except Refused as caught:
                if caught.rule not in _POSITION_RULES:
                    raise
                refusal = refusal or caught
                continue
            self.sender.keep(leg.account, need - initial_margin(quantity, found.average, leverage) - fee)
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

    def _strengthen(self, account: str, position: Position) -> None:
        """Add the margin without which a position breaks its rules; one in cross margin has all that there is."""
        asset = position.asset
        mark, tiers, sector = self.path.mark(asset), self.path.tiers(asset), self.path.sector(asset)
        if position.cross or not tiers or broken_rule(position_risk(position, mark, tiers, sector), self.settings.limits) is None:
            return
        needed = ceil_to(required_margin(position, mark, tiers, sector, self.settings.limits) - position.margin, CENT)
        if needed <= 0:
            return
        move = Move(action=Action.ADD_MARGIN, account=account, asset=asset, quantity=needed)
        try:
            Preparation(self.sender, account).futures(needed).finish(
                move, None, "add the margin that leverage, shock and stop rules ask for", {}
            )
        except (Refused, LedgerError):
            return

    def _free_capital(self) -> bool:
        """Return the free futures wallets to spot; False where they are empty."""
        returned = False
        for account in self.path.accounts():
            if self.sender.free(account) > CENT:
                self._sweep(account, self.sender.free(account), "return idle collateral")
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
        self.sender.emit(self.path.try_move(move), reason)


_IDLE_HELPS = {"futures_capital_max", "free_reserve_min"}
_POSITION_RULES = {
    "leverage_max",
    "stop_distance_l1",
    "stop_distance_defi",
    "stop_liquidation_ratio_max",
    "shock_l1",
    "shock_defi",
}


def _refusal(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    rule = "slippage_max_bps" if isinstance(error, NoDepth) else "free_reserve_min"
    return Refused(rule, f"the order book is too thin: {error}" if isinstance(error, NoDepth) else str(error))
