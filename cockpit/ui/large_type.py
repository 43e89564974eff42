"""Writes a few words three rows high in half blocks, for the one line that nobody may misread."""

from collections.abc import Sequence

HEIGHT = 3
"""Rows of text that a line of large type takes."""
GAP = 1
"""Cells between two letters."""
_ROWS = 5

_DRAWN = {
    " ": "../../../../..",
    "0": "###/#.#/#.#/#.#/###",
    "1": "##./.#./.#./.#./###",
    "2": "##./..#/.#./#../###",
    "3": "##./..#/.#./..#/##.",
    "4": "#.#/#.#/###/..#/..#",
    "5": "###/#../##./..#/##.",
    "6": ".##/#../###/#.#/###",
    "7": "###/..#/.#./.#./.#.",
    "8": "###/#.#/.#./#.#/###",
    "9": "###/#.#/###/..#/##.",
    "A": ".#./#.#/###/#.#/#.#",
    "B": "##./#.#/##./#.#/##.",
    "C": ".##/#../#../#../.##",
    "D": "##./#.#/#.#/#.#/##.",
    "E": "###/#../##./#../###",
    "F": "###/#../##./#../#..",
    "G": ".##/#../#.#/#.#/.##",
    "H": "#.#/#.#/###/#.#/#.#",
    "I": "###/.#./.#./.#./###",
    "J": "..#/..#/..#/#.#/.#.",
    "K": "#.#/#.#/##./#.#/#.#",
    "L": "#../#../#../#../###",
    "M": "#...#/##.##/#.#.#/#...#/#...#",
    "N": "#..#/##.#/#.##/#..#/#..#",
    "O": ".#./#.#/#.#/#.#/.#.",
    "P": "##./#.#/##./#../#..",
    "Q": ".#./#.#/#.#/##./.##",
    "R": "##./#.#/##./#.#/#.#",
    "S": ".##/#../.#./..#/##.",
    "T": "###/.#./.#./.#./.#.",
    "U": "#.#/#.#/#.#/#.#/###",
    "V": "#.#/#.#/#.#/#.#/.#.",
    "W": "#...#/#...#/#.#.#/##.##/#...#",
    "X": "#.#/#.#/.#./#.#/#.#",
    "Y": "#.#/#.#/.#./.#./.#.",
    "Z": "###/..#/.#./#../###",
    ".": "././././#",
    ",": "../../../.#/#.",
    "−": ".../.../###/.../...",
    "%": "#.#/..#/.#./#../#.#",
}
"""Every letter as rows of pixels, # set; two rows of pixels make one row of text."""
_LETTERS = {letter: tuple(drawn.split("/")[:_ROWS]) for letter, drawn in _DRAWN.items()}
_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def large_type(text: str, width: int) -> tuple[str, ...]:
    """`text` as HEIGHT rows of at most `width` cells; empty where it does not fit or holds a character that has no letter."""
    letters = [_LETTERS.get(letter) for letter in text.upper()]
    drawn = [letter for letter in letters if letter is not None]
    if len(drawn) < len(letters) or not drawn:
        return ()
    if sum(len(letter[0]) for letter in drawn) + GAP * (len(drawn) - 1) > width:
        return ()
    return tuple((" " * GAP).join(_half_blocks(letter, row) for letter in drawn).rstrip() for row in range(HEIGHT))


def _half_blocks(letter: Sequence[str], row: int) -> str:
    upper = letter[2 * row]
    lower = letter[2 * row + 1] if 2 * row + 1 < _ROWS else "." * len(upper)
    return "".join(_HALVES[above == "#", below == "#"] for above, below in zip(upper, lower, strict=True))
