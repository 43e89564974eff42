"""Whose word counts: the first venue in order that has said something of now, else whoever spoke last."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.markets.live.board import DEEP, MEANT, Board
from cockpit.model.instruments import Instrument, Kind, MarginTier
from cockpit.model.market import FRESH, FundingRate, Level, MarketLabel, MarketSnapshot, Quote

ETH, PERP = "ETH/USDT", "ETH/USDT:USDT"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def instrument(symbol: str, tick: str = "0.01", tiers: tuple[MarginTier, ...] = ()) -> Instrument:
    kind = Kind.PERP if ":" in symbol else Kind.SPOT
    return Instrument(
        symbol=symbol,
        asset="ETH",
        kind=kind,
        tick=Decimal(tick),
        lot=Decimal("0.001"),
        min_notional=Decimal(5),
        tiers=tiers,
    )


def price(value: int, at: datetime, symbol: str = ETH, *, deep: bool = False) -> Quote:
    side = (Level(Decimal(value), Decimal(3)),) if deep else ()
    return Quote(symbol=symbol, mark=Decimal(value), bid=Decimal(value), ask=Decimal(value), at=at, bids=side, asks=side)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    made = Board(("binance", "bybit"), clock)
    for venue in ("binance", "bybit"):
        made.offer(venue, {ETH: instrument(ETH), PERP: instrument(PERP)})
    return made


def quoted(board: Board, symbol: str = ETH) -> Quote:
    return board.snapshot("live", ["ETH"]).quotes[symbol]


def test_the_first_venue_counts_while_its_word_is_fresh(board: Board, clock: Clock) -> None:
    board.quote("bybit", [price(4001, NOON)])
    board.quote("binance", [price(4000, NOON - timedelta(seconds=9))])
    assert (quoted(board).venue, quoted(board).mark) == ("binance", Decimal(4000))
    assert board.chosen() == {ETH: "binance"}


def test_the_next_one_counts_once_the_first_is_silent_for_too_long(board: Board, clock: Clock) -> None:
    board.quote("binance", [price(4000, NOON)])
    clock.now = NOON + FRESH + timedelta(seconds=1)
    board.quote("bybit", [price(4100, clock.now)])
    assert (quoted(board).venue, quoted(board).mark) == ("bybit", Decimal(4100))


def test_where_all_are_old_the_newest_counts_with_its_age(board: Board, clock: Clock) -> None:
    board.quote("binance", [price(4000, NOON)])
    clock.now = NOON + timedelta(seconds=5)
    board.quote("bybit", [price(4100, clock.now)])
    clock.now = NOON + timedelta(hours=3)
    assert (quoted(board).venue, quoted(board).at) == ("bybit", NOON + timedelta(seconds=5))
    assert board.chosen() == {}
    assert not board.fresh(ETH)


def test_what_was_kept_counts_until_somebody_says_something(clock: Clock) -> None:
    board = Board(("binance",), clock)
    before = NOON - timedelta(days=2)
    kept = MarketSnapshot(
        source="live",
        label=MarketLabel.LIVE,
        as_of=before,
        quotes={ETH: price(3900, before)},
        instruments={ETH: instrument(ETH, "0.1")},
        funding={},
    )
    board.keep(kept)
    assert (quoted(board).mark, quoted(board).at) == (Decimal(3900), before)
    assert board.snapshot("live", ["ETH"]).instruments[ETH].tick == Decimal("0.1")
    board.offer("binance", {ETH: instrument(ETH)})
    board.quote("binance", [price(4000, NOON)])
    assert quoted(board).mark == 4000
    assert board.snapshot("live", ["ETH"]).instruments[ETH].tick == Decimal("0.01")


def test_an_older_word_never_replaces_a_newer_one(board: Board) -> None:
    board.quote("binance", [price(4000, NOON)])
    board.quote("binance", [price(3000, NOON - timedelta(seconds=1))])
    board.book("binance", price(4000, NOON, deep=True))
    board.book("binance", price(3000, NOON - timedelta(seconds=1), deep=True))
    assert (quoted(board).mark, quoted(board).bids[0].price) == (Decimal(4000), Decimal(4000))


def test_an_order_rests_on_the_older_of_price_and_depth(board: Board) -> None:
    board.quote("binance", [price(4000, NOON)])
    board.book("binance", price(3999, NOON - timedelta(seconds=30), deep=True))
    found = quoted(board)
    assert (found.at, found.depth_at, found.seen_at) == (NOON, NOON - timedelta(seconds=30), NOON - timedelta(seconds=30))
    assert found.bids


@pytest.mark.parametrize(
    ("now", "bids", "asks"), [(4000, [3999, 3990], [4001, 4010]), (3995, [3990], [4001, 4010]), (4005, [3999, 3990], [4010])]
)
def test_levels_that_the_price_has_passed_since_are_no_depth(board: Board, now: int, bids: list[int], asks: list[int]) -> None:
    """Filled on paper they would make a plan look better than the market is."""
    board.quote("binance", [price(now, NOON)])
    one, two = (tuple(Level(Decimal(value), Decimal(1)) for value in side) for side in ((3999, 3990), (4001, 4010)))
    board.book("binance", replace(price(4000, NOON - timedelta(seconds=30)), bids=one, asks=two))
    found = quoted(board)
    assert ([int(level.price) for level in found.bids], [int(level.price) for level in found.asks]) == (bids, asks)


def test_open_interest_that_nobody_renewed_is_not_shown(board: Board, clock: Clock) -> None:
    board.interest("binance", PERP, Decimal(10**9))
    for minutes, shown in ((10, {PERP: Decimal(10**9)}), (16, {})):
        clock.now = NOON + timedelta(minutes=minutes)
        board.quote("binance", [price(4000, clock.now, PERP)])
        assert board.snapshot("live", ["ETH"]).open_interest == shown


def test_a_book_newer_than_the_price_gives_the_price_and_its_age(board: Board) -> None:
    board.quote("binance", [price(4000, NOON - timedelta(seconds=2))])
    board.book("binance", price(4010, NOON, deep=True))
    assert (quoted(board).bid, quoted(board).mark, quoted(board).at) == (Decimal(4010), Decimal(4010), NOON)


def test_a_mark_price_is_no_newer_for_a_newer_book(board: Board) -> None:
    board.quote("binance", [price(4000, NOON - timedelta(seconds=2), PERP)])
    board.book("binance", price(4010, NOON, PERP, deep=True))
    found = quoted(board, PERP)
    assert (found.bid, found.mark, found.at, found.depth_at) == (Decimal(4010), Decimal(4000), NOON - timedelta(seconds=2), NOON)


def test_a_book_that_is_too_old_says_nothing_of_depth(board: Board, clock: Clock) -> None:
    board.book("binance", price(4000, NOON, deep=True))
    clock.now = NOON + DEEP + timedelta(seconds=1)
    board.quote("binance", [price(4000, clock.now)])
    assert quoted(board).bids == ()
    assert not board.fresh(ETH)


def test_what_is_listed_no_more_keeps_its_last_quote_and_step_and_can_only_be_valued(board: Board, clock: Clock) -> None:
    board.quote("binance", [price(4000, NOON), price(4000, NOON, PERP)])
    board.book("binance", price(4000, NOON, PERP, deep=True))
    board.offer("binance", {ETH: instrument(ETH)})
    board.offer("bybit", {ETH: instrument(ETH)})
    clock.now = NOON + timedelta(hours=1)
    board.quote("binance", [price(4100, clock.now)])
    market = board.snapshot("live", ["ETH"])
    assert (market.quotes[ETH].mark, market.quotes[PERP].mark) == (Decimal(4100), Decimal(4000))
    assert (market.quotes[PERP].at, market.quotes[PERP].venue, market.quotes[PERP].bids) == (NOON, "binance", ())
    assert market.instruments[PERP] == instrument(PERP)
    assert board.chosen() == {ETH: "binance"}


def test_tiers_of_another_are_named_and_never_replace_a_venues_own(board: Board) -> None:
    tier = MarginTier(Decimal(0), None, Decimal("0.01"), Decimal(50), Decimal(0))
    board.tier(PERP, (tier,), "Bybit")
    board.quote("binance", [price(4000, NOON, PERP)])
    found = board.snapshot("live", ["ETH"]).instruments[PERP]
    assert (found.tiers, found.tiers_of) == ((tier,), "Bybit")
    own = MarginTier(Decimal(0), None, Decimal("0.02"), Decimal(25), Decimal(0))
    board.offer("binance", {PERP: instrument(PERP, tiers=(own,))})
    board.quote("binance", [price(4000, NOON, PERP)])
    found = board.snapshot("live", ["ETH"]).instruments[PERP]
    assert (found.tiers, found.tiers_of) == ((own,), "")


def funding(rate: str, next_at: datetime, hours: int = 8) -> dict[str, FundingRate]:
    return {PERP: FundingRate(symbol=PERP, rate=Decimal(rate), interval_hours=Decimal(hours), next_at=next_at)}


def test_funding_of_a_venue_that_tells_none_is_the_next_ones_and_named(board: Board) -> None:
    board.quote("binance", [price(4000, NOON, PERP)])
    board.fund("bybit", funding("0.0001", NOON + timedelta(hours=1), 4))
    board.mean({PERP: Decimal("0.0003")})
    found = board.snapshot("live", ["ETH"]).funding[PERP]
    assert (found.rate, found.mean_3d, found.venue) == (Decimal("0.0001"), Decimal("0.0003"), "bybit")
    board.fund("binance", funding("0.0002", NOON + timedelta(hours=1)))
    found = board.snapshot("live", ["ETH"]).funding[PERP]
    assert (found.rate, found.venue) == (Decimal("0.0002"), "")


def test_a_funding_rate_whose_interval_is_over_gives_way_to_another_venues_or_to_none(board: Board, clock: Clock) -> None:
    """The price of a perpetual may be told for hours after its funding was told last."""
    board.fund("binance", funding("0.0030", NOON + timedelta(hours=1)))
    board.fund("bybit", funding("0.0001", NOON + timedelta(hours=4)))
    for hours, expected in ((0, "0.0030"), (2, "0.0001"), (5, None)):
        clock.now = NOON + timedelta(hours=hours)
        board.quote("binance", [price(4000, clock.now, PERP)])
        found = board.snapshot("live", ["ETH"]).funding.get(PERP)
        assert (str(found.rate) if found else None) == expected, hours


def test_a_mean_of_funding_that_nobody_renewed_is_none(board: Board, clock: Clock) -> None:
    board.mean({PERP: Decimal("0.0003")})
    board.fund("binance", funding("0.0001", NOON + timedelta(hours=16)))
    clock.now = NOON + MEANT + timedelta(minutes=1)
    board.quote("binance", [price(4000, clock.now, PERP)])
    assert board.snapshot("live", ["ETH"]).funding[PERP].mean_3d is None


def test_one_wrong_price_is_not_believed_and_a_real_leap_is_with_the_second_answer(board: Board, clock: Clock) -> None:
    """A price off by ten for one answer would fire stops, liquidate paper positions and halt trading."""
    board.quote("binance", [price(4000, NOON)])
    for seconds, told, shown, age in ((3, 40000, 4000, 3), (6, 4010, 4010, 0), (9, 2500, 4010, 3), (12, 2480, 2480, 0)):
        clock.now = NOON + timedelta(seconds=seconds)
        board.quote("binance", [price(told, clock.now)])
        assert (quoted(board).mark, clock.now - quoted(board).at) == (Decimal(shown), timedelta(seconds=age)), told


def test_after_a_silence_a_price_may_be_anywhere(board: Board, clock: Clock) -> None:
    board.quote("binance", [price(4000, NOON)])
    clock.now = NOON + FRESH + timedelta(seconds=1)
    board.quote("binance", [price(2000, clock.now)])
    assert quoted(board).mark == 2000


def test_an_order_book_that_contradicts_the_price_is_no_depth_of_it(board: Board) -> None:
    board.quote("binance", [price(4000, NOON - timedelta(seconds=1))])
    board.book("binance", price(40000, NOON, deep=True))
    assert (quoted(board).mark, quoted(board).bids) == (Decimal(4000), ())


def test_a_clock_that_is_set_back_makes_no_price_younger_and_keeps_no_new_one_out(board: Board, clock: Clock) -> None:
    board.quote("binance", [price(4000, NOON), price(4000, NOON, PERP)])
    board.book("binance", price(4000, NOON, PERP, deep=True))
    board.chosen()
    back = clock.now = NOON - timedelta(minutes=5)
    assert quoted(board, PERP).at == back
    clock.now = back + FRESH + timedelta(seconds=1)
    assert clock.now - quoted(board, PERP).at == FRESH + timedelta(seconds=1)
    assert board.chosen() == {}
    board.quote("binance", [price(4100, clock.now)])
    assert (quoted(board).mark, quoted(board).at) == (Decimal(4100), clock.now)


def test_an_answer_that_was_asked_for_before_the_clock_was_set_back_is_of_now_at_most(board: Board, clock: Clock) -> None:
    clock.now = NOON - timedelta(minutes=5)
    board.quote("binance", [price(4000, NOON)])
    assert quoted(board).at == clock.now
    clock.now += timedelta(seconds=3)
    board.quote("binance", [price(4100, clock.now)])
    assert quoted(board).mark == 4100


def test_what_was_kept_in_a_time_that_is_still_to_come_is_not_shown(clock: Clock) -> None:
    board, later = Board(("binance",), clock), NOON + timedelta(hours=1)
    board.keep(
        MarketSnapshot(
            source="live",
            label=MarketLabel.LIVE,
            as_of=later,
            quotes={ETH: price(3900, later)},
            instruments={ETH: instrument(ETH)},
            funding={},
        )
    )
    assert board.snapshot("live", ["ETH"]).quotes == {}


def test_who_waits_is_woken_by_what_is_said(board: Board) -> None:
    import threading

    threading.Timer(0.05, lambda: board.quote("bybit", [price(4100, NOON)])).start()
    assert board.wait(lambda: bool(board.chosen()), 20)
    assert not board.wait(lambda: False, 0.01)


BOTH = ("binance", "bybit")


def test_nothing_better_is_to_come_once_whoever_lists_a_symbol_answered_without_it(board: Board, clock: Clock) -> None:
    assert not board.settled(PERP, BOTH)
    board.quote("binance", [price(4000, NOON)])
    assert not board.settled(PERP, BOTH)
    board.quote("bybit", [])
    assert board.settled(PERP, BOTH)
    assert not board.settled(ETH, BOTH)  # its order book is still to come
    board.no_book("binance", ETH)
    assert board.settled(ETH, BOTH)
    clock.now = NOON + FRESH + timedelta(seconds=1)
    assert not board.settled(PERP, BOTH)
    assert board.settled("DOGE/USDT", BOTH)  # nobody lists it


def test_nobody_waits_for_a_venue_that_fails_once_the_others_have_told_what_they_list(clock: Clock) -> None:
    board = Board(("binance", "kraken"), clock)
    board.offer("binance", {ETH: instrument(ETH), PERP: instrument(PERP)})
    assert not board.settled(PERP, ["kraken"]), "it may list it"
    board.offer("kraken", {ETH: instrument(ETH)})
    assert board.settled(PERP, ["kraken"])
    assert not board.settled(ETH, ["kraken"])


def test_what_a_venue_lists_and_leaves_out_of_two_answers_is_another_ones_to_give(board: Board) -> None:
    assert board.gives("binance", ETH)
    assert not board.gives("binance", "DOGE/USDT")
    board.quote("binance", [price(4000, NOON)])
    assert board.gives("binance", PERP), "one answer may be a slip"
    board.quote("binance", [price(4000, NOON)])
    assert not board.gives("binance", PERP)
    assert board.gives("binance", ETH)
    assert board.gives("bybit", PERP)
    board.quote("binance", [price(4000, NOON, PERP)])
    assert board.gives("binance", PERP)


def test_an_asset_is_unlisted_once_every_venue_that_answers_was_asked_for_it(board: Board) -> None:
    both = ("binance", "bybit")
    assert board.unlisted(["XYZ"], both) == (), "nobody was asked"
    board.offer("binance", {ETH: instrument(ETH)}, of=["ETH", "XYZ"])
    assert board.unlisted(["XYZ"], both) == (), "the other one may list it"
    assert board.unlisted(["XYZ", "ETH"], ("binance",)) == ("XYZ",), "the other one fails"
    board.offer("bybit", {ETH: instrument(ETH)}, of=["ETH"])
    assert board.unlisted(["XYZ"], both) == (), "it was not asked for this one"
    board.offer("bybit", {ETH: instrument(ETH)}, of=["ETH", "XYZ"])
    assert board.unlisted(["XYZ", "ETH", "XYZ"], both) == ("XYZ",)
    assert board.unlisted(["XYZ"], ()) == ("XYZ",), "it stays known when all fail"
    assert board.unlisted([], both) == ()


def test_what_had_a_quote_is_worth_that_though_it_is_listed_no_more(board: Board) -> None:
    board.quote("binance", [price(4000, NOON)])
    for venue in ("binance", "bybit"):
        board.offer(venue, {}, of=["ETH"])
    assert board.unlisted(["ETH"], ("binance", "bybit")) == ()
    assert quoted(board).mark == 4000


def test_what_was_unlisted_when_the_cockpit_was_last_open_is_until_somebody_lists_it(clock: Clock) -> None:
    board = Board(("binance",), clock)
    nothing = MarketSnapshot(
        source="", label=MarketLabel.LIVE, as_of=NOON, quotes={}, instruments={}, funding={}, unlisted=("ETH",)
    )
    board.keep(nothing)
    assert board.unlisted(["ETH"], ("binance",)) == ("ETH",)
    board.offer("binance", {ETH: instrument(ETH)}, of=["ETH"])
    assert board.unlisted(["ETH"], ("binance",)) == ()
