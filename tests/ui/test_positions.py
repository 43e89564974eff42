"""The positions on the screen: a table with a cursor, its order, filter and drawer at three sizes, and its states."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

import pytest
from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.geometry import Region

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.inquiry import Dossier
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.ui.app import CockpitApp
from cockpit.ui.blocks.positions import positions
from cockpit.ui.figures import stands
from cockpit.ui.lines import Span, text_of, width_of
from cockpit.ui.table_rows import Head, Sorting, TableRow
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.position_detail import PositionDetail
from cockpit.ui.widgets.table_view import GAP, TableView
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.test_holdings import two_accounts
from tests.ui.test_panes import loaded

D = Decimal
LARGE = (200, 60)


# The table as a widget


class Recording(TableView):
    """A table that remembers which lines it had painted again."""

    painted: ClassVar[list[int]] = []

    def refresh(self, *regions: Region, **more: bool) -> "Recording":
        self.painted.extend(region.y for region in regions)
        super().refresh(*regions, **more)
        return self


HEADS = (Head("name", right=False), *(Head(f"column {number}") for number in range(8)))


def table_rows(**changed: str) -> list[TableRow]:
    return [
        TableRow(key, (Span(key), *(Span(changed.get(key, "1,000")) for _ in HEADS[1:])))
        for key in ("a", "b", "c", *"defghijklmnop")
    ]


class TableApp(App[None]):
    """A table alone."""

    CSS = "#table { height: 1fr; overflow-x: hidden; }"

    def compose(self) -> ComposeResult:
        yield Recording(id="table")

    def get_theme_variable_defaults(self) -> dict[str, str]:
        from cockpit.ui.themes import DEFAULTS

        return DEFAULTS


async def test_only_changed_lines_are_painted_again_and_the_cursor_keeps_its_row() -> None:
    async with TableApp().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Recording)
        table.show_table(HEADS, table_rows())
        table.focus()
        await pilot.press("j", "j")
        assert table.cursor == "c"
        await pilot.pause()
        Recording.painted.clear()
        table.show_table(HEADS, table_rows(b="1,001"))
        assert set(Recording.painted) == {2}
        table.show_table(HEADS, table_rows()[::-1])
        assert table.cursor == "c"


async def test_the_heading_stays_and_the_mark_brings_columns_into_view() -> None:
    async with TableApp().run_test(size=(60, 10)) as pilot:
        table = pilot.app.query_one(Recording)
        table.show_table(HEADS, table_rows(), Sorting(2, descending=True))
        table.focus()
        await pilot.press("G")
        await pilot.pause()
        assert table.cursor == "p"
        assert table.render_line(0).text.split()[:2] == ["[name]", "column"]
        assert "▼column 1" in table.render_line(0).text
        assert table.render_line(9).text.startswith("▸p")
        for _ in HEADS:
            await pilot.press("right")
        assert table.columns_in_view[0] == 0
        assert table.columns_in_view[-1] == len(HEADS) - 1
        assert "[column 7]" in table.render_line(0).text
        assert all(width_of(row) <= 60 - GAP for row in table.lines)


# The view


def drawer_text(app: CockpitApp) -> str:
    return app.query_one("#drawer", LinesView).plain()


async def test_the_table_groups_by_sector_and_sorts_by_any_column_at_80_by_24() -> None:
    async with cockpit(two_accounts(), size=NARROW) as (app, pilot):
        await press(pilot, "2")
        shown = screen_text(app)
        assert "1 WITHOUT STOP" in shown
        assert "! NO STOP: long ETH" in shown
        for words in ("▸L1", "  ETH · second", "STABLE", "wallet−perp", "by sector", "← → more columns"):
            assert words in shown, words
        await press(pilot, "right", "right", "right", "s")
        assert "by net, largest first" in screen_text(app)
        names = [row.split()[0] for row in screen_text(app).splitlines() if " · " in row and "DEFI" in row]
        assert names == ["AAVE", "UNI", "UNI"]
        await press(pilot, "s")
        assert "by net, smallest first" in screen_text(app)
        await press(pilot, *("left",) * 12, "s")
        assert "by asset, A to Z" in screen_text(app)
        await press(pilot, "S")
        assert "by sector" in screen_text(app)
        assert [row.split()[:2] for row in screen_text(app).splitlines() if row.startswith("  L1 ")] == [["L1", "40,000"]]


async def test_a_filter_says_how_many_of_how_many_and_how_to_end_it() -> None:
    async with cockpit(two_accounts(), size=NARROW) as (app, pilot):
        await press(pilot, "2", "slash", *"uni")
        assert '2 of 7 contain "uni" · esc ends the filter' in screen_text(app)
        await press(pilot, *"zz")
        assert 'Nothing contains "unizz": esc ends the filter.' in screen_text(app)
        await press(pilot, "escape")
        assert "7 holdings" in screen_text(app)
        await press(pilot, "slash", *"main", "enter", "j", "escape")
        assert "7 holdings" in screen_text(app)
        assert app.focused is app.query_one(TableView)


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
        before = app.query_one(PositionDetail).lines
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
        assert len(app.query_one(PositionDetail).lines) == len(before)


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


async def test_everything_that_is_asked_of_positions_stands_at_200_by_60() -> None:
    async with cockpit(two_accounts(), size=LARGE) as (app, pilot):
        await press(pilot, "2")
        shown = screen_text(app)
        heading = next(row for row in shown.splitlines() if "[asset]" in row)
        for title in (
            "spot",
            "perp",
            "net",
            "now %",
            "target",
            "drift",
            "band",
            "PnL",
            "funding/day",
            "liquidation",
            "liq. away",
            "stop",
            "stop away",
            "account",
            "age",
        ):
            assert title in heading, title
        short = next(row for row in shown.splitlines() if "▼ SHORT" in row)
        for words in ("−10,000", "+12.0 %", "+49.4 %", "receives 3.00", "4,480.00", "5,976.10", "unknown", "main"):
            assert words in short, words
        assert "NO STOP" in next(row for row in shown.splitlines() if "second" in row and "LONG" in row)


async def test_the_mouse_moves_opens_and_sorts() -> None:
    async with cockpit(two_accounts(), size=LARGE) as (app, pilot):
        await press(pilot, "2")
        table = app.query_one(TableView)
        await pilot.click(table, offset=(3, 2))
        await quiet(pilot)
        assert table.cursor.endswith("main/ETH")
        await pilot.click(table, offset=(3, 2))
        await quiet(pilot)
        assert app.focused is app.query_one(PositionDetail)
        heading = table.render_line(0).text
        await pilot.click(table, offset=(heading.index("net") + 1, 0))
        await quiet(pilot)
        assert "by net, largest first" in screen_text(app)
        assert table.cursor.endswith("main/ETH")


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


async def test_an_empty_book_and_targets_that_are_not_there_say_so() -> None:
    desk = SmallDesk(Book(name="Empty", accounts=(Account(id="main", venue="paper", spot={}),)))
    async with cockpit(desk, size=NARROW) as (app, pilot):
        desk.change(target_weights={}, signals_progress=Progress(stage=Stage.FAILED, message="no prices.csv"))
        await press(pilot, "2")
        shown = screen_text(app)
        assert "The book is empty" in shown
        assert "No targets: the signals could not be read" in shown
        assert "No perpetual is open." in shown


async def test_positions_that_are_on_their_way_or_failed_say_so() -> None:
    class Closed(SmallDesk):
        def open_book(self) -> Picture:
            self.change(book_progress=Progress(stage=Stage.FAILED, message="no price of ETH"))
            raise MarketUnavailable("no price of ETH")

    async with cockpit(Closed(), size=NARROW) as (app, pilot):
        await press(pilot, "2", "s", "enter", "j", "escape")
        assert "the book could not be read" in screen_text(app)
        assert "no price of ETH" in screen_text(app)


def test_old_prices_are_called_old() -> None:
    shown = "\n".join(text_of(row) for row in positions(replace(loaded(), quote_age=timedelta(minutes=5)), 76))
    assert "! prices are 5 min old" in shown
    assert Sector.L1.value in shown
