"""What a trader wants to know of every open position: value, PnL, liquidation, stop, funding."""

from decimal import Decimal

from cockpit.model.book import Account, Book, Position
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import PositionLine
from cockpit.rotation.margin import funding_payment, liquidation_move, liquidation_price


def liquidation_of(position: Position, market: MarketSnapshot) -> Decimal | None:
    """The mark price that liquidates an isolated position; None where no price does or its margin tiers are unknown."""
    instrument = market.instruments.get(position.symbol)
    if instrument is None or not instrument.tiers:
        return None
    return liquidation_price(position.side, position.quantity, position.entry_price, position.margin, instrument.tiers)


def liquidation_known(position: Position, market: MarketSnapshot) -> bool:
    """Whether the margin tiers of a position are known, and with them where, if anywhere, it is liquidated."""
    instrument = market.instruments.get(position.symbol)
    return instrument is not None and bool(instrument.tiers)


def position_lines(book: Book, market: MarketSnapshot) -> tuple[PositionLine, ...]:
    """Every position of the book at mark prices, account by account; MarketUnavailable if one has no quote."""
    return tuple(_line(account, position, market) for account, position in book.positions())


def _line(account: Account, position: Position, market: MarketSnapshot) -> PositionLine:
    mark = market.mark(position.symbol)
    liquidation = liquidation_of(position, market)
    funding = market.funding.get(position.symbol)
    return PositionLine(
        account=account.id,
        venue=account.venue,
        position=position,
        mark=mark,
        notional=position.notional(mark),
        unrealised_pnl=position.unrealised_pnl(mark),
        liquidation_price=liquidation,
        liquidation_distance=None if liquidation is None else liquidation_move(mark, liquidation),
        stop_distance=None if position.stop_price is None else position.stop_price / mark - 1,
        funding_per_day=None if funding is None else funding_payment(position.side, position.quantity, mark, funding.per_day),
        liquidation_known=liquidation_known(position, market),
    )
