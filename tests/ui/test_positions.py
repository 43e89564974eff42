"""The positions on the screen: a table with a cursor, its order, filter and drawer at three sizes, and its states."""

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.geometry import Region

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.ui.blocks.positions import positions
from cockpit.ui.lines import Span, text_of, width_of
from cockpit.ui.table_rows import Head, Sorting, TableRow
from cockpit.ui.widgets.position_detail import PositionDetail
from cockpit.ui.widgets.table_view import GAP, TableView
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
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
