"""The difference leaves a terminal with the same screen as all that Textual writes."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.terminal.canvas import Canvas
from cockpit.terminal.capabilities import FULL, Capabilities
from cockpit.terminal.difference import SURE
from tests.terminal.emulator import Cell, Emulator, EmulatorStream
from tests.terminal.painting import Expected, garbled, layouts, patches

SIZES = ((24, 5), (40, 8), (13, 3), (2, 2))
OTHERS = (
    "\x1b[?1003h",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x07",
    "\x1b[?25l",
    "\x1b[>1u",
    "\x1b[2J",
    "\x1b[K",
    "\x1b[?2026$p",
    "\x1b(B",
    "\x1b[6n",
)
KINDS = {
    "all": FULL,
    "vt100": Capabilities(),
    "screen": Capabilities(to_column=True, to_row=True, ends_styles=True, colours=True),
    "linux": replace(FULL, repeats=False),
}
capabilities = st.one_of(
    st.sampled_from(list(KINDS.values())),
    st.builds(Capabilities, *[st.booleans()] * 7),
)


class Line:
    """A canvas, the terminal that it writes to, and the screen that is expected there."""

    def __init__(self, columns: int, rows: int, able: Capabilities) -> None:
        self.able = able
        self.canvas = Canvas(columns, rows, able)
        self.expected = Expected(columns, rows)
        self._connect(columns, rows)

    def _connect(self, columns: int, rows: int) -> None:
        self.screen = Emulator(columns, rows, self.able)
        self._stream = EmulatorStream(self.screen)
        self._stream.feed(b"\x1b[?7l")
        garbled(self.screen, self._stream)

    def paint(self, data: str) -> None:
        """Textual writes paints: nothing of them passes."""
        self.expected.paint(data)
        assert list(self.canvas.feed(data)) == []

    def other(self, pieces: list[str], paints: list[str]) -> None:
        """Textual writes something else between paints: it passes as it is, in its place."""
        data = "".join(piece + paint for piece, paint in zip(pieces, paints, strict=True))
        self.expected.paint("".join(paints))
        passed = []
        for piece in self.canvas.feed(data):
            self._stream.feed((self.canvas.difference() + piece).encode())
            passed.append(piece)
        assert passed == pieces

    def show(self) -> None:
        """The terminal takes what there is to paint, and shows what it should."""
        self.receive()
        assert self.screen.cells == self.to_be_seen
        assert self.canvas.difference() == ""

    def receive(self) -> None:
        """The terminal takes what there is to paint."""
        self._stream.feed(self.canvas.difference().encode())

    @property
    def to_be_seen(self) -> list[list[Cell]]:
        if self.able.colours:
            return self.expected.cells
        return [[cell._replace(fg="default", bg="default").visible for cell in line] for line in self.expected.cells]

    def resize(self, columns: int, rows: int) -> None:
        self._connect(columns, rows)
        self.expected.resize(columns, rows)
        self.canvas.resize(columns, rows)

    def forget(self) -> None:
        garbled(self.screen, self._stream)
        self.canvas.forget()


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), st.sampled_from(SIZES), capabilities)
def test_the_screen_is_the_same_after_any_sequence_of_updates(
    data: st.DataObject, size: tuple[int, int], able: Capabilities
) -> None:
    line = Line(*size, able)
    paints = st.one_of(layouts(*size), patches(*size))
    for what in data.draw(st.lists(st.sampled_from(("paint", "paint", "show", "other", "resize", "forget")), max_size=10)):
        match what:
            case "paint":
                line.paint(data.draw(paints))
            case "show":
                line.show()
            case "other":
                others = data.draw(st.lists(st.sampled_from(OTHERS), min_size=1, max_size=3))
                line.other(others, [data.draw(paints) for _ in others])
            case "resize":
                line.resize(*data.draw(st.sampled_from(SIZES)))
            case "forget":
                line.forget()
    line.show()


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data(), capabilities)
def test_what_stands_beside_a_character_of_another_width_is_right(data: st.DataObject, able: Capabilities) -> None:
    size = (24, 3)
    line = Line(*size, able)
    line.screen.widths = {"⚠": 2, "❤\ufe0f": 1, "漢": 1, "\U0001f600": 1, "e\u0301": 2}
    for _ in range(data.draw(st.integers(1, 5))):
        line.paint(data.draw(st.one_of(layouts(*size), patches(*size))))
        line.receive()
        for shown, expected in zip(line.screen.cells, line.to_be_seen, strict=True):
            for ours, wanted in zip(shown, expected, strict=True):
                assert ours == wanted or not wanted.data or not SURE.fullmatch(wanted.data)


def test_to_a_terminal_without_colours_none_is_sent() -> None:
    canvas = Canvas(20, 2, Capabilities())
    assert list(canvas.feed("\x1b[1;1H\x1b[1;31;48;2;1;2;3mloss\x1b[0;7;95;48;5;200mgain\x1b[0m")) == []
    assert set(re.findall(r"\x1b\[([0-9;]*)m", canvas.difference())) == {"", "1", "0;7"}


def test_what_the_terminal_turns_out_to_have_is_used_from_then_on() -> None:
    canvas = Canvas(40, 1, replace(FULL, repeats=False))
    line = "\x1b[1;1H" + 20 * "{}" + ";"
    assert list(canvas.feed(line.format(*20 * "="))) == []
    assert 20 * "=" in canvas.difference()
    canvas.capabilities = FULL
    assert list(canvas.feed(line.format(*20 * "#"))) == []
    assert "#\x1b[19b" in canvas.difference()


def test_where_nothing_repeats_long_blanks_are_erased() -> None:
    canvas = Canvas(40, 1, replace(FULL, repeats=False))
    assert list(canvas.feed("\x1b[1;1H" + 40 * "x")) == []
    canvas.difference()
    assert list(canvas.feed("\x1b[1;1H" + "ab" + 20 * " " + 18 * "x")) == []
    assert canvas.difference() == "\rab\x1b[20X\x1b[20C"


def test_plain_text_after_bold_text_is_plain() -> None:
    canvas = Canvas(10, 1)
    assert list(canvas.feed("\x1b[1;1H\x1b[1mbold\x1b[0m")) == []
    canvas.difference()
    assert list(canvas.feed("\x1b[1;6Hplain")) == []
    assert canvas.difference() == "\x1b[C\x1b[mplain"
