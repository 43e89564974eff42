"""Covers the cockpit while its terminal is too small to be read."""

from textual import events

from cockpit.terminal.usable import too_small
from cockpit.ui.returning import Returning


class Covering(Returning):
    """The part of the cockpit that looks at its size."""

    def on_resize(self, event: events.Resize) -> None:
        """Cover what is too small; the cover uncovers itself."""
        if too_small(*event.size) and self.screen_stack:
            from cockpit.ui.screens.too_small import TooSmall

            if not isinstance(self.screen, TooSmall):
                self.push_screen(TooSmall(event.size, self.keymap))
