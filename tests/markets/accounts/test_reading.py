"""What a venue tells of an account is read whole, exactly, or not at all; and no error shows a part of its key."""

import json
import traceback
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.accounts.assemble import account_of
from cockpit.markets.accounts.readers import READERS
from cockpit.markets.accounts.rows import PositionRow, Rows, StopRow, amount, truth
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venues import VENUES as TABLE
from cockpit.model.assets import Universe
from cockpit.model.book import Book, Side
from cockpit.model.credentials import Credentials
from cockpit.model.errors import RefusedByRule
from cockpit.model.exposure import expose
from cockpit.model.instruments import perp_symbol
from tests.loopback.custody import KEY, PASSWORD, SECRET, Held, Resting
from tests.loopback.mexc import contract
from tests.loopback.server import Loopback
from tests.markets.accounts.conftest import MakeClient
from tests.markets.accounts.keeping import VENUES

D = Decimal
STOPS = [
    ([Resting("ETH", True, D(4480))], D(4480)),
    ([Resting("ETH", True, D(4480), D("2.5"))], D(4480)),
    ([Resting("ETH", True, D(4480), D("1"))], None),
    ([Resting("ETH", True, D(4480), D("1")), Resting("ETH", True, D(4600), D("1.5"))], D(4600)),
    ([Resting("ETH", True, D(4600), D("2.5")), Resting("ETH", True, D(4480), D("2.5"))], D(4480)),
    ([Resting("ETH", True, D(3000), D("2.5"), profit=True)], None),
    ([Resting("ETH", True, D(4480), D("2.5"), reduces=False)], None),
    ([Resting("ETH", False, D(4480), D("2.5"))], None),
    ([Resting("SOL", True, D(4480), D("2.5"))], None),
    ([], None),
]
"""Orders that wait, and the stop that protects the short of 2.5 ETH."""


@pytest.mark.parametrize("venue", VENUES)
async def test_a_stop_counts_where_it_closes_the_whole_position_at_a_loss(
    loopback: Loopback, client: MakeClient, venue: str
) -> None:
    asked = client(venue)
    for stops, found in STOPS:
        loopback.vendor(VENUES[venue]).custody.stops = stops
        (position,) = (await asked.read("main")).account.positions
        assert position.stop_price == found, stops


@pytest.mark.parametrize("venue", VENUES)
async def test_every_venue_gives_the_same_positions(loopback: Loopback, client: MakeClient, venue: str) -> None:
    held = [Held("ETH", D("-2.5"), D("4000.5"), margin=D("5000")), Held("UNI", D("1250"), D("9.87"), margin=D("6000"))]
    loopback.vendor(VENUES[venue]).custody.positions = held
    loopback.vendor(VENUES[venue]).custody.wallet = {"USDT": D(11000)}
    found = (await client(venue).read("main")).account.positions
    assert [(p.asset, p.side, p.quantity, p.entry_price, p.margin) for p in found] == [
        ("ETH", Side.SHORT, D("2.5"), D("4000.5"), D(5000)),
        ("UNI", Side.LONG, D(1250), D("9.87"), D(6000)),
    ]


@pytest.mark.parametrize("venue", VENUES)
async def test_margin_that_was_added_to_a_position_or_paid_out_of_it_counts(
    loopback: Loopback, client: MakeClient, venue: str
) -> None:
    """Whatever the leverage asked for in the beginning, and whatever the position has won or lost."""
    held = [Held("ETH", D("-2.5"), D("4000"), margin=D("6100.5")), Held("UNI", D("1250"), D("9.87"), margin=D("6100.25"))]
    loopback.vendor(VENUES[venue]).custody.positions = held
    loopback.vendor(VENUES[venue]).custody.wallet = {"USDT": D(13000)}
    found = (await client(venue).read("main")).account.positions
    assert [(one.asset, one.margin) for one in found] == [("ETH", D("6100.5")), ("UNI", D("6100.25"))]


async def test_a_stop_of_mexc_that_is_smaller_than_its_take_profit_counts_with_its_own_size(
    loopback: Loopback, client: MakeClient
) -> None:
    one = loopback.world.instruments()["ETH/USDT:USDT"]
    size = D("2.5") / contract(one)
    row = {"symbol": "ETH_USDT", "stopLossPrice": 4480, "takeProfitPrice": 3000, "positionType": 2, "isFinished": 0}
    sizes = {"vol": float(size), "takeProfitVol": float(size), "stopLossVol": float(size / 2), "profitLossVolType": "SEPARATE"}
    loopback.vendor(VENUES["mexc"]).custody.stops = []
    told = json.dumps({"success": True, "code": 0, "data": [row | sizes]})
    loopback.fault("mexc", "body", path="stoporder/list", body=told, headers={"Content-Type": "application/json"})
    reading = await client("mexc").read("main")
    assert reading.account.positions[0].stop_price is None
    assert "ETH: its stops close 1.25 of 2.5, so it counts as without a stop" in reading.notes


@pytest.mark.parametrize("venue", VENUES)
async def test_where_a_position_in_cross_margin_is_liquidated_is_what_the_venue_tells_or_unknown(
    loopback: Loopback, client: MakeClient, venue: str
) -> None:
    """What its share of the wallet as an own margin would give is nowhere: the whole wallet is behind it."""
    custody = loopback.vendor(VENUES[venue]).custody
    asked = client(venue)
    for told in (D("4321.5"), None):
        custody.positions = [Held("ETH", D("-2.5"), D(4000), liquidation=told)]
        reading = await asked.read("main")
        assert [(p.asset, p.cross) for p in reading.account.positions] == [("ETH", True)]
        assert reading.liquidations == ({} if told is None else {"ETH": told})
        where = "tells no liquidation price" if told is None else "liquidates it at 4321.5"
        assert any(f"ETH ({where}): cross margin" in note for note in reading.notes), reading.notes


async def test_a_position_that_changes_while_it_is_read_gives_no_account(loopback: Loopback, client: MakeClient) -> None:
    custody = loopback.vendor(VENUES["binance"]).custody
    asked = client("binance")
    ask = asked.ask

    async def closing(method: str, *rest: object, **more: bool) -> object:
        answer = await ask(method, *rest, **more)  # type: ignore[arg-type]
        if method == "privateGetAccount":
            custody.positions = []
        return answer

    asked.ask = closing  # type: ignore[method-assign, assignment]
    with pytest.raises(Fault, match="changed while they were read"):
        await asked.read("main")


SPOT_WALLETS = {"binance": "privateGetAccount", "bingx": "spotV1PrivateGetAccountBalance", "mexc": "spotPrivateGetAccount"}
"""The calls that read the spot wallet where futures have one of their own."""


@pytest.mark.parametrize("venue", SPOT_WALLETS)
@pytest.mark.parametrize("moved", [D(5000), D("-0.25")])
async def test_a_transfer_between_the_wallets_is_never_counted_twice_or_left_out(
    loopback: Loopback, client: MakeClient, venue: str, moved: Decimal
) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    asked = client(venue)
    ask, left = asked.ask, [moved]

    async def moving(method: str, *rest: object, **more: bool) -> object:
        answer = await ask(method, *rest, **more)  # type: ignore[arg-type]
        if method == SPOT_WALLETS[venue] and left:
            amount = left.pop()
            custody.spot["USDT"] -= amount
            custody.wallet["USDT"] += amount
        return answer

    asked.ask = moving  # type: ignore[method-assign, assignment]
    with pytest.raises(Fault, match="wallets changed while they were read"):
        await asked.read("main")
    after = (await client(venue).read("main")).account
    assert after.spot["USDT"] + after.futures_wallet == D("45000.25")


async def test_a_trailing_stop_is_told_and_counts_as_none(loopback: Loopback, client: MakeClient) -> None:
    """What the venue names as its price is where it begins to trail, on the other side of the market."""
    loopback.vendor(VENUES["binance"]).custody.stops = [Resting("ETH", True, D(3800), D("2.5"), trailing=True)]
    reading = await client("binance").read("main")
    assert reading.account.positions[0].stop_price is None
    assert "ETH: a trailing stop has no price of its own, so it counts as none" in reading.notes


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("isolated", [True, False])
async def test_the_net_asset_value_is_what_the_venue_holds_of_it_in_every_wallet(
    loopback: Loopback, client: MakeClient, universe: Universe, venue: str, isolated: bool
) -> None:
    """Locked, dust, borrowed margin and unrealised profit: each once."""
    custody = loopback.vendor(VENUES[venue]).custody
    margin = D(5000) if isolated else None
    custody.spot = {"USDT": D("40000.5"), "ETH": D("10.12345678"), "UNI": D("1250"), "SOL": D("0.0001")}
    custody.locked = {"UNI": D("50"), "USDT": D("1234.56")}
    custody.wallet = {"USDT": D("11000.25")}
    custody.positions = [Held("ETH", D("-2.5"), D("4000"), margin=margin), Held("UNI", D("1000"), D("9"), margin=margin)]
    account = (await client(venue).read("main")).account
    market = loopback.world.feed.snapshot(["ETH", "SOL", "UNI"])
    book = Book(name="read", accounts=(account,), revision=0)
    spot = sum((held * market.price(asset) for asset, held in custody.spot.items()), D(0))
    profit = sum((one.quantity * (market.mark(perp_symbol(one.asset)) - one.entry) for one in custody.positions), D(0))
    futures = custody.wallet["USDT"] if venue in SPOT_WALLETS else D(0)
    assert expose(book, market, universe).nav == pytest.approx(spot + futures + profit, abs=D("0.01"))


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize(
    "body", ["[]", "{}", "null", '{"data":{}}', '{"code":"0","retCode":0,"result":{"list":[{}]},"data":[{}]}']
)
async def test_an_answer_of_another_shape_is_a_fault(loopback: Loopback, client: MakeClient, venue: str, body: str) -> None:
    loopback.fault(r"api|okx", "body", path="osition", status=200, body=body)
    asked = client(venue)
    if body == "[]" and venue == "binance":  # which is how Binance says that there are none
        assert (await asked.read("main")).account.positions == ()
        return
    with pytest.raises(Fault) as caught:
        await asked.read("main")
    assert caught.value.kind in (Kind.UNREADABLE, Kind.NONSENSE, Kind.REFUSED, Kind.SERVER)


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("fault", ["451", "403", "429", "html", "truncated", "reset", "500", "skew"])
async def test_no_error_shows_a_part_of_the_key(loopback: Loopback, client: MakeClient, venue: str, fault: str) -> None:
    loopback.fault(r"api|okx", fault, seconds=100)
    asked = client(venue)
    with pytest.raises(Fault) as caught:
        await asked.read("main")
    error: BaseException | None = caught.value
    told = "".join(traceback.format_exception(caught.value))
    while error is not None:
        told += f"{error!r} {error} {error.args!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    assert not any(word in told for word in (KEY, SECRET, PASSWORD))


@pytest.mark.parametrize("venue", VENUES)
async def test_a_wrong_clock_is_told_as_such(loopback: Loopback, client: MakeClient, venue: str) -> None:
    """By the spot wallet too, where it has a host and codes of its own."""
    loopback.fault("api|okx", "skew", seconds=100)
    with pytest.raises(Fault) as caught:
        await client(venue).read("main")
    assert caught.value.kind is Kind.CLOCK, caught.value.detail
    if venue not in SPOT_WALLETS:
        return
    with pytest.raises(Fault) as caught:
        await client(venue).ask(SPOT_WALLETS[venue])
    assert caught.value.kind is Kind.CLOCK, caught.value.detail


def test_a_venue_that_wants_a_passphrase_says_so() -> None:
    from datetime import UTC, datetime

    from cockpit.markets.accounts.client import Client
    from cockpit.markets.live.meter import Meter
    from cockpit.model.errors import BadInput

    with pytest.raises(BadInput, match="passphrase"):
        Client("okx", Credentials("a", "b"), Meter("okx", lambda: datetime.now(UTC)))


def test_the_venues_that_can_be_read_are_in_the_capability_table() -> None:
    assert set(READERS) <= set(TABLE)
    assert set(READERS) == set(VENUES)


def long(**changes: object) -> PositionRow:
    known: dict[str, object] = {"asset": "ETH", "side": Side.LONG, "quantity": D(2), "entry_price": D(100), "leverage": D(2)}
    return PositionRow(**known | changes)  # type: ignore[arg-type]


def test_margin_that_shares_a_wallet_is_at_most_what_is_there() -> None:
    rows = Rows(spot={}, wallet=D(60), positions=(long(), long(asset="SOL", leverage=None, isolated_margin=D(10))))
    reading = account_of("main", "binance", rows)
    found = reading.account
    assert [(p.asset, p.margin) for p in found.positions] == [("ETH", D(50)), ("SOL", D(10))]
    assert found.free_wallet == 0
    assert "ETH: 50 USDT stand behind a margin of 100" in reading.notes[0]
    assert "the leverage that is shown is higher than at the venue" in reading.notes[0]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (Rows(spot={"USDC": D(-5)}, wallet=D(0)), "5 USDC is owed"),
        (Rows(spot={}, wallet=D(-1)), "futures wallet stands at -1"),
        (Rows(spot={"BTC": D(1)}, wallet=None, positions=(long(),)), "backed by other coins"),
        (Rows(spot={}, wallet=D(5), positions=(long(isolated_margin=D(6)),)), "backed by other coins"),
        (Rows(spot={"USDT": D(49), "BTC": D(1)}, wallet=None, positions=(long(),)), "backed by other coins"),
    ],
)
def test_what_no_book_carries_is_refused(rows: Rows, words: str) -> None:
    with pytest.raises(RefusedByRule, match=words):
        account_of("main", "bybit", rows)


def test_a_coin_whose_ticker_cannot_be_written_is_told_of() -> None:
    found = account_of("main", "binance", Rows(spot={"ETH": D(1), "币安": D(7)}, wallet=D(0)))
    assert found.account.spot == {"ETH": D(1)}
    assert "7 币安 is left out" in found.notes[0]


@given(
    quantity=st.decimals("0.001", "1000", places=3),
    stops=st.lists(st.tuples(st.decimals("1", "99", places=1), st.decimals("0.001", "1000", places=3)), max_size=4),
)
def test_a_position_is_protected_only_where_its_stops_close_all_of_it(
    quantity: Decimal, stops: list[tuple[Decimal, Decimal]]
) -> None:
    rows = tuple(StopRow(asset="ETH", buys=False, trigger_price=price, quantity=size) for price, size in stops)
    position = long(quantity=quantity, isolated_margin=D(10))
    stop = account_of("main", "x", Rows(spot={}, wallet=D(10), positions=(position,), stops=rows)).account.positions[0].stop_price
    assert (stop is not None) == (sum(size for _, size in stops) >= quantity)
    if stop is not None:
        assert sum(size for price, size in stops if price >= stop) >= quantity


def test_numbers_are_exact_or_a_fault() -> None:
    assert amount({"a": "0.10000000"}, "a") == D("0.1")
    assert amount({"a": ""}, "a") == amount({"a": None}, "a") == D(0)
    for wrong in ({}, {"a": "NaN"}, {"a": "abc"}, {"a": "Infinity"}):
        with pytest.raises(Fault):
            amount(wrong, "a")
    assert [truth({"a": value}, "a") for value in (True, "true", 1, "1", False, 0, "x", None)] == [True] * 4 + [False] * 2 + [
        None
    ] * 2
