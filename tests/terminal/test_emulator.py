"""The emulator that the tests compare screens with does what xterm does."""

import pytest

from cockpit.terminal.capabilities import FULL, Capabilities
from tests.terminal.emulator import BLANK, Emulator, EmulatorStream


def emulated(written: str, columns: int = 10, rows: int = 3, capabilities: Capabilities = FULL) -> Emulator:
    screen = Emulator(columns, rows, capabilities)
    EmulatorStream(screen).feed(written.encode())
    return screen


def test_a_repeat_writes_the_character_before_again() -> None:
    assert emulated("─\x1b[4bx").display[0] == "─────x    "


def test_an_erasure_takes_the_background_of_the_pen_and_nothing_else() -> None:
    screen = emulated("abc\x1b[1;4;31;44m\x1b[2;1H\x1b[3X")
    assert screen.buffer[1][0] == BLANK._replace(bg="blue")
    assert screen.buffer[1][3] == BLANK
    assert emulated("\x1b[44m\x1b[2J").buffer[2][9] == BLANK._replace(bg="blue")
    assert emulated("\x1b[44m\x1b[2J", capabilities=Capabilities()).buffer[2][9] == BLANK


@pytest.mark.parametrize(("place", "text"), [(1, "x 漢"), (2, " x漢"), (3, "漢x "), (4, "漢 x")])
def test_of_a_wide_character_that_is_overwritten_by_half_a_blank_stays(place: int, text: str) -> None:
    assert emulated(f"漢漢\x1b[1;{place}Hx").display[0].rstrip() == text.rstrip()


def test_without_wrapping_the_last_column_is_written_over() -> None:
    assert emulated("\x1b[?7l0123456789ab").display == ["012345678b", " " * 10, " " * 10]
    assert emulated("0123456789ab").display[:2] == ["0123456789", "ab        "]


def test_joined_and_combined_characters_are_one_cell_as_textual_counts_them() -> None:
    screen = emulated("e\u0301 \U0001f468\u200d\U0001f469 ❤\ufe0fx")
    assert [screen.buffer[0][x].data for x in range(8)] == [
        "e\u0301",
        " ",
        "\U0001f468\u200d\U0001f469",
        "",
        " ",
        "❤\ufe0f",
        "",
        "x",
    ]
    assert screen.display[0].startswith("e\u0301 \U0001f468\u200d\U0001f469 ❤\ufe0fx")


def test_links_and_styles_that_pyte_leaves_out_are_kept_on_the_cells() -> None:
    written = "\x1b[2;53mx\x1b[22m\x1b]8;id=1;https://example.org\x1b\\y\x1b]8;;\x1b\\\x1b[mz"
    screen = Emulator(10, 2)
    stream = EmulatorStream(screen)
    for at in range(len(written)):
        stream.feed(written[at].encode())
    assert stream.bytes == len(written.encode())
    assert screen.buffer[0][0] == BLANK._replace(data="x", dim=True, overline=True)
    assert screen.buffer[0][1] == BLANK._replace(data="y", overline=True, link="id=1;https://example.org")
    assert screen.buffer[0][2] == BLANK._replace(data="z")


def test_the_foreground_of_a_plain_blank_is_not_visible_and_that_of_an_underlined_one_is() -> None:
    screen = emulated("\x1b[1;31;44m \x1b[4m ")
    assert screen.cells[0][0] == BLANK._replace(bg="blue")
    assert screen.cells[0][1] == screen.buffer[0][1]
