"""What the cockpit has to say at the moment, in lines of their own below the header: they cover no number and move no button."""

from collections.abc import Sequence
from typing import NamedTuple

from textual.message import Message

from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.lines_view import LinesView

MOST_LINES = 4
"""What sentences may take together. One alone is always shown whole, and a short one that is less grave beside it."""
SHORT = 2
"""Lines of a sentence that does not wait for a grave one: it may be the answer to a key."""
GLYPHS = {Tone.PLAIN: ("·", "accent"), Tone.WARNING: ("!", "warn"), Tone.ERROR: ("✗", "bad")}
GRAVITY = list(Tone)
WAITING = "+ {count} more, shown when these are gone"


class Told(NamedTuple):
    """One sentence on the screen."""

    sentence: str
    tone: Tone


def fitting(told: Sequence[Told], width: int, room: int = MOST_LINES) -> list[Told]:
    """Those that stand at once in `room` lines, in the order given: the gravest first, of equals the last.

    However little room there is, the gravest stands, and beside it the newest short one of those that are less grave.
    """
    height = [len(_lines(each, width)) for each in told]
    gravest = sorted(range(len(told)), key=lambda at: (GRAVITY.index(told[at].tone), at), reverse=True)
    chosen = set(gravest[:1])
    lesser = [at for at in range(len(told)) if height[at] <= SHORT and told[at].tone != told[gravest[0]].tone]
    chosen |= set(lesser[-1:])
    for index in gravest:
        together = chosen | {index}
        if sum(height[at] for at in together) + (len(together) < len(told)) <= room:
            chosen = together
    return [told[at] for at in sorted(chosen)]


def notice_lines(told: Sequence[Told], waiting: int, width: int) -> list[Line]:
    """The sentences, each whole, and how many others wait."""
    more = [line((WAITING.format(count=waiting), "dim"))] if waiting else []
    return [*more, *(row for each in told for row in _lines(each, width))]


def _lines(told: Told, width: int) -> list[Line]:
    glyph, role = GLYPHS[told.tone]
    return wrapped(f"{glyph} {told.sentence}", width, role)


class Notice(LinesView, can_focus=False):
    """The lines; hidden while there is nothing to say."""

    class Ready(Message):
        """It stands on a screen, which knows nothing yet of what is being told."""

    def __init__(self) -> None:
        super().__init__(classes="notice")
        self._told: Sequence[Told] = ()
        self._waiting = 0
        self.display = False

    def show(self, told: Sequence[Told], waiting: int) -> None:
        """Show these sentences instead, and that others wait."""
        self._told, self._waiting = told, waiting
        lines = notice_lines(told, waiting, notice_width(self.screen.size.width))
        self.styles.height = max(1, len(lines))
        self.display = bool(lines)
        self.show_lines(lines)

    def on_mount(self) -> None:
        self.call_after_refresh(self.post_message, self.Ready())

    def on_resize(self) -> None:
        if self._told:
            self.show(self._told, self._waiting)


def notice_width(width: int) -> int:
    """How many cells a sentence has on a screen that is `width` cells wide."""
    return max(20, width - 2)
