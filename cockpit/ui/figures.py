"""Which figures stand in a widget, so that each can be explained where it stands."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from rich.cells import cell_len

from cockpit.ui.lines import Line, text_of


class Shown(NamedTuple):
    """A figure on the screen: its entry of the glossary, its text, and where it begins, in cells of the widget's content."""

    about: str
    text: str
    line: int
    column: int

    @property
    def width(self) -> int:
        """The cells that it takes."""
        return cell_len(self.text)


@runtime_checkable
class HasFigures(Protocol):
    """A widget whose figures can be explained and whose content can be copied.

    Lines and columns of `figures` count from the top left of the content: of all of it where the widget is a ScrollView (the
    scroll offset is taken off again), of the visible part otherwise.
    """

    def figures(self) -> list[Shown]: ...

    def plain(self) -> str: ...


def figures_of(lines: Iterable[Line]) -> list[Shown]:
    """The figures of these lines, in reading order. Neighbouring spans of one entry are one figure; headings are none."""
    found: list[Shown] = []
    for number, row in enumerate(lines):
        column, about, text, start = 0, "", "", 0
        for span in (*row, None):
            if span is not None and span.about and span.about == about and span.role != "head":
                text += span.text
            else:
                found += _figure(about, text, number, start)
                text = "" if span is None or span.role == "head" else span.text
                about, start = ("", column) if span is None or span.role == "head" else (span.about, column)
            column += 0 if span is None else cell_len(span.text)
    return found


def _figure(about: str, text: str, line: int, start: int) -> list[Shown]:
    bare = text.strip()
    if not about or not bare:
        return []
    return [Shown(about, bare, line, start + cell_len(text) - cell_len(text.lstrip()))]


def plain_of(lines: Sequence[Line]) -> str:
    """These lines as text for a file or the clipboard: no blanks at the ends, one line break at the end."""
    return "\n".join(text_of(row).rstrip() for row in lines).rstrip("\n") + "\n"
