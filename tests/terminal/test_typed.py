"""Input is taken for what a terminal can send: keys, mouse, answers, pastes. All else presses no key and breaks nothing."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events, messages
from textual._xterm_parser import XTermParser
from textual.message import Message

from cockpit.terminal.typed import ANSWER, BURST, ESCAPE, LONGEST_PASTE, LONGEST_SEQUENCE, Lexer, Pasted

BITS = st.sampled_from(
    [
        "\x1b", "\x1b[", "\x1b[<", "\x1b]", "\x1bP", "\x1bO", "\x1b[M", "\x1b[[", "\x1b[200~", "\x1b[201~",
        "O", "[", "]", "M", "m", "u", "~", "A", "R", "S", "I", "n", "y", "t", "1", "9", "0", ";", ":", "?", "$", " ", "<",
        "2026", "57441", "1114112", "55296", "99999999", "\\", "\x07", "\x18", "\x00", "\x7f", "\r", "\t", "\x9b", "\x9d",
        "a", "é", "漢", "\u202e", "\u200b", "\ufffd", "\ue000",
    ]
)  # fmt: skip
NOISE = st.lists(BITS | st.characters(), max_size=24).map("".join)


def parsed(pieces: list[str | Pasted]) -> list[Message]:
    """What Textual's parser makes of the pieces that are for it."""
    parser = XTermParser()
    return [
        message for piece in pieces if isinstance(piece, str) and piece not in (ANSWER, ESCAPE) for message in parser.feed(piece)
    ]


def keys(*arrived: str) -> list[str]:
    """The keys of a stream that arrives in these parts, with nothing after it."""
    lexer = Lexer()
    pieces = [piece for part in arrived for piece in lexer.feed(part)] + lexer.settle()
    named: list[str] = []
    for piece in pieces:
        if piece == ESCAPE:
            named.append("escape")
        else:
            named += [message.key for message in parsed([piece]) if isinstance(message, events.Key)]
    return named


@given(NOISE, st.integers(0, 60))
def test_no_noise_breaks_the_parser_or_makes_it_swallow_the_next_key(noise: str, cut: int) -> None:
    lexer, parser = Lexer(), XTermParser()
    for piece in [*lexer.feed(noise[:cut]), *lexer.feed(noise[cut:]), *lexer.settle()]:
        if isinstance(piece, str) and piece not in (ANSWER, ESCAPE):
            list(parser.feed(piece))
    assert [message.key for message in parser.feed("z") if isinstance(message, events.Key)] == ["z"]


@given(NOISE, st.lists(st.integers(0, 60), max_size=3).map(sorted))
def test_where_the_line_cuts_the_stream_makes_no_difference(noise: str, cuts: list[int]) -> None:
    whole, parts = Lexer(), Lexer()
    expected = [*whole.feed(noise), *whole.settle()]
    ends = [*cuts, len(noise)]
    found = [piece for start, end in zip([0, *cuts], ends, strict=True) for piece in parts.feed(noise[start:end])]
    found += parts.settle()

    def joined(pieces: list[str | Pasted]) -> list[str | Pasted]:
        """Plain characters one by one: how many come at once is nobody's business."""
        return [each for piece in pieces for each in (list(piece) if isinstance(piece, str) and piece[0] != ESCAPE else [piece])]

    assert joined(found) == joined(expected)


@given(st.binary(max_size=200))
def test_no_bytes_become_a_key_that_a_terminal_cannot_send(data: bytes) -> None:
    for message in parsed(Lexer().feed(data.decode("utf-8", "replace"))):
        if isinstance(message, events.Key) and message.character is not None:
            assert message.character.isprintable() or message.character in "\r\t\x00\x7f\x1b" or message.character < " "


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("\x1b[A", "up"), ("\x1bOA", "up"), ("\x1b[1;5C", "ctrl+right"), ("\x1b[5~", "pageup"), ("\x1bOP", "f1"),
        ("\x1b[[A", "f1"), ("\x1b[19~", "f8"), ("\x1b[Z", "shift+tab"), ("\x1b[113u", "q"), ("\x1b[27u", "escape"),
        ("\x1b[99;5u", "ctrl+c"), ("\x1b[104;2;72u", "H"), ("\r", "enter"), ("\x7f", "backspace"), ("\x10", "ctrl+p"), ("é", "é"),
    ],
)  # fmt: skip
def test_every_key_of_a_terminal_arrives(sequence: str, key: str) -> None:
    assert keys(sequence) == [key]
    assert keys(*sequence) == keys(sequence), "also where the line sends it byte by byte"


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[1114112u", "\x1b[99999999u", "\x1b[55296u", "\x1b[5u", "\x1b[:u", "\x1b[1;2:3u", "\x1b[99P", "\x1b[?62;22c",
        "\x1b[>0;276;0c", "\x1b[24;80R", "\x1b[48;99999;99999;1;1t", "\x1b[?2048;1$y", "\x1b[<0;99999;5M", "\x1b[<0;-1;5M",
        "\x1b]10;rgb:ff/ff/ff\x1b\\", "\x1b]52;c;cXF5\x07", "\x1bP1$r0m\x1b\\", "\x1b_Gi=1;OK\x1b\\", "\x1b[M !!", "\x1b[201~",
    ],
)  # fmt: skip
def test_what_nobody_asked_for_presses_no_key(sequence: str) -> None:
    assert parsed(Lexer().feed(sequence)) == []
    assert keys(sequence, "j") == ["j"]


def test_an_escape_alone_is_the_key_and_one_with_the_next_key_are_two() -> None:
    assert keys("\x1b") == ["escape"]
    assert keys("\x1b\x1b") == ["escape", "escape"]
    assert keys("\x1b2") == ["escape", "2"]


def test_an_answer_is_taken_out_wherever_it_stands() -> None:
    assert Lexer().feed("j\x1b[0nk") == ["j", ANSWER, "k"]
    lexer = Lexer()
    assert [*lexer.feed("\x1b["), *lexer.feed("0"), *lexer.feed("n")] == [ANSWER]


def test_mouse_focus_and_the_answer_about_synchronized_paints_arrive() -> None:
    found = parsed(Lexer().feed("\x1b[<0;10;5M\x1b[<0;10;5m\x1b[<64;1;1M\x1b[I\x1b[O\x1b[?2026;2$y"))
    assert [type(message) for message in found] == [
        events.MouseDown, events.MouseUp, events.MouseScrollUp, events.AppFocus, events.AppBlur,
        messages.TerminalSupportsSynchronizedOutput,
    ]  # fmt: skip


def test_escapes_inside_a_paste_are_no_keys() -> None:
    pasted = "\x1b[200~y\x1b[C\r\nq\x1b\x1b[1114112u\x00\x9b\u202e\x1b[201~j"
    assert Lexer().feed(pasted) == [Pasted("y[C\nq[1114112u"), "j"]


def test_a_paste_of_a_hundred_kilobytes_is_one_short_paste() -> None:
    lexer = Lexer()
    data = "\x1b[200~" + os.urandom(100_000).hex() + "\x1b[201~q"
    pieces = [piece for at in range(0, len(data), 4096) for piece in lexer.feed(data[at : at + 4096])]
    assert isinstance(pieces[0], Pasted)
    assert len(pieces[0].text) == LONGEST_PASTE
    assert pieces[1:] == ["q"]


def test_a_paste_that_no_terminal_framed_is_a_paste_too() -> None:
    assert keys("y\r" + "sell everything at market now, " * 4) == []
    assert keys("y\r\x1b[C\rsell " * 20) == [], "nor do escapes in it press keys"
    assert keys("j" * 2 * BURST) == ["j"] * 2 * BURST, "a key held down on a slow line is a key"


def test_a_paste_whose_end_is_lost_ends_by_itself() -> None:
    lexer = Lexer()
    assert lexer.feed("\x1b[200~half") == []
    assert lexer.pasting
    assert lexer.settle() == [Pasted("half")]
    assert lexer.feed("j") == ["j"]


def test_a_sequence_without_end_does_not_grow_for_ever() -> None:
    lexer = Lexer()
    for _ in range(10):
        assert lexer.feed("\x1b]" + "x" * LONGEST_SEQUENCE) == []
    lexer.settle()
    assert lexer.feed("j") == ["j"]
