"""A terminal emulator that does with erasures, repeats and wide characters what xterm does; pyte does not know all of that."""

from __future__ import annotations

import re
from typing import Any, ClassVar, NamedTuple

import pyte
from pyte import graphics, modes
from rich.cells import split_graphemes

from cockpit.terminal.capabilities import FULL, Capabilities


class Cell(NamedTuple):
    """What stands in a cell. `data` is "" in the right half of a wide character; `link` is the target with its parameters."""

    data: str = " "
    fg: str = "default"
    bg: str = "default"
    bold: bool = False
    dim: bool = False
    italics: bool = False
    underscore: bool = False
    double_underscore: bool = False
    blink: bool = False
    reverse: bool = False
    conceal: bool = False
    strikethrough: bool = False
    frame: bool = False
    overline: bool = False
    link: str = ""

    @property
    def visible(self) -> Cell:
        """The same without what nobody sees: a blank has no foreground as long as nothing is drawn in it.

        Marks on a blank count as none: what they look like depends on the terminal.
        """
        same = self._replace(data=" ") if self.data.startswith(" ") else self
        drawn = self.underscore or self.double_underscore or self.blink or self.reverse
        if same.data != " " or drawn or self.strikethrough or self.frame or self.overline or self.link:
            return same
        return BLANK._replace(bg=self.bg)


BLANK = Cell()
ON = {
    1: "bold",
    2: "dim",
    3: "italics",
    4: "underscore",
    5: "blink",
    6: "blink",
    7: "reverse",
    8: "conceal",
    9: "strikethrough",
    21: "double_underscore",
    51: "frame",
    52: "frame",
    53: "overline",
}
OFF = {
    22: ("bold", "dim"),
    23: ("italics",),
    24: ("underscore", "double_underscore"),
    25: ("blink",),
    27: ("reverse",),
    28: ("conceal",),
    29: ("strikethrough",),
    54: ("frame",),
    55: ("overline",),
}


class Emulator(pyte.Screen):
    """A screen of cells. What its `capabilities` do not have is ignored; without `erases` it erases in the default colours."""

    buffer: Any
    cursor: Any

    def __init__(self, columns: int, rows: int, capabilities: Capabilities = FULL) -> None:
        self.can = capabilities
        self._last = ""
        self.widths: dict[str, int] = {}
        """Characters that this terminal draws in another width than Textual reckons."""
        super().__init__(columns, rows)

    @property
    def default_char(self) -> Any:
        return BLANK._replace(reverse=modes.DECSCNM in self.mode)

    def reset(self) -> None:
        super().reset()
        self.cursor.attrs = BLANK

    @property
    def display(self) -> list[str]:
        return ["".join(self.buffer[y][x].data for x in range(self.columns)) for y in range(self.lines)]

    @property
    def cells(self) -> list[list[Cell]]:
        """Every cell with what is visible of it, a list a row."""
        return [[self.buffer[y][x].visible for x in range(self.columns)] for y in range(self.lines)]

    def draw(self, data: str) -> None:
        spans, _ = split_graphemes(data)
        for start, end, width in spans:
            self._draw(data[start:end], self.widths.get(data[start:end], width))
        self.dirty.add(self.cursor.y)

    def _draw(self, text: str, width: int) -> None:
        line, cursor = self.buffer[self.cursor.y], self.cursor
        if not width:
            before = next((x for x in (cursor.x - 1, cursor.x - 2) if x >= 0 and line[x].data), None)
            if before is not None:
                line[before] = line[before]._replace(data=line[before].data + text)
            return
        if cursor.x + width > self.columns and modes.DECAWM in self.mode:
            self.carriage_return()
            self.linefeed()
            line = self.buffer[cursor.y]
        cursor.x = min(cursor.x, self.columns - 1)
        if cursor.x + width > self.columns:
            text, width = " ", 1  # half a character cannot be shown
        self._cut(cursor.x, cursor.x + width)
        line[cursor.x] = cursor.attrs._replace(data=text)
        for x in range(cursor.x + 1, cursor.x + width):
            line[x] = cursor.attrs._replace(data="")
        cursor.x += width
        self._last = text

    def _cut(self, begin: int, end: int) -> None:
        """Before these cells are overwritten: of wide characters that reach beyond them, the other half becomes a blank."""
        line = self.buffer[self.cursor.y]
        if begin and line[begin].data == "":
            line[begin - 1] = line[begin - 1]._replace(data=" ")
        if end < self.columns and line[end].data == "":
            line[end] = line[end]._replace(data=" ")

    def repeat(self, count: int = 1) -> None:
        """Write the character before once more, so many times (REP)."""
        if self.can.repeats:
            for _ in range(count or 1):
                self._draw(self._last, max(1, split_graphemes(self._last)[1]))

    def erase_characters(self, count: int | None = None) -> None:
        if self.can.erases_some:
            self._erase(self.cursor.y, self.cursor.x, self.cursor.x + (count or 1), coloured=True)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        begin = min(self.cursor.x, self.columns - 1)
        self._erase(self.cursor.y, 0 if how else begin, begin + 1 if how == 1 else self.columns)

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        for y in range(self.lines):
            if how >= 2 or (y > self.cursor.y if how == 0 else y < self.cursor.y):
                self._erase(y, 0, self.columns)
        if how < 2:
            self.erase_in_line(how)

    def _erase(self, y: int, begin: int, end: int, *, coloured: bool = False) -> None:
        blank = BLANK._replace(bg=self.cursor.attrs.bg) if coloured or self.can.erases else BLANK
        end = min(end, self.columns)
        line = self.buffer[y]
        if y == self.cursor.y:
            self._cut(begin, end)
        for x in range(begin, end):
            line[x] = blank
        self.dirty.add(y)

    def cursor_to_column(self, column: int | None = None) -> None:
        if self.can.to_column:
            super().cursor_to_column(column)

    def cursor_to_line(self, line: int | None = None) -> None:
        if self.can.to_row:
            super().cursor_to_line(line)

    def select_graphic_rendition(self, *attrs: int, private: bool = False) -> None:
        if private:
            return
        codes = iter(attrs or (0,))
        pen = self.cursor.attrs
        for code in codes:
            if code == 0:
                pen = self.default_char._replace(link=pen.link)
            elif code in (38, 48):
                colour = self._colour(next(codes, 0), codes)
                pen = pen._replace(fg=colour) if code == 38 else pen._replace(bg=colour)
            elif code in ON:
                pen = pen._replace(**{ON[code]: True})
            elif code not in OFF and code not in (39, 49):
                front = graphics.FG_ANSI.get(code) or graphics.FG_AIXTERM.get(code)
                back = graphics.BG_ANSI.get(code) or graphics.BG_AIXTERM.get(code)
                pen = pen._replace(fg=front or pen.fg, bg=back or pen.bg)
            elif self.can.ends_styles:
                ended: dict[str, Any] = {39: {"fg": "default"}, 49: {"bg": "default"}}.get(code) or {}
                pen = pen._replace(**ended, **dict.fromkeys(OFF.get(code, ()), False))
        self.cursor.attrs = pen

    @staticmethod
    def _colour(kind: int, codes: Any) -> str:
        if kind == 5:
            return str(graphics.FG_BG_256[next(codes, 0)])
        return "".join(f"{next(codes, 0):02x}" for _ in range(3))

    def follow(self, link: str) -> None:
        """What is written from now on leads there (OSC 8)."""
        self.cursor.attrs = self.cursor.attrs._replace(link=link)

    def set_mode(self, *codes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and 1049 in codes:
            self.buffer.clear()  # the other screen, a blank one
        super().set_mode(*codes, **kwargs)


_APART = re.compile(rb"\x1b\]8;(?P<link>[^;\x07\x1b]*;[^\x07\x1b]*)(?:\x07|\x1b\\)|\x1b\[[<=>][0-9;]*u")
"""What pyte's parser does not know: links, and the keys of kitty's protocol, which it would print."""
_UNFINISHED = re.compile(rb"\x1b(?:\][^\x07\x1b]*\x1b?|\[[<=>]?[0-9;]*)?\Z")


class EmulatorStream(pyte.ByteStream):
    """Feeds an emulator, whole sequences at a time, and counts the bytes."""

    csi: ClassVar = {  # type: ignore[misc]
        **pyte.ByteStream.csi,
        "b": "repeat",
    }
    events = pyte.ByteStream.events | {"repeat"}

    def __init__(self, screen: Emulator) -> None:
        super().__init__(screen)
        self.bytes = 0
        self._rest = b""

    def feed(self, data: bytes) -> None:  # type: ignore[override]
        """Take what a program wrote, cut anywhere."""
        self.bytes += len(data)
        text = self._rest + data
        cut = _UNFINISHED.search(text)
        self._rest = cut[0] if cut else b""
        text = text[: len(text) - len(self._rest)]
        begin = 0
        for found in _APART.finditer(text):
            super().feed(text[begin : found.start()])
            if found["link"] is not None and isinstance(self.listener, Emulator):
                link = found["link"].decode(errors="replace")
                self.listener.follow("" if link == ";" else link)
            begin = found.end()
        super().feed(text[begin:])
