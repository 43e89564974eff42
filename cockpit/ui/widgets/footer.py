"""The keys that work here, from the registry of actions; a click on one does the same. It says which view is open."""

from collections.abc import Collection, Sequence
from typing import cast

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.keys import key_to_character
from textual.strip import Strip
from textual.widget import Widget

from cockpit.model.picture import Picture
from cockpit.ui.actions import ALL, COCKPIT, HALT, VIEW_WORDS, VIEWS, Action
from cockpit.ui.keys import Keymap, in_force, keys_of
from cockpit.ui.port import Host
from cockpit.ui.roles import role_styles

ESSENTIAL = ("halt", "resume", "protect", "help", "palette")
"""What has its place whatever else finds none: from the palette every other command can be reached, by mouse as well."""
OPEN = "▸"
"""Stands before the key of the view that is open."""


def view_actions(own: Sequence[Action], view: str, keymap: Keymap, width: int, hidden: Collection[str]) -> tuple[Action, ...]:
    """The views, the open view's own actions, then the rest of what works everywhere, with the keys in force.

    Where the views' names do not fit beside the view's own actions, the open one stands for all; a click on it opens the jump.
    """
    views = in_force((action for action in COCKPIT if action.id.startswith("view.")), keymap)
    rest = in_force((action for action in COCKPIT if not action.id.startswith("view.") and action.id not in hidden), keymap)
    mine = in_force(own, keymap)
    needed = [action for action in (*mine, *views, *(a for a in rest if a.id in ESSENTIAL)) if action.label]
    if sum(map(_cells, needed)) <= width:
        return (*views, *mine, *rest)
    digits = "".join(action.keys[0] for action in views)
    jump = keys_of("jump", keymap)
    shown = f"{digits[0]}-{digits[-1]}" if digits == "".join(str(n) for n in range(1, len(VIEWS) + 1)) else ""
    return (Action(f"view.{view}", jump, "app.jump", VIEW_WORDS.get(view, view), "", shown=shown), *mine, *rest)


def typing_actions(field: Widget, keymap: Keymap) -> tuple[Action, ...]:
    """What acts while letters are text: the field's own keys, and the halt by those of its keys that are none there."""
    halt = in_force((HALT,), keymap)[0]
    acting = tuple(key for key in halt.keys if not field.check_consume_key(key, key_to_character(key)))
    own = [binding.id for binding in type(field).BINDINGS if isinstance(binding, Binding)]
    return (*in_force((ALL[id] for id in own if id in ALL), keymap), halt._replace(keys=acting))


class Footer(Widget, can_focus=False):
    """One line of keys: the view's own first, then those that work everywhere, as many as fit.

    While something is typed it shows what acts then.
    """

    def __init__(self, actions: Sequence[Action] = ()) -> None:
        super().__init__(id="footer")
        self._actions = tuple(actions)
        self._view = ""
        self._hidden: frozenset[str] = frozenset()
        self._field: Widget | None = None

    def on_mount(self) -> None:
        self.follow(cast(Host, self.app).desk.picture)
        self.watch(self.screen, "focused", self._focus_moved)

    def _focus_moved(self, focused: Widget | None) -> None:
        field = focused if focused is not None and focused.check_consume_key("a", "a") else None
        if field is not self._field:
            self._field = field
            self.refresh()

    def follow(self, picture: Picture) -> None:
        """While it is halted, how to end that stands in place of the halt; protecting only where something is to be protected."""
        protected = all(row.protected for row in picture.positions)
        hidden = frozenset(("halt" if picture.halted else "resume", *(("protect",) if protected else ())))
        if hidden != self._hidden:
            self._hidden = hidden
            self.refresh()

    def show(self, actions: Sequence[Action]) -> None:
        """Show these actions' keys."""
        self._turn(tuple(actions), "")

    def show_view(self, own: Sequence[Action], view: str) -> None:
        """Show the keys of this view, and that it is the one that is open."""
        self._turn(tuple(own), view)

    def _turn(self, actions: tuple[Action, ...], view: str) -> None:
        if (actions, view) != (self._actions, self._view):
            self._actions, self._view = actions, view
            self.refresh()

    def shown(self) -> list[Action]:
        """The actions that it shows now, with the keys in force."""
        keymap, width = cast(Host, self.app).keymap, self.size.width
        if self._field is not None:
            return fitting(typing_actions(self._field, keymap), width)
        if self._view:
            kept = (f"view.{self._view}", *ESSENTIAL)
            found = view_actions(self._actions, self._view, keymap, width, self._hidden)
            return fitting(found, width, kept)
        return fitting(in_force((action for action in self._actions if action.id not in self._hidden), keymap), width)

    def render_line(self, y: int) -> Strip:
        """The line of keys."""
        base, styles = self.rich_style, role_styles(self.app.theme_variables)
        segments: list[Segment] = []
        for action in self.shown():
            here = self._view and action.id == f"view.{self._view}"
            segments += [
                Segment(f"{OPEN if here else ' '}{action.key_text} ", base + styles["key"]),
                Segment(action.label, base + styles["badge"] if here else base),
                Segment(" ", base),
            ]
        return Strip(segments).crop_extend(0, self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        """A click is that key, so that it passes wherever the key would."""
        end = 0
        for action in self.shown():
            end += _cells(action)
            if event.x < end:
                if action.keys:
                    self.app.simulate_key(action.keys[0])
                return


def fitting(actions: Sequence[Action], width: int, kept: Sequence[str] = ESSENTIAL) -> list[Action]:
    """The actions that fit in `width` cells, in their order; room for those of the ids `kept` is kept first."""
    labelled = [action for action in actions if action.label]
    essential = [action for action in labelled if action.id in kept]
    room = width - sum(map(_cells, essential))
    chosen = set(essential)
    for action in labelled:
        if action not in chosen and _cells(action) <= room:
            chosen.add(action)
            room -= _cells(action)
    return [action for action in labelled if action in chosen]


def _cells(action: Action) -> int:
    return cell_len(action.key_text) + cell_len(action.label) + 3
