"""A grid of numbers as lines: rows of subjects, columns of indicators or days, whole columns only, so that no number is cut."""

from collections.abc import Sequence
from typing import NamedTuple

from cockpit.ui.lines import Line, Span, clip, padded

HEAD = 2
"""Lines that the headings take."""


class Grid(NamedTuple):
    """A heatmap: `tiles[row][column]`; `heads` are the columns' labels, `names` the rows'.

    `name_width` cells are the rows' labels; a column takes at least `least` and at most `most` cells, with room for the
    cursor's brackets unless `bare`.
    """

    heads: tuple[str, ...]
    names: tuple[Span, ...]
    tiles: tuple[tuple[Span, ...], ...]
    name_width: int = 9
    least: int = 8
    most: int = 12
    bare: bool = False

    def cell_width(self, width: int) -> int:
        """Cells that a column takes where there are `width` in all."""
        return max(self.least, min(self.most, (width - self.name_width) // max(1, len(self.heads))))

    def columns_in(self, width: int) -> int:
        """Whole columns that fit in so many cells."""
        return min(len(self.heads), max(1, (width - self.name_width) // self.cell_width(width)))

    def heading(self, y: int, first: int, width: int) -> Line:
        """The upper (0) or the lower (1) line of headings, from column `first` on."""
        cell = self.cell_width(width)
        shown = self.heads[first : first + self.columns_in(width)]
        return (
            Span(" " * self.name_width),
            *(Span(padded(two_lines(head, cell - 1)[y], cell, right=True), "head") for head in shown),
        )

    def row(self, index: int, first: int, width: int, marked: int | None = None) -> Line:
        """One row from column `first` on; the cell in column `marked` stands in brackets."""
        if index >= len(self.names):
            return ()
        cell = self.cell_width(width)
        name = self.names[index]
        parts = [Span(padded(clip(name.text, self.name_width - 1), self.name_width), name.role)]
        for column in range(first, min(len(self.heads), first + self.columns_in(width))):
            tile = self.tiles[index][column]
            room = cell - (1 if self.bare else 2)
            text = padded(clip(tile.text, room), room, right=True)
            marks = "[]" if column == marked else (" ", "") if self.bare else "  "
            parts.append(Span(f"{marks[0]}{text}{marks[1]}", "cursor" if column == marked else tile.role, tile.about))
        return tuple(parts)


NOTHING = Grid((), (), ())


def two_lines(text: str, width: int) -> Sequence[str]:
    """A label over two lines, the lower one filled first."""
    words = text.split(" ")
    for cut in range(len(words)):
        if len(" ".join(words[cut:])) <= width:
            return clip(" ".join(words[:cut]), width), " ".join(words[cut:])
    return clip(" ".join(words[:-1]), width), clip(words[-1], width)
