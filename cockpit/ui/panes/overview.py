"""Everything at once: four panels on a wide screen; on a narrow one the focused panel whole and the others as headlines."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import DescendantFocus

from cockpit.model.picture import Picture
from cockpit.ui.blocks import market, outlook, phase, positions
from cockpit.ui.lines import Line, line
from cockpit.ui.panes.pane import Build, Pane, View

Headline = Callable[[Picture], Line]


class Panel(Pane):
    """One of the four. Closed, it is its headline."""

    def __init__(self, name: str, key: str, build: Build, headline: Headline) -> None:
        super().__init__(build, id=f"panel-{name}", classes="panel")
        self.border_title = f"{key} {name}"
        self._title = f"{key} {name}"
        self._headline = headline

    def rebuild(self) -> None:
        """The whole panel, or its headline where it is closed."""
        if self.picture is None:
            return
        if self.screen.has_class("-narrow") and not self.has_class("open"):
            self.show_lines([line((f"{self._title:<12}", "key"), *self._headline(self.picture))])
        else:
            super().rebuild()


class Overview(View):
    """The first view."""

    def __init__(self) -> None:
        super().__init__(id="overview")
        self._panels = (
            Panel("positions", "2", positions.positions, positions.headline),
            Panel("phase", "3", phase.summary, phase.headline),
            Panel("signals", "4", market.summary, market.headline),
            Panel("rotation", "5", outlook.outlook, outlook.headline),
        )
        self._panels[0].add_class("open")

    def compose(self) -> ComposeResult:
        yield from self._panels

    def show(self, picture: Picture) -> None:
        """Show this picture in every panel."""
        for panel in self._panels:
            panel.show(picture)

    def take_focus(self) -> None:
        """The open panel scrolls."""
        next(panel for panel in self._panels if panel.has_class("open")).focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for panel in self._panels:
            panel.set_class(panel is event.widget, "open")
            panel.scroll_home(animate=False)
            panel.rebuild()
