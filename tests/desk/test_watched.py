"""Accounts at several venues are one book on the live market: each with its age, and what is closed elsewhere goes at once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.desk import Desk, DeskOptions
from cockpit.model.errors import BadInput
from cockpit.model.journal import JournalKind
from cockpit.model.sources import Health, LiveSettings, Watch
from tests.eventually import eventually
from tests.loopback.custody import KEY, SECRET, Custody, Held, Resting
from tests.loopback.private_binance import BinancePrivate
from tests.loopback.private_bybit import BybitPrivate
from tests.loopback.server import Loopback
from tests.loopback.world import simulated_world

D = Decimal
BOOK = """schema = 1
name = "Everywhere"
[[account]]
id = "one"
venue = "binance"
spot = { USDT = "100" }
[[account]]
id = "two"
venue = "bybit"
[[account]]
id = "here"
venue = "paper"
spot = { USDT = "5000", ETH = "1" }
"""


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=["BTC", "ETH", "SOL", "UNI"])) as running:
        running.vendor(BinancePrivate).custody = Custody(
            spot={"USDT": D(40000), "ETH": D(10)},
            wallet={"USDT": D(6000)},
            positions=[Held("ETH", D("-2.5"), D(4000), margin=D(5000))],
            stops=[Resting("ETH", True, D(9000))],
        )
        running.vendor(BybitPrivate).custody = Custody(spot={"USDT": D(1000), "SOL": D(3)}, trade=True, reads_only=False)
        yield running


def options(folder: Path, gateway: str, *watches: Watch) -> DeskOptions:
    book, key = folder / "book.toml", folder / "key.toml"
    book.write_text(BOOK, encoding="utf-8")
    key.write_text(f'key = "{KEY}"\nsecret = "{SECRET}"\n', encoding="utf-8")
    key.chmod(0o600)
    return DeskOptions(
        portfolio=str(book),
        market="live",
        store=f"sqlite:///{folder / 'store.db'}",
        live=LiveSettings(venues=("binance", "bybit"), gateway=gateway, days=120, ethereum=()),
        watch=watches,
    )


@pytest.fixture
def watches(tmp_path: Path) -> tuple[Watch, ...]:
    key = str(tmp_path / "key.toml")
    return (Watch(account="one", venue="binance", key_file=key), Watch(account="two", venue="bybit", key_file=key))


@pytest.fixture
def desk(
    unpaced: None, tmp_path: Path, loopback: Loopback, watches: tuple[Watch, ...], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr("cockpit.markets.accounts.watch.EVERY", 0.2)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    opened = Desk(options(tmp_path, loopback.gateway, *watches))
    try:
        yield opened
    finally:
        opened.close()


def test_accounts_at_several_venues_are_one_book(desk: Desk, loopback: Loopback) -> None:
    began = datetime.now(UTC)
    desk.open_book()
    desk.open_store()
    eventually(lambda: len(desk.tick().accounts_seen) == 2)
    picture = desk.tick()
    assert picture.book is not None
    assert picture.exposure is not None
    assert {a.id: a.spot for a in picture.book.accounts} == {
        "one": {"USDT": D(40000), "ETH": D(10)},
        "two": {"USDT": D(1000), "SOL": D(3)},
        "here": {"USDT": D(5000), "ETH": D(1)},
    }
    assert next(row.quantity for row in picture.exposure.assets if row.asset == "ETH") == 11
    assert [(line.account, line.venue, line.position.asset) for line in picture.positions] == [("one", "binance", "ETH")]
    assert set(picture.accounts_seen) == {"one", "two"}
    assert all(at >= began for at in picture.accounts_seen.values())
    assert {"Binance, account one", "Bybit, account two"} <= {source.name for source in picture.sources}

    assert picture.account_notes["two"] == ("its key can trade; reading needs no such right",)

    revision = picture.revision
    loopback.vendor(BinancePrivate).custody.positions = []
    eventually(lambda: not desk.tick().positions)
    assert desk.picture.revision == revision + 1
    closed = [row for row in desk.picture.journal if row.kind is JournalKind.EXTERNAL and row.unasked]
    assert [row.message for row in closed] == ["one at binance: the short 2.5 ETH at 4000, margin 5000 was closed elsewhere"]


def test_an_account_that_is_asked_for_too_often_lets_the_prices_of_its_venue_rest_too(desk: Desk, loopback: Loopback) -> None:
    def health(name: str) -> Health:
        return next(source.health for source in desk.tick().sources if source.name == name)

    desk.open_book()
    desk.open_store()
    loopback.fault("api.binance.com", "429", path="/api/v3/account$", retry_after=60)
    try:
        eventually(lambda: health("Binance") is Health.RESTING and health("Binance, account one") is Health.RESTING)
    finally:
        loopback.heal()


@pytest.mark.parametrize(
    ("watch", "words"),
    [
        (
            Watch(account="three", venue="binance", key_file="key.toml"),
            r'watch\[0\].account: "three" is no account of Everywhere',
        ),
        (Watch(account="one", venue="binanc", key_file="key.toml"), r"watch\[0\].venue: .*did you mean binance"),
        (Watch(account="one", venue="binance"), r"watch\[0\].key_file: is missing"),
        (Watch(account="one", venue="binance", key_file="/nowhere/key.toml"), "no such file"),
    ],
)
def test_a_watch_that_cannot_be_is_refused_before_anything_opens(
    tmp_path: Path, watch: Watch, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "rotation-cockpit"
    folder.mkdir()
    options_ = options(folder, "http://127.0.0.1:1", watch)
    with pytest.raises(BadInput, match=words):
        Desk(options_)


def test_on_another_market_nothing_is_watched(tmp_path: Path, watches: tuple[Watch, ...]) -> None:
    from msgspec.structs import replace

    desk = Desk(replace(options(tmp_path, "http://127.0.0.1:1", *watches), market="simulated"))
    try:
        desk.open_book()
        picture = desk.open_store()
        assert picture.accounts_seen == {}
        assert picture.book is not None
        assert picture.book.account("one").spot == {"USDT": D(100)}
    finally:
        desk.close()
