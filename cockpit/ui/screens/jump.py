"""Puts a letter on every pane of the screen and on every view's name: its key, or a click on it, goes there."""

from typing import ClassVar, NamedTuple, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.figures import stands
from cockpit.ui.keys import Keymap, halting, view_keys
from cockpit.ui.port import Host
from cockpit.ui.screens.follows import Follows
from cockpit.ui.widgets.footer import Footer

LETTERS = "asdfgjklqwertyuiopzxcvbnm"
"""Home row first; h halts."""


class Target(NamedTuple):
    """Where a jump goes: a widget that takes the focus, or a view by its name."""

    pane: Widget | None = None
    view: str = ""


def targets_of(screen: Screen[object], keymap: Keymap) -> dict[str, Target]:
    """Every pane that can have the focus, then every view, by its letter."""
    panes = [Target(pane=widget) for widget in screen.focus_chain if stands(widget, screen)]
    letters = [letter for letter in LETTERS if letter not in halting(keymap)]
    return dict(zip(letters, (*panes, *(Target(view=view) for view in actions.VIEWS)), strict=False))


class Label(Widget, can_focus=False):
    """A letter in reverse, with the name of the view that it opens where it stands for one."""

    class Pressed(Message):
        """The mouse pressed it."""

        def __init__(self, letter: str) -> None:
            super().__init__()
            self.letter = letter

    def __init__(self, letter: str, word: str = "") -> None:
        super().__init__(classes="jump-label")
        self._letter = letter
        self._word = word

    def render(self) -> Content:
        """The letter in brackets, so that it is told from the text below without colour."""
        return Content.assemble((f"[{self._letter}]", "reverse bold"), f"{self._word} " if self._word else "")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self._letter))


class JumpScreen(Follows[Target]):
    """Stands over the open view without hiding it; answers with the place to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.JUMP)]
    AUTO_FOCUS = ""

    def __init__(self, below: Screen[object], keymap: Keymap) -> None:
        super().__init__(id="jump-screen")
        self._targets = targets_of(below, keymap)
        self._size_then: Size | None = None

    def compose(self) -> ComposeResult:
        for letter, target in self._targets.items():
            if target.pane is not None:
                label = Label(letter)
                label.styles.position = "absolute"
                label.styles.offset = _corner(target.pane)
                yield label
        with Horizontal(id="jump-views"):
            for letter, target in self._targets.items():
                if target.view:
                    yield Label(letter, actions.VIEW_WORDS.get(target.view, target.view))
            yield Footer(actions.JUMP)

    def on_mount(self) -> None:
        self.ready = True

    def show(self, picture: Picture) -> None:
        """The labels stay where they are."""

    def on_resize(self, event: events.Resize) -> None:
        """On another size the panes stand elsewhere: the labels would lie."""
        if self._size_then not in (None, event.size):
            self.answer(None)
        self._size_then = event.size

    def on_key(self, event: events.Key) -> None:
        """A letter, or the key of a view."""
        keymap = cast(Host, self.app).keymap
        target = self._targets.get(event.key)
        if target is None and (view := view_keys(keymap).get(event.key)):
            target = Target(view=view)
        if target is not None:
            event.stop()
            self.answer(target)

    def on_click(self, event: events.Click) -> None:
        """A click beside the letters stays here."""
        if self.get_widget_at(*event.screen_offset)[0] is self:
            self.answer(None)

    def on_label_pressed(self, pressed: Label.Pressed) -> None:
        self.answer(self._targets[pressed.letter])

    def action_close(self) -> None:
        """Stay here."""
        self.answer(None)


def _corner(pane: Widget) -> Offset:
    """The top left corner of what the pane shows, a cell inside its border."""
    return Offset(pane.region.x + (1 if pane.styles.border_top[0] else 0), pane.region.y)
