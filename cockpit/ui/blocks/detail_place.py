"""Where the detail of a row stands: always open where it takes nothing from the table, else where it is asked for."""

from typing import NamedTuple

BESIDE_FROM = 150
"""The width from which a detail that is asked for stands beside the table, whatever columns that hides."""
BELOW_FROM = 27
"""The height from which it stands below."""
DETAIL_WIDTH = 76
"""How wide it is beside the table."""
DETAIL_HEIGHT = 16
"""The least height of one that stands open below the table."""
HALVED = 2.5
"""Below the table, one that is asked for leaves it this part of the height."""
EDGE = 1
"""The line between both."""
STEP = 8
"""The table's share grows by so many cells at once, so that a number that gains a digit moves nothing."""


class Place(NamedTuple):
    """Where the detail stands: "beside" or "below" the table, "instead" of it, or "" for nowhere.

    `standing` is one that is open without being asked for. `table` is how many cells of that direction the table gets.
    """

    where: str = ""
    standing: bool = False
    table: int = 0


def detail_place(width: int, height: int, columns: int, rows: int, *, asked: bool) -> Place:
    """Its place in a room of that size over a table that needs so many columns and rows of cells to show everything."""
    columns = -(-columns // STEP) * STEP
    if width - columns - EDGE >= DETAIL_WIDTH:
        return Place("beside", True, columns)
    if height - rows - EDGE >= DETAIL_HEIGHT:
        return Place("below", True, rows)
    if not asked:
        return Place()
    if width >= BESIDE_FROM:
        return Place("beside", False, width - DETAIL_WIDTH)
    if height >= BELOW_FROM:
        return Place("below", False, min(rows, int(height / HALVED)))
    return Place("instead")
