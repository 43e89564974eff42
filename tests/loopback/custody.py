"""What a trader keeps at a vendor of the loopback market, and the key with which it may be read."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from decimal import Decimal

from cockpit.model.instruments import perp_symbol
from tests.loopback.vendor import Asked, Options, Vendor
from tests.loopback.world import World

KEY, SECRET, PASSWORD = "canary-key-Zx81qL", "canary-secret-Wv92mN", "canary-phrase-Ty73"
"""Words that must appear nowhere: every test of a leak looks for them."""


@dataclass
class Held:
    """A position: `quantity` in base units, a short below zero; `margin` None is cross. `liquidation`: what the vendor tells."""

    asset: str
    quantity: Decimal
    entry: Decimal
    leverage: Decimal = Decimal(2)
    margin: Decimal | None = None
    hedged: bool = False
    liquidation: Decimal | None = None


@dataclass
class Resting:
    """A conditional order. `quantity` None closes whatever is there; `reduces` False: it may open a position.

    `trailing`: a stop that begins at `price` to follow the best price at a distance.
    """

    asset: str
    buys: bool
    price: Decimal
    quantity: Decimal | None = None
    reduces: bool = True
    profit: bool = False
    trailing: bool = False


@dataclass
class Booked:
    """A line of the venue's books: "transfer", "pnl", "fee", "funding", or "spot" where one wallet holds everything."""

    kind: str
    amount: Decimal
    at: float


@dataclass
class Custody:
    """One account with one key. `page` is the most rows that a list gives at once.

    `odd` are symbols of positions that no book here carries, as the vendor writes them.
    """

    key: str = KEY
    secret: str = SECRET
    password: str = PASSWORD
    withdraw: bool = False
    trade: bool = False
    reads_only: bool = True
    spot: dict[str, Decimal] = field(default_factory=dict)
    locked: dict[str, Decimal] = field(default_factory=dict)
    wallet: dict[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(0)})
    positions: list[Held] = field(default_factory=list)
    stops: list[Resting] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    borrowed: dict[str, Decimal] = field(default_factory=dict)
    books: list[Booked] = field(default_factory=list)
    page: int = 200

    def book(self, kind: str, amount: Decimal, *, unified: bool = False) -> None:
        """Change the wallet that backs positions, and write it into the books."""
        wallet = self.spot if unified else self.wallet
        wallet["USDT"] += amount
        self.books.append(Booked(kind, amount, time.time()))

    def booked(self, asked: Asked) -> list[tuple[int, Booked]]:
        """The numbered lines between the times that are asked for."""
        first, last = (float(asked.query[name]) / 1000 for name in ("startTime", "endTime"))
        return [(number, line) for number, line in enumerate(self.books) if first <= line.at <= last]

    def signature(self, text: str) -> bytes:
        """HMAC SHA-256 of a text with the secret."""
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()


class Keeper(Vendor):
    """A vendor that keeps an account."""

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        self.custody = Custody()


def mark(asked: Asked, asset: str) -> Decimal:
    """The mark price of a perpetual."""
    return asked.world.quote(perp_symbol(asset)).mark


def unrealised(asked: Asked, held: Held) -> Decimal:
    """Its unrealised PnL, in quote units."""
    return held.quantity * (mark(asked, held.asset) - held.entry)


def late(asked: Asked, millis: str, window: float, skew: float = 0.0) -> bool:
    """Whether a request's time lies further from the vendor's clock than its window, in milliseconds."""
    return abs(float(millis) / 1000 - time.time() - skew) * 1000 > window if millis.isdecimal() else True
