"""All about one asset of the positions: its perpetuals, its share of risk, its signals, its orders and fills, its price."""

from collections.abc import Sequence
from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.inquiry import Dossier, FillLine, OrderLine
from cockpit.model.instruments import spot_symbol
from cockpit.model.picture import Picture
from cockpit.model.readings import Reading
from cockpit.ui.blocks.holdings import Holding
from cockpit.ui.blocks.position_grid import NO_PRICE, age_words, funding_words, money, seen_words, side_words, stop_cell
from cockpit.ui.blocks.quoted import quoted
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, beside, clip, explained, line, title, wrapped
from cockpit.ui.precision import price_text, quantity_text
from cockpit.ui.table import Cell, Column, Fact, Row, facts, table

READINGS = (
    Column("signal", right=False, name=True, least=12),
    Column("value"),
    Column("score"),
    Column("age", drop=1),
)
ORDERS = (
    Column("order", right=False, drop=4),
    Column("what", right=False, name=True, least=10),
    Column("state", right=False),
    Column("quantity", drop=2, about="book.quantity"),
    Column("filled", about="book.filled"),
    Column("at", about="book.order_price"),
    Column("account", right=False, drop=3),
)
FILLS = (
    Column("fill", right=False, drop=3),
    Column("side", right=False),
    Column("quantity", about="book.filled"),
    Column("price", about="book.fill_price"),
    Column("fee", about="book.fee"),
    Column("account", right=False, drop=2),
)
MOST_ORDERS = 8
TWO_COLUMNS_FROM = 100
COLUMN_GAP = 3
Blocks = list[list[Line]]


def asset_drawer(
    picture: Picture,
    rows: Sequence[Holding],
    dossier: Dossier | None,
    chart: Sequence[Line],
    failure: str,
    width: int,
    keymap: Keymap = AS_SHIPPED,
) -> list[Line]:
    """The detail of an asset; `rows` are its holdings, account by account. What is still on its way says so.

    `failure` is why there is no dossier. In two columns the chart stands beside the figures, with the signals below it: what
    comes later than the rest then moves nothing.
    """
    asset, sector, room = rows[0].name, rows[0].sector, column_width(width)
    blocks: Blocks = [[_name(rows[0], picture)], *(_holding(row, picture, room) for row in rows), quoted(picture, asset, room)]
    if failure:
        blocks.append(wrapped(f"✗ orders, fills, risk and history of {asset} could not be read: {failure}", room, "bad"))
    elif dossier is None:
        blocks.append([title("Risk"), line((f"… risk, orders, fills and history of {asset} are on their way", "dim"))])
    else:
        blocks.append(_risk(dossier, sum(row.naked for row in rows), room))
    note = "" if dossier is None else _chart_note(dossier)
    drawn = [] if failure or not chart else [title("Price", clip(note, room - 7)), *chart]
    later = [] if dossier is None else [_orders(dossier.orders, asset, picture, room, keymap)]
    later += [] if dossier is None else [_fills(dossier.fills, picture, room, keymap)]
    readings = signals_of(picture, asset, sector, room)
    if room < width:
        return in_columns([*blocks, *later], [drawn, readings], width)
    return stacked([*blocks, drawn, readings, *later])


def column_width(width: int) -> int:
    """How wide a block is in a detail of that width: half of it where there is room for two columns."""
    return width if width < TWO_COLUMNS_FROM else (width - COLUMN_GAP) // 2


def in_columns(left: Blocks, right: Blocks, width: int) -> list[Line]:
    """Two stacks of blocks, each as wide as `column_width` says, side by side."""
    return beside(stacked(left), stacked(right), column_width(width), COLUMN_GAP)


def stacked(blocks: Blocks) -> list[Line]:
    """Blocks below one another, a blank line between them; empty ones take none."""
    lines: list[Line] = []
    for block in blocks:
        if block:
            lines += [EMPTY, *block] if lines else block
    return lines


def _name(row: Holding, picture: Picture) -> Line:
    if row.unlisted:
        told = ("listed by no venue: counted as 0", "warn", "book.price")
        return line((row.name, "title"), (f"  {row.sector.value}  ", "dim"), told)
    price = price_text(picture.market, spot_symbol(row.name), row.price)
    return line((row.name, "title"), (f"  {row.sector.value}  price ", "dim"), (price, "strong", "book.price"))


def _holding(row: Holding, picture: Picture, width: int) -> list[Line]:
    """The holding of one account: everything that the table may have no room for."""
    pairs: list[Fact] = [
        ("coins", fmt.exact(row.coins), "book.spot_quantity"),
        ("spot", NO_PRICE if row.unlisted else fmt.amount(row.spot), "book.spot"),
        ("perp", fmt.amount(row.perp, signed=True), "book.perp"),
        ("net", (fmt.amount(row.net), "strong"), "book.net"),
        ("weight", fmt.percent(row.weight), "book.weight"),
    ]
    rows = [_account(row, picture), *facts(pairs, width)]
    found = row.line
    if found is None:
        return rows
    position, market = found.position, picture.market
    stop: list[Fact] = [("stop away", stop_cell(found), "book.stop_distance")]
    if position.stop_price is not None:
        stop.insert(0, ("stop", price_text(market, position.symbol, position.stop_price), "book.stop"))
    liquidation: list[Fact] = [("liquidation", ("none", "good"), "book.liquidation")]
    if not found.liquidation_known:
        why = "it is in cross margin, and its venue tells none" if position.cross else "its margin tiers are not known"
        liquidation = [("liquidation", (f"unknown: {why}", "warn"), "book.liquidation")]
    elif found.liquidation_price is not None:
        liquidation = [
            ("liquidation", price_text(market, position.symbol, found.liquidation_price), "book.liquidation"),
            ("away", fmt.percent(found.liquidation_distance, signed=True), "book.liquidation_distance"),
        ]
    perp: list[Fact] = [
        (side_words(position), f"{fmt.exact(position.quantity)} {row.name}", "book.quantity"),
        ("entry", price_text(market, position.symbol, position.entry_price), "book.entry"),
        ("mark", price_text(market, position.symbol, found.mark), "book.mark"),
        *stop,
        *liquidation,
        ("PnL", money(found.unrealised_pnl), "book.unrealised_pnl"),
        ("funding a day", funding_words(found.funding_per_day), "book.funding_day"),
        ("margin", fmt.amount(position.margin), "book.margin"),
        ("age", age_words(position, picture.now), "book.age"),
    ]
    return [*rows, *facts(perp, width)]


def _account(row: Holding, picture: Picture) -> Line:
    """The account's name, and how long ago it was read at its venue."""
    if row.seen is None:
        return line((f"in {row.account}", "strong"))
    read = seen_words(row.seen, picture.now)
    return line((f"in {row.account}", "strong"), ("  read ", "dim"), (*read, "book.account_seen"))


def _risk(dossier: Dossier, naked: int, width: int) -> list[Line]:
    """What is at risk; no stop protects `naked` perpetuals, so that no sum says what they may lose."""
    risk = dossier.risk
    pairs: list[Fact] = []
    unknown: list[Line] = []
    if risk is None:
        unknown = explained(
            wrapped(f"! share of the book's loss unknown: {dossier.risk_unknown}", width, "warn"), "book.risk_share"
        )
    else:
        pairs += [
            (f"a shock of {fmt.percent(risk.shock, 0)} against it", _loss(risk.shock_loss), "book.shock_loss"),
            ("share of the book's loss", "no loss" if risk.share is None else fmt.percent(risk.share), "book.risk_share"),
        ]
        if risk.stop_loss is not None:
            pairs.append(("if the stops are hit", _loss(risk.stop_loss), "book.stop_loss"))
    if naked:
        pairs.append(("unprotected", (f"{naked}, NO LIMIT", "alarm"), "book.stop_distance"))
    return [title("Risk"), *unknown, *facts(pairs, width)]


def _loss(value: Decimal) -> str:
    """A loss with its minus; a gain by the same move with its plus."""
    return fmt.amount(-value, signed=True)


def _chart_note(dossier: Dossier) -> str:
    closes = [close for close in dossier.history.closes if close is not None]
    return f"{len(closes)} daily closes, {dossier.history.source}" if closes else ""


def signals_of(picture: Picture, asset: str, sector: Sector, width: int) -> list[Line]:
    """The asset's readings, those of most weight first."""
    if not picture.readings:
        return waiting(picture.signals_progress, "the signals", width)
    own = [reading for reading in picture.readings if reading.subject == asset]
    if not own:
        why = "a stablecoin has none" if sector is Sector.STABLE else f"the market's history knows no {asset}"
        return [title("Signals"), line((f"No signals: {why}.", "dim"))]
    rows = [_reading_row(reading, picture) for reading in own]
    return [title("Signals", "at the last close"), *table(READINGS, rows, width)]


def _reading_row(reading: Reading, picture: Picture) -> Row:
    """A reading; its figures are explained by its indicator's own entry."""
    about = f"indicator.{reading.indicator}"
    score = (fmt.score(reading.score), "", about) if reading.score is not None else ("not scored", "dim")
    cells: tuple[Cell, ...] = (
        (reading.label, "", about),
        (fmt.reading(reading, "no data"), "", about),
        score,
        (fmt.since(reading.at, picture.now), "dim", about),
    )
    return Row(cells, "" if reading.raw is not None else "dim")


def _orders(orders: Sequence[OrderLine], asset: str, picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    if not orders:
        return [title("Orders"), line((f"No order of ours in {asset} yet.", "dim"))]
    market = picture.market
    rows = [
        Row(
            (
                (f"{order.at:%m-%d %H:%M}", "dim"),
                f"{order.action.replace('_', ' ')}{' (stop)' if order.protective else ''}",
                order.state.lower().replace("_", " "),
                quantity_text(market, order.symbol, order.quantity),
                quantity_text(market, order.symbol, order.filled),
                price_text(market, order.symbol, order.price),
                order.account,
            )
        )
        for order in orders[:MOST_ORDERS]
    ]
    return [_newest("Orders", len(orders), keymap), *table(ORDERS, rows, width)]


def _fills(fills: Sequence[FillLine], picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    if not fills:
        return []
    market = picture.market
    rows = [
        Row(
            (
                (f"{fill.at:%m-%d %H:%M}", "dim"),
                fill.side,
                quantity_text(market, fill.symbol, fill.quantity),
                price_text(market, fill.symbol, fill.price),
                fmt.amount(fill.fee),
                fill.account,
            )
        )
        for fill in fills[:MOST_ORDERS]
    ]
    return [_newest("Fills", len(fills), keymap), *table(FILLS, rows, width)]


def _newest(heading: str, count: int, keymap: Keymap) -> Line:
    """The heading of what is shown newest first, and where the older ones are."""
    more = count - MOST_ORDERS
    older = f"; {more} older ones in the journal ({key_of('view.journal', keymap)})" if more > 0 else ""
    return title(heading, f"newest first{older}")
