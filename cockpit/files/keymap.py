"""The keymap file: other keys for the cockpit's actions, checked before any of them is used."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cockpit.files.paths import config_dir
from cockpit.files.settings import load
from cockpit.files.toml import bad, nearest, there

_NAMES = """
enter escape tab space backspace delete insert home end pageup pagedown up down left right plus minus question_mark
exclamation_mark slash backslash full_stop comma semicolon colon equals_sign underscore asterisk at number_sign dollar_sign
percent_sign ampersand left_parenthesis right_parenthesis left_square_bracket right_square_bracket left_curly_bracket
right_curly_bracket less_than_sign greater_than_sign vertical_line tilde grave_accent apostrophe quotation_mark circumflex_accent
"""
_MOVING = frozenset(("up", "down", "left", "right", "home", "end"))
_EDITING = frozenset(("enter", "escape", "tab", "backspace", "delete", "insert", "pageup", "pagedown", *_MOVING))
_SIGNS = frozenset(_NAMES.split()) - _EDITING
_NAMED = _SIGNS | _EDITING
_FUNCTION = frozenset(f"f{number}" for number in range(1, 13))
_CONTROLS = frozenset(
    ("space", "backslash", "right_square_bracket", "circumflex_accent", "underscore", *_MOVING, *"abcdefghijklmnopqrstuvwxyz")
)
"""What terminals send together with ctrl."""
_CONFUSED = {
    "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+enter": "enter", "shift+enter": "enter",
    "ctrl+tab": "tab", "ctrl+backspace": "backspace", "ctrl+left_square_bracket": "escape", "shift+space": "space",
}  # fmt: skip
_TAKEN = {"ctrl+c": "copies", "ctrl+q": "quits", "ctrl+z": "suspends"}
_SWALLOWED = frozenset(
    (
        "backspace",
        "delete",
        "insert",
        "enter",
        "escape",
        "tab",
        *_MOVING,
        *(f"ctrl+{key}" for key in ("left", "right", "backspace", *"acdefkuvwx")),
    )
)
"""Keys beside the printable ones that a field which is typed into keeps for itself."""

Scopes = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By scope (its actions reach the same screen, so their keys must differ), the keys that each action has, by its id."""


class KeymapFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keymap file, whole: for an action's id its keys, several separated by commas."""

    schema: int
    keys: dict[str, str]


def keymap_path() -> Path:
    """Where the keymap file is, if there is one."""
    return config_dir() / "keymap.toml"


def load_keymap(scopes: Scopes, path: Path | None = None, *, typed: str = "field", halt: str = "halt") -> dict[str, str]:
    """The keys that replace those of `scopes`, by action id; empty where there is no file.

    BadInput with one sentence (file, key, what to do) for an unknown action, a key that does not exist, that terminals cannot
    send or take for another one, an action without any key, two actions of one scope on one key, a letter for an action of
    the scope `typed` (letters are text there), and for `halt` without a key that acts while something is typed.
    """
    source = path or keymap_path()
    if path is None and not there(source):
        return {}
    known = {action: None for actions in scopes.values() for action in actions}
    chosen: dict[str, tuple[str, ...]] = {}
    for action, text in load(source, KeymapFile).keys.items():
        if action not in known:
            raise bad(str(source), f"keys.{action}", f"is no action{nearest(action, known)}")
        chosen[action] = tuple(_key(key.strip(), f"keys.{action}", str(source)) for key in text.split(","))
    for actions in scopes.values():
        _check_clash(actions, chosen, str(source))
    for action in scopes.get(typed, {}):
        keys = chosen.get(action, ())
        if action != halt and (key := next(filter(_is_text, keys), None)):
            raise bad(str(source), f"keys.{action}", f'"{key}" is text in a field that is typed into; choose another one')
    if halt in chosen and not any(map(acts_while_typing, chosen[halt])):
        first = chosen[halt][0]
        wish = f'"{first}" does not act while something is typed; add a function key or one with ctrl, as in "{first}, f8"'
        raise bad(str(source), f"keys.{halt}", wish)
    return {action: ",".join(keys) for action, keys in chosen.items()}


def acts_while_typing(key: str) -> bool:
    """Whether a field that is typed into lets this key through."""
    return not _is_text(key) and key not in _SWALLOWED


def _is_text(key: str) -> bool:
    return len(key) == 1 or key in _SIGNS


def _check_clash(actions: Mapping[str, tuple[str, ...]], chosen: Mapping[str, tuple[str, ...]], source: str) -> None:
    taken: dict[str, str] = {}
    for action, usual in actions.items():
        for key in dict.fromkeys(chosen.get(action, usual)):
            if key in taken:
                culprit, other = (action, taken[key]) if action in chosen else (taken[key], action)
                raise bad(source, f"keys.{culprit}", f'"{key}" is the key of {other} as well; choose another one')
            taken[key] = action


def _key(key: str, where: str, source: str) -> str:
    """The key if a terminal can send it and it means one thing."""
    if not key:
        raise bad(source, where, "is empty; every action keeps a key")
    if key in _CONFUSED:
        raise bad(source, where, f'"{key}" cannot be told from {_CONFUSED[key]} by terminals; choose another one')
    if key in _TAKEN:
        raise bad(source, where, f'"{key}" {_TAKEN[key]} whatever is open; choose another one')
    *held, last = key.split("+")
    plain = last in _NAMED or last in _FUNCTION or (len(last) == 1 and last.isascii() and last.isalnum())
    if not plain or not set(held) <= {"ctrl", "shift", "alt"}:
        raise bad(source, where, f'"{key}" is no key; write it as "g", "f5", "ctrl+g" or "question_mark"{nearest(last, _NAMED)}')
    if held == ["shift"] and len(last) == 1 and last.isalpha():
        raise bad(source, where, f'"{key}" is sent as "{last.upper()}"; write it so')
    if held and not (held == ["ctrl"] and last in _CONTROLS) and not (held == ["shift"] and last in (*_MOVING, "tab")):
        raise bad(source, where, f'"{key}" is not sent by every terminal; choose a letter, a function key or ctrl and a letter')
    return key
