"""A shock scaled both ways: what NAV is on each rung, and where it starts to hurt."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.inquiry import LADDER_END, LADDER_STEP, Ladder, Reach, Rung, ShockedBook, Shocks
from cockpit.model.money import ZERO
from cockpit.ui import charts
from cockpit.ui.blocks.scenarios import CHOSEN
from cockpit.ui.lines import EMPTY, Line, Span, line, span, text_of, title, wrapped
from cockpit.ui.table import NEVER_SHOWN, Cell, Column, Row, table

TITLE = "Ladder of NAV"
LEAST = 41
"""Cells that the ladder of two books needs."""
SECTOR_WORDS = {Sector.DEFI: "DeFi"}
MOST_LEADERS = 2
CHART_HEIGHT = 14


class Side(NamedTuple):
    """One of the two books on the ladder: its name, and where its stops and liquidations are reached."""

    name: str
    reaches: tuple[Reach, ...]
    perpetuals: bool


def sides(ladder: Ladder) -> list[Side]:
    """The book now, and the plan's end where there is one."""
    rung = ladder.rungs[0]
    found = [Side("book now", ladder.now, bool(rung.now.positions))]
    if rung.planned is not None:
        found.append(Side("plan end", ladder.planned, bool(rung.planned.positions)))
    return found


def moved(shocks: Shocks) -> dict[str, Decimal]:
    """Every move of a shock by the name that the screen has for it."""
    return {SECTOR_WORDS.get(sector, sector.value): move for sector, move in shocks.sectors.items()} | shocks.assets


def leaders(ladder: Ladder, shocks: Shocks) -> list[str]:
    """What moves as a rung says."""
    return [name for name, move in moved(shocks).items() if move == ladder.lead]


def leader(ladder: Ladder, shocks: Shocks) -> str:
    """The same as a short heading."""
    names = leaders(ladder, shocks)
    return ", ".join(names) if len(names) <= MOST_LEADERS else "move"


def scale_words(ladder: Ladder, shocks: Shocks) -> str:
    """What exactly is scaled."""
    names = leaders(ladder, shocks)
    told = ", ".join(names[:-1]) + " and " * (len(names) > 1) + names[-1]
    others = ((name, move) for name, move in moved(shocks).items() if move != ladder.lead)
    rest = "".join(f", {name} {_ratio(move, ladder.lead)}" for name, move in others)
    return f"Scaled as a whole: {told} by the first column{rest}"


def _ratio(move: Decimal, lead: Decimal) -> str:
    """How far something moves while the leader moves by a rung."""
    if not move:
        return "stays"
    sign = fmt.MINUS if move * lead < 0 else ""
    return f"{sign}{fmt.exact(abs(move * 100))}/{fmt.exact(abs(lead * 100))} of it"


def ladder_table(ladder: Ladder, shocks: Shocks, width: int, *, fine: bool) -> list[Line]:
    """NAV rung by rung, the highest rise first; `fine` shows every rung, else every second, and always the shock itself.

    ! stands where a stop is reached, ✗ where a position is liquidated in a gap; the first of each is named where there is room.
    """
    both = sides(ladder)
    columns = [Column(leader(ladder, shocks), about="whatif.rung")]
    for side, drop in zip(both, (2, 1), strict=False):
        columns += [
            Column(side.name, about="whatif.nav"),
            Column("in a gap", drop=drop if side.perpetuals else NEVER_SHOWN, about="whatif.nav_gap"),
        ]
    columns.append(Column("on the way", right=False, drop=3 if any(side.perpetuals for side in both) else NEVER_SHOWN))
    shown = [rung for rung in ladder.rungs if fine or rung.move in (ladder.lead, ZERO) or not rung.move % (2 * LADDER_STEP)]
    digits = 0 if all(rung.move == round(rung.move, 2) for rung in shown) else 1
    rows = []
    for rung in reversed(shown):
        chosen = rung.move == ladder.lead
        cells: list[Cell] = [f"{CHOSEN if chosen else ''}{fmt.percent(rung.move, digits, signed=True)}"]
        for book in _books(rung):
            cells += _navs(book)
        rows.append(Row((*cells, (_firsts(rung, shown, both), "warn")), "strong" if chosen else ""))
    first, *rest = wrapped(f"{TITLE}  {scale_words(ladder, shocks)}", width, "dim")
    head = line((TITLE, "title"), (text_of(first).removeprefix(TITLE), "dim"))
    return [head, *rest, *table(columns, rows, width)]


def _books(rung: Rung) -> list[ShockedBook]:
    return [book for book in (rung.now, rung.planned) if book is not None]


def _navs(book: ShockedBook) -> tuple[Span, Span]:
    stopped = any(position.stopped for position in book.positions)
    lost = any(position.liquidated for position in book.positions)
    return (
        span(f"{'! ' if stopped else ''}{fmt.whole(book.nav_after)}", "warn" if stopped else "", "whatif.nav"),
        span(f"{'✗ ' if lost else ''}{fmt.whole(book.nav_gap)}", "bad" if lost else "", "whatif.nav_gap"),
    )


def _firsts(rung: Rung, shown: Sequence[Rung], both: Sequence[Side]) -> str:
    """What is reached first on the way to this rung, and not yet at the rung before it."""
    before = max((abs(r.move) for r in shown if r.move * rung.move >= 0 and abs(r.move) < abs(rung.move)), default=ZERO)
    parts = []
    for liquidation, words in ((False, "first stop"), (True, "first liquidation")):
        names = []
        for side in both:
            found = firsts(side.reaches, rung.move, liquidation=liquidation)
            if found and before < abs(found[0].move) <= abs(rung.move):
                names.append(side.name)
        if names:
            parts.append(f"{words}, {' and '.join(names)}")
    return "; ".join(parts)


def firsts(reaches: Sequence[Reach], way: Decimal, *, liquidation: bool) -> list[Reach]:
    """What is reached first in the direction of `way`, stops or liquidations: several where a screen gives them one number."""
    found = [reach for reach in reaches if reach.liquidation is liquidation and reach.move * way >= 0 and way]
    return [reach for reach in found if round(reach.move, 3) == round(found[0].move, 3)]


FIRSTS = (
    Column("", right=False),
    Column("first stop", right=False, name=True, least=20, most=60),
    Column("first liquidation", right=False, name=True, least=20, most=60),
)


def firsts_table(ladder: Ladder, shocks: Shocks, width: int) -> list[Line]:
    """Below an empty line, where each book meets its first stop and its first liquidation, down and up; only with perpetuals."""
    who = leader(ladder, shocks)
    rows = []
    for side in sides(ladder):
        for end, word in ((ladder.rungs[0].move, "down"), (ladder.rungs[-1].move, "up")):
            if side.perpetuals:
                cells = [_first(firsts(side.reaches, end, liquidation=liquidation), end, word) for liquidation in (False, True)]
                rows.append(Row((f"{side.name}, {who} {word}", *cells)))
    head = title("Where it starts to hurt", "stops fill first; liquidation if none does")
    return [EMPTY, head, *table(FIRSTS, rows, width)] if rows else []


def _first(found: Sequence[Reach], end: Decimal, word: str) -> Cell:
    if not found or abs(found[0].move) > abs(end):
        return f"none {word} to {fmt.percent(end, 0, signed=True)}", "dim"
    names = ", ".join(f"{reach.asset} {reach.side.value}" for reach in found)
    at = fmt.percent(found[0].move, signed=True) if found[0].move else "already past it"
    return f"{at}  {names}", "bad" if found[0].liquidation else "warn", "whatif.reach"


def ladder_chart(ladder: Ladder, shocks: Shocks, width: int) -> list[Line]:
    """The change of NAV over the rungs as curves, below an empty line, once what draws them is loaded."""
    if not charts.prepared():
        return []
    even = [rung for rung in ladder.rungs if not rung.move % LADDER_STEP and abs(rung.move) <= LADDER_END]
    curves: list[charts.Curve] = []
    for name, books in (("book now", [r.now for r in even]), ("plan end", [r.planned for r in even if r.planned is not None])):
        if not books or books[0].nav_before <= 0:
            continue
        curves.append(charts.Curve(name, [_change(book, book.nav_after) for book in books]))
        if any(book.nav_gap != book.nav_after for book in books):
            curves.append(charts.Curve(f"{name}, in a gap", [_change(book, book.nav_gap) for book in books], "warn"))
    ends = (even[0].move, even[0].move / 2, ZERO, even[-1].move / 2, even[-1].move)
    drawn = charts.line_chart(
        curves,
        width,
        CHART_HEIGHT,
        x_labels=[fmt.percent(move, 0, signed=True) for move in ends],
        write=lambda value: fmt.percent(value / 100, signed=True),
        about="whatif.change",
    )
    return [EMPTY, title("Change of NAV along the ladder, %", f"by the move of {leader(ladder, shocks)}"), *drawn]


def _change(book: ShockedBook, nav: Decimal) -> Decimal:
    """In percent."""
    return (nav / book.nav_before - 1) * 100
