"""Everything at once: what is asked and four panels; on a narrow screen the focused one, and the others' headlines."""

from collections.abc import Callable
from typing import NamedTuple, cast

from textual.app import ComposeResult
from textual.events import DescendantFocus

from cockpit.model.charts import Trail
from cockpit.model.picture import Picture
from cockpit.ui.blocks import heat, outlook, phase, positions, rotation_map
from cockpit.ui.latest import Latest
from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.panes.pane import Build, Pane, View
from cockpit.ui.port import Host

Headline = Callable[[Picture, int], list[Line]]
TALL = 50
"""The height from which the latest events stand too, and the lower panels have more of the room."""
TITLE = 14
"""The cells of a closed panel's title."""


class Panel(Pane):
    """One of them. Closed, it is its headline."""

    def __init__(self, name: str, title: str, build: Build, headline: Headline) -> None:
        super().__init__(build, id=f"panel-{name}", classes="panel")
        self.border_title = title
        self._title = title
        self._headline = headline

    @property
    def closed(self) -> bool:
        """Whether another panel is open in the narrow overview."""
        return self.screen.has_class("-narrow") and not self.has_class("open")

    def rebuild(self) -> None:
        """The whole panel, or its headline where it is closed."""
        if self.picture is None:
            return
        if not self.closed:
            super().rebuild()
            return
        first, *more = self._headline(self.picture, max(20, self.size.width - TITLE)) or [()]
        title = line((f"{self._title:<{TITLE}}", "key"))
        self.show_lines([(*title, *first), *((*line(" " * TITLE), *row) for row in more)])


def _one(headline: Callable[[Picture], Line]) -> Headline:
    return lambda picture, _: [headline(picture)]


class Asked(Panel):
    """What is asked of the book: two lines that always stand, the whole of it where it is open or zoomed."""

    def __init__(self) -> None:
        super().__init__("rotation", "5 rotation", self._content, outlook.strip)

    def _content(self, picture: Picture, width: int) -> list[Line]:
        whole = self.has_class("-maximized") or self.screen.has_class("-narrow")
        if whole:
            return outlook.outlook(picture, width)
        return outlook.tall_strip(picture, width) if self.screen.size.height >= TALL else outlook.strip(picture, width)


class Map(NamedTuple):
    """What a rotation map is drawn from."""

    trails: tuple[Trail, ...]
    held: frozenset[str]
    width: int
    height: int


class MapPanel(Panel):
    """The rotation map, drawn off the loop: what draws it takes long to import, and the first frame does not wait for it."""

    def __init__(self) -> None:
        super().__init__("map", "4 map", self._content, _one(rotation_map.headline))
        self._drawn: Latest[Map, list[Line]] = Latest("overview map", self._draw, lambda: cast(Host, self.app), self.rebuild)

    def _draw(self, wanted: Map) -> list[Line]:
        assert self.picture is not None
        return rotation_map.overview_map(self.picture, wanted.width, wanted.height)

    def _content(self, picture: Picture, width: int) -> list[Line]:
        height = self.scrollable_content_region.height
        if not picture.trails or height < 1:
            return rotation_map.overview_map(picture, width, max(1, height))
        held = frozenset(row.asset for row in picture.exposure.assets) if picture.exposure is not None else frozenset()
        wanted = Map(picture.trails, held, width, height)
        if wanted != self._drawn.question:
            self._drawn.put(wanted)
        if self._drawn.failure:
            return wrapped(f"✗ {self._drawn.failure}", width, "bad")
        return self._drawn.answer or [line(("… the map is being drawn", "dim"))]


class Overview(View):
    """The first view."""

    def __init__(self) -> None:
        super().__init__(id="overview")
        first = Panel("positions", "2 positions", positions.positions, _one(positions.headline))
        first.add_class("open")
        self._panels: tuple[Panel, ...] = (
            Asked(),
            first,
            Panel("phase", "3 phase", phase.summary, _one(phase.headline)),
            Panel("signals", "4 signals", heat.overview_heat, _one(heat.headline)),
            MapPanel(),
        )

    def compose(self) -> ComposeResult:
        yield from self._panels

    def show(self, picture: Picture) -> None:
        """Show this picture in every panel."""
        for panel in self._panels:
            panel.show(picture)

    def on_resize(self) -> None:
        self.set_class(self.screen.size.height >= TALL, "tall")

    def take_focus(self) -> None:
        """The open panel scrolls."""
        next(panel for panel in self._panels if panel.has_class("open")).focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for panel in self._panels:
            panel.set_class(panel is event.widget, "open")
            panel.scroll_home(animate=False)
            panel.rebuild()
