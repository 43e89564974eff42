"""Everything at once: what is asked and four panels; on a narrow screen the focused one, and the others' headlines."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple, cast

from textual.app import ComposeResult
from textual.events import DescendantFocus

from cockpit.model.charts import Trail
from cockpit.model.picture import Picture
from cockpit.ui.blocks import heat, outlook, phase, positions, rotation_map
from cockpit.ui.kept import Kept
from cockpit.ui.keys import AS_SHIPPED, Keymap, view_title
from cockpit.ui.latest import Latest
from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.panes.pane import Build, Pane, View
from cockpit.ui.port import Host

Headline = Callable[[Picture, int], list[Line]]
TALL = 50
"""The height from which the latest events stand too, and the lower panels have more of the room."""
BORDER = 2
"""The lines of a panel's frame."""
TITLE = 14
"""The cells of a closed panel's title."""


class Panel(Pane):
    """One of them. Closed, it is its headline."""

    def __init__(self, name: str, title: str, build: Build, headline: Headline) -> None:
        super().__init__(build, id=f"panel-{name}", classes="panel")
        self.border_title = title
        self._title = title
        self._headline = headline

    def on_resize(self) -> None:
        """The room of the others follows from how high it is, and from the lines that it needs in its new width."""
        if isinstance(self.parent, Overview):
            self.call_next(self.parent.share_out)  # when it is built for that width

    @property
    def closed(self) -> bool:
        """Whether another panel is open in the narrow overview."""
        return self.screen.has_class("-narrow") and not self.has_class("open")

    def rebuild(self) -> None:
        """The whole panel, or its headline where it is closed."""
        if self.picture is None or not self.is_attached:  # a trader may leave while the panels are being made
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

    def __init__(self, keymap: Keymap) -> None:
        title = view_title("rotation", "rotation", keymap)
        super().__init__("rotation", title, self._content, partial(outlook.strip, keymap=keymap))
        self._keymap = keymap

    def _content(self, picture: Picture, width: int) -> list[Line]:
        whole = self.has_class("-maximized") or self.screen.has_class("-narrow")
        if whole:
            return outlook.outlook(picture, width, self._keymap)
        strip = outlook.tall_strip if self.screen.size.height >= TALL else outlook.strip
        return strip(picture, width, self._keymap)


class SignalsPanel(Panel):
    """The readings: as many assets as the panel has lines."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__("signals", view_title("signals", "signals", keymap), self._content, _one(heat.headline))
        self._kept: Kept[list[Line]] = Kept()

    def _content(self, picture: Picture, width: int) -> list[Line]:
        """Prices change nothing of it: what is held does, and the readings of a new close."""
        height = self.scrollable_size.height
        held = tuple(row.asset for row in picture.exposure.assets) if picture.exposure is not None else None
        parts = (picture.readings, picture.sectors, picture.call, picture.signals_progress, held, width, height)
        return self._kept.of(parts, lambda: heat.overview_heat(picture, width, height))


class Map(NamedTuple):
    """What a rotation map is drawn from."""

    trails: tuple[Trail, ...]
    held: frozenset[str]
    width: int
    height: int


class MapPanel(Panel):
    """The rotation map, drawn off the loop: what draws it takes long to import, and the first frame does not wait for it."""

    def __init__(self, keymap: Keymap) -> None:
        super().__init__("map", view_title("signals", "map", keymap), self._content, _one(rotation_map.headline))
        self._drawn: Latest[Map, list[Line]] = Latest("overview map", self._draw, lambda: cast(Host, self.app), self.rebuild)

    def _draw(self, wanted: Map) -> list[Line]:
        assert self.picture is not None
        return rotation_map.overview_map(self.picture, wanted.width, wanted.height)

    def _content(self, picture: Picture, width: int) -> list[Line]:
        height = self.scrollable_size.height
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

    def __init__(self, keymap: Keymap = AS_SHIPPED) -> None:
        super().__init__(id="overview")
        self._rows = ""

        def panel(view: str, build: Build, headline: Callable[[Picture], Line]) -> Panel:
            return Panel(view, view_title(view, view, keymap), build, _one(headline))

        first = panel("positions", partial(positions.positions, keymap=keymap), positions.headline)
        first.add_class("open")
        self._panels: tuple[Panel, ...] = (
            Asked(keymap),
            first,
            panel("phase", phase.summary, phase.headline),
            SignalsPanel(keymap),
            MapPanel(keymap),
        )

    def compose(self) -> ComposeResult:
        yield from self._panels

    def show(self, picture: Picture) -> None:
        """Show this picture in every panel."""
        for panel in self._panels:
            panel.show(picture)
        self.share_out()

    def on_resize(self) -> None:
        self.set_class(self.screen.size.height >= TALL, "tall")
        self.call_after_refresh(self.share_out)

    def share_out(self) -> None:
        """Positions and phase get the lines that they need, between a third and two thirds; signals and map fill what is left."""
        asked, *upper = self._panels[:3]
        height = self.size.height - asked.outer_size.height
        if height <= 0 or not self.outer_size:  # not laid out yet
            return
        if self.screen.has_class("-narrow") or self.screen.maximized is not None:
            return
        needed = max(len(panel.lines) for panel in upper) + BORDER
        rows = f"auto {max(height // 3, min(needed, height * 2 // 3))} 1fr"
        if rows != self._rows:
            self._rows = rows
            self.styles.grid_rows = rows

    def take_focus(self) -> None:
        """The open panel scrolls."""
        next(panel for panel in self._panels if panel.has_class("open")).focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for panel in self._panels:
            panel.scroll_home(animate=False)
            if (panel is event.widget) != panel.has_class("open"):
                panel.toggle_class("open")
                panel.rebuild()
