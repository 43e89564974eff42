"""The base of every view: a block of lines built from the picture whenever one of them changes."""

from collections.abc import Callable

from textual.geometry import Size
from textual.widget import Widget

from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.ui.lines import Line
from cockpit.ui.widgets.lasting import lasting_size
from cockpit.ui.widgets.lines_view import LinesView

Build = Callable[[Picture, int], list[Line]]


class View(Widget):
    """Something that a digit opens."""

    _seen: Size | None = None

    @property
    def size(self) -> Size:
        """Of its content, also while it is hidden; before it first stands, that of the place which it is going to fill."""
        own = lasting_size(self)
        if own or not isinstance(self.parent, Widget):
            return own
        return self.parent.size.region.shrink(self.styles.gutter).size

    def resized(self) -> bool:
        """Whether it is another size than when this was asked before: it is told one also where it is only shown again."""
        before, self._seen = self._seen, self.outer_size
        return before != self._seen

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Give the keys to the part that listens."""
        self.focus()

    @property
    def plan(self) -> Plan | None:
        """The plan that the view previews, if it does."""
        return None


class Pane(LinesView, View):
    """A view made by one function from the picture and the width there is."""

    def __init__(self, build: Build, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._build = build
        self.picture: Picture | None = None

    def show(self, picture: Picture) -> None:
        """Show this picture; it is built as soon as the pane has a size."""
        self.picture = picture
        self.rebuild()

    def rebuild(self) -> None:
        """Make the lines again for the width there is now."""
        width = self.scrollable_size.width
        if self.picture is not None and width > 0:
            self.show_lines(self._build(self.picture, width))

    def on_resize(self) -> None:
        if self.resized():
            self.rebuild()
