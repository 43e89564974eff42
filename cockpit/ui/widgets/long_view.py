"""Shows thousands of small blocks of lines: only those in view are made, and no more are measured than were scrolled to."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate

from textual import work
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from cockpit.ui.figures import Shown, figures_of, plain_of
from cockpit.ui.lines import EMPTY, Line
from cockpit.ui.widgets.lines_view import LinesView

AHEAD = 200
"""How many blocks are measured beyond what is in view."""
SLICE = 250
"""How many blocks are measured at a stretch on the way to the end."""
TO_THE_END = "to the end"
KEPT = 512
"""How many blocks are kept once they are made."""


class LongView(LinesView):
    """A LinesView over `make`, which gives the lines of the block of that index."""

    class Scrolled(Message):
        """Another block stands at the top."""

        def __init__(self, first: int) -> None:
            super().__init__()
            self.first = first

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._make: Callable[[int], Sequence[Line]] = _nothing
        self._count = self._first = 0
        self._heights: list[int] = []
        self._ends: list[int] = []
        self._made: dict[int, Sequence[Line]] = {}

    def show_blocks(self, make: Callable[[int], Sequence[Line]], count: int, *, above: int | None = None) -> None:
        """Show these blocks instead.

        `above` is how many of them are new at the top, the others being as they were but for the first, which may have lost its
        heading: where one has scrolled down, what is in view stays there. 0: all may be others, the place stays. None: from the
        top.
        """
        if above is None:
            self._stay()
        before, heights = self._in_view(), self._heights
        self._make, self._count = make, count
        self._heights, self._ends, self._made = [], [], {}
        top = 0 if above is None else self.scroll_offset.y
        if above and heights:
            self._measure(above + 1)
            top += self._ends[above] - heights[0] if top else 0
            self._heights += heights[1:]
            self._ends = list(accumulate(self._heights))
        self._measure_to(top + self.size.height)
        self._resize()
        self.scroll_to(y=top, animate=False, force=True, immediate=True)
        self._first = bisect_right(self._ends, self.scroll_offset.y)
        for y, (old, new) in enumerate(zip(before, self._in_view(), strict=True)):
            if old != new:
                self.refresh(Region(0, y, self.size.width, 1))

    # Measuring

    def _measure(self, blocks: int) -> None:
        """Measure the first so many blocks."""
        for index in range(len(self._ends), min(blocks, self._count)):
            self._heights.append(len(self._block(index)))
            self._ends.append(self._heights[-1] + (self._ends[-1] if self._ends else 0))

    def _measure_to(self, row: int) -> None:
        """Measure until that line, and some blocks beyond it."""
        while len(self._ends) < self._count and (not self._ends or self._ends[-1] <= row):
            self._measure(len(self._ends) + AHEAD)
        self._measure(bisect_right(self._ends, row) + AHEAD)

    def _resize(self) -> None:
        self.extend(Size(self.scrollable_size.width, self._ends[-1] if self._ends else 0))

    def _block(self, index: int) -> Sequence[Line]:
        made = self._made.get(index)
        if made is None:
            if len(self._made) >= KEPT:
                self._made.clear()
            made = self._made[index] = self._make(index)
        return made

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Measure on where one scrolls to."""
        super().watch_scroll_y(old_value, new_value)
        self._measure_to(round(new_value) + 2 * self.size.height)
        self._resize()
        before, self._first = self._first, bisect_right(self._ends, round(new_value))
        if before != self._first:
            self.post_message(self.Scrolled(self._first))

    def action_end(self, way: int) -> None:
        """To the top (-1), or to the last block of all (1), as soon as all are measured."""
        self._stay()
        if way > 0:
            self._to_the_end()
        else:
            super().action_end(way)

    @work(group=TO_THE_END)
    async def _to_the_end(self) -> None:
        """Ten thousand blocks take their time: keys and pictures come in between."""
        while len(self._ends) < self._count:
            self._measure(len(self._ends) + SLICE)
            await asyncio.sleep(0)
        self._resize()
        super().action_end(1)

    def _stay(self) -> None:
        """Whoever moves elsewhere is not carried off to the end later."""
        self.workers.cancel_group(self, TO_THE_END)

    def action_go(self, dx: int, dy: int) -> None:
        """Scroll by so many columns and lines."""
        self._stay()
        super().action_go(dx, dy)

    def action_page(self, by: int) -> None:
        """Scroll by so many pages."""
        self._stay()
        super().action_page(by)

    # Showing

    def _line(self, row: int) -> Line:
        """The line at that place of all lines; nothing below the last one."""
        block = bisect_right(self._ends, row)
        if block >= len(self._ends):
            return EMPTY
        return self._block(block)[row - (self._ends[block - 1] if block else 0)]

    def _in_view(self) -> list[Line]:
        top = self.scroll_offset.y
        return [self._line(top + y) for y in range(self.size.height)]

    @property
    def first(self) -> int:
        """The block at the top."""
        return self._first

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is in view."""
        return tuple(self._in_view())

    def render_line(self, y: int) -> Strip:
        """One visible line."""
        return self._strip(self._line(y + self.scroll_offset.y))

    def figures(self) -> list[Shown]:
        """The figures in view."""
        top = self.scroll_offset.y
        return [shown._replace(line=shown.line + top) for shown in figures_of(self._in_view())]

    def plain(self) -> str:
        """Every block as bare text, in view or not."""
        return plain_of([row for index in range(self._count) for row in self._make(index)])


def _nothing(_: int) -> Sequence[Line]:
    return ()
