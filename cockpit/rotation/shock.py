"""What a sudden move of prices would do to a book: its NAV, its margin, its stops and its liquidations."""

from collections.abc import Iterable
from decimal import Decimal, localcontext

from msgspec.structs import replace

from cockpit.model import ledger
from cockpit.model.assets import Sector, Universe
from cockpit.model.book import Account, Book, Position
from cockpit.model.errors import BadInput
from cockpit.model.exposure import expose, sector_of
from cockpit.model.inquiry import LADDER_END, LADDER_STEP, Reach, RiskShare, ShockedBook, ShockedPosition, Shocks
from cockpit.model.instruments import QUOTE, MarginTier, perp_symbol, spot_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ONE, ZERO, plain
from cockpit.model.plan import Step
from cockpit.model.strategy import Fees, Limits
from cockpit.rotation.book_walk import BPS
from cockpit.rotation.lines import liquidation_of
from cockpit.rotation.margin import liquidation_move
from cockpit.rotation.path import Path, move_of
from cockpit.rotation.planner import PRECISION
from cockpit.rotation.protection import below_maintenance, on_loss_side

FALL_LIMIT = Decimal(-1)
"""No price falls by more than all of it."""


def shock(book: Book, market: MarketSnapshot, universe: Universe, limits: Limits, fees: Fees, shocks: Shocks) -> ShockedBook:
    """A book before and after prices move at once; nothing is traded but the stops that are reached.

    Positions are isolated: one that falls to its maintenance margin is lost with its margin, and no more. A stop that comes
    before that fills, in an orderly move, at its price less the slippage that the limits allow, with the taker fee. Spot and
    perpetual of an asset move together; an asset that no shock names stays where it is, and so does the unit of account.
    BadInput for a move that no price can make, MarketUnavailable (which names the asset) where something has no price.
    """
    with localcontext(prec=PRECISION):
        _check(shocks)
        moves = {asset: _move(asset, book, universe, shocks) for asset in book.assets()}
        moved = _moved(market, moves)
        before = expose(book, market, universe)
        cases = [_Case(account, position, market, moved, limits, fees) for account, position in book.positions()]
        ended = _settled(book, cases, stops_fill=True)
        after = expose(ended, moved, universe)
        gap = expose(_settled(book, cases, stops_fill=False), moved, universe)
        return ShockedBook(
            nav_before=before.nav,
            nav_after=after.nav,
            nav_gap=gap.nav,
            cash=before.cash,
            cash_after=after.cash,
            futures_wallet=before.futures_wallet,
            futures_wallet_after=after.futures_wallet,
            margin_used=before.margin_used,
            margin_used_after=after.margin_used,
            free_reserve_after=after.of_nav(after.cash),
            nearest_liquidation_after=_nearest(ended, moved),
            weights={sector: row.weight for sector, row in before.sectors.items()},
            weights_after={sector: row.weight for sector, row in after.sectors.items()},
            positions=tuple(case.line() for case in cases),
        )


def leading_move(shocks: Shocks) -> Decimal:
    """The largest move of a shock, up or down, the first of equals; 0 where nothing moves."""
    return max((*shocks.sectors.values(), *shocks.assets.values()), key=abs, default=ZERO)


def ladder_moves(shocks: Shocks) -> tuple[Decimal, ...]:
    """What the leading move becomes on the rungs of a ladder, rising: even steps either way, and the shock's own."""
    steps = int(LADDER_END / LADDER_STEP)
    return tuple(sorted({leading_move(shocks), *(LADDER_STEP * step for step in range(-steps, steps + 1))}))


def scaled(shocks: Shocks, move: Decimal) -> Shocks:
    """The shock with all its moves times one factor, so that the leading one, which must not be 0, becomes `move`."""
    lead = leading_move(shocks)
    with localcontext(prec=PRECISION):
        return Shocks(
            sectors={sector: own * move / lead for sector, own in shocks.sectors.items()},
            assets={asset: own * move / lead for asset, own in shocks.assets.items()},
        )


def reached(
    book: Book, market: MarketSnapshot, universe: Universe, limits: Limits, fees: Fees, shocks: Shocks
) -> tuple[Reach, ...]:
    """Where a shock, scaled as a whole, reaches the stops and liquidations of a book, the nearest first.

    A position is reached where (price / mark - 1) is its own scaled move. A stop that comes after its liquidation never fills and
    is left out, and so is a position whose market the shock does not move. One that is past its liquidation is reached at 0.
    """
    with localcontext(prec=PRECISION):
        _check(shocks)
        lead, found = leading_move(shocks), []
        for account, position in book.positions():
            own = _move(position.asset, book, universe, shocks)
            case = _Case(account, position, market, market, limits, fees)
            for price, liquidation in ((case.working_stop, False), (case.lost_at, True)):
                if not own or price is None:
                    continue
                away = price / case.mark - 1
                found.append(
                    Reach(
                        move=away * lead / own if on_loss_side(position.side, price, case.mark) else ZERO,
                        account=account.id,
                        asset=position.asset,
                        side=position.side,
                        liquidation=liquidation,
                    )
                )
        return tuple(sorted(found, key=lambda reach: abs(reach.move)))


def book_after(book: Book, market: MarketSnapshot, universe: Universe, steps: Iterable[Step]) -> Book:
    """The book once `steps` have filled as expected; LedgerError where it cannot carry one, MarketUnavailable without a price."""
    with localcontext(prec=PRECISION):
        path = Path(book, market, universe)
        for step in steps:
            path.commit(path.try_move(move_of(step)))
        return path.to_book()


def risk_share(asset: str, book: Book, market: MarketSnapshot, universe: Universe, limits: Limits, fees: Fees) -> RiskShare:
    """What an asset puts at risk: when it falls by its shock over every stop, against all assets falling by theirs.

    What gains by the fall (a net short) has a negative loss and a negative share, so that the shares of all assets add up to 1.
    """

    def lost(assets: Iterable[str]) -> Decimal:
        found = shock(book, market, universe, limits, fees, Shocks(assets={a: -_fall(a, book, universe, limits) for a in assets}))
        return found.nav_before - found.nav_gap

    with localcontext(prec=PRECISION):
        own = lost((asset,))
        whole = lost(a for a in book.assets() if a != QUOTE)
        cases = [_Case(a, p, market, market, limits, fees) for a, p in book.positions() if p.asset == asset]
        stops = [change for case in cases if (change := case.stop_change()) is not None]
        return RiskShare(
            shock=_fall(asset, book, universe, limits),
            shock_loss=own,
            share=own / whole if whole > 0 else None,
            stop_loss=-sum(stops, ZERO) if stops else None,
        )


class _Case:
    """One position between the marks of two markets, with what its stop and its margin make of the move."""

    def __init__(
        self, account: Account, position: Position, market: MarketSnapshot, moved: MarketSnapshot, limits: Limits, fees: Fees
    ) -> None:
        instrument = market.instruments.get(position.symbol)
        self.account, self.position = account, position
        self.mark, self.shocked = market.mark(position.symbol), moved.mark(position.symbol)
        self.tiers: tuple[MarginTier, ...] = instrument.tiers if instrument and not position.cross else ()
        self.liquidation = liquidation_of(position, market)
        self.slippage, self.fee_rate = limits.slippage_max_bps / BPS, fees.perp_taker
        self.liquidated = self.shocked != self.mark and self._falls_at(self.shocked)
        self.stopped = self._stops()

    def _stops(self) -> bool:
        """Whether the stop lies between the marks, and liquidation does not come first."""
        stop = self.working_stop
        return stop is not None and not on_loss_side(self.position.side, stop, self.shocked)

    @property
    def working_stop(self) -> Decimal | None:
        """The stop, if it still waits and liquidation does not come first."""
        stop = self.position.stop_price
        if stop is None or not on_loss_side(self.position.side, stop, self.mark):
            return None
        return None if self._falls_at(stop) else stop

    def _falls_at(self, mark: Decimal) -> bool:
        """Whether it is liquidated at a mark; nobody can say that of one in cross margin."""
        return not self.position.cross and below_maintenance(self.position, mark, self.tiers)

    @property
    def lost_at(self) -> Decimal | None:
        """The mark at which the margin is lost: liquidation, or, without known tiers, where all of it is used up."""
        if self.tiers or self.position.cross:
            return self.liquidation
        price = self.position.entry_price - self.position.side.sign * self.position.margin / self.position.quantity
        return price if price > 0 else None

    @property
    def equity(self) -> Decimal:
        """What the position is worth before the move: more than that one of its own margin cannot lose."""
        return self.position.margin + self.position.unrealised_pnl(self.mark)

    @property
    def change(self) -> Decimal:
        """What the move makes of the position where no stop fills."""
        if self.liquidated:
            return -self.equity
        return self.position.side.sign * self.position.quantity * (self.shocked - self.mark)

    def fill(self) -> tuple[Decimal, Decimal] | None:
        """Price and fee of the stop's fill; None without a working stop."""
        side, stop = self.position.side, self.position.stop_price
        if stop is None or not on_loss_side(side, stop, self.mark):
            return None
        price = stop * (1 - side.sign * self.slippage)
        return price, self.position.quantity * price * self.fee_rate

    def stop_change(self) -> Decimal | None:
        """What the stop's fill changes against the present mark, fee in; None without a working stop."""
        found = self.fill()
        if found is None:
            return None
        price, fee = found
        change = self.position.side.sign * self.position.quantity * (price - self.mark) - fee
        return change if self.position.cross else max(change, -self.equity)

    def settle(self, account: Account, stops_fill: bool) -> Account:
        """The account once the venue has done with the position what the move asks for."""
        asset = self.position.asset
        found = self.fill() if self.stopped and stops_fill else None
        if found is None:
            return ledger.liquidate(account, asset) if self.liquidated else account
        price, fee = found
        if not self.position.cross and self.stop_change() == -self.equity:
            return ledger.liquidate(account, asset)
        return ledger.reduce_position(account, asset, self.position.quantity, price, fee)

    def line(self) -> ShockedPosition:
        """The position as the answer shows it."""
        position = self.position
        return ShockedPosition(
            account=self.account.id,
            symbol=position.symbol,
            asset=position.asset,
            side=position.side,
            quantity=position.quantity,
            mark=self.mark,
            shocked=self.shocked,
            pnl=self.change,
            stop_price=position.stop_price,
            stopped=self.stopped,
            stop_pnl=self.stop_change() if self.stopped else None,
            liquidation_price=self.liquidation,
            liquidated=self.liquidated,
            liquidation_known=bool(self.tiers),
        )


def _check(shocks: Shocks) -> None:
    named: dict[str, Decimal] = {sector.value: move for sector, move in shocks.sectors.items()} | shocks.assets
    for name, move in named.items():
        if not move.is_finite() or move < FALL_LIMIT:
            raise BadInput(
                f"{name}: a move of {plain(move * 100) if move.is_finite() else move} % cannot be; the least is -100 %"
            )
    if shocks.assets.get(QUOTE):
        raise BadInput(f"{QUOTE} is the unit of account and always 1: move the other prices instead")


def _move(asset: str, book: Book, universe: Universe, shocks: Shocks) -> Decimal:
    """The move of an asset. One that is excluded from trading still moves with its market, unless EXCLUDED is named."""
    if asset == QUOTE:
        return ZERO
    shown = sector_of(asset, book, universe)
    return shocks.of(asset, shown if shown in shocks.sectors else universe.sector(asset, book.sectors))


def _fall(asset: str, book: Book, universe: Universe, limits: Limits) -> Decimal:
    sector = sector_of(asset, book, universe)
    return ZERO if sector is Sector.STABLE else limits.shock(sector)


def _moved(market: MarketSnapshot, moves: dict[str, Decimal]) -> MarketSnapshot:
    quotes = dict(market.quotes)
    for asset, move in moves.items():
        for symbol in (spot_symbol(asset), perp_symbol(asset)):
            if move and symbol in quotes:
                quote, factor = quotes[symbol], ONE + move
                quotes[symbol] = replace(quote, mark=quote.mark * factor, bid=quote.bid * factor, ask=quote.ask * factor)
    return replace(market, quotes=quotes)


def _settled(book: Book, cases: Iterable[_Case], *, stops_fill: bool) -> Book:
    for case in cases:
        book = book.with_account(case.settle(book.account(case.account.id), stops_fill))
    return book


def _nearest(book: Book, market: MarketSnapshot) -> Decimal | None:
    """The signed move of mark that liquidates the nearest position; None where nothing can be liquidated."""
    moves = []
    for _, position in book.positions():
        mark, liquidation = market.mark(position.symbol), liquidation_of(position, market)
        if mark > 0 and liquidation is not None:
            moves.append(liquidation_move(mark, liquidation))
    return min(moves, key=abs, default=None)
