"""What a trader wants to know of every open position: value, PnL, liquidation, stop, funding."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from cockpit.model.book import Account, Book, Position
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import PositionLine
from cockpit.rotation.margin import funding_payment, liquidation_move, liquidation_price


def liquidation_of(position: Position, market: MarketSnapshot) -> Decimal | None:
    """The mark price that liquidates a position; None where no price does, or nobody knows: see `liquidation_known`."""
    instrument = market.instruments.get(position.symbol)
    if position.cross or instrument is None or not instrument.tiers:
        return None
    return liquidation_price(position.side, position.quantity, position.entry_price, position.margin, instrument.tiers)


def liquidation_known(position: Position, market: MarketSnapshot) -> bool:
    """Whether a position is isolated and its margin tiers are known, and with them where, if anywhere, it is liquidated."""
    instrument = market.instruments.get(position.symbol)
    return not position.cross and instrument is not None and bool(instrument.tiers)


def position_lines(
    book: Book, market: MarketSnapshot, told: Mapping[str, Mapping[str, Decimal]] = MappingProxyType({})
) -> tuple[PositionLine, ...]:
    """Every position of the book at mark prices, account by account; MarketUnavailable if one has no quote.

    `told` are the liquidation prices of positions in cross margin as their venues tell them, by account and asset.
    """
    return tuple(
        _line(account, position, market, told.get(account.id, {}).get(position.asset) if position.cross else None)
        for account, position in book.positions()
    )


def _line(account: Account, position: Position, market: MarketSnapshot, told: Decimal | None) -> PositionLine:
    mark = market.mark(position.symbol)
    liquidation = liquidation_of(position, market) if told is None else told
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
        liquidation_known=told is not None or liquidation_known(position, market),
    )
