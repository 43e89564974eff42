"""What a table with a cursor shows: headings, rows with keys that stay, and how they are sorted."""

from typing import NamedTuple

from cockpit.ui.lines import Span


class Head(NamedTuple):
    """A column's heading. The first column holds names: it stays where it is and its cells may be clipped."""

    title: str
    right: bool = True
    about: str = ""


class TableRow(NamedTuple):
    """One row: its key stays the same from picture to picture. `cells` are one a column."""

    key: str
    cells: tuple[Span, ...]


class Sorting(NamedTuple):
    """The column by which the rows are sorted, and whether the largest comes first."""

    column: int
    descending: bool
