"""A line that is typed into: what stands in it narrows the pane while it is typed."""

from typing import ClassVar, cast

from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Input

from cockpit.model.text import sanitise
from cockpit.ui import actions
from cockpit.ui.keys import key_of
from cockpit.ui.port import Host

LIMIT = 80
"""Letters that a filter takes."""


class FilterLine(Input):
    """The line of a filter, hidden until it is opened. Letters are text here, keys of a field end it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *actions.bindings(action for action in actions.FIELD if action.id in ("field.done", "field.cancel"))
    ]

    class Narrowed(Message):
        """The words changed; "" shows everything. `done` once the line gave up the focus."""

        def __init__(self, words: str, *, done: bool) -> None:
            super().__init__()
            self.words = words
            self.done = done

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="filter", compact=True, max_length=LIMIT)
        self.display = False

    def open(self) -> None:
        """Show it and take the keys."""
        keymap = cast(Host, self.app).keymap
        self.placeholder = f"type to filter; {key_of('field.done', keymap)} keeps it, {key_of('field.cancel', keymap)} ends it"
        self.display = True
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Narrowed(sanitise(self.value, limit=LIMIT), done=False))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()

    def action_done(self) -> None:
        """Give the keys back; an empty line disappears."""
        self.display = bool(self.value)
        self.post_message(self.Narrowed(sanitise(self.value, limit=LIMIT), done=True))

    def action_cancel(self) -> None:
        """No words, no line."""
        self.value = ""
        self.action_done()
