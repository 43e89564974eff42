"""Where the numbers come from: every source with its state, and a header that never hides a fall-back or an outage."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture
from cockpit.model.sources import Health, Source
from cockpit.model.text import is_safe
from cockpit.ui.blocks.positions import positions, remarks
from cockpit.ui.blocks.sources import fall_back, is_offline, milliseconds, sources
from cockpit.ui.lines import text_of, width_of
from cockpit.ui.pace import more_than_prices
from cockpit.ui.screens.explain import ExplainScreen
from cockpit.ui.screens.sources import SourcesScreen
from cockpit.ui.widgets.header import header
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.live_pictures import BINANCE, BYBIT, FALLEN_BACK, HOSTILE, INSTEAD, LLAMA, NOW, USUAL, failing, live
from tests.ui.small_desk import SmallDesk
from tests.ui.test_panes import hedged, loaded, text

OLD = timedelta(days=3)


def offline(since: timedelta = timedelta(minutes=20)) -> Picture:
    """Nobody answers, the quotes are three days old, and a source was heard so long ago."""
    dead = tuple(replace(source, heard_at=None) for source in failing(USUAL))
    return replace(live(loaded(), (replace(dead[0], heard_at=NOW - since), *dead[1:])), quote_age=OLD)


def test_the_header_of_a_live_market_says_live_and_nothing_else_where_all_is_as_usual() -> None:
    for width in (80, 120):
        told = text(header(live(loaded()), width))
        assert "PAPER LIVE" in told
        assert "FOR" not in told
        assert "OFFLINE" not in told


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_header_says_in_words_what_stands_in_for_what(width: int) -> None:
    shown = header(live(loaded(), FALLEN_BACK), width)
    told = text(shown)
    assert ("BYBIT FOR BINANCE" in told) or (width < 100 and "FALL-BACK" in told)
    assert all(width_of(row) <= width for row in shown)
    for words in ("LIVE", "NAV 100,000.00", "high 0.71", "rev 14", "quotes 2 s"):
        assert words in told


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    "found", [FALLEN_BACK, (replace(BINANCE, name=HOSTILE), replace(INSTEAD, name=HOSTILE, stands_in_for=HOSTILE))]
)
def test_the_header_fits_with_every_alarm_at_once(width: int, found: tuple[Source, ...]) -> None:
    picture = replace(live(hedged(), found), halted=True, quote_age=timedelta(minutes=5))
    naked = tuple(replace(row, position=replace(row.position, stop_price=None)) for row in picture.positions)
    for each in (replace(picture, positions=naked), replace(offline(), positions=naked, halted=True)):
        shown = header(each, width)
        assert all(width_of(row) <= width for row in shown)
        assert all(is_safe(text_of(row)) for row in shown)
        assert "FOR" in text(shown) or "FALL-BACK" in text(shown) or "OFFLINE" in text(shown)
        assert "HALTED" in text(shown)
        assert "OLD" in text(shown)


def test_the_source_of_the_quotes_is_named_first_and_the_others_are_counted() -> None:
    tvl = Source(name="CoinGecko", health=Health.GOOD, used_for=("prices",), stands_in_for="DefiLlama")
    assert fall_back((tvl, *FALLEN_BACK)) == "BYBIT FOR BINANCE +1"
    assert fall_back(USUAL) == ""
    assert fall_back((replace(INSTEAD, used_for=()),)) == "", "who gives nothing stands in for nobody"


@pytest.mark.parametrize("width", [80, 120])
def test_the_header_says_offline_and_since_when(width: int) -> None:
    assert "OFFLINE SINCE 11:40:00" in text(header(offline(), width))
    assert "OFFLINE SINCE 18 AUG" in text(header(offline(timedelta(days=2)), width))
    never = live(loaded(), failing(tuple(replace(source, heard_at=None) for source in USUAL)))
    told = text(header(replace(never, quote_age=OLD), width))
    assert " OFFLINE " in told
    assert "quotes 3 d OLD" in told


def test_it_is_offline_only_where_nobody_answers_and_no_quote_is_fresh() -> None:
    dead = tuple(replace(source, heard_at=NOW - timedelta(minutes=1)) for source in failing(USUAL))
    assert is_offline(replace(live(loaded(), dead), quote_age=OLD))
    assert is_offline(replace(live(loaded(), dead), quote_age=None))
    assert not is_offline(live(loaded(), dead)), "the quotes are two seconds old"
    assert not is_offline(replace(live(loaded(), (*dead[1:], BINANCE)), quote_age=OLD))
    assert is_offline(replace(live(loaded(), (*dead[:2], LLAMA)), quote_age=OLD)), (
        "it answered 40 minutes ago, and was not asked since"
    )
    unasked = tuple(Source(name=source.name) for source in USUAL)
    assert not is_offline(replace(live(loaded(), unasked), quote_age=None)), "nobody was asked yet"
    assert not is_offline(replace(loaded(), sources=dead, quote_age=OLD, market_label=MarketLabel.SIMULATED))


@pytest.mark.parametrize("width", [78, 118, 198])
def test_every_source_says_state_use_latency_age_limits_and_what_is_wrong(width: int) -> None:
    found = sources(live(loaded(), FALLEN_BACK), width)
    rows = text(found).splitlines()
    assert all(width_of(row) <= width for row in found)
    told = {
        name: next(i for i, row in enumerate(rows) if row.startswith(f"{name} ") and "ms" in row)
        for name in ("Binance", "Bybit", "DefiLlama")
    }
    assert rows[told["Binance"]].split()[1:5] == ["!", "resting", "5", "min"]
    assert "banned this address for too many requests" in rows[told["Binance"] + 1]
    assert rows[told["Bybit"]].split()[1:7] == ["✓", "good", "1", "s", "140", "ms"]
    assert rows[told["Bybit"] + 1] == "  gives quotes of 12 symbols, order books, funding in the place of Binance"
    assert rows[told["DefiLlama"]].split()[1:7] == ["✓", "good", "40", "min", "1,240", "ms"]
    assert "5,320 of 6,000 weight a minute" in " ".join(text(sources(live(loaded()), width)).split())
    assert "Bybit gives quotes of 12 symbols, order books, funding in the place of Binance." in " ".join(text(found).split())


@pytest.mark.parametrize("width", [58, 78, 118])
def test_what_waits_for_its_turn_stands_in_one_line_apart_from_what_fails(width: int) -> None:
    waiting = tuple(Source(name=name) for name in ("OKX", "BingX"))
    rows = text(sources(live(loaded(), (BINANCE, BYBIT, *waiting, *failing([LLAMA]), Source(name="Coin Metrics"))), width))
    assert "\n· not asked: Bybit, OKX, BingX\nDefiLlama " in rows
    assert rows.count("never") == 0
    assert rows.endswith("\n· not asked: Coin Metrics")
    assert "✗ failing" in next(row for row in rows.splitlines() if row.startswith("DefiLlama"))


def test_a_venue_in_reserve_that_was_asked_once_is_in_reserve_and_what_is_kept_was_not_given_now() -> None:
    asked_once = replace(BYBIT, health=Health.GOOD, heard_at=NOW - timedelta(minutes=1), latency=timedelta(milliseconds=9))
    kept = replace(LLAMA, health=Health.UNASKED, heard_at=None, latency=None)
    rows = text(sources(live(loaded(), (BINANCE, asked_once, kept)), 118)).splitlines()
    assert rows[[row.startswith("Bybit ") for row in rows].index(True) + 1] == "  in reserve"
    assert rows[-1] == "  gives daily closes, TVL, fees, as they are kept from before"


@pytest.mark.parametrize(("micros", "told"), [(3_100, "3 ms"), (84_400, "84 ms"), (1_240_000, "1,240 ms")])
def test_a_latency_is_told_in_whole_milliseconds(micros: int, told: str) -> None:
    assert milliseconds(timedelta(microseconds=micros)) == told


def test_names_are_whole_at_eighty_columns_and_limits_stand_below_them() -> None:
    stream = replace(INSTEAD, name="Binance, stream of perpetuals", used_for=("order books",), stands_in_for="")
    node = replace(LLAMA, name="ethereum-rpc.publicnode.com", used_for=("gas",))
    found = sources(live(loaded(), (BINANCE, stream, node)), 78)
    told = text(found)
    assert all(width_of(row) <= 78 for row in found)
    for words in ("Binance, stream of perpetuals ", "ethereum-rpc.publicnode.com ", "5,320 of 6,000 weight a minute left"):
        assert words in " ".join(told.split())


def test_what_needs_telling_of_accounts_at_venues_is_told_there_and_on_the_positions() -> None:
    notes = {"far": ("its key can withdraw from Bybit and is not used: make one that only reads",), "near": ("can trade",)}
    picture = replace(live(loaded()), account_notes=notes, accounts_seen={"near": NOW})
    for width in (58, 78, 118):
        found = sources(picture, width)
        assert all(width_of(row) <= width for row in found)
        assert "! far: its key can withdraw from Bybit and is not used" in " ".join(text(found).split())
        assert "! near: can trade" in text(found)
    assert "! near: can trade" in text(remarks(picture, 78, whole=True))
    assert "! far: its key can withdraw" in text(positions(picture, 78))
    assert "near: can trade" not in text(positions(picture, 78)), "on the overview only what keeps the numbers from being right"
    old = {"near": picture.now - timedelta(minutes=3)}
    late = replace(picture, accounts_seen=old, account_notes={"near": ("it is not read",)})
    assert "! near: it is not read" in text(positions(late, 78)), "its rows are old"
    hostile = replace(picture, account_notes={HOSTILE: (HOSTILE,)})
    assert all(is_safe(text_of(row)) for row in (*sources(hostile, 78), *remarks(hostile, 78, whole=True)))


def test_what_a_source_gives_is_told_in_words_and_not_by_the_names_of_files() -> None:
    vendor = replace(LLAMA, used_for=("tvl", "tvl_units", "fees", "something new"))
    assert "  gives TVL, TVL by token, fees, something new" in text(sources(live(loaded(), (vendor,)), 78)).splitlines()


def test_offline_is_told_with_the_age_of_the_prices() -> None:
    told = " ".join(text(sources(offline(), 118)).split())
    assert "✗ No source has answered since 2021-08-20 11:40:00 UTC. The prices are 3 d old." in told


def test_a_relay_accounts_at_venues_and_what_is_not_as_usual_are_told() -> None:
    relayed = tuple(replace(source, through="http://127.0.0.1:8443") for source in USUAL)
    picture = live(loaded(), relayed)
    assert picture.market is not None
    market = replace(picture.market, notes=("Bybit lists no AAVE/USDT:USDT any more",))
    picture = replace(picture, market=market, accounts_seen={"bybit-main": NOW - timedelta(seconds=12)})
    told = text(sources(picture, 78))
    assert "Asked through the relay http://127.0.0.1:8443." in told
    assert "bybit-main  12 s" in told
    assert "Bybit lists no AAVE/USDT:USDT any more" in told


def test_what_stands_at_a_source_is_not_said_again() -> None:
    picture = live(loaded(), FALLEN_BACK)
    assert picture.market is not None
    again = "Binance has banned this address for too many requests; it is asked again in 2 min"
    picture = replace(picture, market=replace(picture.market, notes=(again, "a jump of UNI waits for a second observation")))
    told = " ".join(text(sources(picture, 118)).split())
    assert told.count("banned this address") == 1
    assert told.endswith("Not as usual a jump of UNI waits for a second observation")


def test_hostile_names_and_sentences_stay_in_their_cells() -> None:
    evil = replace(INSTEAD, name=HOSTILE, stands_in_for=HOSTILE, sentence=HOSTILE * 3, left=HOSTILE, used_for=(HOSTILE,))
    found = sources(replace(live(loaded(), (evil, LLAMA)), accounts_seen={HOSTILE: NOW}), 78)
    assert all(is_safe(text_of(row)) for row in found)
    assert all(width_of(row) <= 78 for row in found)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_key_shows_the_sources_and_their_ages_go_on(size: tuple[int, int]) -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=size) as (app, pilot):
        desk.change(market_label=MarketLabel.LIVE, sources=USUAL)
        await press(pilot, "D")
        assert isinstance(app.screen, SourcesScreen)
        assert "2 s" in next(row for row in screen_text(app).splitlines() if row.strip().startswith("Binance"))
        desk.change(now=NOW + timedelta(seconds=3))
        await quiet(pilot)
        assert "5 s" in next(row for row in screen_text(app).splitlines() if row.strip().startswith("Binance"))
        await press(pilot, "i")
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen.stop is not None
        assert app.screen.stop.entry.name == "state"
        await press(pilot, "escape", "escape")
        assert len(app.screen_stack) == 1


def test_a_new_answer_of_a_source_is_no_reason_to_paint_and_a_change_of_its_state_is() -> None:
    picture = live(loaded())
    later = replace(
        BINANCE,
        heard_at=NOW,
        used_for=("quotes of 11 symbols",),
        latency=timedelta(milliseconds=91),
        left="5,300 of 6,000 weight a minute",
    )
    assert not more_than_prices(picture, replace(picture, sources=(later, *USUAL[1:]), accounts_seen={"x": NOW}))
    assert more_than_prices(picture, replace(picture, sources=FALLEN_BACK))
