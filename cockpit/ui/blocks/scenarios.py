"""The shocks that can be chosen or typed, in words, and what each of the shipped ones does, side by side."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.inquiry import Outcome, ShockedBook, Shocks, WhatIf
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import Line, title
from cockpit.ui.table import NEVER_SHOWN, Cell, Column, Fact, Row, facts, table


class Scenario(NamedTuple):
    """A shock with a name."""

    name: str
    shocks: Shocks


def _moves(**moves: str) -> Shocks:
    return Shocks(sectors={Sector(name): Decimal(move) for name, move in moves.items()})


SCENARIOS = (
    Scenario("L1 −20 %, DeFi −30 %", _moves(L1="-0.20", DEFI="-0.30")),
    Scenario("L1 −20 %", _moves(L1="-0.20")),
    Scenario("DeFi −30 %", _moves(DEFI="-0.30")),
    Scenario("both +20 %", _moves(L1="0.20", DEFI="0.20")),
)
"""The moves that the worked example of the strategy is weighed with, and a rise, which shorts must survive."""
DEPEG = Decimal("-0.05")
NO_SHOCK = Shocks()
CUSTOM = "custom"
CHOSEN = "▸"


def scenarios(picture: Picture) -> tuple[Scenario, ...]:
    """Those that mean something for this book: a stablecoin can only slip where one is held beside the unit of account."""
    held = tuple(asset for asset in _held(picture, Sector.STABLE) if asset != QUOTE)
    if not held:
        return SCENARIOS
    return (*SCENARIOS, Scenario(f"{' '.join(held)} −5 %", Shocks(assets=dict.fromkeys(held, DEPEG))))


def name_of(shocks: Shocks, known: Sequence[Scenario]) -> str:
    """The scenario's name, or that it is the trader's own."""
    return next((scenario.name for scenario in known if scenario.shocks == shocks), CUSTOM)


def with_sector(shocks: Shocks, sector: Sector, move: Decimal) -> Shocks:
    """The shocks with another move of a sector; a move of 0 is none."""
    others = {name: old for name, old in shocks.sectors.items() if name is not sector}
    return replace(shocks, sectors=others | ({sector: move} if move else {}))


def asset_text(shocks: Shocks) -> str:
    """The moves of single assets as they are typed: "ETH -15 UNI -40"."""
    return " ".join(f"{asset} {format((move * 100).normalize(), 'f')}" for asset, move in shocks.assets.items())


def shock_lines(shocks: Shocks, known: Sequence[Scenario], width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """The shock in words, each part with the key that changes it."""

    def label(id: str, word: str) -> str:
        return f"{key_of(f'whatif.{id}', keymap)} {word}"

    name = name_of(shocks, known)
    place = next((f" ({n} of {len(known)})" for n, s in enumerate(known, start=1) if s.name == name), "")
    quiet = shocks == NO_SHOCK
    singles = "  ".join(f"{asset} {fmt.percent(move, signed=True)}" for asset, move in shocks.assets.items())
    pairs: list[Fact] = [
        (label("next", "scenario"), ("none" if quiet else f"{name}{place}", "strong", "whatif.shock")),
        (label("l1", "L1"), _move(shocks, Sector.L1)),
        (label("defi", "DeFi"), _move(shocks, Sector.DEFI)),
        (label("assets", "assets"), (singles or "as their sectors", "strong" if singles else "", "whatif.shock")),
    ]
    return facts(pairs, width)


def _move(shocks: Shocks, sector: Sector) -> Cell:
    move = shocks.sectors.get(sector, ZERO)
    return fmt.percent(move, signed=True), "strong" if move else "", "whatif.shock"


def _held(picture: Picture, sector: Sector) -> list[str]:
    return [row.asset for row in picture.exposure.assets if row.sector is sector] if picture.exposure is not None else []


def side_columns(name: str, books: Sequence[ShockedBook], drop: int) -> tuple[Column, ...]:
    """Change of NAV, the same in a gap, stops and liquidations; without a perpetual the first is all of it."""
    perpetuals = any(book.positions for book in books)
    least = 0 if perpetuals else NEVER_SHOWN
    return (
        Column(name, about="whatif.change"),
        Column("in a gap", drop=drop if perpetuals else NEVER_SHOWN, about="whatif.change_gap"),
        Column("stops", drop=least, about="whatif.stops"),
        Column("liq.", drop=least, about="whatif.liquidations"),
    )


def scenario_table(answer: WhatIf, known: Sequence[Scenario], width: int) -> list[Line]:
    """What each shipped scenario does to NAV, and a shock of one's own above them; ▸ is the one that is chosen."""
    rows = list(answer.others)
    if answer.ladder is not None and all(row.shocks != answer.shocks for row in rows):
        rows.insert(0, answer)
    if not rows:
        return []
    columns = [
        Column("scenario", right=False, name=True, least=16, most=32, about="whatif.shock"),
        *side_columns("book now", [row.now for row in rows], 2),
    ]
    if answer.planned is not None:
        columns += side_columns("plan end", [row.planned for row in rows if row.planned is not None], 1)
    head = title("Every scenario", "change of NAV if stops fill; liquidations if none does")
    return [head, *table(columns, [_scenario_row(row, answer, known) for row in rows], width)]


def _scenario_row(row: Outcome, answer: WhatIf, known: Sequence[Scenario]) -> Row:
    chosen = row.shocks == answer.shocks
    name = f"{CHOSEN if chosen else ' '} {name_of(row.shocks, known)}"
    cells: list[Cell] = [(name, "strong" if chosen else "")]
    for book in (row.now, row.planned) if answer.planned is not None else (row.now,):
        if book is not None:
            cells += [_part(book, book.nav_after), _part(book, book.nav_gap), *_counts(book)]
    return Row(cells)


def _part(book: ShockedBook, nav: Decimal) -> Cell:
    """What NAV changes by, in percent of what it was."""
    if book.nav_before <= 0:
        return fmt.NONE
    change = (nav - book.nav_before) / book.nav_before
    return fmt.percent(change, signed=True), "" if not change else "good" if change > 0 else "bad"


def _counts(book: ShockedBook) -> tuple[Cell, Cell]:
    stopped = sum(position.stopped for position in book.positions)
    lost = sum(position.liquidated for position in book.positions)
    return (f"! {stopped}", "warn") if stopped else "0", (f"✗ {lost}", "bad") if lost else "0"
