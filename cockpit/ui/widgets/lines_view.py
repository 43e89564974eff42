"""Shows lines of role-tagged text, scrolls over them, and repaints only the lines that changed."""

from collections.abc import Sequence
from itertools import takewhile
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.css.scalar import Scalar
from textual.geometry import Region, Size
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cockpit.ui import actions
from cockpit.ui.figures import Shown, figures_of, plain_of
from cockpit.ui.lines import EMPTY, Line, width_of
from cockpit.ui.roles import role_styles
from cockpit.ui.widgets.lasting import lasting_room, lasting_size

NEAR = 8
"""Unchanged cells between two changed ones that cost less to paint again than to jump over."""


def changed_cells(before: Line, after: Line) -> list[tuple[int, int]]:
    """From which to which cell two lines differ: part by part where their spans stand in the same places, else as one part."""
    widths = [[cell_len(part.text) for part in row] for row in (before, after)]
    if widths[0] != widths[1]:
        return _between(before, after, *widths)
    found: list[tuple[int, int]] = []
    start = 0
    for old, new, width in zip(before, after, widths[0], strict=True):
        if old != new:
            if found and start - found[-1][1] <= NEAR:
                start_of_part, _ = found.pop()
                found.append((start_of_part, start + width))
            else:
                found.append((start, start + width))
        start += width
    return found


def _between(before: Line, after: Line, old: list[int], new: list[int]) -> list[tuple[int, int]]:
    """What lies between the spans that both lines begin with and those that both end with, in the same cells."""
    lead = _shared(before, after)
    start, end = sum(new[:lead]), max(sum(old), sum(new))
    if sum(old) == sum(new):
        tail = min(_shared(before[::-1], after[::-1]), len(before) - lead, len(after) - lead)
        end -= sum(new[len(new) - tail :])
    return [(start, end)] if start < end else []


def _shared(before: Line, after: Line) -> int:
    """With how many equal spans both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))


def _is_auto(extent: Scalar | None) -> bool:
    return extent is not None and extent.is_auto


class LinesView(ScrollView, can_focus=True, inherit_bindings=False):
    """A scrollable block of lines.

    One widget for a whole pane: a difference of five cells costs the terminal those lines, not the pane.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.MOVES)]
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), repaint=False)
    """Textual lays the whole screen out for it; here that is left to views as large as their lines, and to scroll bars."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._lines: tuple[Line, ...] = ()
        self._base = Style.null()

    @property
    def size(self) -> Size:
        """Of its content, also while it is hidden."""
        return lasting_size(self)

    @property
    def scrollable_size(self) -> Size:
        """The room for its lines beside the scroll bars, also while it is hidden."""
        return lasting_room(self)

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown now."""
        return self._lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines instead; what did not change is not painted again."""
        old, new = self._lines, tuple(lines)
        self._lines = new
        self.extend(Size(max((width_of(row) for row in new), default=0), len(new)))
        left, top, width = *self.scroll_offset, self.size.width
        for index in range(top, min(top + self.size.height, max(len(old), len(new)))):
            before = old[index] if index < len(old) else EMPTY
            after = new[index] if index < len(new) else EMPTY
            if before != after:
                for start, end in changed_cells(before, after):
                    first, last = max(start, left), min(end, left + width)
                    if first < last:
                        self.refresh(Region(first - left, index - top, last - first, 1))

    def extend(self, size: Size) -> None:
        """Scroll over so many columns and lines."""
        before, self.virtual_size = self.virtual_size, size
        if size == before:
            return
        wider, higher = size.width != before.width, size.height != before.height
        if (wider and _is_auto(self.styles.width)) or (higher and _is_auto(self.styles.height)):
            self.refresh(layout=True)
        self._scroll_update(size)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The visible lines; what the widget itself looks like is asked once for all of them."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One visible line, cut to the view."""
        index = y + self.scroll_offset.y
        return self._strip(self._lines[index]) if index < len(self._lines) else Strip.blank(self.size.width, self._base)

    def _strip(self, row: Line) -> Strip:
        """A line in the colours of its roles, scrolled sideways and cut to the view."""
        left, width, base = self.scroll_offset.x, self.size.width, self._base
        styles = role_styles(self.app.theme_variables)
        segments = [Segment(text, base + styles[role] if role else base) for text, role, _ in row]
        return Strip(segments).simplify().crop_extend(left, left + width, base)

    def figures(self) -> list[Shown]:
        """The figures of its lines."""
        return figures_of(self._lines)

    def plain(self) -> str:
        """Its lines as bare text."""
        return plain_of(self._lines)

    # Moving over it

    def action_go(self, dx: int, dy: int) -> None:
        """Scroll by so many columns and lines."""
        self.scroll_relative(x=dx * 2, y=dy, animate=False)

    def action_page(self, by: int) -> None:
        """Scroll by so many pages."""
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_end(self, way: int) -> None:
        """Scroll to the top (-1) or the bottom (1)."""
        if way < 0:
            self.scroll_home(animate=False)
        else:
            self.scroll_end(animate=False)
