"""`cockpit import`: an account at a venue becomes a portfolio; a key that may do harm is refused, and shown nowhere."""

import logging
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.files.portfolio import load_portfolio
from cockpit.model.book import Account, Position, Side
from tests.cli.running import Cockpit, Outcome, refused
from tests.loopback.custody import KEY, PASSWORD, SECRET, Held, Resting
from tests.loopback.private_binance import BinancePrivate
from tests.loopback.private_bybit import BybitPrivate
from tests.loopback.server import Loopback
from tests.markets.accounts.keeping import SILENT, VENUES, kept, served

D = Decimal
Import = Callable[..., Outcome]


@pytest.fixture(scope="module")
def _server() -> Iterator[Loopback]:
    yield from served()


@pytest.fixture
def loopback(_server: Loopback) -> Iterator[Loopback]:
    yield from kept(_server)


@pytest.fixture
def run(unpaced: None, cockpit: Cockpit, loopback: Loopback) -> Import:
    """Runs the verb with a good key; flags that are given come on top."""
    config = Path(cockpit.variables["XDG_CONFIG_HOME"]) / "rotation-cockpit" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[live]\ngateway = "{loopback.gateway}"\n', encoding="utf-8")
    key = key_file(cockpit.folder)

    def run(venue: str, *flags: str | Path) -> Outcome:
        named = ("--key-file", key) if "--key-file" not in flags else ()
        silent = ("--unknown-permissions",) if venue in SILENT else ()
        return cockpit("import", "--venue", venue, *named, *silent, *flags)

    return run


def key_file(folder: Path, secret: str = SECRET, name: str = "key.toml") -> Path:
    path = folder / name
    path.write_text(f'key = "{KEY}"\nsecret = "{secret}"\npassword = "{PASSWORD}"\n', encoding="utf-8")
    path.chmod(0o600)
    return path


def written(run: Import, venue: str, tmp_path: Path, *flags: str | Path) -> Account:
    ended = run(venue, "--into", tmp_path / "book.toml", *flags)
    assert ended.code == 0, ended.err
    (account,) = load_portfolio(tmp_path / "book.toml").accounts
    return account


SHORT = Position(asset="ETH", side=Side.SHORT, quantity=D("2.5"), entry_price=D(4000), margin=D(5000), stop_price=D(4480))


def test_an_account_at_binance_is_read_to_the_last_digit(run: Import, tmp_path: Path) -> None:
    assert written(run, "binance", tmp_path) == Account(
        id="main",
        venue="binance",
        spot={"USDT": D(40000), "ETH": D("10.12345678"), "UNI": D(1250), "ZZTOP": D("0.00000001")},
        futures_wallet=D("5000.25"),
        positions=(SHORT,),
    )


@pytest.mark.parametrize("venue", ["bybit", "okx"])
def test_a_unified_account_shows_the_margin_of_its_positions_as_the_futures_wallet(
    run: Import, tmp_path: Path, venue: str
) -> None:
    account = written(run, venue, tmp_path)
    assert (account.spot["USDT"], account.futures_wallet, account.positions) == (D(35000), D(5000), (SHORT,))


def test_what_is_read_without_a_file_is_printed_and_nothing_is_written(run: Import, cockpit: Cockpit) -> None:
    before = sorted(cockpit.folder.iterdir())
    ended = run("binance")
    assert ended.code == 0
    assert tomllib.loads(ended.out)["account"][0]["venue"] == "binance"
    assert "1 position" in ended.err
    assert sorted(cockpit.folder.iterdir()) == before


@pytest.mark.parametrize("venue", sorted(VENUES.keys() - SILENT))
def test_a_key_that_can_withdraw_is_refused_before_anything_else_is_asked(run: Import, loopback: Loopback, venue: str) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    custody.withdraw, custody.trade, custody.reads_only = True, True, False
    assert "can withdraw" in refused(run(venue), 3)
    assert len(loopback.requests) == 1


@pytest.mark.parametrize("venue", sorted(VENUES.keys() - SILENT))
def test_a_key_that_can_trade_is_told_of(run: Import, loopback: Loopback, venue: str) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    custody.trade, custody.reads_only = True, False
    ended = run(venue)
    assert ended.code == 0
    assert "the key can trade" in ended.err


def test_what_a_venue_does_not_tell_of_a_key_is_unknown_and_never_harmless(run: Import, loopback: Loopback) -> None:
    loopback.fault("binance", "body", path="apiRestrictions", status=200, body='{"ipRestrict":true}')
    ended = run("binance")
    assert (ended.code, ended.out) == (3, "")
    assert "is unknown" in ended.err
    assert "--unknown-permissions" in ended.err
    allowed = run("binance", "--unknown-permissions")
    assert allowed.code == 0
    assert "whether it can withdraw is unknown" in allowed.err


def test_a_venue_that_tells_nothing_of_a_key_needs_the_word_of_the_trader(cockpit: Cockpit, run: Import) -> None:
    ended = cockpit("import", "--venue", "mexc", "--key-file", cockpit.folder / "key.toml")
    assert (ended.code, ended.out) == (3, "")
    assert "MEXC does not tell what this key may do" in ended.err
    assert "--unknown-permissions" in ended.err
    assert "may be able to trade" in run("mexc").err


@pytest.mark.parametrize("venue", VENUES)
def test_a_wrong_secret_is_the_venues_own_refusal(run: Import, cockpit: Cockpit, venue: str) -> None:
    ended = run(venue, "--key-file", key_file(cockpit.folder, "other"))
    assert (ended.code, ended.out) == (2, "")
    assert "refused the request" in ended.err


@pytest.mark.parametrize(("fault", "words"), [("451", "does not serve"), ("html", "cannot be read"), ("reset", "broke")])
def test_a_venue_that_cannot_be_asked_is_no_account(run: Import, loopback: Loopback, fault: str, words: str) -> None:
    loopback.fault("fapi", fault)
    ended = run("binance")
    assert (ended.code, ended.out) == (4, "")
    assert words in ended.err


@pytest.mark.parametrize(
    ("venue", "odd", "words"),
    [
        ("binance", "BTCUSD_PERP", "no USDT-margined perpetual"),
        ("binance", "ETHUSDT_261225", "no USDT-margined perpetual"),
        ("binance", "ETHUSDC", "no USDT-margined perpetual"),
        ("bybit", "BTCUSD", "no USDT-margined perpetual"),
        ("bybit", "BTCPERP", "no USDT-margined perpetual"),
        ("bybit", "ETHUSDT-25DEC26", "no USDT-margined perpetual"),
        ("mexc", "BTC_USD", "no USDT-margined perpetual"),
        ("bingx", "BTC-USD", "no USDT-margined perpetual"),
        ("bingx", "ETH-USDC", "no USDT-margined perpetual"),
        ("okx", "BTC-USD-SWAP", "no USDT-margined perpetual"),
        ("okx", "ETH-USDT-261225", "no USDT-margined perpetual"),
        ("okx", "ETH-USDT", "no USDT-margined perpetual"),
    ],
)
def test_a_position_that_no_book_carries_is_refused_and_named(
    run: Import, loopback: Loopback, venue: str, odd: str, words: str
) -> None:
    loopback.vendor(VENUES[venue]).custody.odd = [odd]
    sentence = run(venue).err
    assert odd in sentence
    assert words in sentence


@pytest.mark.parametrize("venue", VENUES)
def test_a_long_beside_a_short_is_refused(run: Import, loopback: Loopback, venue: str) -> None:
    custody = loopback.vendor(VENUES[venue]).custody
    custody.positions = [Held("ETH", D(q), D(4000), margin=D(10), hedged=True) for q in ("1", "-1")]
    ended = run(venue)
    assert ended.code == 3
    assert "hedge mode" in ended.err


@pytest.mark.parametrize("venue", ["bybit", "okx"])
def test_borrowed_coins_are_refused(run: Import, loopback: Loopback, venue: str) -> None:
    loopback.vendor(VENUES[venue]).custody.borrowed = {"USDT": D(5)}
    assert "5 USDT is borrowed" in run(venue).err


@pytest.mark.parametrize("venue", VENUES)
def test_cross_margin_is_read_as_entry_over_leverage_and_told(
    run: Import, loopback: Loopback, tmp_path: Path, venue: str
) -> None:
    loopback.vendor(VENUES[venue]).custody.positions = [Held("ETH", D("-2"), D("4000"), leverage=D(4))]
    (position,) = written(run, venue, tmp_path).positions
    assert position.margin == D(2000)
    assert not position.cross
    told = run(venue).err
    assert "ETH (tells no liquidation price): cross margin" in told
    assert "is written, and liquidated on paper, as isolated" in told


def test_every_page_of_positions_is_read(run: Import, loopback: Loopback, tmp_path: Path) -> None:
    custody = loopback.vendor(BybitPrivate).custody
    custody.positions = [Held(asset, D(1), D(10), margin=D(5)) for asset in ("ETH", "SOL", "UNI")]
    custody.page = 1
    assert [p.asset for p in written(run, "bybit", tmp_path).positions] == ["ETH", "SOL", "UNI"]


def test_a_stop_that_followed_the_price_beyond_the_entry_is_kept(run: Import, loopback: Loopback, tmp_path: Path) -> None:
    loopback.vendor(BinancePrivate).custody.stops = [Resting("ETH", True, D(3900))]
    assert written(run, "binance", tmp_path).positions[0].stop_price == D(3900)


def test_a_file_that_is_there_is_left_alone_without_update(run: Import, cockpit: Cockpit, loopback: Loopback) -> None:
    there = cockpit.portfolio("mine")
    assert "add --update" in refused(run("binance", "--into", there), 2)
    assert there.read_text() == "mine"
    assert not loopback.requests


def test_an_update_replaces_the_account_and_keeps_the_others(run: Import, cockpit: Cockpit, loopback: Loopback) -> None:
    other = '[[account]]\nid = "cold"\nvenue = "paper"\nspot = { ETH = "3" }\n'
    mine = '[[account]]\nid = "main"\nvenue = "binance"\n[sectors]\nZZTOP = "DEFI"\n'
    book = cockpit.portfolio(f'schema = 1 # mine\nname = "Both"\n{other}{mine}')
    text = book.read_text()
    ended = run("binance", "--into", book, "--update")
    assert ended.code == 0, ended.err
    found = load_portfolio(book)
    assert [account.id for account in found.accounts] == ["cold", "main"]
    assert found.account("cold").spot == {"ETH": D(3)}
    assert found.account("main").positions == (SHORT,)
    assert found.sectors == {"ZZTOP": "DEFI"}
    assert (cockpit.folder / "portfolio-before.toml").read_text() == text
    assert run("binance", "--into", book, "--update", "--account", "second").code == 0
    assert [account.id for account in load_portfolio(book).accounts] == ["cold", "main", "second"]


def test_a_failed_update_leaves_the_file_as_it_was(run: Import, cockpit: Cockpit, loopback: Loopback) -> None:
    book = cockpit.portfolio('schema = 1\nname = "Mine"\n[[account]]\nid = "main"\nvenue = "binance"\nspot = { ETH = "3" }\n')
    before = book.read_bytes()
    loopback.fault("fapi", "truncated", path="positionRisk")
    assert run("binance", "--into", book, "--update").code == 4
    assert book.read_bytes() == before


def test_there_must_be_a_key(cockpit: Cockpit) -> None:
    assert "there is no key" in refused(cockpit("import", "--venue", "binance"), 2)


def test_the_service_managers_credentials_are_found(
    run: Import, cockpit: Cockpit, loopback: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file(cockpit.folder, name="cockpit-binance")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(cockpit.folder))
    assert cockpit("import", "--venue", "binance").code == 0


@pytest.mark.parametrize("venue", VENUES)
@pytest.mark.parametrize("fault", ["", "451", "html", "truncated", "timeout"])
def test_no_part_of_a_key_reaches_a_stream_a_file_or_a_log(
    cockpit: Cockpit, run: Import, loopback: Loopback, caplog: pytest.LogCaptureFixture, venue: str, fault: str
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault:
        loopback.fault("api|fapi", "reset" if fault == "timeout" else fault)
    ended = run(venue, "--into", cockpit.folder / "book.toml")
    kept = [path for folder in (cockpit.folder, *map(Path, cockpit.variables.values())) for path in folder.rglob("*")]
    texts = [path.read_text() for path in kept if path.is_file() and path.name != "key.toml"]
    for text in (ended.out, ended.err, caplog.text, *texts):
        assert not any(word in text for word in (KEY, SECRET, PASSWORD))
