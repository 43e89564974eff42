"""Named values whose names begin with a key: a click on one is that key."""

from typing import cast

from rich.cells import cell_len
from textual import events
from textual.keys import key_to_character

from cockpit.ui.actions import COCKPIT, SCOPES
from cockpit.ui.keys import in_force
from cockpit.ui.lines import Line
from cockpit.ui.port import Host
from cockpit.ui.widgets.lines_view import LinesView

NAME = "dim"
"""The role that `cockpit.ui.table.facts` gives to a name."""


class KeyLines(LinesView, can_focus=False):
    """Lines of `facts` about the actions of this scope and of the cockpit."""

    def __init__(self, scope: str, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._actions = (*COCKPIT, *SCOPES[scope])

    def on_click(self, event: events.Click) -> None:
        """Press the key of the value under the mouse, unless it is a letter and letters are text now."""
        place = event.get_content_offset(self)
        if place is None or place.y >= len(self.lines):
            return
        keys = {action.key_text: action.keys[0] for action in in_force(self._actions, cast(Host, self.app).keymap) if action.keys}
        key, focused = keys.get(_name_at(self.lines[place.y], place.x).partition(" ")[0]), self.screen.focused
        if key is not None and not (focused is not None and focused.check_consume_key(key, key_to_character(key))):
            self.app.simulate_key(key)


def _name_at(row: Line, x: int) -> str:
    """The last name that begins at this cell or before it; "" where none does."""
    name, column = "", 0
    for span in row:
        if column <= x and span.role == NAME:
            name = span.text
        column += cell_len(span.text)
    return name
