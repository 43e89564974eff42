"""What a shock of prices does to the book as it is and to the book after a plan, in figures and in words."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import OUTSIDE, ROTATING, Sector
from cockpit.model.inquiry import ShockedBook, ShockedPosition, Shocks, WhatIf
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.ui.blocks.ladder import LEAST, firsts_table, ladder_chart, ladder_table
from cockpit.ui.blocks.position_grid import money
from cockpit.ui.blocks.scenarios import scenario_table, scenarios
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, Span, beside, span, title, width_of, wrapped
from cockpit.ui.precision import price_text, tick_of
from cockpit.ui.steps import SIDES, step_count
from cockpit.ui.table import Cell, Column, Row, table

FIGURES = (
    Column("", right=False),
    Column("book now"),
    Column("shocked"),
    Column("change", drop=1),
    Column("plan end"),
    Column("shocked"),
    Column("change", drop=1),
)
ALONE = FIGURES[:4]


ROOMY = 184
"""Cells from which the ladder has a column of its own, with every rung and a chart."""
MOST_NAMES = 6
"""Of the assets that a shock leaves alone so many are named; the others are counted."""
LEFT_WIDTH = 110
GAP = 3


class _Side(NamedTuple):
    """One of the two books, ready to be told."""

    book: ShockedBook
    name: str


def whatif(answer: WhatIf, plan: Plan | None, note: str, picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The whole answer. `plan` is the one behind `answer.planned` and `note` says which one that is; without it why."""
    sides = [_Side(answer.now, "the book now")]
    if answer.planned is not None:
        sides.append(_Side(answer.planned, "the plan's end"))
    rows: list[Line] = []
    for side in sides:
        rows += verdict(side.book, side.name, width)
    rows += _unmoved(answer.shocks, picture, width, keymap)
    tables = [title("Before → after the shock", "weights are % of the base")]
    tables += _figures([side.book for side in sides], plan, width)
    told, left = note, min(width, LEFT_WIDTH)
    if plan is not None and answer.planned is not None:
        told = f"plan end: the book after {_plan_words(plan)}{f'; {note}' if note else ''}"
    if picture.exposure is not None and not picture.exposure.assets:
        return [*rows, EMPTY, *tables, *(wrapped(told, width, "dim") if told else [])]
    perpetuals = [row for side in sides if side.book.positions for row in (EMPTY, *_perpetuals(side, picture.market, left))]
    every = [EMPTY, *scenario_table(answer, scenarios(picture), left)]
    return [*rows, EMPTY, *_laid_out(answer, tables, told, perpetuals, every, width)]


def _laid_out(answer: WhatIf, tables: list[Line], note: str, perpetuals: list[Line], every: list[Line], width: int) -> list[Line]:
    """The figures first; the ladder beside them where there is room, its chart below it where there is much, else at the end."""
    taken = LEFT_WIDTH if width >= ROOMY else max(map(width_of, tables))
    room = width - GAP - taken
    ladder, shocks = answer.ladder, answer.shocks
    noted = wrapped(note, taken if width >= ROOMY else width, "dim") if note else []
    if ladder is None:
        return [*tables, *noted, *perpetuals, *every]
    if width >= ROOMY:
        right = [*ladder_table(ladder, shocks, room, fine=True), *firsts_table(ladder, shocks, room)]
        right += ladder_chart(ladder, shocks, room)
        return beside([*tables, *noted, *perpetuals, *every], right, taken, GAP)
    hurts = firsts_table(ladder, shocks, width)
    if room >= LEAST:
        steps = ladder_table(ladder, shocks, room, fine=False)
        return [*beside(tables, steps, taken, GAP), *noted, *hurts, *perpetuals, *every]
    return [*tables, *noted, *perpetuals, *hurts, *every, EMPTY, *ladder_table(ladder, shocks, width, fine=False)]


def verdict(book: ShockedBook, name: str, width: int) -> list[Line]:
    """One sentence: what is lost, what is stopped, what is liquidated."""
    change = book.nav_after - book.nav_before
    verb = "loses" if change < 0 else "gains" if change > 0 else "keeps its value"
    share = f" {fmt.amount(abs(change))} ({fmt.percent(_part(change, book.nav_before), signed=True)}" if change else ""
    if change and book.nav_gap != book.nav_after:
        share += f", in a gap {fmt.percent(_part(book.nav_gap - book.nav_before, book.nav_before), signed=True)}"
    share += ")" if share else ""
    stopped = [position for position in book.positions if position.stopped]
    lost = [position for position in book.positions if position.liquidated]
    bare = sum(position.stop_price is None for position in book.positions)
    parts = [f"{name} {verb}{share}"]
    if book.positions:
        if stopped or bare < len(book.positions):
            parts.append(f"{_names(stopped)} stopped" if stopped else "no stop is reached")
        if bare:
            parts.append(f"{bare} WITHOUT STOP")
        parts.append(f"{_names(lost)} LIQUIDATED in a gap" if lost else "nothing is liquidated")
    else:
        parts.append("no perpetual is open")
    mark, role = ("✗", "bad") if lost else ("!", "warn") if stopped or bare else ("·", "")
    return wrapped(f"{mark} {'; '.join(parts)}", width, role)


def _names(positions: Sequence[ShockedPosition]) -> str:
    """UNI long, ETH short ×3: those of several accounts counted together."""
    counts = Counter(f"{position.asset} {position.side.value}" for position in positions)
    return ", ".join(name if count == 1 else f"{name} ×{count}" for name, count in counts.items())


def _unmoved(shocks: Shocks, picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    """What the book holds that this shock does not name; what is excluded from trading moves with its market."""
    held = picture.exposure.assets if picture.exposure is not None else ()
    sectors = {
        row.asset: picture.sectors.get(row.asset, row.sector) if row.sector is Sector.EXCLUDED else row.sector for row in held
    }
    still = [row.asset for row in held if row.sector in OUTSIDE and not shocks.of(row.asset, sectors[row.asset])]
    moves = f"{key_of('whatif.assets', keymap)} moves single assets"
    more = f" and {len(still) - MOST_NAMES} more" if len(still) > MOST_NAMES else ""
    names = ", ".join(still[:MOST_NAMES]) + more
    return wrapped(f"{names}: not moved by this shock; {moves}", width, "dim") if still else []


def _plan_words(plan: Plan) -> str:
    head = plan.plan
    preset = f", preset {head.preset}" if head.preset else ""
    return f"strategy {head.strategy}, {head.mode.value}{preset}, {step_count(len(plan.steps))}"


def _figures(books: Sequence[ShockedBook], plan: Plan | None, width: int) -> list[Line]:
    least = plan.limits.free_reserve_min if plan is not None else None
    parts = [_side_rows(book, least) for book in books]
    rows = []
    for index, (label, *_) in enumerate(parts[0]):
        cells: list[Cell] = [label]
        for part in parts:
            cells += part[index][1:]
        rows.append(Row(cells))
    return table(FIGURES if len(books) > 1 else ALONE, rows, width)


def _side_rows(book: ShockedBook, least_reserve: Decimal | None) -> list[list[Cell]]:
    """A row a figure: its name, before, after, change."""
    reserve, near = book.cash / book.nav_before if book.nav_before > 0 else None, nearest(book.positions)
    thin = least_reserve is not None and book.free_reserve_after < least_reserve
    after = book.nearest_liquidation_after
    weights: list[list[Cell]] = [
        [
            f"{sector.value} %",
            span(fmt.percent(book.weights.get(sector), unit=False), "", "book.weight"),
            span(fmt.percent(book.weights_after.get(sector), unit=False), "", "book.weight"),
            _points(book.weights.get(sector), book.weights_after.get(sector), "book.weight"),
        ]
        for sector in ROTATING
    ]
    return [
        _money_row("NAV, stops fill", book.nav_before, book.nav_after, "whatif.nav"),
        _money_row("NAV, in a gap", book.nav_before, book.nav_gap, "whatif.nav_gap"),
        _money_row("cash", book.cash, book.cash_after, "book.cash"),
        _money_row("futures wallet", book.futures_wallet, book.futures_wallet_after, "book.futures_wallet"),
        _money_row("margin", book.margin_used, book.margin_used_after, "book.margin"),
        [
            "free reserve",
            span(fmt.percent(reserve), "", "book.free_reserve"),
            span(("! " if thin else "") + fmt.percent(book.free_reserve_after), "warn" if thin else "", "book.free_reserve"),
            _points(reserve, book.free_reserve_after, "book.free_reserve"),
        ],
        [
            "liq. nearest",
            span(fmt.percent(near, signed=True), "", "book.liquidation_distance"),
            span(fmt.percent(after, signed=True), "", "book.liquidation_distance"),
            "",
        ],
        *weights,
    ]


def _money_row(label: str, before: Decimal, after: Decimal, about: str) -> list[Cell]:
    change = after - before
    role = "" if not change or not label.startswith("NAV") else "good" if change > 0 else "bad"
    part = _part(change, before)
    return [
        label,
        span(fmt.whole(before), "", about),
        span(fmt.whole(after), "strong" if role else "", about),
        span("" if part is None or not change else fmt.percent(part, signed=True), role, about),
    ]


def _points(before: Decimal | None, after: Decimal | None, about: str) -> Span:
    """A difference of two fractions, in percentage points; one that would read as zero is none."""
    if before is None or after is None or not round(after - before, 3):
        return span("")
    return span(f"{fmt.percent(after - before, signed=True, unit=False)} pt", "", about)


def _part(change: Decimal, of: Decimal) -> Decimal | None:
    return change / of if of > 0 else None


def nearest(positions: Sequence[ShockedPosition]) -> Decimal | None:
    """The signed move of mark that liquidates the nearest position, before the shock."""
    moves = [p.liquidation_price / p.mark - 1 for p in positions if p.liquidation_price is not None and p.mark > 0]
    return min(moves, key=abs, default=None)


PERPETUALS = (
    Column("perpetual", right=False, about="book.quantity"),
    Column("mark", drop=1, about="book.mark"),
    Column("shocked", about="whatif.shocked"),
    Column("PnL", about="whatif.pnl"),
    Column("what happens", right=False, name=True, least=24, most=80, about="whatif.fate"),
)


def _perpetuals(side: _Side, market: MarketSnapshot | None, width: int) -> list[Line]:
    rows = []
    for position in side.book.positions:
        words, role = fate(position, tick_of(market, position.symbol))
        rows.append(
            Row(
                (
                    f"{SIDES[position.side]} {fmt.exact(position.quantity)} {position.asset}",
                    price_text(market, position.symbol, position.mark),
                    price_text(market, position.symbol, position.shocked),
                    money(position.pnl),
                    (words, role),
                )
            )
        )
    return [
        title(f"Perpetuals: {side.name}", "PnL if no stop fills"),
        *table(PERPETUALS, rows, width),
    ]


def fate(position: ShockedPosition, tick: Decimal | None = None) -> tuple[str, str]:
    """What becomes of a position, in words, with its role."""
    price = "" if position.liquidation_price is None else f" at {fmt.price(position.liquidation_price, tick)}"
    if position.stopped:
        orderly = f"STOPPED at {fmt.price(position.stop_price, tick)}: {fmt.amount(position.stop_pnl, signed=True)}"
        return (f"✗ {orderly}; in a gap LIQUIDATED{price}", "bad") if position.liquidated else (f"! {orderly}", "warn")
    if position.liquidated:
        return f"✗ LIQUIDATED{price}, the margin is lost", "bad"
    unknown = "" if position.liquidation_known else "; liquidation unknown"
    if position.stop_price is None:
        return f"! NO STOP; stands{unknown}", "warn"
    if unknown:
        return f"! stands; stop at {fmt.price(position.stop_price, tick)}{unknown}", "warn"
    return f"✓ stands; stop at {fmt.price(position.stop_price, tick)}", ""
