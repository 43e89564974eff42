"""What positions made or lost is told by the venue's own books where these explain the wallet to the cent, and else by nobody."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.accounts import binance
from cockpit.markets.accounts.ledger import OVERLAP, Ledger
from cockpit.markets.accounts.readers import BOOKS
from cockpit.markets.accounts.rows import Entry
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.sources import Made
from tests.loopback.server import Loopback
from tests.markets.accounts.conftest import MakeClient
from tests.markets.accounts.keeping import VENUES

D = Decimal
NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
LATER = timedelta(seconds=15)
LINES = [("transfer", "-5000"), ("pnl", "-1234.56789012"), ("fee", "-2.5"), ("funding", "0.25"), ("transfer", "100")]
TRADED = D("-1236.81789012")


@pytest.mark.parametrize("venue", VENUES)
async def test_what_positions_made_stands_apart_from_transfers(loopback: Loopback, client: MakeClient, venue: str) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    now = datetime.now(UTC)
    for kind, amount in LINES:
        custody.book(kind, D(amount), unified=venue == "bybit")
    told = await client(venue).books(now - OVERLAP, now + OVERLAP)
    if venue not in BOOKS:
        assert told is None
        return
    assert told is not None
    assert sorted(entry.amount for entry in told) == sorted(D(amount) for _, amount in LINES)
    assert sum(entry.amount for entry in told if entry.trading) == TRADED
    assert len({entry.id for entry in told}) == len(LINES)


async def test_a_spot_trade_of_a_unified_wallet_is_not_what_a_position_made(loopback: Loopback, client: MakeClient) -> None:
    loopback.vendor(VENUES["bybit"]).custody.book("spot", D(-4000), unified=True)
    (entry,) = await client("bybit").books(datetime.now(UTC) - OVERLAP, datetime.now(UTC) + OVERLAP) or ()
    assert (entry.amount, entry.trading) == (D(-4000), False)


@pytest.mark.parametrize("venue", ["binance", "bybit"])
async def test_every_page_of_the_books_is_read(
    loopback: Loopback, client: MakeClient, venue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    custody.page = 2
    monkeypatch.setattr(binance, "_PAGE", 2)
    for _ in range(6):
        custody.book("fee", D("-0.5"), unified=venue == "bybit")
    told = await client(venue).books(datetime.now(UTC) - OVERLAP, datetime.now(UTC) + OVERLAP)
    assert told is not None
    assert [entry.amount for entry in told] == [D("-0.5")] * 6


class Venue:
    """Books that are written here; `late` are not told yet."""

    def __init__(self) -> None:
        self.wallet = D(1000)
        self.lines: list[Entry] = []
        self.late: list[Entry] = []
        self.fault: Fault | None = None
        self.asked: list[tuple[datetime, datetime]] = []

    def write(self, amount: Decimal, *, trading: bool, late: bool = False) -> None:
        lines = self.late if late else self.lines
        lines.append(Entry(id=f"{len(self.lines) + len(self.late)}", amount=amount, trading=trading))
        self.wallet += amount

    async def __call__(self, since: datetime, until: datetime) -> tuple[Entry, ...]:
        self.asked.append((since, until))
        if self.fault is not None:
            raise self.fault
        return tuple(self.lines)


@given(st.lists(st.lists(st.tuples(st.decimals(-500, 500, places=8), st.booleans()), max_size=4), max_size=6))
async def test_what_was_made_is_the_sum_of_what_positions_made(looks: list[list[tuple[Decimal, bool]]]) -> None:
    venue = Venue()
    venue.write(D(-7), trading=True)  # before anybody looked
    ledger, total = Ledger(venue), D(0)
    assert await ledger.follow(venue.wallet, NOW) == Made(run=1, total=D(0))
    for number, lines in enumerate(looks, start=1):
        for amount, trading in lines:
            venue.write(amount, trading=trading)
            total += amount if trading else D(0)
        found = await ledger.follow(venue.wallet, NOW + number * LATER)
        assert found is not None
        assert found.run == 1
        assert found.total == total or not sum(amount for amount, _ in lines), "a wallet that stands still is not asked about"
    venue.write(D("-0.01"), trading=True)
    assert await ledger.follow(venue.wallet, NOW + 10 * LATER) == Made(run=1, total=total - D("0.01"))


async def test_books_that_do_not_explain_the_wallet_begin_a_new_run() -> None:
    """A loss that the venue writes down later must not pass for a withdrawal meanwhile."""
    venue = Venue()
    ledger = Ledger(venue)
    assert await ledger.follow(venue.wallet, NOW) == Made(run=1, total=D(0))
    venue.write(D(-300), trading=False)
    venue.write(D(-200), trading=True, late=True)
    assert await ledger.follow(venue.wallet, NOW + LATER) == Made(run=2, total=D(0))
    venue.lines += venue.late
    venue.write(D(-10), trading=True)
    assert await ledger.follow(venue.wallet, NOW + 2 * LATER) == Made(run=3, total=D(0)), "the late one is of the look before"
    venue.write(D(-20), trading=True)
    assert await ledger.follow(venue.wallet, NOW + 3 * LATER) == Made(run=3, total=D(-20))


async def test_what_could_not_be_asked_is_known_with_the_next_look_that_could() -> None:
    venue = Venue()
    ledger = Ledger(venue)
    await ledger.follow(venue.wallet, NOW)
    venue.write(D(-40), trading=True)
    venue.fault = Fault(Kind.TIMEOUT)
    assert await ledger.follow(venue.wallet, NOW + LATER) is None
    venue.fault = None
    venue.write(D(-2), trading=True)
    assert await ledger.follow(venue.wallet, NOW + timedelta(days=1)) == Made(run=1, total=D(-42))
    assert venue.asked[-1] == (NOW - OVERLAP, NOW + timedelta(days=1) + OVERLAP)


async def test_nobody_is_asked_while_the_wallet_stands_still() -> None:
    venue = Venue()
    ledger = Ledger(venue)
    for number in range(4):
        assert await ledger.follow(venue.wallet, NOW + number * LATER) == Made(run=1, total=D(0))
    assert len(venue.asked) == 1
