"""A value that is typed in place: its name, the field, and beside it what is wrong with the text or what it means."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from cockpit.model.text import sanitise
from cockpit.ui import actions
from cockpit.ui.lines import line, width_of
from cockpit.ui.widgets.lines_view import LinesView

LIMIT = 60
"""Letters that a field takes."""


class Field(Input):
    """The field itself. Letters are text here; the keys of its scope step, keep and restore."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.FIELD)]
    virtual_size: Reactive[Size] = Reactive(Size(0, 0))
    """A letter more is no reason to lay the screen out again: the field is as wide as it was made."""

    def __init__(self) -> None:
        super().__init__(compact=True, max_length=LIMIT, classes="typed", select_on_focus=False)

    @property
    def row(self) -> "FieldRow":
        """The row that it stands in."""
        assert isinstance(self.parent, FieldRow)
        return self.parent

    def action_step(self, by: int) -> None:
        """One step up or down."""
        self.row.post_message(FieldRow.Stepped(self.row.name_of_value, by))

    def action_done(self) -> None:
        """Keep what stands here."""
        self.row.post_message(FieldRow.Ended(self.row.name_of_value, kept=True))

    def action_cancel(self) -> None:
        """Restore what stood here."""
        self.row.post_message(FieldRow.Ended(self.row.name_of_value, kept=False))


class FieldRow(Horizontal):
    """One line, hidden until a value is opened for typing. The pane reads the text and says what it makes of it."""

    class Typed(Message):
        """The text is another one."""

        def __init__(self, name: str, text: str) -> None:
            super().__init__()
            self.name, self.text = name, text

    class Stepped(Message):
        """One step up (1) or down (-1) was asked for."""

        def __init__(self, name: str, by: int) -> None:
            super().__init__()
            self.name, self.by = name, by

    class Ended(Message):
        """Typing is over; what was typed is to be kept or not."""

        def __init__(self, name: str, *, kept: bool) -> None:
            super().__init__()
            self.name, self.kept = name, kept

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="field")
        self.name_of_value = ""
        self.display = False
        self._label = LinesView(classes="field-label")
        self._field = Field()
        self._words = LinesView(classes="field-words")
        self._label.can_focus = self._words.can_focus = False

    def compose(self) -> ComposeResult:
        yield self._label
        yield self._field
        yield self._words

    @property
    def text(self) -> str:
        """What stands in the field."""
        return sanitise(self._field.value, limit=LIMIT)

    def open(self, name: str, label: str, text: str, *, width: int = 10) -> None:
        """Take the keys for this value; `width` is how many cells the field gets."""
        self.name_of_value = name
        shown = line((f"{label} ", "strong"))
        self._label.show_lines([shown])
        self._label.styles.width = width_of(shown)
        self._field.styles.width = width
        self.fill(text)
        self.display = True
        self._field.focus()

    def fill(self, text: str) -> None:
        """Put this text in place of what stands there; nothing is told of it. The next letter typed takes its place."""
        with self._field.prevent(Input.Changed):
            self._field.value = text
        self._field.select_all()

    def tell(self, words: str, role: str = "dim") -> None:
        """Say this beside the field."""
        self._words.show_lines([line((f"  {words}", role))])

    def close(self) -> None:
        """Give the line back."""
        self.name_of_value = ""
        self.display = False

    def end(self, event: Ended, restore: Callable[[], None], take: Callable[[str, str], bool], back: Callable[[], None]) -> None:
        """End the typing: `restore` what stood here, or keep what was typed and give the focus `back` unless it went elsewhere.

        Enter on a text that means nothing, as `take` says of the value's name and text, keeps the field open; who leaves such a
        text keeps the last one that meant something.
        """
        event.stop()
        typing = self.has_focus_within
        if not event.kept:
            restore()
        elif typing and not take(event.name, self.text):
            return
        self.close()
        if typing:
            back()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.name_of_value:
            self.post_message(self.Typed(self.name_of_value, self.text))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    def on_descendant_blur(self, _event: events.DescendantBlur) -> None:
        """Whoever takes the focus elsewhere on the screen keeps what was typed; a window that loses it ends nothing."""
        self.call_after_refresh(self._left)

    def _left(self) -> None:
        focused = self.screen.focused
        if self.name_of_value and focused is not None and focused is not self._field:
            self.post_message(self.Ended(self.name_of_value, kept=True))
