"""The positions as a grid: what stands in each column, how a row is written in it, and how the rows are sorted by it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.book import Position
from cockpit.model.instruments import spot_symbol
from cockpit.model.picture import Picture, PositionLine
from cockpit.ui.blocks.drift import drift_bar, drift_word, side_of_band
from cockpit.ui.blocks.freshness import ACCOUNT_OLD, old_quote
from cockpit.ui.blocks.holdings import Holding, Kind
from cockpit.ui.lines import Span, span
from cockpit.ui.precision import price_text, quantity_text
from cockpit.ui.steps import SIDES
from cockpit.ui.table import Cell
from cockpit.ui.table_rows import Head, Sorting, TableRow

Value = Decimal | int | str | datetime
EMPTY = Span("")
NO_STOP = span("NO STOP", "alarm", "book.stop_distance")
NO_PRICE = span("no price", "warn", "book.price")
TOO_LATE = span("TOO LATE", "alarm", "book.stop_distance")


class Field(NamedTuple):
    """A column. `value` is what rows are sorted by, None where a row has none; `largest` says which end comes first.

    `write` gives what stands in a row. A field `of_perps` says nothing of spot, one `of_venues` nothing of accounts
    that are kept here alone.
    """

    title: str
    about: str
    value: Callable[[Holding], Value | None]
    write: Callable[[Holding, Picture], Cell]
    largest: bool = True
    right: bool = True
    of_perps: bool = False
    of_venues: bool = False


def money(value: Decimal | None) -> Cell:
    """A gain or a loss: its sign says it, the colour repeats it; what rounds to nothing is neither."""
    text = fmt.amount(value, signed=True)
    return text, "good" if text.startswith("+") else "bad" if text.startswith(fmt.MINUS) else ""


def funding_words(value: Decimal | None) -> str:
    """What a day of funding brings or takes, in words; what rounds to nothing does neither."""
    if value is None:
        return "unknown"
    text = fmt.amount(abs(value))
    if fmt.amount(value, signed=True) == text:
        return text
    return f"{'receives' if value > 0 else 'pays'} {text}"


def liquidation_away(line: PositionLine) -> Cell:
    """How far the liquidation is; "none" where no price liquidates the position, "unknown" without its margin tiers."""
    return no_liquidation(line) or fmt.percent(line.liquidation_distance, signed=True)


def no_liquidation(line: PositionLine) -> Cell | None:
    """The word for a liquidation price that is not there; None for one that is."""
    if not line.liquidation_known:
        return "unknown", "warn"
    return "none" if line.liquidation_price is None else None


def _liquidation_cell(row: Holding, picture: Picture) -> Cell:
    if row.line is None:
        return EMPTY
    return no_liquidation(row.line) or price_text(picture.market, row.line.position.symbol, row.line.liquidation_price)


def side_words(position: Position) -> str:
    """▲ LONG 2x or ▼ SHORT 2x."""
    return f"{SIDES[position.side]} {fmt.times(position.leverage)}"


def stop_cell(line: PositionLine) -> Cell:
    """How far the stop is; that there is none, or none that fires before the liquidation, is an alarm."""
    if line.position.stop_price is None:
        return NO_STOP
    return TOO_LATE if line.late_stop else fmt.percent(line.stop_distance, signed=True)


def age_words(position: Position, now: datetime) -> str:
    """How long a position is open."""
    return "unknown" if position.opened_at is None else fmt.since(position.opened_at, now)


def _perp(write: Callable[[PositionLine], Cell]) -> Callable[[Holding, Picture], Cell]:
    """A cell that only a perpetual has."""
    return lambda row, _: write(row.line) if row.line is not None else EMPTY


def _perp_price(price: Callable[[PositionLine], Decimal | None]) -> Callable[[Holding, Picture], Cell]:
    def write(row: Holding, picture: Picture) -> Cell:
        if row.line is None:
            return EMPTY
        value = price(row.line)
        return fmt.NONE if value is None else price_text(picture.market, row.line.position.symbol, value)

    return write


def _of_line(value: Callable[[PositionLine], Value | None]) -> Callable[[Holding], Value | None]:
    return lambda row: None if row.line is None else value(row.line)


def _distance(value: Decimal | None) -> Decimal | None:
    return None if value is None else abs(value)


def name_cell(row: Holding, picture: Picture) -> Cell:
    """What the row is called; with OLD and the age where a quote that values it is old."""
    age = old_quote(picture, row.symbols)
    return row.label if age is None else (f"{row.label} {old_words(age)}", "warn", "book.quote_of")


def old_words(age: timedelta) -> str:
    """What marks a row that is valued at an old quote."""
    return f"OLD {fmt.age(age)}"


def _read_cell(row: Holding, picture: Picture) -> Cell:
    return EMPTY if row.seen is None else seen_words(row.seen, picture.now)


def seen_words(seen: datetime, now: datetime) -> tuple[str, str]:
    """How long ago an account was read at its venue, with its role; OLD where that is too long."""
    age = fmt.since(seen, now)
    return (f"{age} OLD", "warn") if now - seen > ACCOUNT_OLD else (age, "")


def _perp_cell(row: Holding, _: Picture) -> Cell:
    return fmt.NONE if row.perp is None else fmt.whole(row.perp, signed=True)


def _weight(row: Holding, _: Picture) -> Cell:
    return fmt.percent(row.weight, unit=False)


def _drift(row: Holding) -> Decimal | None:
    return None if row.target is None or row.weight is None else abs(row.weight - row.target)


def _drift_cell(row: Holding, _: Picture) -> Cell:
    return EMPTY if row.target is None or row.weight is None else drift_bar(row.weight, row.target, row.band)


def _band(row: Holding) -> int | None:
    if row.target is None or row.weight is None or row.band is None:
        return None
    return side_of_band(row.weight, row.target, row.band)


def band_cell(row: Holding) -> Cell:
    """inside, over or under; empty where nothing is asked."""
    if row.target is None or row.weight is None:
        return EMPTY
    word = drift_word(row.weight, row.target, row.band)
    return (word, "good" if word == "inside" else "warn")


def _optional(value: Callable[[Holding], Decimal | None], write: Callable[[Decimal], Cell]) -> Callable[[Holding, Picture], Cell]:
    """A cell that stays empty where the row has no such figure."""

    def written(row: Holding, _: Picture) -> Cell:
        found = value(row)
        return EMPTY if found is None else write(found)

    return written


def spot_cell(row: Holding) -> Cell:
    """What the coins are worth; in words where no venue lists them."""
    return NO_PRICE if row.unlisted else fmt.whole(row.spot)


def _funding_cell(row: Holding, _: Picture) -> Cell:
    return EMPTY if row.pnl is None else funding_words(row.funding)


def _quantity_cell(row: Holding, picture: Picture) -> Cell:
    if row.line is None:
        return EMPTY
    return quantity_text(picture.market, row.line.position.symbol, row.line.position.quantity)


def _spot_price(row: Holding, picture: Picture) -> Cell:
    return EMPTY if row.price is None else price_text(picture.market, spot_symbol(row.name), row.price)


SECTOR = Field("sector", "", lambda row: row.sector.value, lambda row, _: row.sector.value, largest=False, right=False)
FIELDS = (
    Field("asset", "", lambda row: row.name, name_cell, largest=False, right=False),
    SECTOR,
    Field("spot", "book.spot", lambda row: row.spot, lambda row, _: spot_cell(row)),
    Field("perp", "book.perp", lambda row: row.perp, _perp_cell),
    Field("net", "book.net", lambda row: row.net, lambda row, _: fmt.whole(row.net)),
    Field("now %", "book.weight", lambda row: row.weight, _weight),
    Field("read", "book.account_seen", lambda row: row.seen, _read_cell, of_venues=True),
    Field(
        "target",
        "book.target",
        lambda row: row.target,
        _optional(lambda row: row.target, lambda target: fmt.percent(target, unit=False)),
    ),
    Field(
        "stop away",
        "book.stop_distance",
        _of_line(lambda line: _distance(line.stop_distance) if line.protected else Decimal(-1)),
        _perp(stop_cell),
        largest=False,
        of_perps=True,
    ),
    Field("drift", "book.drift", _drift, _drift_cell, right=False),
    Field("band", "book.band", _band, lambda row, _: band_cell(row), right=False),
    Field("PnL", "book.unrealised_pnl", lambda row: row.pnl, _optional(lambda row: row.pnl, money), of_perps=True),
    Field(
        "liq. away",
        "book.liquidation_distance",
        _of_line(lambda line: _distance(line.liquidation_distance)),
        _perp(liquidation_away),
        largest=False,
        of_perps=True,
    ),
    Field("funding/day", "book.funding_day", lambda row: row.funding, _funding_cell, of_perps=True),
    Field(
        "stop",
        "book.stop",
        _of_line(lambda line: line.position.stop_price),
        _perp_price(lambda line: line.position.stop_price),
        of_perps=True,
    ),
    Field(
        "liquidation",
        "book.liquidation",
        _of_line(lambda line: line.liquidation_price),
        _liquidation_cell,
        of_perps=True,
    ),
    Field(
        "age",
        "book.age",
        _of_line(lambda line: line.position.opened_at),
        lambda row, picture: EMPTY if row.line is None else age_words(row.line.position, picture.now),
        largest=False,
        of_perps=True,
    ),
    Field("account", "", lambda row: row.account or None, lambda row, _: row.account, largest=False, right=False),
    Field(
        "side",
        "book.leverage",
        _of_line(lambda line: line.position.side.value),
        _perp(lambda line: side_words(line.position)),
        largest=False,
        right=False,
        of_perps=True,
    ),
    Field(
        "quantity",
        "book.quantity",
        _of_line(lambda line: line.position.quantity),
        _quantity_cell,
        of_perps=True,
    ),
    Field(
        "entry",
        "book.entry",
        _of_line(lambda line: line.position.entry_price),
        _perp_price(lambda line: line.position.entry_price),
        of_perps=True,
    ),
    Field("mark", "book.mark", _of_line(lambda line: line.mark), _perp_price(lambda line: line.mark), of_perps=True),
    Field("margin", "book.margin", lambda row: row.margin, _optional(lambda row: row.margin, fmt.amount), of_perps=True),
    Field("coins", "book.spot_quantity", lambda row: row.coins, _optional(lambda row: row.coins, fmt.exact)),
    Field("price", "book.price", lambda row: row.price, _spot_price),
)
"""Every column, the most important first: where room is short the last ones are reached with the column mark."""


class Order(NamedTuple):
    """How the rows stand: by sector with subtotals, or flat by the field of that title."""

    title: str = ""
    descending: bool = False


def fields(order: Order, picture: Picture, *, filtered: bool) -> tuple[Field, ...]:
    """The columns: only a flat list needs the sector, a book without perpetuals none of their figures, one kept here no ages."""
    flat = bool(order.title) or filtered
    return tuple(
        field
        for field in FIELDS
        if (flat or field is not SECTOR)
        and (picture.positions or not field.of_perps)
        and (picture.accounts_seen or not field.of_venues)
    )


def heads(shown: Sequence[Field]) -> tuple[Head, ...]:
    """The headings of these columns."""
    return tuple(Head(field.title, field.right, field.about) for field in shown)


def sorting(shown: Sequence[Field], order: Order) -> Sorting | None:
    """Where the mark of the order stands."""
    place = next((index for index, field in enumerate(shown) if field.title == order.title), None)
    return None if place is None else Sorting(place, order.descending)


def ordered(rows: Sequence[Holding], order: Order, sectors: Mapping[Sector, Holding]) -> list[Holding]:
    """The rows in their order; sorted they stand without subtotals, and rows that miss the figure come last either way.

    Target, drift and band are figures of a sector: its assets are sorted by those.
    """
    field = next((field for field in FIELDS if field.title == order.title), None)
    if field is None:
        return list(rows)
    assets = [row for row in rows if row.kind is not Kind.SECTOR]

    def value(row: Holding) -> Value | None:
        own = field.value(row)
        return field.value(sectors[row.sector]) if own is None and field.title in OF_SECTORS and row.sector in sectors else own

    known = [(value(row), row) for row in assets]
    present = sorted(((found, row) for found, row in known if found is not None), key=_by_value, reverse=order.descending)
    return [*(row for _, row in present), *(row for found, row in known if found is None)]


OF_SECTORS = ("target", "drift", "band")


def _by_value(pair: tuple[Value, Holding]) -> Any:
    return pair[0].casefold() if isinstance(pair[0], str) else pair[0]


def grid_rows(rows: Sequence[Holding], shown: Sequence[Field], picture: Picture) -> list[TableRow]:
    """The rows as the table shows them; in a column of prices or quantities the points stand below one another."""
    columns = [_column(field, [_cell(field, row, picture) for row in rows]) for field in shown]
    return [TableRow(row.key, tuple(column[y] for column in columns)) for y, row in enumerate(rows)]


def _column(field: Field, cells: list[Span]) -> list[Span]:
    if field.title not in ALIGNED:
        return cells
    texts = fmt.aligned([cell.text for cell in cells])
    return [cell._replace(text=text) if cell.text else cell for cell, text in zip(cells, texts, strict=True)]


ALIGNED = ("stop", "liquidation", "quantity", "entry", "mark", "coins", "price")
"""Columns whose numbers have different places."""


def _cell(field: Field, row: Holding, picture: Picture) -> Span:
    cell = field.write(row, picture)
    made = cell if isinstance(cell, Span) else span(cell) if isinstance(cell, str) else span(*cell)
    role = made.role or ("strong" if row.kind is Kind.SECTOR else "")
    return Span(made.text, role, made.about or (field.about if made.text.strip() else ""))
