"""What a terminal can do, as its terminfo entry says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Lookup = Callable[[str], bytes | int | None]
"""A capability by its terminfo name: its sequence, its number, a flag as 0 or 1, None where the terminal has none."""


@dataclass(frozen=True)
class Capabilities:
    """`erases` with the background of the pen, to the end of a line; `erases_some` a number of cells; `repeats` a character.

    `to_column` and `to_row` move in one direction to an absolute place. `ends_styles` turns single attributes off again.
    `colours`: eight of them or more; to a terminal that has fewer none is sent.
    """

    erases: bool = False
    erases_some: bool = False
    repeats: bool = False
    to_column: bool = False
    to_row: bool = False
    ends_styles: bool = False
    colours: bool = False


FULL = Capabilities(erases=True, erases_some=True, repeats=True, to_column=True, to_row=True, ends_styles=True, colours=True)

REPEATS = "\x1b[2H \x1b[3b\x1b[6n"
"""Asks a terminal, on a screen that shows nothing yet, whether it repeats: a blank, three more, and where the cursor is then.

What calls itself an xterm has its terminfo entry, but not always its repeats, and drops them: digits would be missing.
"""
REPEATED = "\x1b[2;5R"
"""The answer of one that does. In the second line: in the first it would be a key with a modifier."""


def read(lookup: Lookup) -> Capabilities:
    """The capabilities, each only where the terminal means by it the sequence that is written."""
    number = lookup("colors")
    colours = isinstance(number, int) and number >= 8
    fills = bool(lookup("bce")) or not colours
    return Capabilities(
        erases=fills and _is(lookup("el"), b"\x1b[K"),
        erases_some=fills and _is(lookup("ech"), b"\x1b[%p1%dX"),
        repeats=_is(lookup("rep"), b"%p1%c\x1b[%p2%{1}%-%db"),
        to_column=_is(lookup("hpa"), b"\x1b[%i%p1%dG"),
        to_row=_is(lookup("vpa"), b"\x1b[%i%p1%dd"),
        ends_styles=_is(lookup("rmul"), b"\x1b[24m"),
        colours=colours,
    )


def _is(value: bytes | int | None, sequence: bytes) -> bool:
    """Whether it is that sequence, apart from the padding that old terminals asked for."""
    return isinstance(value, bytes) and value.partition(b"$<")[0] == sequence
