"""How steps are emitted: the walk through the order book, the transfers it needs, every rule asked before anything moves."""

from dataclasses import dataclass
from decimal import Decimal

from cockpit.model.assets import Sector
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.money import CENT, UNIT, ZERO, ceil_to, floor_to, nearest_to
from cockpit.model.plan import Action, State, Step, Wallet
from cockpit.model.strategy import Fees, RiskSettings
from cockpit.rotation.book_walk import BPS, Walk, walk
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Effect, Move, Path
from cockpit.rotation.protection import broken_rule, significant
from cockpit.rotation.rules import Gate, Watch


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


class Sender:
    """Emits steps on a path. `steps` are numbered from 1; their ids are given later. `slippage` adds up, in quote units."""

    def __init__(self, path: Path, gate: Gate, watch: Watch, markets: Markets, settings: RiskSettings) -> None:
        self.path, self.gate, self.watch, self.markets, self.settings = path, gate, watch, markets, settings
        self.steps: list[Step] = []
        self.slippage = ZERO
        self._cushions: dict[str, Decimal] = {}

    def free(self, account: str) -> Decimal:
        """The free futures wallet that a later step may count on: orders may still fill as dearly as their band allows."""
        return self.path.free(account) - self._cushions.get(account, ZERO)

    def keep(self, account: str, cushion: Decimal) -> None:
        """Set aside what an order that was emitted would take at its dearest fill beyond the expected one."""
        self._cushions[account] = self._cushions.get(account, ZERO) + cushion

    def walk(self, symbol: str, buys: bool, quantity: Decimal) -> Walk:
        """The expected fill of an order; Refused where it would slip too far, NoDepth where the book does not show enough."""
        limits = self.settings.limits
        found = walk(self.markets.quote(symbol), self.markets.instrument(symbol), buys, quantity, limits.slippage_max_bps)
        if found.slippage_bps > limits.slippage_max_bps:
            raise Refused("slippage_max_bps", f"the order book of {symbol} is too thin: {round(found.slippage_bps, 1)} bps")
        return found

    def order_values(self, symbol: str, sector: Sector, found: Walk) -> dict[str, Decimal]:
        """What the rules say of an order, by rule; Refused where its limit leaves the collar or it is too large."""
        limits, nav = self.settings.limits, self.path.totals.nav
        collar = abs(found.limit / self.markets.quote(symbol).mark - 1)
        notional = found.quantity * found.average
        if collar > limits.collar(sector):
            raise Refused(collar_rule(sector), f"the limit price of {symbol} would stand outside its collar")
        if notional > limits.order_notional_max * nav * (1 - self.settings.fees.spot_taker):
            raise Refused("order_notional_max", f"one lot of {symbol} is a larger order than allowed")
        return {
            "order_notional_max": notional / nav,
            collar_rule(sector): collar,
            "slippage_max_bps": max(ZERO, found.slippage_bps),
            "quote_age_max_s": self.markets.age_s(symbol),
        }

    def judge(self, effect: Effect, path: Path) -> None:
        """Refused where a move from the present state of `path` would break a hard rule or make a broken one worse."""
        rule = self.gate.refusal(path.totals, effect.totals)
        if rule is not None:
            raise Refused(rule, f"it would break {rule}")
        if effect.after.free_wallet < 0:
            raise Refused("futures_capital_max", "the futures wallet would not cover it")
        if effect.risk is not None and effect.move.action.opens:
            broken = broken_rule(effect.risk, self.settings.limits)
            if broken is not None:
                raise Refused(broken, f"the position would break {broken}")

    def emit(self, effect: Effect, reason: str, order: Order | None = None, rules: dict[str, Decimal] | None = None) -> None:
        """Let a move that was tried on the present state happen, as the next step."""
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

    def __init__(self, sender: Sender, account: str) -> None:
        self._sender, self._account = sender, account
        self._moves: list[tuple[Move, Order | None, str, dict[str, Decimal]]] = []

    def spot(self, need: Decimal) -> "Preparation":
        """Make `need` quote units available in the spot wallet: out of the free futures wallet, then out of other stablecoins."""
        path = self._sender.path
        missing = need - path.held(self._account, QUOTE)
        if missing > 0:
            back = min(ceil_to(missing, CENT), floor_to(max(ZERO, self._sender.free(self._account)), CENT))
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
        path = self._sender.path
        amount = ceil_to(max(ZERO, need - self._sender.free(self._account)), CENT)
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
        sender = self._sender
        self._moves.append((move, order, reason, rules))
        alone = len(self._moves) == 1
        trial = sender.path if alone else sender.path.branch(self._account)
        effects: list[Effect] = []
        for step, _, _, _ in self._moves:
            effect = trial.try_move(step)
            sender.judge(effect, trial)
            effects.append(effect)
            if len(effects) < len(self._moves):
                trial.commit(effect)
        for effect, (_, placed, why, values) in zip(effects, self._moves, strict=True):
            sender.emit(effect, why, placed, values)

    def _add(self, move: Move, reason: str, order: Order | None = None, rules: dict[str, Decimal] | None = None) -> None:
        self._moves.append((move, order, reason, rules or {}))

    def _swap(self, missing: Decimal) -> None:
        """Sell other stablecoins of the account for the quote currency."""
        sender, path = self._sender, self._sender.path
        for asset, quantity in sorted(path.spot(self._account).items()):
            symbol = spot_symbol(asset)
            if missing <= 0:
                return
            if asset == QUOTE or path.sector(asset) is not Sector.STABLE or sender.markets.problem(symbol, False) is not None:
                continue
            instrument = sender.markets.instrument(symbol)
            fee = sender.settings.fees.spot_taker
            wanted = missing / (path.price(asset) * (1 - fee) * (1 - sender.settings.limits.slippage_max_bps / BPS))
            smallest = sender.markets.smallest_order(symbol)
            wanted = max(wanted, smallest / path.price(asset))
            sold = min(ceil_to(wanted, instrument.lot), instrument.floor_quantity(quantity))
            if sold * path.price(asset) < smallest:
                continue
            found = sender.walk(symbol, False, sold)
            rules = sender.order_values(symbol, Sector.STABLE, found)
            paid = trading_fee(sold * found.average, sender.settings.fees, symbol)
            move = Move(action=Action.SELL, account=self._account, asset=asset, quantity=sold, price=found.average, fee=paid)
            self._add(move, f"turn {asset} into {QUOTE} for the next step", Order(found.limit, found.slippage_bps, symbol), rules)
            missing -= sold * found.average - paid
        if missing > 0:
            raise Refused("free_reserve_min", f"the account {self._account} has not enough {QUOTE}")


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


def collar_rule(sector: Sector) -> str:
    """The limit that names how far an order's price may stand from mark."""
    return "collar_l1" if sector is Sector.L1 else "collar_defi"
