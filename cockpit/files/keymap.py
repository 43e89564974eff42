"""The keymap file: other keys for the cockpit's actions, checked before any of them is used."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from cockpit.files.paths import config_dir
from cockpit.files.settings import load
from cockpit.files.toml import bad, nearest, there

_KEY = re.compile(r"(?:(?:ctrl|shift|alt)\+){0,2}(?:[a-zA-Z0-9]|f(?:[1-9]|1[0-2])|[a-z]+(?:_[a-z]+)*)", re.ASCII)
_NAMES = """
enter escape tab space backspace delete insert home end pageup pagedown up down left right plus minus question_mark
exclamation_mark slash backslash full_stop comma semicolon colon equals_sign underscore asterisk at number_sign dollar_sign
percent_sign ampersand left_parenthesis right_parenthesis left_square_bracket right_square_bracket left_curly_bracket
right_curly_bracket less_than_sign greater_than_sign vertical_line tilde grave_accent apostrophe quotation_mark circumflex_accent
"""
_NAMED = frozenset(_NAMES.split())
_CONFUSED = {
    "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+enter": "enter",
    "ctrl+left_square_bracket": "escape",
}  # fmt: skip
Scopes = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By scope (keys of one scope must differ), the keys that each action has, by its id."""


class KeymapFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The keymap file, whole: for an action's id its keys, several separated by commas."""

    schema: int
    keys: dict[str, str]


def keymap_path() -> Path:
    """Where the keymap file is, if there is one."""
    return config_dir() / "keymap.toml"


def load_keymap(scopes: Scopes, path: Path | None = None) -> dict[str, str]:
    """The keys that replace those of `scopes`, by action id; empty where there is no file.

    BadInput with one sentence (file, key, what to do) for an unknown action, a key that does not exist or that terminals
    confuse with another one, an action without any key, or two actions of one scope on one key.
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
        taken: dict[str, str] = {}
        for action, usual in actions.items():
            for key in chosen.get(action, usual):
                if key in taken:
                    culprit, other = (action, taken[key]) if action in chosen else (taken[key], action)
                    raise bad(str(source), f"keys.{culprit}", f'"{key}" is the key of {other} as well; choose another one')
                taken[key] = action
    return {action: ",".join(keys) for action, keys in chosen.items()}


def _key(key: str, where: str, source: str) -> str:
    if not key:
        raise bad(source, where, "is empty; every action keeps a key")
    last = key.rpartition("+")[2]
    if not _KEY.fullmatch(key) or (len(last) > 1 and last not in _NAMED and not re.fullmatch(r"f\d+", last)):
        raise bad(source, where, f'"{key}" is no key; write it as "g", "f5", "ctrl+g" or "question_mark"{nearest(last, _NAMED)}')
    if key in _CONFUSED:
        raise bad(source, where, f'"{key}" cannot be told from {_CONFUSED[key]} by terminals; choose another one')
    return key
