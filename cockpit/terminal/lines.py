"""The last gate before the terminal: no line leaves with a control, escape, bidirectional or zero-width character in it."""

import os

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from cockpit.model.text import is_safe, strip_unsafe
from cockpit.terminal.usable import output_encoding, shows_glyphs


def has_glyphs() -> bool:
    """Whether this terminal has more than ASCII and Latin letters."""
    return shows_glyphs(os.environ, output_encoding())


class ForeignText(LineFilter):
    """Strips what could move the cursor, write a title or reorder a line, whichever widget the text came through."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments with visible text only; a width that shrinks is filled with blanks."""
        if all(segment.control or is_safe(segment.text) for segment in segments):
            return segments
        return [segment if segment.control else _visible(segment) for segment in segments]


class AsciiTwins(LineFilter):
    """Writes every glyph of the cockpit as one ASCII character, for terminals whose encoding has no better."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in ASCII, cell for cell; what has no twin becomes question marks."""
        return [
            segment
            if segment.control or segment.text.isascii()
            else Segment("".join(c if c.isascii() else TWINS.get(c, "?" * cell_len(c)) for c in segment.text), segment.style)
            for segment in segments
        ]


def _braille_twin(dots: int) -> str:
    """The eight points of a cell as one character: upper half, lower half, or both."""
    upper, lower = bool(dots & 0x1B), bool(dots & 0xE4)
    return ":" if upper and lower else "'" if upper else "." if lower else " "


TWINS = {
    **dict.fromkeys(map(chr, range(0x2500, 0x2580)), "+"), **dict.fromkeys(map(chr, range(0x2580, 0x25A0)), "#"),
    **dict.fromkeys("─━┅┉╌╍╴╶╸╺╼╾▔", "-"), **dict.fromkeys("│┃┆┇┊┋╎╏║╵╷╹╻╽╿▏▎▍▕", "|"), "┄": ".", "┈": ":", "═": "=",
    "▀": '"', **dict.fromkeys("▁▂▃▄", "_"), "░": ".",
    **{chr(0x2800 + dots): _braille_twin(dots) for dots in range(256)},
    "−": "-", "–": "-", "±": "~", "·": ".", "…": "~", "→": ">", "←": "<", "↑": "^", "↓": "v", "▲": "^", "▼": "v",
    "◂": "<", "▸": ">", "✓": "+", "✗": "x", "≥": ">", "≤": "<", "×": "x", "⏎": "<", "●": "o", "⇄": "=", "↻": "@", "◆": "*",
    "▾": "v", "▴": "^", "◇": "o", "○": "o", "■": "#", "□": "o",
}  # fmt: skip
"""One ASCII character for each glyph: frames, blocks and points of charts by their kind, then the signs of the cockpit."""


def _visible(segment: Segment) -> Segment:
    text = strip_unsafe(segment.text)
    return Segment(text + " " * max(0, segment.cell_length - Segment(text).cell_length), segment.style)
