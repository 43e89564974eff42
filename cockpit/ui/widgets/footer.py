"""The keys that work here, from the registry of actions; a click on one does the same."""

from collections.abc import Sequence

from rich.segment import Segment
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from cockpit.ui.actions import COCKPIT, VIEWS, Action
from cockpit.ui.roles import role_styles

SHORT = 5
"""Letters of own labels beside which the views can be spelled out."""
ESSENTIAL = ("halt", "help")
ALL_VIEWS = Action("views", ("1",), "app.view('overview')", "views", "", shown=f"1-{len(VIEWS)}")


def footer_actions(own: Sequence[Action], *, wide: bool) -> tuple[Action, ...]:
    """The view's own actions first, then those of every view; the six views are one word where room is short."""
    views = tuple(action for action in COCKPIT if action.id.startswith("view."))
    rest = tuple(action for action in COCKPIT if action not in views)
    spelled_out = wide and sum(len(action.label) for action in own) < SHORT
    return (*own, *(views if spelled_out else (ALL_VIEWS,)), *rest)


class Footer(Widget, can_focus=False):
    """One line of keys: the view's own first, then those that work everywhere, as many as fit."""

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
        key_style = base + role_styles(self.app.theme_variables)["key"]
        segments: list[Segment] = []
        for action in fitting(self._actions, self.size.width):
            segments += [Segment(f" {action.key_text} ", key_style), Segment(f"{action.label} ", base)]
        return Strip(segments).crop_extend(0, self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """A click is that key, so that it passes wherever the key would."""
        end = 0
        for action in fitting(self._actions, self.size.width):
            end += _cells(action)
            if event.x < end:
                self.app.simulate_key(action.keys[0])
                return


def fitting(actions: Sequence[Action], width: int) -> list[Action]:
    """The actions that fit in `width` cells, in their order; room for the essential ones is kept first."""
    labelled = [action for action in actions if action.label]
    essential = [action for action in labelled if action.id in ESSENTIAL]
    room = width - sum(map(_cells, essential))
    chosen = set(essential)
    for action in labelled:
        if action not in chosen and _cells(action) <= room:
            chosen.add(action)
            room -= _cells(action)
    return [action for action in labelled if action in chosen]


def _cells(action: Action) -> int:
    return len(action.key_text) + len(action.label) + 3
