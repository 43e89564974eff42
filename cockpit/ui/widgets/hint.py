"""The line beside the answers of a screen: what they wait for, and how many lines stand below what is seen."""

from cockpit.ui.lines import line
from cockpit.ui.widgets.lines_view import LinesView


class Hint(LinesView, can_focus=False):
    """The line; it counts the lines of `view`."""

    def __init__(self, view: LinesView, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._view = view
        self._told = ("", "")

    def on_mount(self) -> None:
        self.watch(self._view, "scroll_y", self.count, init=False)

    def tell(self, words: str, role: str) -> None:
        """Say this; "" for nothing."""
        self._told = (words, role)
        self.count()

    def count(self) -> None:
        """Count again what stands below."""
        view = self._view
        below = len(view.lines) - view.scroll_offset.y - view.size.height
        more = f"↓ {below} more" if below > 0 else ""
        gap = "  " if self._told[0] and more else ""
        self.show_lines([line(self._told, gap, (more, "key"))])
