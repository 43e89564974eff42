"""The capability table against the installed ccxt: classes, calls, parameters, hosts, streams, ids, rights, error codes."""

import inspect
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import ccxt.pro
import pytest
from ccxt.base.decimal_to_precision import TICK_SIZE

from cockpit.markets.venue_terms import Call, Capabilities, Lookup, Paging, Practice, Side
from cockpit.markets.venue_words import in_words
from cockpit.markets.venues import COMMON_OPTIONS, VENUES
from cockpit.model.instruments import Kind
from cockpit.model.sources import LiveSettings

SIDES = [pytest.param(row, side, id=f"{row.id}-{side.kind}") for row in VENUES.values() for side in row.sides]
STREAMED = [
    pytest.param(row, side, id=f"{row.id}-{side.kind}")
    for row in VENUES.values()
    for side in row.sides
    if side.stream is not None
]
PERPS = [one for one in SIDES if "perp" in str(one.id)]
ORDERS = [pytest.param(row, id=row.id) for row in VENUES.values() if row.orders is not None]
SHORTEST_ID = 32
"""What an id of ours is made of at most: letters and digits, this many."""


def client(name: str, **options: Any) -> Any:
    """ccxt's class of this name as the cockpit makes it."""
    return getattr(ccxt.pro, name)({"number": Decimal, "options": {**COMMON_OPTIONS, **options}})


def hosts(urls: Any, hostname: str) -> Iterator[str]:
    """Every host in ccxt's tree of addresses."""
    if isinstance(urls, dict):
        for value in urls.values():
            yield from hosts(value, hostname)
    elif isinstance(urls, str):
        yield urlsplit(urls.replace("{hostname}", hostname)).netloc


def has(method: str) -> str:
    """The name under which ccxt says whether it has a call."""
    return re.sub(r"_(\w)", lambda letter: letter[1].upper(), method.replace("ohlcv", "OHLCV"))


def calls(side: Side) -> Iterator[Call]:
    """Every call that the table names for a side."""
    yield Call("fetch_order_book")
    yield from (call for call in (side.best, side.mark) if call is not None)
    if side.candles is not None:
        yield Call("fetch_ohlcv")
    if side.funding is not None:
        yield side.funding.rates or Call("fetch_funding_rate")
        yield Call("fetch_funding_rate_history")
    if side.open_interest is not None:
        yield side.open_interest.call
    if side.tiers is not None:
        yield side.tiers.call


def codes(exceptions: dict[str, Any], code: str) -> Iterator[type]:
    """Every class that ccxt gives to an error code."""
    for key, value in exceptions.items():
        if isinstance(value, dict):
            yield from codes(value, code)
        elif key == code:
            yield value


def test_the_table_knows_every_venue_that_is_asked_by_default_in_their_order() -> None:
    assert tuple(VENUES) == LiveSettings().venues


@pytest.mark.parametrize("row", VENUES.values(), ids=VENUES.keys())
def test_traps_have_one_name_each_and_say_what_is_done(row: Capabilities) -> None:
    names = [trap.id for trap in row.traps]
    assert names
    assert len(names) == len(set(names))
    assert all(trap.sentence and trap.gate for trap in row.traps)


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_ccxt_has_every_call_that_the_table_names(row: Capabilities, side: Side) -> None:
    exchange = client(side.ccxt)
    for call in calls(side):
        assert exchange.has.get(has(call.method)), call.method
        assert inspect.iscoroutinefunction(getattr(exchange, call.method)), call.method


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_hosts_are_those_that_ccxt_asks(row: Capabilities, side: Side) -> None:
    exchange = client(side.ccxt)
    known = set(hosts(exchange.urls["api"], getattr(exchange, "hostname", None) or ""))
    assert set(side.hosts) <= known


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_steps_are_tick_sizes_and_nothing_is_repeated(row: Capabilities, side: Side) -> None:
    exchange = client(side.ccxt, **row.options)
    assert exchange.precisionMode == TICK_SIZE
    assert exchange.options["maxRetriesOnFailure"] == 0


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_settings_reach_ccxt_and_are_known_to_it(row: Capabilities, side: Side) -> None:
    plain, exchange = client(side.ccxt), client(side.ccxt, **row.options)
    for name, value in row.options.items():
        assert name in plain.options
        assert isinstance(value, dict)
        assert {key: exchange.options[name][key] for key in value} == value


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_clocks_are_corrected_by_ccxt_where_the_table_says_so(row: Capabilities, side: Side) -> None:
    assert not row.adjusts_clock or "adjustForTimeDifference" in client(side.ccxt).options


@pytest.mark.parametrize(("row", "side"), STREAMED)
def test_streams_that_the_table_claims_exist(row: Capabilities, side: Side) -> None:
    exchange = client(side.ccxt)
    assert side.stream is not None
    assert exchange.has["watchOrderBook"]
    assert bool(exchange.has["watchOrderBookForSymbols"]) or not side.stream.many
    assert bool(exchange.has["watchTickers"]) or not side.stream.tickers
    assert exchange.has["unWatchOrderBook"] or any(trap.id == "streams-cannot-be-left" for trap in row.traps)


async def test_a_depth_that_bybit_does_not_stream_is_refused() -> None:
    side = VENUES["bybit"].side(Kind.SPOT)
    assert side is not None
    assert side.stream is not None
    exchange = client("bybit")
    exchange.set_markets([_market("BTC/USDT")])
    asked = 25
    assert asked not in side.stream.depths
    with pytest.raises(ccxt.BadRequest, match=re.escape(str(list(side.stream.depths)).replace(" ", ""))):
        await exchange.watch_order_book_for_symbols(["BTC/USDT"], asked)
    await exchange.close()


@pytest.mark.parametrize(("row", "side"), PERPS)
def test_all_rates_at_once_are_claimed_where_ccxt_has_them(row: Capabilities, side: Side) -> None:
    assert side.funding is not None
    assert (side.funding.rates is not None) == bool(client(side.ccxt).has["fetchFundingRates"])


@pytest.mark.parametrize(("row", "side"), PERPS)
def test_a_perpetual_that_is_quoted_is_settled_in_usdt_and_has_a_mark_price(row: Capabilities, side: Side) -> None:
    assert side.quoted == (side.settle == "USDT")
    assert side.mark is not None


@pytest.mark.parametrize(("row", "side"), SIDES)
def test_a_piece_of_candles_is_no_longer_than_the_venue_gives(row: Capabilities, side: Side) -> None:
    if side.candles is None:
        return
    features = client(side.ccxt).features
    said = (features["spot"] if side.kind is Kind.SPOT else features["swap"]["linear"])["fetchOHLCV"]["limit"]
    if row.id == "binance":
        said = 1000  # what it sends at most for perpetuals too, whatever it says
    assert side.candles.most <= said


def test_candles_of_the_newest_days_only_are_a_trap_with_a_name() -> None:
    for row in VENUES.values():
        newest = [side for side in row.sides if side.candles is not None and side.candles.paging is Paging.NEWEST]
        assert bool(newest) == any(trap.id == "candles-of-now-only" for trap in row.traps)


@pytest.mark.parametrize("row", ORDERS)
def test_ids_of_ours_fit_everywhere(row: Capabilities) -> None:
    assert row.orders is not None
    assert {one.kind for one in row.orders.ids} == set(Kind)
    assert all(one.most is None or one.most >= SHORTEST_ID for one in row.orders.ids)


@pytest.mark.parametrize("row", ORDERS)
def test_look_ups_rights_and_checks_are_calls_of_ccxt(row: Capabilities) -> None:
    assert row.orders is not None
    exchange = client(row.sides[0].ccxt)
    for one in row.orders.ids:
        for name in _names(one.lookup):
            assert callable(getattr(exchange, name)), name
    for name in filter(None, (row.orders.rights, row.orders.precheck)):
        assert callable(getattr(exchange, name)), name


@pytest.mark.parametrize("row", ORDERS)
def test_practice_is_claimed_where_ccxt_has_it(row: Capabilities) -> None:
    assert row.orders is not None
    exchange = client(row.sides[0].ccxt)
    assert bool(exchange.has["sandbox"]) == (row.orders.practice is not Practice.NONE)
    if row.orders.practice is Practice.NONE:
        with pytest.raises(TypeError):  # why it is never switched on without a look at the table
            exchange.set_sandbox_mode(True)
    else:
        exchange.set_sandbox_mode(True)
    if row.orders.practice is not Practice.BOTH:
        with pytest.raises(KeyError):
            client(row.sides[0].ccxt).enable_demo_trading(True)
    assert exchange.requiredCredentials["password"] == row.orders.password
    assert bool(exchange.has["transfer"]) == bool(row.orders.transfer)


@pytest.mark.parametrize("row", ORDERS)
def test_batches_are_claimed_where_ccxt_has_them(row: Capabilities) -> None:
    assert row.orders is not None
    exchange = client(row.sides[0].ccxt)
    assert not row.orders.batch or exchange.has["createOrders"]
    assert not row.orders.edit or exchange.has["editOrder"]


@pytest.mark.parametrize("row", ORDERS)
def test_no_code_that_means_unknown_or_a_wrong_clock_is_told_by_its_class_alone(row: Capabilities) -> None:
    """Where ccxt's class already says it, the table need not: a code stands there because the class says something else."""
    assert row.orders is not None
    exchange = client(row.sides[0].ccxt)
    unknown = (ccxt.RequestTimeout, ccxt.ExchangeNotAvailable)
    for code in row.orders.unknown_codes:
        assert not any(issubclass(kind, unknown) for kind in codes(exchange.exceptions, code)), code
    for code in row.orders.clock_codes:
        assert list(codes(exchange.exceptions, code)), code


@pytest.mark.parametrize(
    ("venue", "code", "told"),
    [
        ("bingx", "80012", ccxt.InsufficientFunds),
        ("bingx", "100500", ccxt.OperationFailed),
        ("bingx", "100421", ccxt.BadSymbol),
        ("bybit", "10016", ccxt.ExchangeError),
        ("weex", "-1054", ccxt.ExchangeError),
        ("weex", "-1046", ccxt.BadRequest),
        ("mexc", "500", ccxt.ExchangeError),
        ("mexc", "513", ccxt.BadRequest),
        ("binance", "-1021", ccxt.InvalidNonce),
        ("bybit", "10002", ccxt.InvalidNonce),
        ("okx", "50102", ccxt.InvalidNonce),
    ],
)
def test_codes_have_the_classes_that_the_table_was_written_for(venue: str, code: str, told: type) -> None:
    assert told in set(codes(client(venue).exceptions, code))


@pytest.mark.parametrize("row", VENUES.values(), ids=VENUES.keys())
def test_a_row_in_words_says_what_is_there_and_what_is_not(row: Capabilities) -> None:
    words = in_words(row)
    assert words.name == row.name
    assert words.can
    assert len(words.traps) == len(row.traps)
    told = " ".join((*words.can, *words.cannot))
    assert ("no spot" in told) == (row.side(Kind.SPOT) is None)
    assert ("WebSocket" in told) == any(side.stream is not None for side in row.sides)
    assert ("no quotes" in told) == any(not side.quoted for side in row.sides)
    assert ("unknown, never taken as safe" in told) == (row.orders is not None and not row.orders.rights)


def test_words_of_a_venue_read_as_sentences() -> None:
    words = in_words(VENUES["weex"])
    assert "spot: quotes, order books by WebSocket, daily candles (the newest 100)" in words.can
    assert "spot: quotes, order books by polling, daily candles" in in_words(VENUES["mexc"]).can
    assert "perpetuals: no margin tiers" in words.cannot
    assert (
        "its listing names a contract size of perpetuals, but sizes count coins: the contract size is taken as 1" in words.traps
    )


def _names(lookup: Lookup) -> tuple[str, ...]:
    return (lookup.call, *lookup.then)


def _market(symbol: str) -> dict[str, Any]:
    base, quote = symbol.split("/")
    return {
        "id": base + quote,
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "baseId": base,
        "quoteId": quote,
        "type": "spot",
        "spot": True,
        "contract": False,
        "option": False,
        "precision": {"amount": Decimal("0.001"), "price": Decimal("0.01")},
        "limits": {},
        "info": {},
    }
