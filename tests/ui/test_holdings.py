"""The rows of the positions: they sum, sort and filter, a drift bar shows its band, a drawer tells everything of an asset."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.book import Account, Book, MarginMode, Position, Side
from cockpit.model.exposure import expose
from cockpit.model.inquiry import OrderLine
from cockpit.model.picture import Picture
from cockpit.rotation.lines import position_lines
from cockpit.ui.blocks.asset import asset_drawer
from cockpit.ui.blocks.drift import drift_bar, drift_word
from cockpit.ui.blocks.holdings import Holding, Kind, holdings, matching
from cockpit.ui.blocks.position_grid import FIELDS, Order, fields, funding_words, grid_rows, money, ordered
from cockpit.ui.blocks.positions import positions, wallets
from cockpit.ui.blocks.sector_detail import sector_drawer, wallet_drawer
from cockpit.ui.figures import figures_of
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.widgets.position_detail import Question, draw
from tests.ui import worked_example as example
from tests.ui.small_desk import BANDS, TARGETS, SmallDesk
from tests.ui.test_explain import unexplained
from tests.ui.test_panes import hedged, loaded, text

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


def cell(picture: Picture, key: str, title: str) -> str:
    """What stands in a row under a heading."""
    columns = fields(Order(), picture, filtered=False)
    row = next(row for row in grid_rows(holdings(picture), columns, picture) if row.key == key)
    return row.cells[[column.title for column in columns].index(title)].text.strip()


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
    shown = replace(picture, positions=unknown)
    cells = {row.key: cell(shown, row.key, "funding/day") for row in holdings(shown)}
    assert cells["sector/DEFI"] == "unknown"
    assert cells["sector/L1"] == "receives 3.00"
    assert cells["sector/STABLE"] == ""


def test_a_position_that_no_price_liquidates_says_none_in_both_columns() -> None:
    """A long on its whole notional: no price above zero liquidates it, which is no missing number."""
    picture = hedged()
    safe = tuple(replace(row, liquidation_price=None, liquidation_distance=None) for row in picture.positions)
    shown = replace(picture, positions=safe)
    for row in holdings(shown):
        if row.line is not None:
            assert (cell(shown, row.key, "liq. away"), cell(shown, row.key, "liquidation")) == ("none", "none")


def test_a_position_without_margin_tiers_says_unknown_and_never_none() -> None:
    """That nothing liquidates it and that nobody knows are two things."""
    picture = hedged()
    assert picture.market is not None
    bare = {symbol: replace(instrument, tiers=()) for symbol, instrument in picture.market.instruments.items()}
    market = replace(picture.market, instruments=bare)
    assert picture.book is not None
    shown = replace(picture, market=market, positions=position_lines(picture.book, market))
    for row in holdings(shown):
        if row.line is not None:
            assert (cell(shown, row.key, "liq. away"), cell(shown, row.key, "liquidation")) == ("unknown", "unknown")
            told = text(asset_drawer(shown, [row], None, [], "", 80))
            assert "liquidation unknown: its margin tiers are not known" in told
    crossed = tuple(replace(row, position=replace(row.position, margin_mode=MarginMode.CROSS)) for row in shown.positions)
    shown = replace(shown, positions=crossed)
    told = "".join(text(asset_drawer(shown, [row], None, [], "", 80)) for row in holdings(shown) if row.line is not None)
    assert "liquidation unknown: it is in cross margin, and its venue tells none" in told
    assert "unknown" in text(positions(shown, 116))


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
    ("value", "words"),
    [
        ("4.5", "receives 4.50"),
        ("-13.25", "pays 13.25"),
        ("0", "0.00"),
        ("-0.004", "0.00"),
        ("0.006", "receives 0.01"),
        (None, "unknown"),
    ],
)
def test_funding_is_received_or_paid_in_words(value: str | None, words: str) -> None:
    assert funding_words(None if value is None else D(value)) == words


def test_what_rounds_to_nothing_is_neither_gain_nor_loss() -> None:
    assert money(D("-0.004")) == ("0.00", "")
    assert money(D("0.005001")) == ("+0.01", "good")
    assert money(D("-0.006")) == ("−0.01", "bad")


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


def parts() -> dict[str, list[Line]]:
    """What stands in the panel, the grid and the drawers after the first steps of a plan: with orders and fills."""
    desk = SmallDesk()
    loaded(desk)
    desk.begin(example.reconciled_plan(desk.held, desk.market))
    desk.fill(1)
    desk.fill(2)
    picture = desk.picture
    rows = holdings(picture)
    eth = [row for row in rows if row.name == "ETH"]
    assert picture.exposure is not None
    return {
        "panel": positions(picture, 116),
        "wallets": wallets(picture.exposure, 116),
        "grid": [row.cells for row in grid_rows(rows, fields(Order(), picture, filtered=True), picture)],
        "asset": asset_drawer(picture, eth, desk.dossier("ETH"), draw_chart(desk), "", 72),
        "sector": sector_drawer(picture, rows[0], rows[1:2], 72),
        "wallet": wallet_drawer(picture, 72),
    }


def draw_chart(desk: SmallDesk) -> list[Line]:
    question = Question("ETH", (("stop", D(4480), "warn", "4,480.00"),), D("0.01"), 72, 14)
    return draw(desk.dossier("ETH").history, question)


@pytest.mark.parametrize("part", ["panel", "wallets", "grid", "asset", "sector", "wallet"])
def test_every_number_names_an_entry_of_the_glossary(part: str) -> None:
    lines = parts()[part]
    assert figures_of(lines)
    assert [(span.text, span.about) for line in lines for span in line if unexplained(span)] == []


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
        "age unknown",
        "a shock of 25 % against it −7,500.00",
        "if the stops are hit −1,239.22",
        "No order of ours in ETH yet.",
    ):
        assert words in shown, words


def test_an_unknown_share_of_risk_says_why_and_the_rest_of_the_drawer_stands() -> None:
    picture = hedged()
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    unknown = replace(SmallDesk(picture.book).dossier("ETH"), risk=None, risk_unknown="simulated has no price of NAN")
    shown = "\n".join(text_of(row) for row in asset_drawer(picture, rows, unknown, [], "", 72))
    assert "! share of the book's loss unknown: simulated has no price of NAN" in shown
    assert "a shock of" not in shown
    for words in ("entry 4,000.00", "strength", "No order of ours in ETH yet."):
        assert words in shown, words


@pytest.mark.parametrize(
    ("opened", "age"), [(timedelta(days=3, hours=5), "3 d"), (timedelta(seconds=90), "90 s"), (None, "unknown")]
)
def test_table_and_drawer_say_how_long_a_position_is_open(opened: timedelta | None, age: str) -> None:
    book = hedged().book
    assert book is not None
    account = book.accounts[0]
    short = account.position("ETH")
    assert short is not None
    dated = replace(short, opened_at=None if opened is None else example.NOON - opened)
    picture = picture_of(book.with_account(account.with_position("ETH", dated)))
    row = next(row for row in holdings(picture) if row.line is not None and row.name == "ETH")
    columns = fields(Order(), picture, filtered=False)
    cells = dict(zip((field.title for field in columns), grid_rows([row], columns, picture)[0].cells, strict=True))
    assert cells["age"].text == age
    assert f"age {age}" in "\n".join(text_of(found) for found in asset_drawer(picture, [row], None, [], "", 72))


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


def test_the_drawer_names_the_key_in_force_where_older_orders_and_fills_are() -> None:
    picture = loaded()
    dossier = SmallDesk(picture.book).dossier("ETH")
    order = OrderLine(
        at=example.NOON,
        account="main",
        plan_id="p",
        step=2,
        action="open_short",
        state="DONE",
        quantity=D(1),
        price=D(4000),
        filled=D(1),
        protective=False,
        symbol="ETH/USDT:USDT",
    )
    rows = [row for row in holdings(picture) if row.name == "ETH"]
    many = replace(dossier, orders=(order,) * 10, fills=())
    shown = "\n".join(text_of(found) for found in asset_drawer(picture, rows, many, [], "", 72, {"view.journal": "f9"}))
    assert "newest first; 2 older ones in the journal (F9)" in shown
