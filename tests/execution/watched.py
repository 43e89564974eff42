"""The worked example's account as it is watched at a venue: before a hedge and with it, and a session that watches it."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from cockpit.execution.session import PaperSession
from cockpit.model.book import Account, Position, Side
from cockpit.model.sources import Seen
from tests.execution.scripted import START, ScriptedMarket
from tests.execution.worked import PORTFOLIO, SETTINGS, UNIVERSE, pinned_market

D = Decimal
MARKET: ScriptedMarket = pinned_market()
BEFORE = PORTFOLIO.account("main")
LATER = START + timedelta(seconds=15)
TODAY = LATER.date()
SHORT = Position(asset="ETH", side=Side.SHORT, quantity=D("2.5"), entry_price=D(4000), margin=D(5000), stop_price=D(4480))
HEDGED = replace(BEFORE, futures_wallet=D(5000), positions=(SHORT,))


def seen(account: Account, at: datetime) -> Seen:
    """What a watch saw at a time."""
    return Seen(account=account, at=at)


class opened:  # noqa: N801 - reads as what it does
    """A session on the store in a folder, closed at the end."""

    def __init__(self, folder: Path, watched: dict[str, str]) -> None:
        self.session = PaperSession(
            PORTFOLIO,
            "test",
            url=f"sqlite:///{folder / 'store.db'}",
            lock_folder=folder,
            fresh=False,
            snapshot=MARKET.snapshot,
            settings=SETTINGS,
            universe=UNIVERSE,
            watched=watched,
        )

    def __enter__(self) -> PaperSession:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session.close()
