"""Forgets what a screen looked like once it is closed."""

from collections.abc import Iterator

from textual.await_complete import AwaitComplete
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from cockpit.ui.covering import Covering


class Forgetting(Covering):
    """The part of the cockpit that closes screens."""

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and let go of its painted lines.

        Textual 8.2 keeps the lines of a thousand widgets that are gone: `StylesCache.get_inner_outer` is an `lru_cache` of a
        method, which holds every cache that it was asked through.
        """
        for widget in self.screen.walk_children(Widget, with_self=True):
            for bar in bars(widget):
                bar.refresh()
            widget.refresh()
        return super().pop_screen()


def bars(widget: Widget) -> Iterator[ScrollBar]:
    """Its scroll bars, which are no children of it."""
    if widget.show_vertical_scrollbar:
        yield widget.vertical_scrollbar
    if widget.show_horizontal_scrollbar:
        yield widget.horizontal_scrollbar
