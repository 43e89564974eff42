"""The book while a plan walks over it: every total kept up to date by what one move changes, never by revaluing everything."""

import heapq
from copy import copy
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct
from msgspec.structs import replace

from cockpit.model import ledger
from cockpit.model.assets import OUTSIDE, Sector, Universe
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.exposure import SectorExposure, sector_of
from cockpit.model.instruments import QUOTE, MarginTier, perp_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import UNIT, ZERO
from cockpit.model.plan import Action, State, Step, Wallet
from cockpit.rotation.protection import PositionRisk, position_risk

WEIGHT_UNIT = Decimal("0.000000000001")


class Move(Struct, frozen=True, kw_only=True):
    """What a step does to an account: the part of a step that changes money. `price` is the fill."""

    action: Action
    account: str
    quantity: Decimal
    asset: str = QUOTE
    price: Decimal = ZERO
    fee: Decimal = ZERO
    leverage: Decimal | None = None
    stop_price: Decimal | None = None
    source: Wallet | None = None


def move_of(step: Step) -> Move:
    """The money side of a step at its expected fill."""
    return Move(
        action=step.action,
        account=step.account,
        quantity=step.quantity,
        asset=step.asset or QUOTE,
        price=step.expected_price or ZERO,
        fee=step.fee or ZERO,
        leverage=step.leverage,
        stop_price=step.stop_price,
        source=step.source,
    )


def apply_move(account: Account, move: Move) -> Account:
    """The account after a move; LedgerError if it cannot carry it."""
    match move.action:
        case Action.TRANSFER:
            return ledger.transfer(account, move.source or Wallet.SPOT, move.quantity)
        case Action.BUY | Action.SELL:
            return ledger.trade_spot(account, move.asset, move.action.buys, move.quantity, move.price, move.fee)
        case Action.OPEN_LONG | Action.OPEN_SHORT:
            side = Side.LONG if move.action is Action.OPEN_LONG else Side.SHORT
            if move.leverage is None:
                raise ledger.LedgerError(f"{account.id}: opening {move.asset} needs a leverage")
            return ledger.open_position(
                account, move.asset, side, move.quantity, move.price, move.leverage, move.fee, move.stop_price
            )
        case Action.REDUCE_LONG | Action.REDUCE_SHORT:
            side = Side.LONG if move.action is Action.REDUCE_LONG else Side.SHORT
            held = account.position(move.asset)
            if held is None or held.side is not side:
                raise ledger.LedgerError(f"{account.id}: there is no {side} position in {move.asset} to reduce")
            return ledger.reduce_position(account, move.asset, move.quantity, move.price, move.fee)
        case Action.ADD_MARGIN:
            return ledger.add_margin(account, move.asset, move.quantity)
        case Action.SET_STOP:
            return ledger.set_stop(account, move.asset, move.stop_price)


class Totals:
    """The sums of a book, in quote units; `spot`, `futures` (signed) and `shorts` by sector, stablecoins apart as `cash`."""

    __slots__ = ("cash", "futures", "gross", "margin", "nav", "pnl", "shorts", "spot", "wallet")

    def __init__(
        self,
        cash: Decimal,
        wallet: Decimal,
        margin: Decimal,
        pnl: Decimal,
        gross: Decimal,
        spot: dict[Sector, Decimal],
        futures: dict[Sector, Decimal],
        shorts: dict[Sector, Decimal],
    ) -> None:
        self.cash, self.wallet, self.margin, self.pnl, self.gross = cash, wallet, margin, pnl, gross
        self.spot, self.futures, self.shorts = spot, futures, shorts
        self.nav = cash + sum(spot.values(), ZERO) + wallet + pnl

    def net(self, sector: Sector) -> Decimal:
        """Spot value plus signed notional of a sector other than STABLE."""
        return self.spot.get(sector, ZERO) + self.futures.get(sector, ZERO)

    @property
    def base(self) -> Decimal:
        """NAV less what stands outside the rotation."""
        return self.nav - sum((self.net(sector) for sector in OUTSIDE), ZERO)


class Effect(Struct, frozen=True, kw_only=True):
    """A move tried out: the part of the account that it touched, after it, and the totals that would follow."""

    move: Move
    before: Account
    after: Account
    totals: Totals
    position: Position | None
    risk: PositionRisk | None


class _Wallets:
    """One account in the making; positions keep the order that the ledger gives them."""

    __slots__ = ("account", "margin", "positions", "spot", "wallet")

    def __init__(self, account: Account) -> None:
        self.account = account
        self.spot = dict(account.spot)
        self.wallet = account.futures_wallet
        self.margin = account.margin_used
        self.positions = {p.asset: p for p in account.positions}

    @property
    def free(self) -> Decimal:
        return self.wallet - self.margin

    def copy(self) -> "_Wallets":
        twin = copy(self)
        twin.spot, twin.positions = dict(self.spot), dict(self.positions)
        return twin

    def slice(self, asset: str) -> Account:
        """The account with one position only, and the same free wallet: what a single move can touch."""
        held = self.positions.get(asset)
        spot = {name: self.spot[name] for name in (QUOTE, asset) if name in self.spot}
        backing = held.margin if held else ZERO
        return replace(self.account, spot=spot, futures_wallet=self.free + backing, positions=(held,) if held is not None else ())


class Path:
    """A book that moves. Prices stay those of `market`."""

    def __init__(self, book: Book, market: MarketSnapshot, universe: Universe) -> None:
        self.book, self.market, self.universe = book, market, universe
        self._sectors: dict[str, Sector] = {}
        self._prices: dict[str, Decimal] = {}
        self._wallets = {account.id: _Wallets(account) for account in book.accounts}
        self.risks: dict[tuple[str, str], PositionRisk] = {}
        self._nearest: list[tuple[Decimal, int, tuple[str, str], PositionRisk]] = []
        self._noted = 0
        self._present = {self.sector(asset) for asset in book.assets()}
        self.totals = self._sum()

    def sector(self, asset: str) -> Sector:
        """The sector under which the book shows an asset."""
        if asset not in self._sectors:
            self._sectors[asset] = sector_of(asset, self.book, self.universe)
        return self._sectors[asset]

    def price(self, asset: str) -> Decimal:
        """The spot price of an asset; MarketUnavailable where there is none."""
        if asset not in self._prices:
            self._prices[asset] = self.market.price(asset)
        return self._prices[asset]

    def mark(self, asset: str) -> Decimal:
        """The mark price of an asset's perpetual; MarketUnavailable where there is none."""
        return self.market.mark(perp_symbol(asset))

    def tiers(self, asset: str) -> tuple[MarginTier, ...]:
        """The margin tiers of an asset's perpetual; empty where they are not known."""
        instrument = self.market.instruments.get(perp_symbol(asset))
        return instrument.tiers if instrument else ()

    def venue(self, account: str) -> str:
        """The venue of an account."""
        return self._wallets[account].account.venue

    def held(self, account: str, asset: str) -> Decimal:
        """The spot quantity of an asset."""
        return self._wallets[account].spot.get(asset, ZERO)

    def spot(self, account: str) -> dict[str, Decimal]:
        """An account's spot holdings."""
        return self._wallets[account].spot

    def free(self, account: str) -> Decimal:
        """The free futures wallet."""
        return self._wallets[account].free

    def position(self, account: str, asset: str) -> Position | None:
        """A position, if there is one."""
        return self._wallets[account].positions.get(asset)

    def positions(self) -> list[tuple[str, Position]]:
        """Every position with its account."""
        return [(name, p) for name, wallets in self._wallets.items() for p in wallets.positions.values()]

    def accounts(self) -> list[str]:
        """The ids of the accounts."""
        return list(self._wallets)

    def to_book(self) -> Book:
        """The book as it stands now."""
        accounts = tuple(
            replace(w.account, spot=dict(w.spot), futures_wallet=w.wallet, positions=tuple(w.positions.values()))
            for w in self._wallets.values()
        )
        return replace(self.book, accounts=accounts)

    def try_move(self, move: Move) -> Effect:
        """What a move would do; LedgerError if the account cannot carry it. Nothing changes."""
        before = self._wallets[move.account].slice(move.asset)
        after = apply_move(before, move)
        was, now = before.position(move.asset), after.position(move.asset)
        risk = self._risk(now) if now is not None and now is not was else None
        return Effect(
            move=move,
            before=before,
            after=after,
            totals=self._after(move.asset, before, after, was, now),
            position=now,
            risk=risk,
        )

    def commit(self, effect: Effect) -> None:
        """Let a tried move happen; it must have been tried on the present state."""
        move = effect.move
        wallets = self._wallets[move.account]
        for asset in (QUOTE, move.asset):
            if asset in effect.after.spot:
                wallets.spot[asset] = effect.after.spot[asset]
            else:
                wallets.spot.pop(asset, None)
        wallets.wallet += effect.after.futures_wallet - effect.before.futures_wallet
        wallets.margin += effect.after.margin_used - effect.before.margin_used
        self.totals = effect.totals
        key = (move.account, move.asset)
        if effect.position is None:
            if key in self.risks:
                del wallets.positions[move.asset], self.risks[key]
        else:
            wallets.positions[move.asset] = effect.position
            if effect.risk is not None:
                self._note(key, effect.risk)

    def branch(self, account: str) -> "Path":
        """A path for trying transfers and spot trades of one account one after another; committing there changes nothing here."""
        twin = copy(self)
        twin._wallets = {**self._wallets, account: self._wallets[account].copy()}
        return twin

    def nearest_liquidation(self) -> Decimal | None:
        """The signed move of mark that liquidates the nearest position; None where nothing can be liquidated."""
        while self._nearest:
            room, _, key, risk = self._nearest[0]
            if self.risks.get(key) is risk:
                return -risk.side.sign * room
            heapq.heappop(self._nearest)
        return None

    def state(self) -> State:
        """The totals as a plan shows them, amounts to the wallet's unit."""
        totals = self.totals
        base = totals.base
        nets: dict[Sector, Decimal] = {s: totals.net(s) for s in Sector if s is not Sector.STABLE}
        nets[Sector.STABLE] = totals.nav - sum(nets.values(), ZERO)
        sectors = {}
        for sector in Sector:
            if not sector.rotates and sector not in self._present:
                continue
            spot = totals.cash if sector is Sector.STABLE else totals.spot.get(sector, ZERO)
            weight = nets[sector] / base if base > 0 else ZERO
            sectors[sector] = SectorExposure(
                spot=_unit(spot),
                futures=_unit(totals.futures.get(sector, ZERO)),
                net=_unit(nets[sector]),
                weight=weight.quantize(WEIGHT_UNIT, ROUND_HALF_EVEN),
            )
        return State(
            cash=_unit(totals.cash),
            futures_wallet=_unit(totals.wallet),
            margin_used=_unit(totals.margin),
            nav=_unit(totals.nav),
            gross_futures_notional=_unit(totals.gross),
            nearest_liquidation=self.nearest_liquidation(),
            sectors=sectors,
        )

    def _note(self, key: tuple[str, str], risk: PositionRisk) -> None:
        self.risks[key] = risk
        if risk.liquidation is not None:
            self._noted += 1
            heapq.heappush(self._nearest, (risk.room, self._noted, key, risk))

    def _risk(self, position: Position) -> PositionRisk:
        asset = position.asset
        return position_risk(position, self.mark(asset), self.tiers(asset), self.sector(asset))

    def _after(self, asset: str, before: Account, after: Account, was: Position | None, now: Position | None) -> Totals:
        old = self.totals
        cash = old.cash
        spot, futures, shorts = old.spot, old.futures, old.shorts
        for name in {QUOTE, asset}:
            change = (after.spot.get(name, ZERO) - before.spot.get(name, ZERO)) * self.price(name)
            sector = self.sector(name)
            if change and sector is Sector.STABLE:
                cash += change
            elif change:
                spot = {**spot, sector: spot.get(sector, ZERO) + change}
        pnl, gross = old.pnl, old.gross
        if was is not now:
            mark, sector = self.mark(asset), self.sector(asset)
            signed_was, signed_now = _signed(was, mark), _signed(now, mark)
            pnl += (now.unrealised_pnl(mark) if now else ZERO) - (was.unrealised_pnl(mark) if was else ZERO)
            gross += abs(signed_now) - abs(signed_was)
            futures = {**futures, sector: futures.get(sector, ZERO) + signed_now - signed_was}
            short = max(ZERO, -signed_now) - max(ZERO, -signed_was)
            if short:
                shorts = {**shorts, sector: shorts.get(sector, ZERO) + short}
        return Totals(
            cash,
            old.wallet + after.futures_wallet - before.futures_wallet,
            old.margin + after.margin_used - before.margin_used,
            pnl,
            gross,
            spot,
            futures,
            shorts,
        )

    def _sum(self) -> Totals:
        cash = wallet = margin = pnl = gross = ZERO
        spot: dict[Sector, Decimal] = {}
        futures: dict[Sector, Decimal] = {}
        shorts: dict[Sector, Decimal] = {}
        for name, wallets in self._wallets.items():
            wallet += wallets.wallet
            margin += wallets.margin
            for asset, quantity in wallets.spot.items():
                sector = self.sector(asset)
                value = quantity * self.price(asset)
                if sector is Sector.STABLE:
                    cash += value
                else:
                    spot[sector] = spot.get(sector, ZERO) + value
            for position in wallets.positions.values():
                sector, mark = self.sector(position.asset), self.mark(position.asset)
                signed = position.signed_notional(mark)
                futures[sector] = futures.get(sector, ZERO) + signed
                shorts[sector] = shorts.get(sector, ZERO) + max(ZERO, -signed)
                pnl += position.unrealised_pnl(mark)
                gross += abs(signed)
                self._note((name, position.asset), self._risk(position))
        return Totals(cash, wallet, margin, pnl, gross, spot, futures, shorts)


def _signed(position: Position | None, mark: Decimal) -> Decimal:
    return position.signed_notional(mark) if position is not None else ZERO


def _unit(value: Decimal) -> Decimal:
    return value.quantize(UNIT, ROUND_HALF_EVEN)
