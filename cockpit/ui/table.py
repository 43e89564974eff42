"""Lays rows out in columns of the width there is: numbers are never cut, whole columns give way first."""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from cockpit.ui.lines import Line, Span, clip, line, padded, span


class Column(NamedTuple):
    """A column. `drop` orders what gives way when room is short: the highest first, 0 never.

    A `name` column is clipped to `most` cells before others give way, down to `least` after; others keep their widest cell.
    `about` is the glossary's entry for the figures in it.
    """

    title: str
    right: bool = True
    drop: int = 0
    name: bool = False
    least: int = 8
    most: int = 26
    about: str = ""


Cell = str | Span | tuple[str, str] | tuple[str, str, str]
Fact = tuple[str, Cell] | tuple[str, Cell, str]
"""A label, a value, and the glossary's entry that explains it."""


class Row(NamedTuple):
    """One row; `role` colours the cells that have no role of their own."""

    cells: Sequence[Cell]
    role: str = ""


GAP = 2
NEVER_SHOWN = 99
"""The `drop` of a column that this table leaves out."""


def table(columns: Sequence[Column], rows: Sequence[Row], width: int, *, headings: bool = True) -> list[Line]:
    """The heading line and one line a row, in at most `width` cells as far as dropping and clipping can reach it."""
    cells = [[_span(cell, row.role, column.about) for column, cell in zip(columns, row.cells, strict=True)] for row in rows]
    widths = [
        max([cell_len(column.title) if headings else 0, *(cell_len(row[index].text) for row in cells)])
        for index, column in enumerate(columns)
    ]
    shown = _fit(columns, widths, width)
    result = []
    if headings:
        heads = [Span(padded(columns[i].title, widths[i], right=columns[i].right), "head", columns[i].about) for i in shown]
        result.append(_joined(heads))
    for row in cells:
        result.append(
            _joined(
                [
                    Span(
                        padded(
                            clip(row[i].text, widths[i]) if columns[i].name else row[i].text, widths[i], right=columns[i].right
                        ),
                        row[i].role,
                        row[i].about,
                    )
                    for i in shown
                ]
            )
        )
    return result


def _span(cell: Cell, role: str = "", about: str = "") -> Span:
    """The cell as a span; what it does not say itself is its row's role and its column's entry (no entry for an empty cell)."""
    made = cell if isinstance(cell, Span) else span(cell) if isinstance(cell, str) else span(*cell)
    return Span(made.text, made.role or role, made.about or (about if made.text.strip() else ""))


def _fit(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    """Which columns stay. Names are clipped to `most`, then columns give way, then names shrink; room left goes to names."""
    natural = list(widths)
    shown = [i for i, column in enumerate(columns) if column.drop != NEVER_SHOWN]
    names = [i for i in shown if columns[i].name]
    for i in names:
        widths[i] = min(widths[i], columns[i].most)

    def room() -> int:
        return width - sum(widths[i] for i in shown) - GAP * (len(shown) - 1)

    while room() < 0 and any(columns[i].drop for i in shown):
        shown.remove(max(shown, key=lambda i: columns[i].drop))
    for i in names:
        if i in shown:
            left = room()
            widths[i] += min(left, natural[i] - widths[i]) if left >= 0 else max(left, min(0, columns[i].least - widths[i]))
    return shown


def _joined(spans: Sequence[Span]) -> Line:
    parts: list[Span] = []
    for index, part in enumerate(spans):
        if index:
            parts.append(Span(" " * GAP, part.role if part.role == "cursor" else ""))
        parts.append(part)
    return tuple(parts)


def facts(pairs: Sequence[Fact], width: int) -> list[Line]:
    """Named values side by side, wrapped where the line ends and never inside a value."""
    rows: list[Line] = []
    current: list[Span] = []
    used = 0
    for label, value, *about in pairs:
        item = line((f"{label} ", "dim"), _span(value, about="".join(about)))
        size = sum(cell_len(part.text) for part in item)
        if current and used + 3 + size > width:
            rows.append(tuple(current))
            current, used = [], 0
        if current:
            current.append(Span("   "))
            used += 3
        current.extend(item)
        used += size
    if current:
        rows.append(tuple(current))
    return rows
