"""What stands on the screen of an app: its widgets as text, and the tables and the labelled figures in that text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

from cockpit.ui.app import CockpitApp
from tests.ui.driving import screen_text

NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?")
_TOKEN = re.compile(r"\S+(?: \S+)*")
_BEFORE_NAMES = re.compile(r"^[\s▸◂!▲▼·↻✓]+")


class Block(NamedTuple):
    """One widget as it is painted: its name, its rows, and whether it stands on the screen that takes the keys."""

    name: str
    rows: tuple[str, ...]

    @property
    def text(self) -> str:
        """The rows with the blanks at their ends cut off."""
        return "\n".join(row.rstrip() for row in self.rows)


class Row(NamedTuple):
    """A row of a table: its name without marks, and every cell by the title of its column."""

    name: str
    cells: Mapping[str, str]


def blocks(app: CockpitApp) -> list[Block]:
    """Every widget in view that has no parts of its own, cut out of the painted screen."""
    painted = screen_text(app).split("\n")
    found = []
    for widget, (region, clip) in app.screen._compositor.visible_widgets.items():
        part = region.intersection(clip)
        if widget.children or not part:
            continue
        inner = widget.content_region.intersection(part) if widget.is_container is False else part
        rows = tuple(painted[y][inner.x : inner.right] for y in range(inner.y, min(inner.bottom, len(painted))))
        found.append(Block(widget.id or type(widget).__name__, rows))
    return found


def table(block: Block, *titles: str) -> list[Row]:
    """The rows below the heading with all of these titles, named by the first, down to one without a name; [] without it."""
    for index, row in enumerate(block.rows):
        heading = row.replace("[", " ").replace("]", " ")
        places = _places(heading, titles)
        if places is not None:
            return list(_rows(block.rows[index + 1 :], titles[0], places))
    return []


def _places(heading: str, titles: tuple[str, ...]) -> dict[str, tuple[int, int]] | None:
    """Where every column of a heading stands, if it has all of these."""
    places = {token[0]: token.span() for token in _TOKEN.finditer(heading.replace("▼", " ").replace("▲", " "))}
    return places if all(title in places for title in titles) else None


def _rows(rows: tuple[str, ...], named: str, places: Mapping[str, tuple[int, int]]) -> Iterator[Row]:
    for row in rows:
        plain = row.replace("[", " ").replace("]", " ")
        tokens = [(match.start(), match.end(), match[0]) for match in _TOKEN.finditer(plain)]
        cells = {
            title: next((text for start, end, text in tokens if start < last and first < end), "")
            for title, (first, last) in places.items()
        }
        name = _BEFORE_NAMES.sub("", cells[named])
        if not name or name.startswith("──"):
            return
        yield Row(name, cells)


def fact(text: str, label: str) -> str:
    """The number behind a label, with the word of its direction; "" where it does not stand there."""
    found = re.search(rf"(?:^|\s\s| \| ){re.escape(label)} ((?:receives |pays )?[+−]?\d[\d,]*(?:\.\d+)?)", text, re.MULTILINE)
    return found[1] if found else ""


def number(text: str) -> Decimal | None:
    """The first number of a text."""
    found = NUMBER.search(text)
    return Decimal(found[0].replace(",", "").replace("−", "-")) if found else None


def agrees(text: str, value: Decimal) -> bool:
    """Whether the first number of a text is this value, rounded half to even to the places that it is written with."""
    painted = number(text)
    return painted is not None and value.quantize(Decimal(1).scaleb(_exponent(painted)), ROUND_HALF_EVEN) == painted


def within(text: str, least: Decimal, most: Decimal) -> bool:
    """Whether the first number of a text lies between these, with half a unit of its last place on both sides."""
    painted = number(text)
    if painted is None:
        return False
    half = Decimal(1).scaleb(_exponent(painted)) / 2
    return least - half <= painted <= most + half


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return exponent
