"""A keymap is checked before any key of it is used."""

from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widgets import Input

from cockpit.files.keymap import acts_while_typing, load_keymap
from cockpit.model.errors import BadInput
from cockpit.ui.actions import keys_by_scope

SCOPES = {
    "cockpit": {"view.phase": ("3",), "rotate": ("r",), "halt": ("h", "f8"), "quit": ("q",), "help": ("question_mark",)},
    "ticket": {"halt": ("h", "f8"), "ticket.requote": ("q",), "ticket.skip": ("s",)},
    "field": {"field.done": ("enter",), "halt": ("h", "f8")},
}


def keymap(tmp_path: Path, lines: str) -> dict[str, str]:
    path = tmp_path / "keymap.toml"
    path.write_text(f"schema = 1\n[keys]\n{lines}\n")
    return load_keymap(SCOPES, path)


def test_without_a_file_nothing_changes(home: Path) -> None:
    assert load_keymap(SCOPES) == {}


def test_keys_are_replaced(tmp_path: Path) -> None:
    assert keymap(tmp_path, 'rotate = "g, f5"\n"view.phase" = "ctrl+t"') == {"rotate": "g,f5", "view.phase": "ctrl+t"}


def test_two_actions_may_swap_their_keys(tmp_path: Path) -> None:
    assert keymap(tmp_path, 'rotate = "q"\nquit = "r"') == {"rotate": "q", "quit": "r"}


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        ('rotat = "g"', ["keys.rotat: is no action", "did you mean rotate?"]),
        ('halt = ""', ["keys.halt: is empty; every action keeps a key"]),
        ('rotate = "g,"', ["keys.rotate: is empty"]),
        ('rotate = "ctrl+i"', ['"ctrl+i" cannot be told from tab']),
        ('rotate = "ctrl+m"', ["cannot be told from enter"]),
        ('rotate = "ctrl+enter"', ["cannot be told from enter"]),
        ('rotate = "ctrl+q"', ['"ctrl+q" quits whatever is open']),
        ('rotate = "ctrl+1"', ['"ctrl+1" is not sent by every terminal']),
        ('rotate = "ctrl+G"', ['"ctrl+G" is not sent']),
        ('rotate = "alt+g"', ['"alt+g" is not sent']),
        ('rotate = "ctrl+shift+g"', ["is not sent"]),
        ('rotate = "shift+f5"', ["is not sent"]),
        ('rotate = "shift+pageup"', ["is not sent"]),
        ('rotate = "shift+g"', ['"shift+g" is sent as "G"']),
        ('rotate = "strg+g"', ["is no key"]),
        ('halt = "g"', ['keys.halt: "g" does not act while something is typed', '"g, f8"']),
        ('halt = "ctrl+k, plus"', ["does not act while something is typed"]),
        ('"field.done" = "g"', ['"g" is text in a field']),
        ('"field.done" = "f8"', ['keys.field.done: "f8" is the key of halt']),
        ('rotate = "qq"', ['"qq" is no key']),
        ('rotate = "entr"', ['"entr" is no key', "did you mean enter?"]),
        ('rotate = "f13"', ['"f13" is no key']),
        ('rotate = "é"', ["is no key"]),
        ('rotate = "q"', ['keys.rotate: "q" is the key of quit as well']),
        ('halt = "s"', ['keys.halt: "s" is the key of ticket.skip as well']),
        ('rotate = "g"\nquit = "g"', ['"g" is the key of']),
        ("rotate = 5", ["keys.rotate: must be text in quotes"]),
    ],
)
def test_keys_that_would_not_work_are_refused(tmp_path: Path, lines: str, parts: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        keymap(tmp_path, lines)
    assert all(part in str(caught.value) for part in (*parts, "keymap.toml"))


def test_a_key_may_be_written_twice_and_a_letter_joins_a_key_that_acts_while_typing(tmp_path: Path) -> None:
    assert keymap(tmp_path, 'halt = "h, ctrl+g, ctrl+g"') == {"halt": "h,ctrl+g,ctrl+g"}


def test_the_cockpits_own_keys_hold_the_same_rules(tmp_path: Path) -> None:
    """Each key of the registry may stand in the file, all of them at once, and changes nothing."""
    scopes = keys_by_scope()
    every = {action: keys for own in scopes.values() for action, keys in own.items() if keys}
    path = tmp_path / "keymap.toml"
    path.write_text("schema = 1\n[keys]\n" + "".join(f'"{action}" = "{", ".join(keys)}"\n' for action, keys in every.items()))
    assert load_keymap(scopes, path) == {action: ",".join(keys) for action, keys in every.items()}


def test_a_field_lets_through_what_the_keymap_says_it_does() -> None:
    """Textual's Input, whose keys these are, decides what is text and what edits it."""
    editing = {key for binding in Input.BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
    assert not any(acts_while_typing(key) for key in editing if "shift" not in key and "super" not in key and "alt" not in key)
    for key, character in (("g", "g"), ("question_mark", "?"), ("space", " "), ("f8", None), ("ctrl+g", None)):
        assert acts_while_typing(key) == (not Input().check_consume_key(key, character))
