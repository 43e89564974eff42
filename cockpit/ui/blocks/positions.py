"""What is held, in short: every asset by sector with its weight against target, and every perpetual's risk."""

from collections.abc import Iterable

from msgspec.structs import replace

from cockpit.model import format as fmt
from cockpit.model.exposure import Exposure
from cockpit.model.instruments import spot_symbol
from cockpit.model.picture import Picture, PositionLine, Stage
from cockpit.ui.blocks.drift import drift_bar
from cockpit.ui.blocks.freshness import ACCOUNT_OLD, old_quote, quotes_are_old
from cockpit.ui.blocks.holdings import Holding, Kind, holdings
from cockpit.ui.blocks.position_grid import (
    ALIGNED,
    band_cell,
    funding_words,
    liquidation_away,
    money,
    no_liquidation,
    spot_cell,
    stop_cell,
)
from cockpit.ui.blocks.sources import account_notes
from cockpit.ui.blocks.standing import day_limit
from cockpit.ui.blocks.unprotected import alarms, badge
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.precision import price_text, quantity_text
from cockpit.ui.steps import SIDES
from cockpit.ui.table import NEVER_SHOWN, Cell, Column, Row, facts, table

SHORT = (
    Column("asset", right=False, name=True, least=6, most=9),
    Column("spot", drop=1, about="book.spot"),
    Column("perp", about="book.perp"),
    Column("net", about="book.net"),
    Column("weight %", about="book.weight"),
    Column("drift", right=False, drop=3, about="book.drift"),
    Column("PnL", drop=4, about="book.unrealised_pnl"),
    Column("band", right=False, drop=5, about="book.band"),
    Column("coins", drop=7, about="book.spot_quantity"),
    Column("price", drop=6, about="book.price"),
)
OLD_MARK = "!"
WEIGHTS = "40.0→30.0"
"""What the weight of a sector looks like; an asset's stands below its left part."""
PERPS = (
    Column("perpetual", right=False, name=True, least=12, about="book.leverage"),
    Column("PnL", about="book.unrealised_pnl"),
    Column("liq. away", about="book.liquidation_distance"),
    Column("stop away", about="book.stop_distance"),
    Column("stop", drop=1, about="book.stop"),
    Column("quantity", drop=2, about="book.quantity"),
    Column("liquidation", drop=3, about="book.liquidation"),
    Column("funding/day", drop=4, about="book.funding_day"),
    Column("mark", drop=5, about="book.mark"),
    Column("entry", drop=6, about="book.entry"),
    Column("account", right=False, drop=7),
)


def positions(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The overview's panel: the sectors with their assets, then the perpetuals, then the wallets."""
    if picture.exposure is None:
        return waiting(picture.book_progress, "the book", width)
    rows = holdings(picture)
    blocks = [remarks(picture, width, keymap)]
    if any(row.kind is not Kind.SECTOR for row in rows):
        columns = SHORT if picture.positions else [c._replace(drop=NEVER_SHOWN) if c.title == "PnL" else c for c in SHORT]
        most = 16 if len(picture.accounts) > 1 else SHORT[0].most
        columns = [columns[0]._replace(most=most), *columns[1:]]
        blocks.append(table(columns, _short_rows(rows, picture), width))
    if picture.positions:
        blocks.append([EMPTY, title("Perpetuals"), *table(PERPS, _perp_rows(picture), width)])
    else:
        blocks.append([EMPTY, line(("No perpetual is open.", "dim"))])
    blocks.append([EMPTY, *wallets(picture.exposure, width)])
    return [row for block in blocks for row in block]


def _short_rows(rows: list[Holding], picture: Picture) -> list[Row]:
    """The rows of the sectors and their assets; coins and prices stand point below point."""
    coins = fmt.aligned(["" if row.coins is None else fmt.exact(row.coins) for row in rows])
    prices = fmt.aligned(
        ["" if row.price is None else price_text(picture.market, spot_symbol(row.name), row.price) for row in rows]
    )
    return [_short(row, picture, *cells) for row, *cells in zip(rows, coins, prices, strict=True)]


def _short(row: Holding, picture: Picture, coins: str, price: str) -> Row:
    target = row.target
    weight = fmt.percent(row.weight, unit=False) + (f"→{fmt.percent(target, unit=False)}" if target is not None else "")
    cells: list[Cell] = [
        _marked(row.label, picture, row.symbols),
        spot_cell(row),
        fmt.whole(row.perp, signed=True),
        fmt.whole(row.net),
        weight if target is not None else f"{weight:<{len(WEIGHTS)}}",
        drift_bar(row.weight, target, row.band) if target is not None and row.weight is not None else "",
        money(row.pnl) if row.pnl is not None else "",
        band_cell(row),
        coins,
        price,
    ]
    return Row(cells, "strong" if row.kind is Kind.SECTOR else "")


def _marked(name: str, picture: Picture, symbols: Iterable[str]) -> Cell:
    """A row's name; where a quote that values it is old, "!" in the place of its first sign: no column gives way to the mark."""
    return name if old_quote(picture, symbols) is None else (f"{OLD_MARK}{name[1:]}", "warn", "book.quote_of")


def _perp_rows(picture: Picture) -> list[Row]:
    """The perpetuals; prices and quantities of a column stand point below point."""
    columns = list(zip(*(_perp(row, picture).cells for row in picture.positions), strict=True))
    for index, column in enumerate(PERPS):
        texts = [cell for cell in columns[index] if isinstance(cell, str)]
        if column.title in ALIGNED and len(texts) == len(columns[index]):
            columns[index] = tuple(fmt.aligned(texts))
    return [Row(cells) for cells in zip(*columns, strict=True)]


def _perp(row: PositionLine, picture: Picture) -> Row:
    position = row.position
    symbol = position.symbol
    return Row(
        (
            _marked(f"{SIDES[position.side]} {position.asset} {fmt.times(position.leverage)}", picture, [symbol]),
            money(row.unrealised_pnl),
            liquidation_away(row),
            stop_cell(row),
            price_text(picture.market, symbol, position.stop_price),
            quantity_text(picture.market, symbol, position.quantity),
            no_liquidation(row) or price_text(picture.market, symbol, row.liquidation_price),
            funding_words(row.funding_per_day),
            price_text(picture.market, symbol, row.mark),
            price_text(picture.market, symbol, position.entry_price),
            row.account,
        )
    )


def wallets(exposure: Exposure, width: int) -> list[Line]:
    """Where the money lies and how much of it works in futures."""
    return facts(
        [
            ("NAV", (fmt.amount(exposure.nav), "strong"), "book.nav"),
            ("cash", fmt.amount(exposure.cash), "book.cash"),
            ("futures wallet", fmt.amount(exposure.futures_wallet), "book.futures_wallet"),
            ("margin", fmt.amount(exposure.margin_used), "book.margin"),
            ("free reserve", fmt.percent(exposure.of_nav(exposure.cash)), "book.free_reserve"),
            ("gross futures", fmt.percent(exposure.of_nav(exposure.gross_futures_notional)), "book.gross_futures"),
            ("futures leverage", fmt.times(exposure.effective_leverage), "book.futures_leverage"),
            ("unrealised PnL", money(exposure.unrealised_pnl), "book.unrealised_pnl"),
        ],
        width,
    )


def remarks(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED, *, whole: bool = False) -> list[Line]:
    """What keeps the numbers from being the whole truth, in words: an empty book, old prices, targets that are not known yet.

    With `whole` all that is told of accounts at venues, else only why one is not read.
    """
    rows: list[Line] = []
    if picture.exposure is not None and not picture.exposure.assets:
        rows += wrapped("The book is empty: nothing is held and no perpetual is open.", width, "dim")
    rows += alarms(picture, width, keymap)
    rows += account_notes(picture, width) if whole else _unread(picture, width)
    rows += day_limit(picture, width)
    if quotes_are_old(picture):
        rows.append(
            line(
                (f"{OLD_MARK} prices are ", "warn"),
                (fmt.age(picture.quote_age), "warn", "book.quote_age"),
                (" old: marked values are of then", "warn"),
            )
        )
    if not picture.target_weights:
        progress = picture.signals_progress
        if progress.stage is Stage.LOADING:
            rows.append(line(("… targets follow the phase, which is on its way", "dim")))
        elif progress.stage is Stage.FAILED:
            why = f"({key_of('view.phase', keymap)} says why)"
            rows += wrapped(f"No targets: the signals could not be read, so there is no phase to follow {why}.", width, "warn")
        else:
            rows.append(line(("No targets: the phase is undetermined.", "dim")))
    return rows


def _unread(picture: Picture, width: int) -> list[Line]:
    """Why accounts that are kept at a venue are not read there: their rows are old, those of the portfolio file, or none."""
    fresh = {account for account, seen in picture.accounts_seen.items() if picture.now - seen <= ACCOUNT_OLD}
    notes = {account: notes for account, notes in picture.account_notes.items() if account not in fresh}
    return account_notes(replace(picture, account_notes=notes), width)


def headline(picture: Picture) -> Line:
    """The panel in one line."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", 60)[0]
    unprotected = badge(picture)
    parts: Line = line((f"{unprotected}  ", "alarm")) if unprotected else ()
    for sector, total in exposure.sectors.items():
        if sector.rotates:
            weight = total.weight if exposure.base > 0 else None
            parts += line(f"{sector.value} ", (fmt.percent(weight, unit=False), "", "book.weight"))
            if (target := picture.target_weights.get(sector)) is not None:
                parts += line("→", (fmt.percent(target, unit=False), "", "book.target"))
            parts += line("  ")
    count = len(picture.positions)
    return (*parts, *line(f"{count} perpetual{'s' if count > 1 else ''}")) if count else parts
