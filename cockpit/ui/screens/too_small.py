"""Stands over everything while the terminal is too small to show what is asked: no key confirms what cannot be read."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Static

from cockpit.terminal.usable import too_small
from cockpit.ui import actions
from cockpit.ui.keys import Keymap, key_of
from cockpit.ui.screens.steady import Steady


class TooSmall(Steady, ModalScreen[None]):
    """One sentence and the keys that act on it; it leaves by itself when there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings((actions.HALT, actions.RESUME, actions.ALL["quit"]))]

    def __init__(self, size: Size, keymap: Keymap) -> None:
        super().__init__(id="too-small")
        self._keys = f"{key_of('halt', keymap)} halts, {key_of('quit', keymap)} leaves."
        self._sentence = Static(self._words(size), markup=False)

    def _words(self, size: Size) -> str:
        return f"{too_small(*size)} {self._keys}"

    def compose(self) -> ComposeResult:
        yield self._sentence

    def on_resize(self, event: events.Resize) -> None:
        self._look(event.size)

    def on_screen_resume(self) -> None:
        self._look(self.app.size)

    def _look(self, size: Size) -> None:
        if too_small(*size):
            self._sentence.update(self._words(size))
        elif self.is_current:
            self.dismiss()
