"""The keys that work here, from the registry of actions; a click on one does the same."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from cockpit.ui.actions import COCKPIT, VIEWS, Action

ALL_VIEWS = Action("views", (f"1-{len(VIEWS)}",), "app.view('overview')", "views", "")


def footer_actions(own: Sequence[Action], *, wide: bool) -> tuple[Action, ...]:
    """The view's own actions first, then those of every view; narrow screens name the six views in one word."""
    if wide:
        return (*own, *COCKPIT)
    rest = tuple(action for action in COCKPIT if not action.id.startswith("view."))
    return (*own, ALL_VIEWS, *rest)


class Footer(Widget, can_focus=False):
    """One line of keys: the view's own first, then those that work everywhere, as many as fit."""

    COMPONENT_CLASSES = {"line--key", "line--dim"}

    def __init__(self, actions: Sequence[Action] = ()) -> None:
        super().__init__(id="footer")
        self._actions = tuple(actions)

    def show(self, actions: Sequence[Action]) -> None:
        """Show these actions' keys."""
        if tuple(actions) != self._actions:
            self._actions = tuple(actions)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line of keys; each carries its action for the mouse."""
        base = self.rich_style
        key_style = base + self.get_component_rich_style("line--key", partial=True)
        segments: list[Segment] = []
        used = 0
        for action in self._actions:
            if not action.label:
                continue
            size = len(action.key_text) + len(action.label) + 3
            if used + size > self.size.width:
                continue
            used += size
            click = Style(meta={"@click": action.command})
            segments += [Segment(f" {action.key_text} ", key_style + click), Segment(f"{action.label} ", base + click)]
        return Strip(segments).crop_extend(0, self.size.width, base)
