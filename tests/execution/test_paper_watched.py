"""A paper venue that reads only what a commit has changed tells the same events as one that reads everything."""

import asyncio
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.execution.paper import PaperBroker
from cockpit.model.book import Account, Book
from cockpit.model.instruments import perp_symbol
from cockpit.model.orders import OrderRequest, StopRequest, VenueEvent, VenueEventKind
from cockpit.store.database import Database
from cockpit.store.store import Watch
from tests.execution.scripted import FEES, ScriptedMarket

D = Decimal
ETH = perp_symbol("ETH")
BOOK = Book(name="test", accounts=(Account(id="main", venue="paper", spot={"USDT": D(30_000)}, futures_wallet=D(10_000)),))
MOVES = st.tuples(
    st.sampled_from(["wait", "sell", "stop"]), st.sampled_from([D("0.7"), D(1), D("1.02"), D("1.3")]), st.integers(0, 9)
)


class Side:
    """A venue on a database of its own; orders come from another process, which shares nothing with it but the database."""

    def __init__(self, path: Path, market: ScriptedMarket, *, watched: bool) -> None:
        self.mine, self.other = Database(str(path)), Database(str(path))
        self.watch = Watch(self.mine) if watched else None
        version = self.watch.version if self.watch is not None else None
        self.broker = PaperBroker(self.mine, "test", market.snapshot, FEES, version)
        self.broker.open(BOOK)
        self.elsewhere = PaperBroker(self.other, "test", market.snapshot, FEES)

    def act(self, what: str, number: int, mark: Decimal) -> None:
        if what == "sell":
            order = OrderRequest(
                client_id=f"o{number}",
                account="main",
                symbol=ETH,
                buys=False,
                quantity=D("0.5"),
                limit_price=mark * D("0.9"),
                leverage=D(3),
            )
            asyncio.run(self.elsewhere.submit(order))
        elif what == "stop":
            stop = StopRequest(
                client_id=f"s{number}", account="main", symbol=ETH, buys=True, quantity=D("0.5"), trigger_price=mark * D("1.1")
            )
            asyncio.run(self.elsewhere.place_stop(stop))

    def events(self, after: int) -> Sequence[VenueEvent]:
        return asyncio.run(self.broker.events("main", after))

    def close(self) -> None:
        if self.watch is not None:
            self.watch.close()
        self.mine.close()
        self.other.close()


def both(folder: Path, moves: Sequence[tuple[str, Decimal, int]]) -> list[VenueEvent]:
    """Every event that both venues told, each new one when it happened; AssertionError where they differ."""
    market = ScriptedMarket({"ETH": D(4_000)})
    market.funding_rate = D("0.0001")
    watched, plain = (Side(folder / f"{name}.db", market, watched=name == "watched") for name in ("watched", "plain"))
    told: list[VenueEvent] = []
    try:
        for number, (what, factor, hours) in enumerate(moves):
            market.prices["ETH"] *= factor
            market.pass_time(hours=hours)
            for side in (watched, plain):
                side.act(what, number, market.prices["ETH"])
            for _ in range(2):
                found = watched.events(len(told))
                assert list(found) == list(plain.events(len(told)))
                told += found
        assert asyncio.run(watched.broker.account("main")) == asyncio.run(plain.broker.account("main"))
    finally:
        watched.close()
        plain.close()
    return told


@settings(max_examples=25)
@given(st.lists(MOVES, max_size=8))
def test_it_tells_what_a_venue_tells_that_reads_everything(moves: list[tuple[str, Decimal, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        both(Path(folder), moves)


def test_funding_and_a_stop_of_another_process_are_among_it(tmp_path: Path) -> None:
    still = ("wait", D(1), 0)
    told = both(tmp_path, [still, ("sell", D(1), 0), still, ("stop", D(1), 9), still, ("wait", D("1.3"), 1), still])
    assert [event.kind for event in told] == [VenueEventKind.FUNDING, VenueEventKind.STOP]
