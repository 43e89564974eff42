"""Every row says whose numbers it stands on and how old they are; what is stale is marked in words on its row."""

import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.market import FundingRate, MarketLabel
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.text import is_safe
from cockpit.ui.blocks import heat, outlook, phase
from cockpit.ui.blocks.asset import asset_drawer
from cockpit.ui.blocks.evidence import evidence
from cockpit.ui.blocks.freshness import old_quote
from cockpit.ui.blocks.holdings import holdings
from cockpit.ui.blocks.position_grid import Order, fields, grid_rows
from cockpit.ui.blocks.positions import positions
from cockpit.ui.blocks.quoted import quoted
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.widgets.header import header
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.live_pictures import HOSTILE, NOW, live
from tests.ui.small_desk import SmallDesk
from tests.ui.test_explain import unexplained
from tests.ui.test_holdings import two_accounts
from tests.ui.test_panes import hedged, loaded, text

D = Decimal


def labels(picture: Picture) -> dict[str, str]:
    """What stands in the first column of every row."""
    shown = fields(Order(), picture, filtered=False)
    return {row.key: row.cells[0].text.strip() for row in grid_rows(holdings(picture), shown, picture)}


# Quotes


def test_a_row_with_an_old_quote_says_so_with_its_age_and_the_others_do_not() -> None:
    found = labels(live(hedged(), ETH=15, UNI=10, AAVE=90000))
    assert found["asset/main/ETH"] == "ETH OLD 15 s"
    assert found["asset/main/UNI"] == "UNI", "ten seconds are what the rule allows"
    assert found["asset/main/AAVE"] == "AAVE OLD 25 h"
    assert found["asset/main/USDT"] == "USDT"
    assert "OLD" not in found["sector/L1"]


def test_a_recorded_day_and_a_pinned_price_are_never_old() -> None:
    picture = live(hedged(), ETH=900)
    assert old_quote(picture, ["ETH/USDT"]) == timedelta(seconds=900)
    assert old_quote(replace(picture, market_label=MarketLabel.RECORDED), ["ETH/USDT"]) is None
    assert old_quote(replace(hedged(), now=NOW + timedelta(days=1)), ["ETH/USDT"]) is None
    assert old_quote(picture, ["WIF/USDT"]) is None


@pytest.mark.parametrize("width", [54, 58, 76, 116])
def test_the_overview_marks_old_rows_and_perpetuals_and_no_column_gives_way_to_the_mark(width: int) -> None:
    fresh = positions(live(hedged()), width)
    shown = positions(replace(live(hedged(), ETH=3000, UNI=3000), quote_age=timedelta(seconds=3000)), width)
    assert all(width_of(row) <= width for row in shown)
    rows = [text_of(row) for row in shown]
    assert "! prices are 50 min old: marked values are of then" in rows
    assert any(row.startswith("! ETH ") for row in rows)
    assert any(row.startswith("! SHORT ETH 2x ") for row in rows)
    assert {row[:6] for row in rows if "AAVE" in row} == {"  AAVE", "▲ LONG"}, "whose quotes are fresh"
    headings = [text_of(row) for row in fresh if any(span.role == "head" for span in row)]
    assert [text_of(row) for row in shown if any(span.role == "head" for span in row)] == headings


async def test_the_positions_table_marks_an_old_row_at_eighty_columns() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        picture = live(desk.picture, ETH=42)
        desk.change(market=picture.market, market_label=MarketLabel.LIVE)
        await press(pilot, "2")
        row = next(row for row in screen_text(app).splitlines() if "ETH" in row)
        assert "ETH OLD 42 s" in row


# The market of one asset


def test_a_detail_names_venue_age_funding_interest_and_whose_tiers() -> None:
    picture = live(hedged(), ETH=3)
    told = " ".join(text(quoted(picture, "ETH", 100)).split())
    assert "spot Binance, 3 s old" in told
    assert "perpetual Binance, 3 s old" in told
    assert "funding +0.0100 % every 4 h next 16:00 as 8 h +0.0200 %" in told
    assert "open interest 1,234,567,890" in told
    assert "margin tiers 2, those of Bybit" in told


def test_an_old_quote_and_an_older_depth_are_told_in_the_detail() -> None:
    picture = live(hedged(), ETH=14)
    assert "spot Binance, OLD 14 s" in text(quoted(picture, "ETH", 100))
    fresh = live(hedged())
    assert fresh.market is not None
    deep = {s: replace(q, depth_at=NOW - timedelta(seconds=8)) for s, q in fresh.market.quotes.items()}
    assert "Binance, 2 s old, depth 8 s" in text(quoted(replace(fresh, market=replace(fresh.market, quotes=deep)), "ETH", 100))


def test_tiers_that_nobody_knows_and_the_venues_own_are_told_apart() -> None:
    picture = live(hedged())
    assert picture.market is not None

    def told(**fields: object) -> str:
        changed = {s: replace(i, **fields) for s, i in picture.market.instruments.items()}  # type: ignore[union-attr]
        return text(quoted(replace(picture, market=replace(picture.market, instruments=changed)), "UNI", 100))  # type: ignore[type-var]

    assert "margin tiers unknown" in told(tiers=())
    assert "margin tiers 2, Binance's own" in told(tiers_of="")


def test_a_next_funding_beyond_today_names_its_day() -> None:
    rate = FundingRate(symbol="ETH/USDT:USDT", rate=D("-0.000125"), interval_hours=D(1), next_at=NOW + timedelta(hours=30))
    picture = live(hedged())
    assert picture.market is not None
    told = text(quoted(replace(picture, market=replace(picture.market, funding={rate.symbol: rate})), "ETH", 100))
    assert "funding −0.0125 % every 1 h next 21 Aug 18:00 as 8 h −0.1000 %" in " ".join(told.split())


@pytest.mark.parametrize("width", [60, 78, 118])
def test_the_detail_fits_explains_every_number_and_stays_safe_with_hostile_venues(width: int) -> None:
    picture = live(hedged(), ETH=14)
    assert picture.market is not None
    quotes = {s: replace(q, venue=HOSTILE) for s, q in picture.market.quotes.items()}
    picture = replace(picture, market=replace(picture.market, quotes=quotes), accounts_seen={"main": NOW})
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    found = asset_drawer(picture, rows, None, [], "", width)
    assert all(is_safe(text_of(row)) for row in found)
    market = quoted(live(hedged()), "ETH", width)
    assert all(width_of(row) <= width for row in market)
    assert [span for row in (*found, *market) for span in row if unexplained(span)] == []
    assert all(meaning(figure.about) is not None for figure in figures_of(market))


# Accounts at venues


def test_an_account_at_a_venue_shows_its_age_in_its_rows_and_in_the_detail() -> None:
    desk = two_accounts()
    desk.open_book()
    seen = {desk.picture.accounts[1]: NOW - timedelta(seconds=12)}
    picture = replace(live(desk.load_signals()), accounts_seen=seen)
    shown = fields(Order(), picture, filtered=False)
    place = next(index for index, field in enumerate(shown) if field.title == "read")
    ages = {row.key: row.cells[place].text for row in grid_rows(holdings(picture), shown, picture)}
    second = f"asset/{picture.accounts[1]}/ETH"
    assert ages[second] == "12 s"
    assert {age for key, age in ages.items() if picture.accounts[1] not in key} == {""}
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    assert f"in {picture.accounts[1]}  read 12 s" in text(asset_drawer(picture, rows, None, [], "", 78))
    late = replace(picture, now=NOW + timedelta(minutes=5))
    assert (
        grid_rows(holdings(late), shown, late)[[row.key for row in holdings(late)].index(second)].cells[place].text == "5 min OLD"
    )


@pytest.mark.parametrize("width", [58, 66, 76])
def test_the_value_of_spot_gives_way_after_what_only_draws_it(width: int) -> None:
    desk = two_accounts()
    desk.open_book()
    shown = text(positions(live(desk.load_signals()), width)).splitlines()
    heading = next(row for row in shown if row.startswith("asset"))
    assert all(title in heading for title in ("spot", "perp", "net", "weight %"))


async def test_the_age_of_an_account_stands_in_the_table_at_120_columns() -> None:
    desk = two_accounts()
    async with cockpit(desk, size=WIDE) as (app, pilot):
        desk.change(accounts_seen=dict.fromkeys(desk.picture.accounts, NOW - timedelta(seconds=12)))
        await press(pilot, "2")
        lines = screen_text(app).splitlines()
        assert any(" read " in row and " now % " in row for row in lines)
        assert any("ETH" in row and " 12 s" in row for row in lines)


def test_a_book_that_is_kept_here_has_no_such_column() -> None:
    assert "read" not in [field.title for field in fields(Order(), loaded(), filtered=False)]


# Readings


def test_evidence_and_signals_name_source_and_age_of_several_vendors_safely() -> None:
    picture = live(loaded())
    assert picture.call is not None
    vendors = ("DefiLlama", "Binance daily candles", HOSTILE)
    rows = tuple(
        replace(row, reading=replace(row.reading, source=vendors[index % 3], at=NOW - timedelta(days=index)))
        for index, row in enumerate(picture.call.rows)
    )
    call = replace(picture.call, rows=rows)
    for width in (78, 118, 180):
        shown = phase.phase(replace(picture, call=call), width)
        told = " ".join(text(shown).split())
        assert all(is_safe(text_of(row)) for row in shown)
        assert all(width_of(row) <= width for row in shown)
        assert "DefiLlama" in told
        assert "Binance daily candles" in told
    known = [row.label for row in rows if row.reading.raw is not None and row.reading.source == "DefiLlama"]
    assert f"DefiLlama ({known[0]}" in " ".join(text(evidence(call, 78, NOW)).split())


def test_one_source_of_all_evidence_is_named_once() -> None:
    picture = live(loaded())
    assert picture.call is not None
    rows = tuple(replace(row, reading=replace(row.reading, source="DefiLlama")) for row in picture.call.rows)
    assert "Source: DefiLlama." in text(evidence(replace(picture.call, rows=rows), 78, NOW))


# Waiting and an offline start


def test_before_the_first_word_every_pane_says_who_is_asked_and_nothing_has_failed() -> None:
    asking = Progress(message="asking Binance, Bybit, OKX")
    picture = replace(SmallDesk(label=MarketLabel.LIVE).picture, book_progress=asking, signals_progress=asking)
    for build in (positions, phase.phase, heat.overview_heat):
        for width in (54, 116):
            shown = build(picture, width)
            assert "… asking Binance, Bybit, OKX" in text(shown)
            assert all(span.role != "bad" for row in shown for span in row)
    for width in (80, 120):
        shown = header(picture, width)
        assert "quotes …" in text(shown)
        assert all(span.role not in ("bad", "alarm") for row in shown for span in row)


def test_a_long_sentence_while_waiting_is_wrapped_and_not_cut() -> None:
    told = "asking " + ", ".join(["a source of many words"] * 9)
    shown = waiting(Progress(message=told), "the book", 54)
    assert all(width_of(row) <= 54 for row in shown)
    assert " ".join(text(shown).split()) == f"… {told}"
    assert "could not be read" in text(waiting(Progress(stage=Stage.FAILED, message="x"), "the book", 54))


async def test_an_offline_start_on_what_was_kept_says_old_everywhere_and_how_old() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        days = 3 * 86400
        picture = live(desk.picture, ETH=days, UNI=days, AAVE=days)
        desk.change(market=picture.market, market_label=MarketLabel.LIVE, quote_age=timedelta(seconds=days))
        await quiet(pilot)
        shown = screen_text(app)
        assert "quotes 3 d OLD" in shown
        assert "! prices are 3 d old" in shown
        assert "! ETH " in shown


@pytest.mark.parametrize("width", [80, 120])
def test_the_header_gives_no_time_of_another_day_for_one_of_today(width: int) -> None:
    def shown(age: timedelta) -> str:
        return text(header(replace(live(hedged()), quote_age=age), width, ages=False))

    assert "quotes 3 d OLD" in shown(timedelta(days=3))
    assert re.search(r"quotes \d\d:\d\d:\d\d OLD", shown(timedelta(hours=2)))


def test_signals_that_could_not_be_read_are_told_in_a_whole_sentence() -> None:
    desk = SmallDesk()
    desk.open_book()
    picture = replace(desk.picture, call=None, signals_progress=Progress(stage=Stage.FAILED, message="nobody answers"))
    told = text(outlook.strip(replace(picture, target_weights={}), 76)).splitlines()
    assert told == ["✗ the signals could not be read", "nobody answers"]


# A plan on the live market


def waits(rows: list[Line]) -> str:
    return " ".join(text(rows).split())


@pytest.mark.parametrize("width", [76, 118])
def test_no_key_is_named_for_a_plan_that_old_quotes_forbid(width: int) -> None:
    calm = replace(loaded(), triggers=())
    fresh, old = live(calm), live(calm, ETH=60, UNI=60, AAVE=60)
    for build in (outlook.strip, outlook.outlook, phase.phase):
        assert "r previews the way" in waits(build(fresh, width))
        assert "r previews the way" not in waits(build(old, width))
        assert "no plan on old quotes" in waits(build(old, width))
    assert "r previews the way" in waits(outlook.strip(live(calm, ETH=60), width)), "UNI and AAVE are fresh"


async def test_no_key_begins_a_plan_with_steps_on_an_account_that_is_only_read() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "5")
        assert "⏎ begins it" in screen_text(app)
        desk.change(accounts_seen={"main": NOW})
        await quiet(pilot)
        assert "⏎ begins it" not in screen_text(app)
        assert "! main is only read here" in screen_text(app)


async def test_a_preview_says_what_it_waits_for_and_then_of_when_its_prices_are() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        gate = desk.gates["auto"] = threading.Event()
        try:
            desk.change(planning="waiting for order books of AAVE, UNI", now=NOW + timedelta(seconds=20))
            await pilot.press("5")
            await pilot.pause()
            assert "… waiting for order books of AAVE, UNI; nothing is sent" in screen_text(app)
        finally:
            gate.set()
        desk.change(planning="")
        await quiet(pilot)
        assert "On prices of 12:00:00" in screen_text(app), "the market's time, not that of the question"


def test_funding_of_another_venue_than_the_quotes_is_told_with_its_name() -> None:
    picture = live(hedged())
    assert picture.market is not None
    own = picture.market.funding["ETH/USDT:USDT"]
    others = {own.symbol: replace(own, venue="bybit")}
    told = text(quoted(replace(picture, market=replace(picture.market, funding=others)), "ETH", 100))
    assert "every 4 h, bybit's" in told.casefold()
    assert "'s" not in text(quoted(picture, "ETH", 100)).partition("as 8 h")[0]
