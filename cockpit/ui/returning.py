"""What a trader is told who was not there: since the last start, while the line stood still, or while the process was stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.model import format as fmt
from cockpit.model.absence import tally
from cockpit.terminal.news import LineReturned, ProcessResumed
from cockpit.ui.blocks.resuming import meanwhile, stood_still, waits
from cockpit.ui.greeting import greeting
from cockpit.ui.safety import Safety
from cockpit.ui.tone import Tone

if TYPE_CHECKING:
    from cockpit.model.absence import Absence
    from cockpit.model.picture import Picture
    from cockpit.ui.ticker import Ticker

LONG = 60.0
"""Seconds for which a closed position is told."""
TOLD = 1.0
"""Seconds that the process must have been stopped to be worth a word."""
UNTIL_PAINTED = 1.0
"""Seconds from an event until it is painted, at most: rather told twice than never."""
STOPPED = "The cockpit was stopped for {age}: nothing was watched meanwhile; stops and orders stood at the venue."


class Returning(Safety):
    """The part of the cockpit that tells what nobody saw."""

    def __init__(self, log_file: Path | None) -> None:
        super().__init__(log_file)
        self.ticker: Ticker | None = None
        """What keeps the market ticking, once it does."""
        self._welcomed = False
        self._resuming = ""
        self._notices_seen: set[str] = set()

    def welcome(self, picture: Picture) -> None:
        """Tell, once, a newcomer what to press, and who comes back what happened; then whatever the opening has to say."""
        if not self._welcomed and picture.first_start:
            self._welcomed = True
            self.notices.hint(greeting(self.keymap))
        elif picture.absence is not None:
            self._tell(picture.absence, picture)
        for notice in picture.notices:
            if notice not in self._notices_seen:
                self._notices_seen.add(notice)
                self.say(notice)

    def _tell(self, absence: Absence, picture: Picture) -> None:
        """At first all of it; then, as long as it stands there, what waits as it is by now."""
        if self._welcomed and (not self._resuming or self._resuming != self.notices.hinted):
            return
        sentence = meanwhile(absence, picture, self.keymap)
        if self._welcomed:
            if sentence != self._resuming:
                self._hint(sentence)
            return
        self._welcomed = True
        if absence.quiet and not waits(picture):
            self.say(sentence)
        else:
            self._hint(sentence)
        if absence.tally.closed:
            self.say(f"While no cockpit was open: {absence.tally.closings()}.", Tone.ERROR, LONG)

    def _hint(self, sentence: str) -> None:
        self.notices.hint(sentence)
        self._resuming = self.notices.hinted

    async def action_absence(self) -> None:
        """What happened since the book was last seen, in the journal."""
        await self.run_action("app.view('journal')")
        await self.run_action("since", default_namespace=self.screen_stack[0].query_one("#journal"))

    def on_line_returned(self, returned: LineReturned) -> None:
        now = datetime.now(UTC)
        since = now - timedelta(seconds=returned.seconds)
        self.line_returned(returned.seconds, since, now - timedelta(seconds=returned.unseen + UNTIL_PAINTED))

    def on_process_resumed(self, resumed: ProcessResumed) -> None:
        seconds = resumed.seconds
        if seconds is None and self.ticker is not None:
            seconds = self.ticker.overslept()
        if seconds is not None and seconds >= TOLD:
            self.process_resumed(seconds)

    def line_returned(self, seconds: float, since: datetime, seen: datetime) -> None:
        """The line stood still for so many seconds after `since`: tell what happened since `seen`, the last picture that arrived.

        Both are UTC by the machine's clock.
        """
        picture = self.desk.picture
        closed = bool(tally(row for row in picture.journal if row.at >= seen).closed)
        told = stood_still(seconds, since, seen, picture)
        self.say(told, Tone.ERROR if closed else Tone.WARNING, LONG if closed else LONG / 2)

    def process_resumed(self, seconds: float) -> None:
        """The process was stopped, as by ctrl+z or SIGSTOP, for so many seconds."""
        self.say(STOPPED.format(age=fmt.age(timedelta(seconds=seconds))), Tone.WARNING, LONG / 2)
