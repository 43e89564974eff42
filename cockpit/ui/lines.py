"""What a pane shows, as plain lines of role-tagged text: pure values that a test reads without a screen.

Roles are those of `cockpit.ui.roles`; a theme gives them colours. Every text passes the sanitiser here, so that
foreign names can neither move the cursor nor speak markup.
"""

import textwrap
from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from cockpit.model.text import strip_unsafe


class Span(NamedTuple):
    """A run of text in one role; made by `span`. `about` names the entry of the glossary that explains the figure in it."""

    text: str
    role: str = ""
    about: str = ""


Line = tuple[Span, ...]
EMPTY: Line = ()


def span(text: str, role: str = "", about: str = "") -> Span:
    """A span of sanitised text."""
    return Span(strip_unsafe(text), role, about)


def line(*parts: str | Span | tuple[str, str] | tuple[str, str, str]) -> Line:
    """A line of plain texts, (text, role) pairs, (text, role, about) triples and spans."""
    return tuple(part if isinstance(part, Span) else span(part) if isinstance(part, str) else span(*part) for part in parts)


def width_of(content: Iterable[Span]) -> int:
    """The cells that a line takes."""
    return sum(cell_len(part.text) for part in content)


def text_of(content: Iterable[Span]) -> str:
    """The bare text of a line."""
    return "".join(part.text for part in content)


def clip(text: str, width: int) -> str:
    """`text` in at most `width` cells; what is cut ends in an ellipsis. For names and sentences, never for numbers."""
    text = strip_unsafe(text)
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `width` cells; longer text stays whole."""
    gap = " " * max(0, width - cell_len(text))
    return gap + text if right else text + gap


def wrapped(text: str, width: int, role: str = "", indent: str = "") -> list[Line]:
    """A sentence over as many lines as it needs."""
    rows = textwrap.wrap(strip_unsafe(text), max(20, width), initial_indent=indent, subsequent_indent=indent) or [indent]
    return [line((row, role)) for row in rows]


def explained(lines: Iterable[Line], about: str) -> list[Line]:
    """The same lines; what they say is explained by that entry of the glossary."""
    return [tuple(Span(text, role, own or (about if text.strip() else "")) for text, role, own in row) for row in lines]


def spread(left: Line, right: Line, width: int) -> Line:
    """Two lines as one: the second stands at the right edge, at least one blank apart."""
    gap = max(1, width - width_of(left) - width_of(right))
    return (*left, Span(" " * gap), *right)


def beside(left: list[Line], right: list[Line], left_width: int, gap: int = 2) -> list[Line]:
    """Two blocks side by side; the first is filled to `left_width` cells."""
    rows = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else EMPTY
        second = right[index] if index < len(right) else EMPTY
        rows.append((*first, Span(" " * max(0, left_width - width_of(first) + gap)), *second))
    return rows


def title(text: str, note: str = "") -> Line:
    """A block's heading with an optional quiet remark."""
    return line((text, "title"), (f"  {note}" if note else "", "dim"))
