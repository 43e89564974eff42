"""The detail of a row of the positions: where it stands, what it says, and that it follows the cursor without a stale word."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.inquiry import Dossier
from cockpit.ui.app import CockpitApp
from cockpit.ui.blocks.asset import asset_drawer
from cockpit.ui.blocks.detail_place import DETAIL_HEIGHT, DETAIL_WIDTH, Place, detail_place
from cockpit.ui.blocks.holdings import Kind, holdings
from cockpit.ui.blocks.sector_detail import sector_drawer, wallet_drawer
from cockpit.ui.figures import stands
from cockpit.ui.lines import Line, line, text_of
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.position_detail import PositionDetail
from cockpit.ui.widgets.table_view import TableView
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_holdings import draw_chart, two_accounts
from tests.ui.test_panes import hedged

D = Decimal
LARGE = (200, 60)


def drawer_text(app: CockpitApp) -> str:
    return app.query_one("#drawer", LinesView).plain()


# What stands in it


@pytest.mark.parametrize("kind", ["asset", "sector", "wallet"])
def test_a_wide_detail_says_in_two_columns_what_a_narrow_one_says_in_one(kind: str) -> None:
    picture = hedged()
    rows = holdings(picture)
    dossier = SmallDesk(picture.book).dossier("ETH")

    def made(width: int) -> list[Line]:
        if kind == "asset":
            return asset_drawer(picture, [row for row in rows if row.name == "ETH"], dossier, draw_chart(SmallDesk()), "", width)
        return sector_drawer(picture, rows[0], rows[1:2], width) if kind == "sector" else wallet_drawer(picture, width)

    one, two = made(99), made(198)
    words = [{word for row in made for word in text_of(row).split()} for made in (one, two)]
    assert words[0] == words[1]
    assert len(two) <= len(one)


def test_what_comes_later_moves_no_line_of_a_detail_in_two_columns() -> None:
    """The chart has its room before it is drawn, and what the desk is asked for ends its column."""
    picture = hedged()
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    chart = draw_chart(SmallDesk())
    waiting = asset_drawer(picture, rows, None, [line("…"), *[()] * (len(chart) - 1)], "", 140)
    there = asset_drawer(picture, rows, SmallDesk(picture.book).dossier("ETH"), chart, "", 140)
    for words in ("in main", "Risk", "Price", "Signals", "strength"):
        places = [next(i for i, row in enumerate(made) if words in text_of(row)) for made in (waiting, there)]
        assert places[0] == places[1], words


def test_the_shares_of_a_sectors_members_sum_to_the_whole() -> None:
    """L1 of two accounts: 30,000 and 4,000 net (spot less a short, a long) are 88.2 and 11.8 % of 34,000."""
    desk = two_accounts()
    rows = holdings(desk.open_book())
    for total in (row for row in rows if row.kind is Kind.SECTOR):
        own = [row for row in rows if row.sector is total.sector and row.kind is not Kind.SECTOR]
        shown = [text_of(row) for row in sector_drawer(desk.picture, total, own, 98)]
        names = [row.label.strip() for row in own]
        shares = [row.removeprefix(name).split()[1] for row in shown for name in names if row.startswith(f"{name} ")]
        assert len(shares) == len(own)
        assert abs(sum((D(share) for share in shares), D(0)) - 100) <= D("0.05") * len(own), total.name
        if total.sector is Sector.L1:
            assert shares == ["88.2", "11.8"]


# Where it stands


@given(st.integers(20, 300), st.integers(5, 100), st.integers(20, 300), st.integers(1, 80), st.booleans())
def test_a_detail_that_was_not_asked_for_hides_nothing_of_the_table(
    width: int, height: int, columns: int, rows: int, asked: bool
) -> None:
    place = detail_place(width, height, columns, rows, asked=asked)
    assert bool(place.where) or not asked
    if place.standing:
        room, needed, least = (width, columns, DETAIL_WIDTH) if place.where == "beside" else (height, rows, DETAIL_HEIGHT)
        assert place.table >= needed
        assert room - place.table >= least
    elif not asked:
        assert place == Place()


def test_at_80_by_24_the_detail_stands_in_place_of_the_table_once_it_is_asked_for() -> None:
    assert detail_place(78, 19, 92, 9, asked=False) == Place()
    assert detail_place(78, 19, 92, 9, asked=True) == Place("instead")


# On the screen


@pytest.mark.parametrize(
    ("size", "place", "table"),
    [(NARROW, "drawer-instead", False), ((120, 32), "drawer-below", True), ((160, 24), "drawer-beside", True)],
    ids=["80x24", "120x32", "160x24"],
)
async def test_enter_opens_the_detail_where_the_table_needs_the_room_and_escape_closes_it(
    size: tuple[int, int], place: str, table: bool
) -> None:
    async with cockpit(two_accounts(), size=size) as (app, pilot):
        await press(pilot, "2", "j")
        view = app.query_one("#positions")
        assert not app.query_one(PositionDetail).display
        await press(pilot, "enter")
        assert view.has_class(place)
        assert stands(app.query_one(TableView), app.screen) == table
        assert "esc closes the detail" in screen_text(app)
        shown = screen_text(app)
        assert "in main" in shown
        assert "▼ SHORT 2x" in shown
        drawer = drawer_text(app)
        for words in ("liquidation", "stop", "entry", "close", "Signals", "Orders", "share of the book's loss"):
            assert words in drawer, words
        await press(pilot, "escape")
        assert not view.has_class(place)
        assert "in main" not in screen_text(app)
        assert app.focused is app.query_one(TableView)


@pytest.mark.parametrize(
    ("desk", "size", "place"),
    [(two_accounts, LARGE, "below"), (two_accounts, WIDE, "below"), (SmallDesk, LARGE, "beside"), (SmallDesk, (80, 40), "below")],
    ids=["perps 200x60", "perps 120x40", "spot 200x60", "spot 80x40"],
)
async def test_where_it_takes_nothing_from_the_table_the_detail_stands_open(
    desk: Callable[[], SmallDesk], size: tuple[int, int], place: str
) -> None:
    async with cockpit(desk(), size=size) as (app, pilot):
        await press(pilot, "2", "j")
        table, detail = app.query_one(TableView), app.query_one(PositionDetail)
        assert app.query_one("#positions").has_class(f"drawer-{place}")
        assert app.focused is table
        assert "in main" in screen_text(app)
        for words in ("liquidation" if desk is two_accounts else "coins 10", "Signals", "close", "Orders", "share of the book's"):
            assert words in drawer_text(app), words
        assert table.size.height >= len(table.lines)
        full = table.columns_in_view
        await press(pilot, "escape")
        assert detail.display
        detail.display = False
        await quiet(pilot)
        assert table.columns_in_view == full


async def test_enter_goes_into_an_open_detail_and_escape_comes_back_before_it_ends_the_filter() -> None:
    async with cockpit(two_accounts(), size=WIDE) as (app, pilot):
        await press(pilot, "2", "slash", *"eth", "enter")
        table, detail = app.query_one(TableView), app.query_one(PositionDetail)
        assert "⏎ scrolls the detail" in screen_text(app)
        await press(pilot, "enter")
        assert detail.has_focus
        assert "esc goes back to the table" in screen_text(app)
        await press(pilot, "escape")
        assert table.has_focus
        assert 'contain "eth"' in screen_text(app)
        await press(pilot, "escape")
        assert 'contain "eth"' not in screen_text(app)
        assert detail.display


async def test_a_terminal_that_shrinks_gives_the_table_the_keys_and_its_room_back() -> None:
    async with cockpit(two_accounts(), size=LARGE) as (app, pilot):
        await press(pilot, "2", "j", "enter")
        table, detail = app.query_one(TableView), app.query_one(PositionDetail)
        assert detail.has_focus
        await pilot.resize_terminal(*NARROW)
        await quiet(pilot)
        assert table.has_focus
        assert not detail.display
        assert table.outer_size == app.query_one("#positions-body").size
        await pilot.resize_terminal(*LARGE)
        await quiet(pilot)
        assert "in main" in screen_text(app)


async def test_a_filter_or_an_order_does_not_move_the_detail() -> None:
    async with cockpit(SmallDesk(), size=LARGE) as (app, pilot):
        await press(pilot, "2")
        place = app.query_one(PositionDetail).region
        assert place.width >= 76
        for keys in (("slash", "e"), ("t", "h", "enter"), ("escape",), ("right", "s"), ("s",), ("S",)):
            await press(pilot, *keys)
            now = app.query_one(PositionDetail).region
            assert (now.x, now.width) == (place.x, place.width), keys


class Gated(SmallDesk):
    """A desk whose dossiers wait; it remembers which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.asked: list[str] = []

    def dossier(self, asset: str) -> Dossier:
        self.asked.append(asset)
        self.gate.wait(30)
        return super().dossier(asset)


async def test_a_row_is_never_shown_with_what_belongs_to_another() -> None:
    """The cursor runs over three assets while the first answer is held: only the last one's is shown, the second is not asked."""
    desk = Gated()
    async with cockpit(desk, size=LARGE) as (app, pilot):
        await pilot.press("2", "j")
        await pilot.pause()
        assert "in main" in drawer_text(app)
        assert "risk, orders, fills and history of ETH are on their way" in drawer_text(app)
        await pilot.press("j", "j", "j")
        await pilot.pause()
        shown = drawer_text(app)
        assert shown.startswith("UNI")
        assert "of UNI are on their way" in shown
        assert "ETH" not in shown
        assert "┤" not in shown
        desk.gate.set()
        await quiet(pilot)
        assert desk.asked == ["ETH", "UNI"]
        shown = drawer_text(app)
        assert "on their way" not in shown
        assert "┤" in shown
        assert "share of the book's loss" in shown


async def test_a_tick_paints_only_the_figures_of_the_detail_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = two_accounts()
    async with cockpit(desk, size=LARGE) as (app, pilot):
        await press(pilot, "2", "j")
        detail, painted = app.query_one(PositionDetail), list[Region]()

        def refresh(*regions: Region, **_: object) -> PositionDetail:
            painted.extend(regions)
            return detail

        monkeypatch.setattr(detail, "refresh", refresh)
        desk.change(now=desk.picture.now + timedelta(seconds=1))
        await quiet(pilot)
        assert painted == []
        price = app.query_one(PositionDetail).lines[0]
        desk.market = example.market({**example.PRICES, "ETH": Decimal(4001)})
        desk.open_book()
        await quiet(pilot)
        assert painted
        assert detail.lines[0] != price
        chart = next(i for i, row in enumerate(detail.lines) if "┤" in text_of(row))
        assert sum(region.width for region in painted) < detail.size.width * 6
        assert not any(region.y == chart and region.width == detail.size.width for region in painted)


async def test_the_detail_follows_the_cursor_over_every_kind_of_row() -> None:
    async with cockpit(two_accounts(), size=LARGE) as (app, pilot):
        await press(pilot, "2", "j", "j", "j", "j")
        shown = screen_text(app)
        assert "AAVE  DEFI  price 250.00" in shown
        assert "▲ LONG 2x 50 AAVE" in shown
        await press(pilot, "k")
        assert "DEFI  3 holdings" in screen_text(app)
        assert "inside its band: nothing is traded" in screen_text(app)
        await press(pilot, "G")
        assert "futures wallets less perpetuals" in screen_text(app)
        await press(pilot, "slash", *"nothing")
        assert "Nothing is under the cursor." in screen_text(app)


# Its states


class NoHistory(SmallDesk):
    """A desk whose history cannot be read."""

    def dossier(self, asset: str) -> Dossier:
        raise MarketUnavailable(f"simulated has no history of {asset}")


async def test_a_dossier_that_fails_says_why_and_keeps_what_is_known() -> None:
    async with cockpit(NoHistory(), size=LARGE) as (app, pilot):
        await press(pilot, "2", "j")
        shown = drawer_text(app)
        assert "ETH could not be read: simulated has no history of ETH" in " ".join(shown.split())
        assert "coins 10" in shown


async def test_a_sector_without_members_and_a_book_without_a_phase_say_so_in_the_detail() -> None:
    desk = SmallDesk(Book(name="Empty", accounts=(Account(id="main", venue="paper", spot={}),)))
    async with cockpit(desk, size=WIDE) as (app, pilot):
        desk.change(target_weights={}, call=None)
        await press(pilot, "2", "j")
        shown = drawer_text(app)
        assert "Nothing is held in this sector." in shown
        assert "No target: there is no phase to follow yet." in shown
