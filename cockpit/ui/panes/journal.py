"""Every event of this book: filtered by words, kind, plan and asset, and written to files."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model import format as fmt
from cockpit.model.errors import CockpitError
from cockpit.model.journal import JournalRow
from cockpit.model.picture import Picture, Stage
from cockpit.ui import actions
from cockpit.ui.blocks.journal import WIDE, Event, Filter, column_heads, event, event_lines, headline
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.keys import key_of
from cockpit.ui.lines import wrapped
from cockpit.ui.panes.pane import View
from cockpit.ui.port import DeskLike, Host
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.filter_line import FilterLine
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.long_view import LongView

READING = "These are the newest events: the older ones are being read …"


class JournalView(View):
    """The headline, the line of the filter, and the events. The picture brings the newest ones, the desk all others once."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.JOURNAL)]

    def __init__(self) -> None:
        super().__init__(id="journal")
        self._picture: Picture | None = None
        self._events: list[Event] = []
        self._shown: list[Event] = []
        self._filter = Filter()
        self._missing = READING
        self._asking = False
        self._whole_to = 0
        self._data: bool | None = None

    def compose(self) -> ComposeResult:
        yield LinesView(id="journal-head")
        yield FilterLine(id="journal-filter")
        yield LongView(id="journal-events")

    def on_mount(self) -> None:
        self._head.can_focus = False

    @property
    def _host(self) -> Host:
        return cast(Host, self.app)

    @property
    def _head(self) -> LinesView:
        return self.query_one("#journal-head", LinesView)

    @property
    def _list(self) -> LongView:
        return self.query_one(LongView)

    @property
    def _line(self) -> FilterLine:
        return self.query_one(FilterLine)

    @property
    def _width(self) -> int:
        """The cells of a line: the scroll bar has its own."""
        return self.size.width - 1

    @property
    def _with_data(self) -> bool:
        """Whether the exact numbers are shown: at first where there is room."""
        return self._width >= WIDE if self._data is None else self._data

    def take_focus(self) -> None:
        """The arrows scroll over the events."""
        self._list.focus()

    # Where the events come from

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        self._picture = picture
        fresh = [event(row) for row in picture.journal if row.seq > self._newest]
        if self._events and len(fresh) == len(picture.journal) > 0:
            # It does not reach back to what is known: more may have happened between the two pictures than it holds.
            self._missing = READING
        self._add(fresh)
        if self._missing == READING and picture.store_progress.stage is Stage.READY and not self._asking:
            self._ask()

    @property
    def _newest(self) -> int:
        return self._events[0].row.seq if self._events else 0

    def _ask(self) -> None:
        self._asking = True
        self._host.ask("journal", partial(_read, self._host.desk, self._whole_to), self._answered, self._unanswered)

    def _answered(self, events: Sequence[Event]) -> None:
        self._asking = False
        told = self._picture.journal if self._picture is not None else ()
        if told and (not events or events[-1].row.seq < told[0].seq) and self._whole_to < told[0].seq:
            self._ask()
            return
        self._missing = ""
        self._add(events)
        self._rebuild(0)

    def _unanswered(self, error: CockpitError) -> None:
        self._asking, self._missing = False, f"These are the newest events only, the older ones cannot be read: {error}"
        self._rebuild(0)

    def _add(self, events: Sequence[Event]) -> None:
        """Take in what is not known yet; without anything new only what waits for the first event is shown again."""
        known, newest = {event.row.seq for event in self._events} if events else set(), self._newest
        more = [event for event in events if event.row.seq not in known]
        if more:
            self._events = sorted([*self._events, *more], key=lambda event: -event.row.seq)
        if not self._missing:
            self._whole_to = self._newest
        if more or not self._events:
            newer = [event.row.seq > newest for event in more]
            self._rebuild(sum(map(self._filter.keeps, more)) if all(newer) else 0)

    # What is shown

    def on_resize(self) -> None:
        self._rebuild(0)

    def _rebuild(self, above: int | None = None) -> None:
        """Filter and show; `above` as in LongView."""
        width = self._width
        if self._picture is None or width < 20 or not self.is_mounted:
            return
        self._list.display = bool(self._events)
        if not self._events:
            ready = self._picture.store_progress.stage is Stage.READY
            empty = wrapped(self._missing or "Nothing has happened yet.", width, "dim")
            self._head.show_lines(empty if ready else waiting(self._picture.store_progress, "the journal", width))
            return
        self._shown = shown = [event for event in self._events if self._filter.keeps(event)]
        self._list.show_blocks(partial(event_lines, shown, width=width, data=self._with_data), len(shown), above=above)
        self._rebuild_head()

    def _rebuild_head(self) -> None:
        first = self._list.first
        at = self._shown[first].row.at.date() if 0 < first < len(self._shown) else None
        width = self._width
        told = headline(len(self._shown), len(self._events), self._filter, self._missing, at, width, self._host.keymap)
        absence = self._picture.absence if self._picture is not None and self._filter.after is not None else None
        meanwhile = wrapped(absence.sentence(), width) if absence is not None else []
        self._head.show_lines([*told, *meanwhile, *column_heads(width, data=self._with_data)])

    def on_long_view_scrolled(self, message: LongView.Scrolled) -> None:
        message.stop()
        self._rebuild_head()

    # What the keys do

    def action_filter(self) -> None:
        """Type words."""
        self._line.open()

    def on_filter_line_narrowed(self, message: FilterLine.Narrowed) -> None:
        message.stop()
        self._narrow(self._filter._replace(words=message.words))
        if message.done:
            self.take_focus()

    def action_turn(self, field: str, by: int) -> None:
        """Only the next kind, plan or asset, or the one before."""
        self._narrow(self._filter.turned(field, by, self._events))

    def action_all(self) -> None:
        """No filter any more."""
        self._line.value = ""
        self._line.display = False
        self._narrow(Filter())

    def action_since(self) -> None:
        """Only what happened since the book was last seen."""
        absence = self._picture.absence if self._picture is not None else None
        if absence is None:
            self._host.say("Nothing is left out here: this book was not open before, or it is still being opened.")
        else:
            self._narrow(Filter(after=absence.after))

    def action_data(self) -> None:
        """The exact numbers beside or below each event, or not."""
        self._data = not self._with_data
        self._rebuild(0)

    def _narrow(self, asked: Filter) -> None:
        if asked != self._filter:
            self._filter = asked
            self._rebuild()

    def action_write(self, form: str) -> None:
        """Write the events shown into the working directory."""
        if self._missing == READING:
            self._host.say("The older events are still being read: press it again in a moment.", Tone.WARNING)
            return
        rows = [event.row for event in self._shown]
        if not rows:
            every = f"{key_of('journal.all', self._host.keymap)} shows every event again"
            self._host.say(f"No event is shown, so there is nothing to write: {every}.", Tone.WARNING)
            return
        words = f"{fmt.count(len(rows))} event{'s' if len(rows) != 1 else ''} written to"
        self._host.ask(
            "journal export", partial(_write, self._host, rows, form), lambda path: self._host.say(f"{words} {path}", seconds=12)
        )


def _read(desk: DeskLike, after: int) -> list[Event]:
    return [event(row) for row in desk.journal(after)]


def _write(host: Host, rows: Sequence[JournalRow], form: str) -> Path:
    return host.desk.export_journal(rows, form, host.directory)
