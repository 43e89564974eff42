"""Whether a terminal was given back: every mode that its program switched is as a terminal has it at first."""

import re

_PRIVATE = re.compile(rb"\x1b\[\?([0-9;]+)([hl])")
_KITTY = re.compile(rb"\x1b\[([<>])[0-9;]*u")
_AT_FIRST = {7: True, 25: True}
"""Wrapping and the cursor are on in a terminal that nobody has touched; every other private mode is off."""


def modes_left(sent: bytes) -> dict[int, bool]:
    """The private modes that these bytes leave otherwise than a terminal has them at first, and how."""
    modes: dict[int, bool] = {}
    for numbers, switch in _PRIVATE.findall(sent):
        modes |= dict.fromkeys(map(int, numbers.split(b";")), switch == b"h")
    return {mode: on for mode, on in modes.items() if on != _AT_FIRST.get(mode, False)}


def check_given_back(sent: bytes) -> None:
    """A program that took the whole screen has left it: modes, keys and colours are the terminal's own."""
    assert b"\x1b[?1049h" in sent, "the cockpit draws on the alternate screen"
    left = modes_left(sent)
    assert not left, f"modes stay as the cockpit had them: {left}"
    pushed = _KITTY.findall(sent)
    assert pushed.count(b">") == pushed.count(b"<"), "a keyboard protocol stays on"
