"""A small book on the live market, as a picture that the soak's checks are tried on."""

from decimal import Decimal

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.market import MarketLabel, MarketSnapshot, Quote
from cockpit.model.picture import Picture
from tests.markets.live.witness import START

SHORT = Position(
    asset="ETH",
    side=Side.SHORT,
    quantity=Decimal("2.5"),
    entry_price=Decimal(4000),
    margin=Decimal(5000),
    stop_price=Decimal(4480),
)


def shown(quotes: dict[str, Quote]) -> Picture:
    """1,000 in cash, 2 ETH, a wallet of 7,500 and 2.5 ETH short from 4,000."""
    account = Account(
        id="main",
        venue="paper",
        spot={"USDT": Decimal(1000), "ETH": Decimal(2)},
        futures_wallet=Decimal(7500),
        positions=(SHORT,),
    )
    return Picture(
        portfolio="one",
        portfolio_path="one.toml",
        accounts=("main",),
        mode="PAPER",
        market_label=MarketLabel.LIVE,
        now=START,
        book=Book(name="one", accounts=(account,)),
        sectors={"ETH": Sector.L1, "USDT": Sector.STABLE},
        market=MarketSnapshot(source="live", label=MarketLabel.LIVE, as_of=START, quotes=quotes, instruments={}, funding={}),
    )
