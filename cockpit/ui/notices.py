"""What the cockpit has to say at the moment, kept for all its screens: passing notices, and one that stands while it is true."""

from functools import partial

from textual.app import App
from textual.timer import Timer

from cockpit.model.picture import Picture
from cockpit.model.text import sanitise
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.notice import MOST_LINES, Notice, Told, fitting, notice_lines, notice_width

LONGEST = 400
FEWEST_LINES = 2
"""What is left to passing notices below a long one that stands."""

REPORT_SECONDS = 60
"""A closed position is told for longer than a glance away from the screen."""


class Notices:
    """The notices of an app; every screen's `Notice` shows the same. The time of a passing one runs while it is on the screen."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._told: dict[Told, float] = {}
        self._timers: dict[Told, Timer] = {}
        self._standing: tuple[Told, ...] = ()
        self._hint: tuple[Told, ...] = ()
        self._reported = 0

    def report(self, picture: Picture) -> None:
        """Tell what the venue did by itself since this cockpit opened the book: stops that fired, liquidations; each once."""
        after = max(self._reported, picture.opened_seq)
        for row in picture.journal:
            if row.unasked and row.seq > after:
                self._reported = max(self._reported, row.seq)
                self.tell(f"{row.kind.value.upper()} {row.message}", Tone.ERROR, REPORT_SECONDS)

    def tell(self, sentence: str, tone: Tone, seconds: float) -> None:
        """Tell for some seconds; foreign text in it is shown as it is, never read as markup."""
        told = Told(sanitise(sentence, limit=LONGEST), tone)
        if told not in self._told:
            self._told[told] = seconds
            self.show()

    def forget(self, told: Told) -> None:
        """Stop telling that."""
        self._told.pop(told, None)
        self.show()

    def stand(self, sentence: str) -> None:
        """Tell this error until it is told otherwise; "" ends it."""
        self._standing = (Told(sanitise(sentence, limit=LONGEST), Tone.ERROR),) if sentence else ()
        self.show()

    def hint(self, sentence: str) -> None:
        """Tell this quietly beside the views until it is told otherwise, on no screen above them; "" ends it."""
        self._hint = (Told(sanitise(sentence, limit=LONGEST), Tone.PLAIN),) if sentence else ()
        self.show()

    @property
    def hinted(self) -> str:
        """The hint that stands; "" where none does."""
        return self._hint[0].sentence if self._hint else ""

    def show(self) -> None:
        """Bring every screen up to date."""
        width = notice_width(self._app.size.width)
        passing = [*self._hint, *self._told]
        room = max(FEWEST_LINES, MOST_LINES - len(notice_lines(self._standing, 0, width)))
        shown = fitting(passing, width, room)
        self._run_timers(shown)
        waiting = len(passing) - len(shown)
        for above, screen in enumerate(self._app.screen_stack):
            here = [told for told in shown if not above or told not in self._hint]
            for notice in screen.query(Notice):
                notice.show([*here, *self._standing], waiting)

    def _run_timers(self, shown: list[Told]) -> None:
        """What waits for its turn keeps its seconds."""
        for told in [each for each in self._timers if each not in shown]:
            self._timers.pop(told).stop()
        for told, seconds in self._told.items():
            if told in shown and told not in self._timers:
                self._timers[told] = self._app.set_timer(seconds, partial(self.forget, told))
