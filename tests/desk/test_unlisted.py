"""A real account holds coins that no venue lists: the picture and the plans stand all the same, the coins count as nothing."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.desk import Desk, DeskOptions
from cockpit.model.errors import MarketUnavailable
from cockpit.model.request import PlanRequest
from cockpit.model.sources import LiveSettings
from tests.eventually import eventually
from tests.loopback import Loopback, simulated_world

BOOK = """\
schema = 1
name = "Airdrops"
[[account]]
id = "main"
venue = "paper"
spot = { USDT = "35000", ETH = "10", UNI = "1250", "1000SCAM" = "9999999", DROP = "12" }
[sectors]
DROP = "DEFI"
"""


@pytest.fixture(scope="module")
def loopback() -> Iterator[Loopback]:
    with Loopback(simulated_world(assets=["BTC", "ETH", "SOL", "UNI", "AAVE"])) as running:
        yield running


@pytest.fixture
def desk(tmp_path: Path, loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    opened = Desk(
        DeskOptions(
            portfolio=str(tmp_path / "book.toml"),
            market="live",
            store=f"sqlite:///{tmp_path / 'store.db'}",
            live=LiveSettings(venues=("binance", "bybit"), gateway=loopback.gateway, days=120, ethereum=()),
        )
    )
    try:
        yield opened
    finally:
        opened.close()


def test_the_book_opens_with_them_counted_as_nothing_and_is_planned_without_them(desk: Desk) -> None:
    opened = desk.open_book()
    assert opened.exposure is not None
    assert opened.market is not None
    assert opened.market.unlisted == ("1000SCAM", "DROP")
    assert "1000SCAM, DROP are listed by no venue: counted as 0" in opened.market.notes
    worth = {row.asset: row.spot for row in opened.exposure.assets}
    assert worth["1000SCAM"] == worth["DROP"] == 0
    assert opened.exposure.nav == sum(worth.values())
    desk.open_store()
    eventually(lambda: desk.tick().exposure is not None)
    plan = desk.propose(PlanRequest(strategy="A")).plan
    assert plan is not None
    assert plan.steps
    assert {"1000SCAM", "DROP"}.isdisjoint(step.asset for step in plan.steps)
    assert plan.start.nav > Decimal(35000)


def test_without_a_word_of_any_venue_there_is_no_nav_rather_than_a_wrong_one(
    tmp_path: Path, loopback: Loopback, desk: Desk
) -> None:
    loopback.fault(".*", "reset")
    try:
        with pytest.raises(MarketUnavailable, match=r"no venue has told a price|no price of"):
            desk.open_book()
        assert desk.picture.exposure is None
    finally:
        loopback.heal()
