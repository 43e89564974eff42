"""Positions: a book by sector that sums, a drift bar that shows its band, a table that sorts and filters, and the drawer."""

import re
from decimal import Decimal
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual.app import App, ComposeResult
from textual.geometry import Region

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.errors import MarketUnavailable
from cockpit.model.exposure import expose
from cockpit.model.inquiry import Dossier
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.ui.app import CockpitApp
from cockpit.ui.blocks.asset import asset_drawer, sector_drawer, wallet_drawer
from cockpit.ui.blocks.drift import drift_bar, drift_word
from cockpit.ui.blocks.holdings import Holding, Kind, holdings, matching
from cockpit.ui.blocks.position_grid import FIELDS, Order, fields, funding_words, grid_rows, ordered
from cockpit.ui.blocks.positions import positions, wallets
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, Span, text_of, width_of
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.table_view import GAP, Head, Sorting, TableRow, TableView
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, quiet, screen_text
from tests.ui.small_desk import BANDS, TARGETS, SmallDesk
from tests.ui.test_panes import hedged, loaded

D = Decimal
LARGE = (200, 60)
WEIGHTS = st.decimals(D("-0.5"), D("1.5"), places=4)
AMOUNTS = st.decimals(D("0"), D("10000"), places=3)


def two_accounts() -> SmallDesk:
    """The worked example with its hedge, and a second account that is long without a stop."""
    desk = SmallDesk()
    for step in example.reconciled_plan(desk.held, desk.market).steps:
        desk.held = example.booked(desk.held, step)
    naked = Position(asset="ETH", side=Side.LONG, quantity=D(1), entry_price=D(3900), margin=D(1300))
    second = Account(
        id="second", venue="paper", spot={"USDT": D(1000), "UNI": D(100)}, futures_wallet=D(2000), positions=(naked,)
    )
    desk.held = replace(desk.held, accounts=(*desk.held.accounts, second))
    desk.change(accounts=("main", "second"))
    return desk


def picture_of(held: Book) -> Picture:
    """A book as the desk shows it, with targets and bands."""
    prices = example.market()
    return replace(
        SmallDesk(held).picture,
        book=held,
        accounts=tuple(account.id for account in held.accounts),
        market=prices,
        exposure=expose(held, prices, example.UNIVERSE),
        positions=example.position_lines(held, prices),
        target_weights=TARGETS,
        bands=BANDS,
    )


def column(rows: list[Holding], name: str) -> list[object]:
    field = next(field for field in FIELDS if field.title == name)
    return [field.value(row) for row in rows]


# The drift bar


@pytest.mark.parametrize(
    ("weight", "bar", "word"),
    [
        ("0.30", "··[·█·]··", "inside"),
        ("0.35", "··[·│█]··", "inside"),
        ("0.26", "··[█│·]··", "inside"),
        ("0.351", "··[·│·]█·", "over"),
        ("0.40", "··[·│·]·█", "over"),
        ("0.60", "··[·│·]·▸", "over"),
        ("0.05", "◂·[·│·]··", "under"),
    ],
)
def test_the_bar_shows_target_band_and_weight(weight: str, bar: str, word: str) -> None:
    """The worked example's L1: a target of 30 % with the 5/25 rule's band of five points."""
    assert drift_bar(D(weight), D("0.30"), D("0.05")).text == bar
    assert drift_word(D(weight), D("0.30"), D("0.05")) == word


@given(WEIGHTS, st.decimals(D(0), D(1), places=3), st.decimals(D(0), D("0.05"), places=4))
def test_a_weight_stands_within_the_brackets_exactly_when_it_is_inside_its_band(weight: D, target: D, band: D) -> None:
    bar = drift_bar(weight, target, band).text
    assert len(bar) == len("··[·│·]··")
    place = next(i for i, glyph in enumerate(bar) if glyph in "█◂▸")
    inside = bar.index("[") < place < bar.index("]")
    assert inside == (abs(weight - target) <= band) == (drift_word(weight, target, band) == "inside")
    assert inside or (place > bar.index("]")) == (weight > target)


def test_what_has_no_band_has_no_brackets_and_no_word() -> None:
    """STABLE is what the other sectors leave."""
    assert drift_bar(D("0.2"), D("0.2"), None).text == "····█····"
    assert drift_word(D("0.3"), D("0.2"), None) == ""


# The rows


@given(st.dictionaries(st.sampled_from(["ETH", "UNI", "AAVE", "USDT"]), AMOUNTS, max_size=4), AMOUNTS, AMOUNTS)
def test_the_rows_of_a_sector_sum_to_its_subtotal_and_the_subtotals_to_nav(
    spot: dict[str, Decimal], quantity: Decimal, wallet: Decimal
) -> None:
    short = Position(
        asset="ETH",
        side=Side.SHORT,
        quantity=quantity + 1,
        entry_price=D(3800),
        margin=D(1900) * (quantity + 1),
        stop_price=D(5000),
    )
    first = Account(id="main", venue="paper", spot=spot, futures_wallet=wallet + short.margin, positions=(short,))
    second = Account(id="second", venue="paper", spot={"ETH": D(1), "USDT": D(7)})
    picture = picture_of(Book(name="Any", accounts=(first, second)))
    assert picture.exposure is not None
    rows = holdings(picture)
    for total in (row for row in rows if row.kind is Kind.SECTOR):
        own = [row for row in rows if row.sector is total.sector and row.kind is not Kind.SECTOR]
        assert total.net is not None
        assert abs(sum((row.net or D(0) for row in own), D(0)) - total.net) < D("0.01")
    assert sum((row.net or D(0) for row in rows if row.kind is Kind.SECTOR), D(0)) == picture.exposure.nav


def test_a_subtotal_that_misses_a_part_is_unknown_and_not_a_smaller_sum() -> None:
    picture = hedged()
    unknown = tuple(replace(row, funding_per_day=None) if row.position.asset == "UNI" else row for row in picture.positions)
    rows = holdings(replace(picture, positions=unknown))
    assert next(row for row in rows if row.name == "DEFI").funding is None
    assert next(row for row in rows if row.name == "L1").funding == D("3")


def test_several_accounts_name_theirs_in_every_row() -> None:
    desk = two_accounts()
    desk.open_book()
    labels = [row.label.strip() for row in holdings(desk.picture)]
    assert labels == [
        "L1",
        "ETH · main",
        "ETH · second",
        "DEFI",
        "AAVE · main",
        "UNI · main",
        "UNI · second",
        "STABLE",
        "USDT · main",
        "USDT · second",
        "wallet−perp",
    ]


@pytest.mark.parametrize(
    ("value", "words"), [("4.5", "receives 4.50"), ("-13.25", "pays 13.25"), ("0", "0.00"), (None, "unknown")]
)
def test_funding_is_received_or_paid_in_words(value: str | None, words: str) -> None:
    assert funding_words(None if value is None else D(value)) == words


# Sorting and filtering


@pytest.mark.parametrize("title", [field.title for field in FIELDS])
@pytest.mark.parametrize("descending", [True, False], ids=["largest", "smallest"])
def test_every_column_sorts_flat_and_what_is_missing_comes_last_either_way(title: str, descending: bool) -> None:
    desk = two_accounts()
    desk.open_book()
    picture = desk.load_signals()
    rows = holdings(picture)
    sectors = {row.sector: row for row in rows if row.kind is Kind.SECTOR}
    result = ordered(rows, Order(title, descending), sectors)
    assert all(row.kind is not Kind.SECTOR for row in result)
    assert len(result) == len(rows) - len(sectors)
    values = column([sectors[row.sector] for row in result] if title in ("target", "drift", "band") else result, title)
    present = [value for value in values if value is not None]
    assert values == [*present, *[None] * (len(values) - len(present))]
    keys = [value.casefold() if isinstance(value, str) else value for value in present]
    assert keys == sorted(keys, reverse=descending)  # type: ignore[type-var]


def test_a_position_without_a_stop_comes_before_the_nearest_stop() -> None:
    desk = two_accounts()
    rows = holdings(desk.open_book())
    result = ordered(rows, Order("stop away"), {})
    assert [row.label.strip() for row in result[:2]] == ["ETH · second", "ETH · main"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("defi", ["AAVE", "UNI", "UNI"]),
        ("uni SECOND", ["UNI"]),
        ("eth", ["ETH", "ETH"]),
        ("l1 main", ["ETH"]),
        ("nothing", []),
    ],
)
def test_a_filter_looks_at_asset_sector_and_account(words: str, found: list[str]) -> None:
    desk = two_accounts()
    assert [row.name for row in matching(holdings(desk.open_book()), words)] == found


# Every figure explains itself


def lines_with_figures(picture: Picture) -> dict[str, list[Line]]:
    rows = holdings(picture)
    dossier = SmallDesk(picture.book).dossier("ETH")
    columns = fields(Order(), picture, filtered=True)
    assert picture.exposure is not None
    return {
        "panel": positions(picture, 116),
        "wallets": wallets(picture.exposure, 116),
        "grid": [row.cells for row in grid_rows(rows, columns, picture)],
        "asset": asset_drawer(picture, [row for row in rows if row.name == "ETH"], dossier, [], "", 72),
        "sector": sector_drawer(picture, rows[0], rows[1:2], 72),
        "wallet": wallet_drawer(picture, 72),
    }


@pytest.mark.parametrize("part", ["panel", "wallets", "grid", "asset", "sector", "wallet"])
def test_every_number_names_an_entry_of_the_glossary(part: str) -> None:
    lines = lines_with_figures(hedged())[part]
    figures = figures_of(lines)
    assert figures
    assert {figure.about for figure in figures if meaning(figure.about) is None} == set()
    bare = [span.text.strip() for line in lines for span in line if re.search(r"\d", span.text) and not span.about]
    assert [text for text in bare if not re.fullmatch(r".*(L1|2x|RSI.*|TVL 30d|\d\d-\d\d \d\d:\d\d)|.*[a-z].*", text)] == []


# The drawer's text


def test_the_drawer_tells_everything_of_an_asset() -> None:
    """The 10,000 short at 2x: liquidation 5,976.10, 49.4 % away (worked with the published tiers); its stop
    loses 1,200, slippage of 30 bps and a fee of 5 bps of the 11,200 and more that it buys back."""
    picture = hedged()
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    shown = "\n".join(text_of(row) for row in asset_drawer(picture, rows, SmallDesk(picture.book).dossier("ETH"), [], "", 72))
    for words in (
        "▼ SHORT 2x 2.5 ETH",
        "entry 4,000.00",
        "stop 4,480.00",
        "stop away +12.0 %",
        "liquidation 5,976.10",
        "away +49.4 %",
        "funding a day receives 3.00",
        "open for unknown",
        "a shock of 25 % against it −7,500.00",
        "if the stops are hit −1,239.22",
        "No order of ours in ETH yet.",
    ):
        assert words in shown, words


@pytest.mark.parametrize("width", [40, 60, 76, 110])
def test_the_drawers_fit_their_width(width: int) -> None:
    picture = hedged()
    rows = holdings(picture)
    dossier = SmallDesk(picture.book).dossier("ETH")
    for lines in (
        asset_drawer(picture, [row for row in rows if row.name == "ETH"], dossier, [], "", width),
        asset_drawer(picture, [row for row in rows if row.name == "USDT"], None, [], "the history is gone", width),
        sector_drawer(picture, rows[0], rows[1:2], width),
        wallet_drawer(picture, width),
    ):
        assert [text_of(row) for row in lines if width_of(row) > width] == []


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
    [(NARROW, "drawer-instead", False), (WIDE, "drawer-below", True), (LARGE, "drawer-beside", True)],
    ids=["80x24", "120x40", "200x60"],
)
async def test_enter_opens_the_drawer_where_there_is_room_and_escape_closes_it(
    size: tuple[int, int], place: str, table: bool
) -> None:
    async with cockpit(two_accounts(), size=size) as (app, pilot):
        await press(pilot, "2", "j", "enter")
        view = app.query_one("#positions")
        assert view.has_class(place)
        assert app.query_one(TableView).display == table
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


async def test_the_drawer_follows_the_cursor_and_never_shows_an_older_answer() -> None:
    async with cockpit(two_accounts(), size=LARGE) as (app, pilot):
        await press(pilot, "2", "j", "enter", "j", "j", "j")
        shown = screen_text(app)
        assert "AAVE  DEFI  price 250.00" in shown
        assert "▲ LONG 2x 50 AAVE" in shown
        await press(pilot, "k")
        assert "DEFI  3 holdings" in screen_text(app)
        await press(pilot, "G")
        assert "futures wallets less perpetuals" in screen_text(app)


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
        assert app.query_one("#positions").has_class("drawer-beside")
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
        await press(pilot, "2", "j", "enter")
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
    from datetime import timedelta

    shown = "\n".join(text_of(row) for row in positions(replace(loaded(), quote_age=timedelta(minutes=5)), 76))
    assert "! prices are 5 min old" in shown
    assert Sector.L1.value in shown
