"""Books that prices are shocked under, and the shocks: the end of the worked example, a single long, random ones."""

from decimal import Decimal

from hypothesis import strategies as st

from cockpit.model.assets import Sector
from cockpit.model.book import Book, Position, Side, initial_margin
from cockpit.model.inquiry import ShockedBook, ShockedPosition, Shocks
from cockpit.model.market import MarketSnapshot
from cockpit.rotation.shock import book_after, shock
from tests.rotation.generated import World, decimals, worlds
from tests.rotation.worlds import D, account, book, hundred_thousand, make, pinned, settings, universe

MOVES = decimals("-1", "2", 3)


def shocked(held: Book, market: MarketSnapshot | None = None, **moves: str) -> ShockedBook:
    """A book after moves by sector or asset, with the shipped limits and fees."""
    sectors = {Sector(name): D(move) for name, move in moves.items() if name in Sector.__members__}
    assets = {name: D(move) for name, move in moves.items() if name not in Sector.__members__}
    return apply(held, market or pinned(), Shocks(sectors=sectors, assets=assets))


def apply(held: Book, market: MarketSnapshot, shocks: Shocks) -> ShockedBook:
    return shock(held, market, universe(), settings().limits, settings().fees, shocks)


def only(found: ShockedBook) -> ShockedPosition:
    assert len(found.positions) == 1
    return found.positions[0]


def reconciled() -> Book:
    """Strategy B at the end of the reconciled example: net 30 % L1, 50 % DeFi, with its three perpetuals."""
    start = hundred_thousand()
    return book_after(start, pinned(), universe(), make(start, preset="reconciled").steps)


def position(asset: str, side: Side, quantity: Decimal, entry: Decimal, stop: Decimal | None, leverage: str = "2") -> Position:
    margin = initial_margin(quantity, entry, D(leverage))
    return Position(asset=asset, side=side, quantity=quantity, entry_price=entry, margin=margin, stop_price=stop)


def one_long(leverage: str = "2", stop: str | None = "8.5") -> Book:
    """2,500 UNI long at 10, nothing else but 1,000 USDT."""
    held = position("UNI", Side.LONG, D(2500), D(10), None if stop is None else D(stop), leverage)
    return book(account({"USDT": "1000"}, futures_wallet=held.margin, positions=(held,)))


def _shocks(draw: st.DrawFn, held: Book, moves: st.SearchStrategy[Decimal]) -> Shocks:
    named = [asset for asset in held.assets() if asset != "USDT"]
    assets = {asset: draw(moves) for asset in named if draw(st.booleans())}
    return Shocks(sectors={sector: draw(moves) for sector in (Sector.L1, Sector.DEFI, Sector.BENCHMARK)}, assets=assets)


@st.composite
def cases(draw: st.DrawFn, moves: st.SearchStrategy[Decimal] = MOVES) -> tuple[World, Shocks]:
    world = draw(worlds())
    return world, _shocks(draw, world.book, moves)
