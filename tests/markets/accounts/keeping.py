"""The venues of the loopback market that keep accounts, and what is kept there."""

from collections.abc import Iterator
from decimal import Decimal

from tests.loopback import Loopback, simulated_world
from tests.loopback.custody import Custody, Held, Keeper, Resting
from tests.loopback.private_binance import BinancePrivate
from tests.loopback.private_bingx import BingXPrivate
from tests.loopback.private_bybit import BybitPrivate
from tests.loopback.private_mexc import MexcPrivate
from tests.loopback.private_okx import OkxPrivate

D = Decimal
VENUES: dict[str, type[Keeper]] = {
    "binance": BinancePrivate,
    "bybit": BybitPrivate,
    "okx": OkxPrivate,
    "bingx": BingXPrivate,
    "mexc": MexcPrivate,
}
SILENT = frozenset({"mexc"})
"""Those that do not tell what a key may do."""


def holding() -> Custody:
    """The worked example, kept at a venue: with dust, with a coin that nobody knows, and with something locked in an order."""
    return Custody(
        spot={"USDT": D("40000"), "ETH": D("10.12345678"), "UNI": D("1250"), "ZZTOP": D("0.00000001"), "SOL": D(0)},
        locked={"UNI": D("50")},
        wallet={"USDT": D("5000.25")},
        positions=[Held("ETH", D("-2.5"), D("4000"), margin=D("5000"))],
        stops=[Resting("ETH", True, D("4480"))],
    )


def served() -> Iterator[Loopback]:
    """A loopback market of a few assets; the body of a fixture."""
    with Loopback(simulated_world(assets=["ETH", "SOL", "UNI"])) as running:
        yield running


def kept(server: Loopback) -> Iterator[Loopback]:
    """The market with every account as `holding` has it, and nothing asked yet; healed in the end. The body of a fixture."""
    for kind in VENUES.values():
        server.vendor(kind).custody = holding()
    server.vendor(BinancePrivate).used = 20
    server.requests.clear()
    yield server
    server.heal()
