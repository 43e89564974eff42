"""Text from outside is safe to show: nothing in it moves the cursor, hides, or turns the direction of reading."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.text import is_safe, sanitise, strip_unsafe

DANGEROUS = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Mn", "Me"}


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Hundred thousand", "Hundred thousand"),
        ("[/]", "[/]"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x9b31mred", "red"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]52;c;aGVsbG8=\x1b\\b", "ab"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0\x1b\\sixel", "sixel"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("a\u202ecod.exe", "acod.exe"),
        ("E\u200bT\u200dH\ufeff", "ETH"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tag\U000e0041s", "tags"),
        ("blank\u3164filler\u2800", "blankfiller"),
        ("z\u0335\u0336algo", "zalgo"),
        ("cafe\u0301", "café"),
        ("one\ntwo\u2028three\tfour", "one two three four"),
        ("  many   blanks ", "many blanks"),
        ("日本", "日本"),
    ],
)
def test_what_is_shown_of_hostile_text(raw: str, shown: str) -> None:
    assert sanitise(raw) == shown
    assert is_safe(shown)


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert sanitise("x" * 200, limit=10) == "x" * 9 + "…"


@given(st.text())
def test_no_dangerous_character_survives(raw: str) -> None:
    for cleaned in (sanitise(raw), strip_unsafe(raw)):
        assert not DANGEROUS & {unicodedata.category(character) for character in cleaned}
        assert is_safe(cleaned)


@given(st.text())
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    once = sanitise(raw)
    assert sanitise(once) == once
    assert len(once) <= 80


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_plain_text_keeps_every_character_and_its_spacing(raw: str) -> None:
    assert strip_unsafe(raw) == raw
    assert is_safe(raw)


@given(st.text(st.characters(categories=["Cc", "Cf"]), min_size=1), st.text(max_size=5))
def test_text_with_control_or_format_characters_is_not_called_safe(hidden: str, rest: str) -> None:
    assert not is_safe(rest + hidden)
