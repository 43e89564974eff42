"""Which figures stand in a widget, so that each can be explained where it stands."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from rich.cells import cell_len
from textual.errors import NoWidget
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

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


def panes_of(screen: Screen[Any]) -> list[Widget]:
    """What stands on a screen and has figures or could have: the focused one first, the header last."""
    found = [widget for widget in screen.query("*") if isinstance(widget, HasFigures) and stands(widget, screen)]
    return sorted(found, key=lambda widget: (widget is not screen.focused, widget.id == "header"))


def focused_pane(screen: Screen[Any]) -> Widget | None:
    """The pane that has the focus; where a button or a field has it, the first other one."""
    return next((pane for pane in panes_of(screen) if pane.id != "header"), None)


def stands(widget: Widget, screen: Screen[Any]) -> bool:
    """Whether the widget has a place on the screen now."""
    try:
        return bool(screen.find_widget(widget).visible_region)
    except NoWidget:
        return False


def place_of(shown: Shown, widget: Widget) -> Offset:
    """Where on the screen a figure of that widget begins, whether or not it is scrolled into view."""
    return widget.content_region.offset + Offset(shown.column, shown.line) - widget.scroll_offset
