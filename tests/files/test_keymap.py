"""A keymap is checked before any key of it is used."""

from pathlib import Path

import pytest

from cockpit.files.keymap import load_keymap
from cockpit.model.errors import BadInput

SCOPES = {
    "cockpit": {"view.phase": ("3",), "rotate": ("r",), "halt": ("h",), "quit": ("q",), "help": ("question_mark",)},
    "ticket": {"halt": ("h",), "ticket.requote": ("q",), "ticket.skip": ("s",)},
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


def test_the_cockpits_own_keys_hold_the_same_rules(tmp_path: Path) -> None:
    from cockpit.ui.actions import SCOPES as ACTIONS

    scopes = {scope: {action.id: action.keys for action in actions} for scope, actions in ACTIONS.items()}
    path = tmp_path / "keymap.toml"
    path.write_text('schema = 1\n[keys]\nhalt = "f9"\n')
    assert load_keymap(scopes, path) == {"halt": "f9"}
