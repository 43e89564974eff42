"""Books at the edge: nothing that rotates, a day that lost too much, a position that the venue closed by itself."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.exposure import expose
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.picture import Picture
from cockpit.ui.blocks import outlook, phase, positions
from cockpit.ui.blocks.asset import asset_drawer
from cockpit.ui.blocks.holdings import holdings
from cockpit.ui.blocks.sector_detail import sector_drawer
from cockpit.ui.blocks.standing import standing
from cockpit.ui.lines import Line
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_panes import hedged, loaded, text


def outside(excluded: tuple[str, ...] = ("ETH", "UNI", "AAVE"), cash: str = "0") -> Picture:
    """The worked example with everything but the cash excluded."""
    book = example.book()
    (account,) = book.accounts
    spot = {**account.spot, "USDT": Decimal(cash)}
    held = replace(book, excluded=excluded, accounts=(replace(account, spot=spot, futures_wallet=Decimal(0)),))
    return replace(loaded(), book=held, exposure=expose(held, example.market(), example.UNIVERSE), positions=(), execution=None)


def test_a_book_of_which_nothing_rotates_has_no_weights_and_is_asked_nothing() -> None:
    picture = outside()
    assert [row.weight for row in holdings(picture) if row.kind == "sector"] == [None] * 4
    for build in (outlook.strip, outlook.outlook):
        shown = text(build(picture, 116))
        assert "Nothing to rotate: what is held stands outside the rotation (EXCLUDED); no plan trades it." in shown
        assert "to move" not in shown
        assert "previews" not in shown
    follows = text(phase.phase(picture, 100))
    assert "Nothing to rotate: what is held stands outside the rotation (EXCLUDED)" in " ".join(follows.split())
    assert "is to move" not in follows
    (l1,) = (row for row in holdings(picture) if row.key == "sector/L1")
    assert "Nothing to rotate" in text(sector_drawer(picture, l1, [], 116))
    for shown in (text(positions.positions(picture, 116)), text([positions.headline(picture)])):
        assert "0.0→" not in shown
        assert "under" not in shown


def test_an_empty_book_says_that_its_nav_is_nothing() -> None:
    book = example.book()
    (account,) = book.accounts
    held = replace(book, accounts=(replace(account, spot={}, futures_wallet=Decimal(0)),))
    picture = replace(loaded(), book=held, exposure=expose(held, example.market(), example.UNIVERSE), execution=None)
    assert "Nothing to rotate: NAV is 0.00." in text(outlook.strip(picture, 116))


def test_a_book_that_rotates_keeps_its_weights() -> None:
    picture = outside(excluded=(), cash="35000")
    assert next(row.weight for row in holdings(picture) if row.sector is Sector.L1) is not None
    assert "B asks: L1" in text(outlook.strip(picture, 116))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("ACTIVE", ""),
        ("active", ""),
        ("reducing", "! REDUCING: the loss of this day has reached its limit: only what reduces risk can be confirmed"),
        ("halted", "! HALTED: the loss of this day has reached its limit: only stops, margin and what reduces a perpetual"),
    ],
)
def test_what_the_loss_of_a_day_allows_is_said_where_the_book_stands_and_where_plans_are_made(state: str, said: str) -> None:
    picture = replace(hedged(), trading_state=state)
    builds: tuple[Callable[[Picture, int], list[Line]], ...] = (positions.positions, positions.remarks, standing)
    for build in builds:
        shown = text(build(picture, 150))
        assert (said in shown) if said else "00:00 UTC" not in shown


def test_a_halt_by_hand_is_not_blamed_on_the_day() -> None:
    picture = replace(hedged(), halted=True, trading_state="HALTED")
    assert "loss of this day" not in text(standing(picture, 116))
    assert "resumes" in text(standing(picture, 116))


def row(seq: int, kind: JournalKind, message: str, **data: str) -> JournalRow:
    return JournalRow(seq=seq, at=example.NOON, book="Hundred thousand", kind=kind, message=message, data=data)


async def test_what_the_venue_closed_by_itself_is_told_once_on_every_view() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        known = desk.picture.journal
        desk.change(
            opened_seq=100,
            journal=(
                *known,
                row(100, JournalKind.LIQUIDATION, "main: long 1 SOL liquidated before", amount="-1"),
                row(101, JournalKind.STOP, "main: the venue shows the stop of 2.5 ETH at 4480", client_id="x"),
                row(102, JournalKind.STOP, "main: stop at 4480 closed 2.5 ETH at 4481.2", amount="-1203"),
                row(103, JournalKind.LIQUIDATION, "main: long 9 UNI liquidated", amount="-45"),
            ),
        )
        await quiet(pilot)
        shown = screen_text(app)
        assert "✗ STOP main: stop at 4480 closed 2.5 ETH at 4481.2" in shown
        assert "✗ LIQUIDATION main: long 9 UNI liquidated" in shown
        assert "SOL liquidated before" not in shown
        assert "shows the stop" not in shown
        await pilot.press("3")
        desk.change(revision=99)
        await quiet(pilot)
        assert screen_text(app).count("LIQUIDATION main") == 1


def test_coins_that_no_venue_lists_have_no_price_in_words() -> None:
    book = example.book()
    (account,) = book.accounts
    held = replace(book, accounts=(replace(account, spot={**account.spot, "XYZ": Decimal("1234567")}),))
    market = replace(example.market(), unlisted=("XYZ",))
    picture = replace(loaded(), book=held, market=market, exposure=expose(held, market, example.UNIVERSE))
    for width in (76, 116):
        (row,) = (shown for shown in text(positions.positions(picture, width)).splitlines() if "XYZ" in shown)
        assert "no price" in row
        assert "0.00" not in row
    (xyz,) = (row for row in holdings(picture) if row.name == "XYZ")
    detail = text(asset_drawer(picture, [xyz], None, (), "", 100))
    assert "listed by no venue: counted as 0" in detail
    assert "no price" in detail
