"""What the cockpit has to say at the moment, in lines of their own below the header: they cover no number and move no button."""

from typing import NamedTuple

from cockpit.ui.lines import Line, wrapped
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.lines_view import LinesView

MOST_LINES = 4


GLYPHS = {Tone.PLAIN: ("·", "accent"), Tone.WARNING: ("!", "warn"), Tone.ERROR: ("✗", "bad")}


class Told(NamedTuple):
    """One sentence on the screen."""

    sentence: str
    tone: Tone


def notice_lines(told: list[Told], width: int) -> list[Line]:
    """The sentences, the newest last; of too many the oldest go."""
    rows: list[Line] = []
    for sentence, tone in told:
        glyph, role = GLYPHS[tone]
        rows += wrapped(f"{glyph} {sentence}", width, role)
    return rows[-MOST_LINES:]


class Notice(LinesView, can_focus=False):
    """The lines; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(classes="notice")
        self._told: list[Told] = []

    def show(self, told: list[Told]) -> None:
        """Show these sentences instead."""
        self._told = list(told)
        lines = notice_lines(self._told, max(20, self.screen.size.width - 2))
        self.styles.height = max(1, len(lines))
        self.display = bool(lines)
        self.show_lines(lines)

    def on_mount(self) -> None:
        self.display = False

    def on_resize(self) -> None:
        if self._told:
            self.show(self._told)
