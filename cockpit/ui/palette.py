"""Every command by name: those of the cockpit and of the open view at once, those of the other views once searched for."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette

from cockpit.ui.actions import COCKPIT, HALT, SCOPES, VIEW_WORDS, VIEWS, Action, bindings
from cockpit.ui.keys import in_force

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

NOT_HERE = ("palette", "pane.next", "pane.previous")


class Palette(CommandPalette):
    """Textual's palette, which the halt key reaches although it is typed into."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings((HALT,))]


def commands(app: "CockpitApp") -> Iterator[SystemCommand]:
    """Every command; each says its key."""
    for action in in_force((action for action in COCKPIT if action.id not in NOT_HERE), app.keymap):
        yield _command(action, action.label or action.id, partial(app.run_command, action.command, None))
    for view in VIEWS:
        for action in in_force(SCOPES.get(view, ()), app.keymap):
            word = action.label or action.id.partition(".")[2].replace("_", " ")
            name = f"{VIEW_WORDS.get(view, view)}: {word}"
            yield _command(action, name, partial(app.run_command, action.command, view), discover=view == app.view_name)


def _command(action: Action, name: str, callback: partial[None], *, discover: bool = True) -> SystemCommand:
    key = action.all_keys_text
    return SystemCommand(name, f"{key}   {action.help}" if key else action.help, callback, discover)
