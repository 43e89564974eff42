"""Where numbers of the market come from: how each source stands, what it is used for, and which one stands in for another."""

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.model.book import Account


class Health(StrEnum):
    """How a source stands."""

    UNASKED = "not asked"
    GOOD = "good"
    FAILING = "failing"
    RESTING = "resting"


class Source(Struct, frozen=True, kw_only=True):
    """One source as it stands.

    `used_for` is what it gives now, in words ("quotes", "order books", "funding", "TVL"); a source in reserve gives nothing.
    `stands_in_for` names the source whose place it takes, "" where it is the first choice. `sentence` says what is wrong and
    what happens next; "" where nothing is. `latency` is that of the last good answer, which came at `heard_at` (UTC).
    `left` is what the source says is left of its limits, in words; "" where it says nothing. `through` is the relay by which
    it is asked, "" where it is asked itself.
    """

    name: str
    health: Health = Health.UNASKED
    used_for: tuple[str, ...] = ()
    stands_in_for: str = ""
    sentence: str = ""
    latency: timedelta | None = None
    heard_at: datetime | None = None
    left: str = ""
    through: str = ""


def standing_in(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """Those that give something in the place of another one: what runs on a fall-back."""
    return tuple(source for source in sources if source.used_for and source.stands_in_for)


def without_secret(address: str) -> str:
    """The address of a relay or a node as it may be shown: a key may stand in its path or in its query."""
    parts = urlsplit(address)
    hidden = "/…" if parts.path.strip("/") or parts.query else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{hidden}" if address else ""


class LiveSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the live market is asked.

    `venues` are asked in this order: the first that answers gives the quotes. `ethereum` are JSON-RPC end points, tried in turn.
    `gateway` is the address of a relay: with one, https://HOST/PATH is asked as GATEWAY/HOST/PATH. `days` is how much daily
    history is kept at least.
    """

    venues: tuple[str, ...] = ("binance", "bybit", "okx", "bingx", "mexc", "weex", "hyperliquid", "kraken")
    ethereum: tuple[str, ...] = (
        "https://ethereum-rpc.publicnode.com",
        "https://eth.llamarpc.com",
        "https://cloudflare-eth.com",
    )
    gateway: str | None = None
    days: int = 400


class Watch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of the portfolio that is read at its venue with a read-only key, and never traded on from here.

    `key_file` names the file with the key; without one the key is among the service manager's credentials.
    """

    account: str
    venue: str
    key_file: str | None = None


class Made(Struct, frozen=True, kw_only=True):
    """USDT that the positions of an account made (above zero) or lost since a run of looks began, fees and funding included.

    Two of one run may be compared; between two runs nobody knows.
    """

    run: int
    total: Decimal


class Seen(Struct, frozen=True, kw_only=True):
    """A watched account as it was read at its venue at `at` (UTC).

    `liquidations` are the prices at which the venue says that it liquidates positions in cross margin, by asset; a position of
    that kind without one is liquidated nobody here knows where. `made` is None where the venue does not tell what its positions
    made or lost.
    """

    account: Account
    at: datetime
    liquidations: dict[str, Decimal] = {}
    made: Made | None = None
