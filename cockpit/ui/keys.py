"""Which keys an action has now: the registry's, or those that the trader's keymap puts in their place."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from cockpit.ui.actions import ALL, VIEWS, Action, key_words

Keymap = Mapping[str, str]
"""Keys by action id, several separated by commas: what `cockpit.files.keymap` read and checked."""
AS_SHIPPED: Keymap = MappingProxyType({})
"""Every action on the registry's own keys."""


def in_force(actions: Iterable[Action], keymap: Keymap) -> tuple[Action, ...]:
    """The actions with the keys that they have now; what footer, help and palette show and what a click presses."""
    return tuple(
        action._replace(keys=tuple(keymap[action.id].split(",")), shown="") if action.id in keymap else action
        for action in actions
    )


def keys_of(id: str, keymap: Keymap) -> tuple[str, ...]:
    """The keys of one action now; () where only the palette has it."""
    return in_force((ALL[id],), keymap)[0].keys


def key_of(id: str, keymap: Keymap) -> str:
    """The first key of one action as a person reads it, for a sentence."""
    return next(map(key_words, keys_of(id, keymap)), "")


def view_title(view: str, word: str, keymap: Keymap) -> str:
    """A word with the key that opens the view before it: "5 rotation"."""
    return f"{key_of(f'view.{view}', keymap)} {word}".lstrip()


def halting(keymap: Keymap) -> frozenset[str]:
    """The keys that act whatever a screen is waiting for: halt and resume."""
    return frozenset((*keys_of("halt", keymap), *keys_of("resume", keymap)))


def pressing(keymap: Keymap) -> frozenset[str]:
    """The keys of a ticket that decide something: press an answer, leave a step out."""
    return frozenset((*keys_of("ticket.press", keymap), *keys_of("ticket.skip", keymap)))


def view_keys(keymap: Keymap) -> dict[str, str]:
    """The view that each key opens now."""
    return {key: view for view in VIEWS for key in keys_of(f"view.{view}", keymap)}
