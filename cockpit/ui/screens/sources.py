"""Every source of the market as it stands, over the open view; it follows the picture."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.blocks.sources import sources
from cockpit.ui.screens.follows import Follows
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.header import Header
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.notice import Notice


class SourcesScreen(Follows[None]):
    """The list in the place of the view, under the header."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.SOURCES)]

    def __init__(self, picture: Picture) -> None:
        super().__init__(id="sources-screen")
        self._picture = picture

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notice()
        yield LinesView(id="sources")
        yield Footer(actions.SOURCES)

    def on_mount(self) -> None:
        self.ready = True
        self.query_one(Header).show(self._picture)

    def show(self, picture: Picture) -> None:
        """Show the sources of this picture."""
        self._picture = picture
        self._rebuild()

    def on_resize(self) -> None:
        self._rebuild()

    def _rebuild(self) -> None:
        view = self.query_one("#sources", LinesView)
        view.show_lines(sources(self._picture, max(20, view.scrollable_size.width - 1)))

    def action_close(self) -> None:
        """Back to the view."""
        self.answer(None)
