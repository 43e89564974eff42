"""Random books and markets for the planner's properties: odd lots and ticks, thin order books, positions without stops."""

from decimal import ROUND_CEILING, Decimal

from hypothesis import assume
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from cockpit.model.book import Account, Book, Position, Side, initial_margin
from cockpit.model.exposure import expose
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import Level, MarketSnapshot, Quote
from cockpit.model.money import ceil_to, floor_to
from cockpit.model.request import Destination, PlanRequest
from cockpit.model.strategy import Mode
from tests.rotation.worlds import NOW, PRICES, D, instruments, pinned, settings, universe

L1 = ("ETH", "SOL", "AVAX", "NEAR")
DEFI = ("UNI", "AAVE", "LDO", "MKR")
OTHERS = ("USDC", "BTC", "WIF")
LOTS = ("0.001", "0.03", "0.25", "1")
TICKS = ("0.001", "0.01", "0.05")


class World:
    """A book on a market, and what is asked of the planner."""

    def __init__(self, book: Book, market: MarketSnapshot, strategy: str, request: PlanRequest) -> None:
        self.book, self.market, self.strategy, self.request = book, market, strategy, request

    def __repr__(self) -> str:
        """The market in short, so that a failing example can be read."""
        quotes = {
            q.symbol: f"{q.mark}{'' if q.pinned else ' ' + str(q.asks[0].size)} lot {self.market.instruments[q.symbol].lot}"
            for q in self.market.quotes.values()
            if ":" in q.symbol
        }
        asked = {name: value for name, value in asdict(self.request).items() if value}
        return f"World({self.strategy} {asked}\n{self.book.accounts}\nexcluded {self.book.excluded}\n{quotes})"


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals of so many places."""
    return st.decimals(D(low), D(high), places=places)


@st.composite
def markets(draw: st.DrawFn) -> MarketSnapshot:
    """A market whose quotes are pinned, deep or thin, each asset with its own price, lot and tick."""
    market = pinned()
    quotes, known = dict(market.quotes), dict(market.instruments)
    for asset, text in PRICES.items():
        if asset == "USDC":
            continue
        price = D(text) * draw(decimals("0.5", "2", 2))
        lot, tick = draw(st.sampled_from(LOTS)), draw(st.sampled_from(TICKS))
        own = D(lot) if D(lot) * price <= 50 else None
        step = D(tick) if D(tick) * 100 <= price else None
        known |= instruments(asset, price, own, step)
        depth = draw(st.sampled_from([None, None, D(5_000_000), D(200_000), D(3_000)]))
        for symbol in (spot_symbol(asset), perp_symbol(asset)):
            quotes[symbol] = _quote(symbol, price, known[symbol].tick, depth)
    return replace(market, quotes=quotes, instruments=known)


def _quote(symbol: str, price: Decimal, tick: Decimal, depth: Decimal | None) -> Quote:
    if depth is None:
        return Quote(symbol=symbol, mark=price, bid=price, ask=price, at=NOW, pinned=True)
    reach = [D("0.0002"), D("0.0008"), D("0.002"), D("0.006")]
    bids = tuple(Level(floor_to(price * (1 - way), tick), depth * (n + 1) / 10 / price) for n, way in enumerate(reach))
    asks = tuple(Level(ceil_to(price * (1 + way), tick), depth * (n + 1) / 10 / price) for n, way in enumerate(reach))
    return Quote(symbol=symbol, mark=price, bid=bids[0].price, ask=asks[0].price, at=NOW, bids=bids, asks=asks)


@st.composite
def positions(draw: st.DrawFn, market: MarketSnapshot, asset: str, value: Decimal, most: str) -> Position | None:
    """A position of about `value` quote units; its stop may be missing, wide or beyond mark."""
    symbol = perp_symbol(asset)
    mark, instrument = market.quotes[symbol].mark, market.instruments[symbol]
    quantity = floor_to(value / mark, instrument.lot)
    if quantity <= 0:
        return None
    side = draw(st.sampled_from(Side))
    entry = mark * draw(decimals("0.94", "1.06", 3))
    leverage = draw(decimals("1", most, 1))
    distance = settings().limits.stop_distance_l1 if asset in L1 else settings().limits.stop_distance_defi
    far = draw(st.sampled_from([None, distance / 2, distance, distance, distance * 2, -distance]))
    stop = None if far is None else floor_to(entry * (1 - side.sign * far), instrument.tick)
    if stop is not None and side is Side.LONG:
        stop = ceil_to(stop, instrument.tick)
    return Position(
        asset=asset,
        side=side,
        quantity=quantity,
        entry_price=entry,
        margin=initial_margin(quantity, entry, leverage),
        stop_price=stop,
    )


@st.composite
def accounts(draw: st.DrawFn, market: MarketSnapshot, name: str, most: str) -> Account:
    """An account worth some ten thousands, with holdings of any sector and up to three positions."""
    size = draw(st.sampled_from([2_000, 30_000, 100_000, 1_000_000]))
    spot = {"USDT": draw(decimals("0", "0.6", 3)) * size}
    for asset in draw(st.lists(st.sampled_from((*L1, *DEFI, *OTHERS)), unique=True, max_size=6)):
        value = draw(decimals("0.001", "0.5", 3)) * size
        spot[asset] = (value / market.price(asset)).quantize(D("0.00001"), ROUND_CEILING)
    held = []
    for asset in draw(st.lists(st.sampled_from((*L1, *DEFI, "BTC")), unique=True, max_size=3)):
        position = draw(positions(market, asset, draw(decimals("0.01", "0.3", 2)) * size, most))
        if position is not None:
            held.append(position)
    free = draw(st.sampled_from([D(0), D(0), D("12.34"), D("0.1") * size]))
    wallet = sum((p.margin for p in held), D(0)) + free
    spot = {asset: quantity for asset, quantity in spot.items() if quantity > 0}
    return Account(id=name, venue="paper", spot=spot, futures_wallet=wallet, positions=tuple(held))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Anything a desk may meet: one to three accounts, clean or in breach, with any strategy and mode."""
    market = draw(markets())
    most = draw(st.sampled_from(["2", "3", "6"]))
    names = ["east", "west", "south"][: draw(st.sampled_from([1, 1, 2, 3]))]
    book = Book(name="random", accounts=tuple(draw(accounts(market, name, most)) for name in names))
    if draw(st.booleans()):
        book = replace(book, excluded=(draw(st.sampled_from((*L1, *DEFI))),))
    request = PlanRequest(
        mode=draw(st.sampled_from([None, *Mode])),
        leverage=draw(st.sampled_from([None, D(1), D("1.5"), D(3)])),
        hedge_ratio=draw(st.sampled_from([None, None, D("0.2"), D(1)])),
        tokens=tuple(draw(st.lists(st.sampled_from((*L1, *DEFI)), unique=True, max_size=3))),
        tranche=draw(st.sampled_from([D(1), D(1), D(1), D("0.4")])),
        destination=draw(st.sampled_from(Destination)),
    )
    assume(expose(book, market, universe()).base > 1_000)
    return World(book=book, market=market, strategy=draw(st.sampled_from("ABC")), request=request)
