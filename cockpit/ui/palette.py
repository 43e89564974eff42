"""Every command by name, key or what it does: those of the cockpit and of the open view at once, others once searched for."""

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette, Hit, Hits
from textual.system_commands import SystemCommandsProvider

from cockpit.ui.actions import COCKPIT, HALT, SCOPES, VIEW_WORDS, VIEWS, Action, bindings
from cockpit.ui.keys import in_force

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

NOT_HERE = ("palette", "pane.next", "pane.previous")


KEYS_END = "   "
"""What stands between a command's keys and its help."""
KEY_FOUND, WORDS_FOUND = 0.7, 0.5
"""What finding a key, or words of the help, scores: a name that is found scores 1 at least."""


class Palette(CommandPalette):
    """Textual's palette, which the halt key reaches although it is typed into."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings((HALT,))]

    def __init__(self) -> None:
        super().__init__([Commands], id="--command-palette", placeholder="A command, a key, or what you want to do")


class Commands(SystemCommandsProvider):
    """Finds commands by name, letter by letter, and below those by their keys and by the beginnings of words of their help."""

    async def search(self, query: str) -> Hits:
        """The commands that fit what was typed."""
        matcher = self.matcher(query)
        for title, help, callback, _ in self.app.get_system_commands(self.screen):
            score = matcher.match(title) or beside_the_name(query, help)
            if score:
                yield Hit(score, matcher.highlight(title), callback, help=help)


def beside_the_name(query: str, help: str) -> float:
    """How well a command's keys or help fit what was typed; 0 where they do not."""
    keys, _, sentence = help.rpartition(KEYS_END)
    if query.strip() in keys.split():
        return KEY_FOUND
    asked, words = (re.findall(r"\w+", text.casefold()) for text in (query, sentence))
    return WORDS_FOUND if asked and all(any(word.startswith(part) for word in words) for part in asked) else 0.0


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
    return SystemCommand(name, f"{key}{KEYS_END}{action.help}" if key else action.help, callback, discover)
