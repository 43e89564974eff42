"""`cockpit check` says what is wrong in one sentence, or in a few lines what was read and what to look at."""

from pathlib import Path

import pytest

from cockpit.files.shipped import sample_portfolios, shipped, shipped_themes
from tests.cli.running import SAMPLES, Cockpit, refused

GOOD = """
schema = 1
name = "Held"
[[account]]
id = "main"
venue = "paper"
spot = { USDT = "1000", ETH = "1", WIF = "20" }
futures_wallet = "1500"
[[account.position]]
symbol = "ETH/USDT:USDT"
side = "short"
quantity = "0.5"
entry_price = "4000"
leverage = "4"
"""


def test_a_good_portfolio_is_told_in_a_few_lines(cockpit: Cockpit) -> None:
    ended = cockpit("check", SAMPLES["futures_heavy"])
    assert ended.code == 0
    for words in (
        'portfolio "Futures heavy"',
        "main at paper: spot 2,500 USDT, 6 ETH, 40 AAVE",
        "futures wallet 45,000.00 USDT, of it margin 18,000.00, free 27,000.00",
        "SHORT 5 ETH at 4,000, 2x, margin 10,000.00, stop 4,480",
        "DEFI: AAVE, UNI",
        "Nothing is wrong with it.",
    ):
        assert words in ended.out


def test_a_missing_stop_too_much_leverage_and_an_unknown_asset_are_warned_of(cockpit: Cockpit) -> None:
    cockpit.portfolio(GOOD, "held.toml")
    ended = cockpit("check", "held.toml")
    assert ended.code == 0
    warned = [row.strip() for row in ended.out.splitlines() if row.strip().startswith("!")]
    assert len(warned) == 3
    assert "main: short ETH has no stop" in warned[0]
    assert "4x, above the limit of 3x" in warned[1]
    assert "WIF: UNCLASSIFIED" in warned[2]
    assert "NO STOP" in ended.out
    assert "Nothing is wrong" not in ended.out


def test_what_the_owner_left_unclassified_is_no_surprise(cockpit: Cockpit) -> None:
    (warning,) = (row for row in cockpit("check", SAMPLES["unmapped"]).out.splitlines() if row.strip().startswith("!"))
    assert "NAN" in warning
    assert "WIF" not in warning


def test_without_stablecoins_no_plan_can_buy(cockpit: Cockpit) -> None:
    cockpit.portfolio(GOOD.replace('USDT = "1000", ', ""), "held.toml")
    assert "no stablecoin is held" in cockpit("check", "held.toml").out


@pytest.mark.parametrize(
    ("spot", "said"),
    [
        ("", "nothing is held yet"),
        ('BTC = "2.5"', "nothing of it rotates: plans trade L1, DEFI and STABLE, and all that is held is BENCHMARK"),
    ],
)
def test_a_book_that_only_stands_outside_the_rotation_is_not_called_empty(spot: str, said: str, cockpit: Cockpit) -> None:
    account = f'[[account]]\nid = "main"\nvenue = "paper"\nspot = {{ {spot} }}\nfutures_wallet = "0"\n'
    cockpit.portfolio(f'schema = 1\nname = "Held"\n{account}', "held.toml")
    told = cockpit("check", "held.toml").out
    assert said in told
    assert told.count("nothing ") == 1


def test_what_is_read_has_every_digit_of_the_file(cockpit: Cockpit) -> None:
    cockpit.portfolio(GOOD.replace('WIF = "20"', 'WIF = "0.00012345678901", AAVE = "0.000000000000000001"'), "held.toml")
    assert "0.00012345678901 WIF, 0.000000000000000001 AAVE" in cockpit("check", "held.toml").out


@pytest.mark.parametrize(
    ("side", "stop", "said"),
    [
        # 4x from 4,000: the margin of 1,000 a coin is gone at 5,000 and at 3,000, whatever the maintenance margin.
        ("short", "5600", "is liquidated before its stop at 5,600 can fire: its margin is gone at 5,000; nothing protects it"),
        ("long", "2900", "is liquidated before its stop at 2,900 can fire: its margin is gone at 3,000; nothing protects it"),
        ("short", "4800", "has its stop 20.0 % from entry, the limit is 12.0 %: the next plan moves it nearer"),
        ("long", "3200", "has its stop 20.0 % from entry, the limit is 12.0 %: the next plan moves it nearer"),
        ("short", "4480", ""),
    ],
)
def test_a_stop_behind_the_liquidation_or_too_far_away_is_warned_of(side: str, stop: str, said: str, cockpit: Cockpit) -> None:
    text = GOOD.replace('"short"', f'"{side}"').replace('leverage = "4"', f'leverage = "4"\nstop_price = "{stop}"')
    cockpit.portfolio(text, "held.toml")
    told = cockpit("check", "held.toml").out
    assert (f"! main: {side} ETH {said}" in told) if said else "its stop" not in told


def test_the_price_of_an_asset_of_which_nothing_is_left_is_no_slip(cockpit: Cockpit) -> None:
    cockpit.portfolio(GOOD.replace('WIF = "20"', 'WIF = "0"') + '[prices]\nWIF = "2"\n', "held.toml")
    assert cockpit("check", "held.toml").code == 0
    cockpit.portfolio(GOOD + '[prices]\nWIFF = "2"\n', "held.toml")
    assert "did you mean WIF?" in refused(cockpit("check", "held.toml"), 2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("schema = 1", "schema = 2"), "schema: is 2"),
        (("[[account]]", "[[acount]]"), "acount: is not a known key; did you mean account?"),
        (('"1000"', "1000"), 'account[0].spot.USDT: is a bare number; write it in quotes: "1000"'),
        (('"4000"', '"4,000"'), 'entry_price: is not a plain number: "4,000"'),
        (('side = "short"', 'side = "shrt"'), 'side: "shrt" is not known; did you mean short?'),
        (('leverage = "4"', 'leverage = "4"\nstop_price = "3500"'), "the stop of a short must lie above the entry price"),
        (("ETH/USDT:USDT", "ETH/USD:ETH"), "coin-margined"),
        (('futures_wallet = "1500"', 'futures_wallet = "100"'), "less than the margin of its positions"),
        (('name = "Held"', "name = Held"), "not TOML at line 3"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_file_and_key(change: tuple[str, str], said: str, cockpit: Cockpit) -> None:
    cockpit.portfolio(GOOD.replace(*change), "held.toml")
    sentence = refused(cockpit("check", "held.toml"), 2)
    assert sentence.startswith("cockpit: held.toml: ")
    assert said in sentence


def test_a_file_that_is_not_there_is_named(cockpit: Cockpit) -> None:
    assert "nowhere.toml: does not exist" in refused(cockpit("check", "nowhere.toml"), 2)


@pytest.mark.parametrize("path", sample_portfolios(), ids=lambda path: path.stem)
def test_every_sample_is_a_good_portfolio(path: Path, cockpit: Cockpit) -> None:
    ended = cockpit("check", path)
    assert ended.code == 0
    assert ended.out.startswith('portfolio "')


SHIPPED = {
    "limits.toml": "limits",
    "universe.toml": "universe of",
    "phase.toml": "phase settings",
    "portfolio.toml": "portfolio",
    **{f"strategies/{name}.toml": f"strategy {name}" for name in "ABC"},
}


@pytest.mark.parametrize(("name", "kind"), SHIPPED.items())
def test_every_file_that_a_trader_may_copy_is_known_by_its_content(name: str, kind: str, cockpit: Cockpit) -> None:
    path = cockpit.portfolio(shipped(name).read_text(encoding="utf-8"), "copy.toml")
    ended = cockpit("check", path)
    assert (ended.code, ended.out.startswith(kind)) == (0, True)


@pytest.mark.parametrize("path", sorted(shipped_themes().glob("*.toml")), ids=lambda path: path.stem)
def test_every_theme_is_known_by_its_content(path: Path, cockpit: Cockpit) -> None:
    assert cockpit("check", path).out.startswith(f"theme {path.stem}")


def test_a_broken_theme_names_its_key(cockpit: Cockpit) -> None:
    text = next(iter(sorted(shipped_themes().glob("*.toml")))).read_text(encoding="utf-8")
    cockpit.portfolio(text.replace('primary = "', 'primary = "reddish '), "mine.toml")
    assert "mine.toml: colours.primary" in refused(cockpit("check", "mine.toml"), 2)


def test_a_plan_tells_whether_it_was_edited(cockpit: Cockpit) -> None:
    path = cockpit.worked_plan()
    ended = cockpit("check", path)
    assert ended.code == 0
    assert "strategy B, preset reconciled, way overlay" in ended.out
    assert "6 steps" in ended.out
    assert "edited by hand" not in ended.out
    path.write_text(path.read_text(encoding="utf-8").replace('reason = "hedge', 'reason = "edited'), encoding="utf-8")
    assert "edited by hand" in cockpit("check", path).out


def test_a_keymap_is_checked_against_the_actions(cockpit: Cockpit) -> None:
    cockpit.portfolio('schema = 1\n[keys]\nhalt = "f9"\n', "keymap.toml")
    assert "halt: f9" in cockpit("check", "keymap.toml").out
    cockpit.portfolio('schema = 1\n[keys]\nhallt = "f9"\n', "keymap.toml")
    assert "hallt" in refused(cockpit("check", "keymap.toml"), 2)


def test_a_config_that_names_no_theme_there_is_says_which_was_meant(cockpit: Cockpit) -> None:
    cockpit.portfolio('theme = "daylght"\nmouse = false\n', "config.toml")
    assert "! theme: there is no theme daylght; did you mean daylight?" in cockpit("check", "config.toml").out


def test_a_config_is_told_with_what_it_sets(cockpit: Cockpit) -> None:
    cockpit.portfolio('theme = "daylight"\nmouse = false\n', "config.toml")
    ended = cockpit("check", "config.toml")
    assert ended.out.startswith("config")
    assert "theme: daylight" in ended.out
    assert "mouse: false" in ended.out


def test_a_config_that_says_nothing_yet_is_known_by_its_name(cockpit: Cockpit) -> None:
    cockpit.portfolio("schema = 1\n", "config.toml")
    assert cockpit("check", "config.toml").out.startswith("config")
    cockpit.portfolio("schema = 9\n", "config.toml")
    assert "schema: is 9; this version reads schema 1" in cockpit("check", "config.toml").err


LIVE = """schema = 1
[live]
venues = ["bybit", "binnance"]
gateway = "https://relay.example"
[[watch]]
account = "main"
venue = "bybit"
[[watch]]
account = "other"
venue = "kraken"
"""


def test_the_live_market_of_a_config_is_told_as_the_file_writes_it(cockpit: Cockpit) -> None:
    cockpit.portfolio(LIVE, "config.toml")
    told = cockpit("check", "config.toml").out
    for line in (
        "live.venues: bybit, binnance",
        "live.gateway: https://relay.example",
        "live.days: 400",
        "watch[0].account: main",
        "! live.venues[1]: there is no venue binnance; did you mean binance?",
    ):
        assert f"  {line}\n" in told
    assert "  ! watch[1].venue: accounts at kraken cannot be read; known are binance, " in told
    assert "(" not in told


def test_checking_leaves_nothing_behind(cockpit: Cockpit) -> None:
    cockpit("check", SAMPLES["small"])
    assert cockpit.left_behind == []
