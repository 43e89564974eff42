"""Explains one figure after another where it stands: its name, its value, what it means, its formula, its source."""

from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.figures import HasFigures, Shown, panes_of, place_of
from cockpit.ui.glossary import Figure, meaning
from cockpit.ui.lines import Line, line, wrapped
from cockpit.ui.roles import role_styles
from cockpit.ui.screens.follows import Follows
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.lines_view import LinesView

NOTHING = "No figure stands here: the help says what this pane shows."


class Stop(NamedTuple):
    """One figure of the walk: the widget that it stands in, where, and its entry."""

    pane: Widget
    shown: Shown
    entry: Figure


def stops_of(screen: Screen[object]) -> list[Stop]:
    """The figures of a screen: those of the focused pane in reading order, then those of the other panes, the header's last."""
    return [
        Stop(pane, shown, entry)
        for pane in panes_of(screen)
        if isinstance(pane, HasFigures)
        for shown in pane.figures()
        if (entry := meaning(shown.about)) is not None
    ]


def explanation(stop: Stop, place: str, width: int) -> list[Line]:
    """Name, value and meaning; then formula and source. `place` says which of how many it is."""
    entry = stop.entry
    head = f"{entry.name}  {stop.shown.text}" if stop.shown.text != entry.name else entry.name
    formula = f"= {entry.formula}" if entry.formula else "observed, not computed"
    return [
        line((head, "strong"), (f"   {place}", "dim")),
        *wrapped(entry.meaning, width),
        *wrapped(f"{formula}   source: {entry.source}", width, "dim"),
    ]


class Mark(Widget, can_focus=False):
    """The figure that is explained, repeated over itself in reverse."""

    text = ""

    def render_line(self, y: int) -> Strip:
        """The figure's text."""
        style = self.rich_style + role_styles(self.app.theme_variables)["cursor"]
        return Strip([Segment(self.text, style)]).crop_extend(0, self.size.width, style)


class ExplainScreen(Follows[None]):
    """Stands over the open view without hiding it."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.EXPLAIN)]
    AUTO_FOCUS = ""

    def __init__(self, below: Screen[object]) -> None:
        super().__init__(id="explain-screen")
        self._below = below
        self._stops: list[Stop] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        yield Mark(id="mark")
        yield LinesView(id="explanation")
        yield Footer(actions.EXPLAIN)

    def on_mount(self) -> None:
        self.ready = True
        self.query_one("#explanation").can_focus = False
        self._stops = stops_of(self._below)
        self._at = next((number for number, stop in enumerate(self._stops) if self._in_view(stop)), 0)
        self.call_after_refresh(self._turn_to, self._at)

    def on_resize(self) -> None:
        self.call_after_refresh(self._follow)

    def show(self, picture: Picture) -> None:
        """The figures change below: the same one stays marked."""
        self.call_after_refresh(self._follow)

    @property
    def stop(self) -> Stop | None:
        """The figure that is explained."""
        return self._stops[self._at] if self._stops else None

    def _follow(self) -> None:
        old = self.stop
        self._stops = stops_of(self._below)
        if not self.ready or old is None:
            return
        same = [n for n, stop in enumerate(self._stops) if stop.pane is old.pane and stop.shown.about == old.shown.about]
        line, column = old.shown.line, old.shown.column
        nearest = min(same, key=lambda n: _distance(self._stops[n].shown, line, column), default=0)
        self._turn_to(nearest)

    # Which figure

    def action_figure(self, by: int) -> None:
        """The next figure or the one before, around the end."""
        if self._stops:
            self._turn_to((self._at + by) % len(self._stops))

    def action_row(self, by: int) -> None:
        """The nearest figure on the next line that has one, below or above; beyond a pane the next pane."""
        if not self._stops:
            return
        pane, here, _ = self._stops[self._at]
        beyond = [n for n, stop in enumerate(self._stops) if stop.pane is pane and (stop.shown.line - here.line) * by > 0]
        if beyond:
            nearest = min((self._stops[n].shown.line for n in beyond), key=lambda each: abs(each - here.line))
            self._turn_to(min(beyond, key=lambda n: _distance(self._stops[n].shown, nearest, here.column)))
        else:
            mine = [n for n, stop in enumerate(self._stops) if stop.pane is pane]
            self._turn_to(((mine[-1] if by > 0 else mine[0]) + by) % len(self._stops))

    def on_click(self, event: events.Click) -> None:
        """The figure under the mouse."""
        found = next(
            (number for number, stop in enumerate(self._stops) if self._region(stop).contains_point(event.screen_offset)), None
        )
        if found is not None:
            self._turn_to(found)

    def action_close(self) -> None:
        """Back to the pane."""
        self.answer(None)

    # Where it stands

    def _turn_to(self, number: int) -> None:
        if not self.ready:
            return
        self._at = number
        stop = self.stop
        if stop is None:
            self._say([line((NOTHING, "dim"))])
            return
        if not self._in_view(stop):
            where = Region(stop.shown.column, stop.shown.line, stop.shown.width, 1)
            stop.pane.scroll_to_region(where, center=True, animate=False, immediate=True)
        width = max(20, self.size.width - 2)
        self._say(explanation(stop, f"{self._at + 1} of {len(self._stops)}", width))
        self.call_after_refresh(self._mark)

    def _say(self, lines: list[Line]) -> None:
        view = self.query_one("#explanation", LinesView)
        view.styles.height = len(lines)
        view.show_lines(lines)
        stop = self.stop
        low = stop is not None and self._region(stop).y >= self.size.height - 1 - len(lines)
        view.set_class(low, "above")

    def _mark(self) -> None:
        stop, mark = self.stop, self.query_one("#mark", Mark)
        region = self._region(stop) if stop is not None else Region()
        mark.display = bool(region)
        if stop is not None and region:
            mark.text = stop.shown.text[: region.width]
            mark.styles.offset = region.offset
            mark.styles.width = region.width
            mark.refresh()

    def _region(self, stop: Stop) -> Region:
        """What of the figure is in view, on the screen."""
        whole = Region.from_offset(place_of(stop.shown, stop.pane), (stop.shown.width, 1))
        return whole.intersection(stop.pane.scrollable_content_region)

    def _in_view(self, stop: Stop) -> bool:
        return self._region(stop).size == (stop.shown.width, 1)


def _distance(shown: Shown, line: int, column: int) -> tuple[int, int]:
    return abs(shown.line - line), abs(shown.column - column)
