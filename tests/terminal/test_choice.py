"""Which driver paints, whether anything can be painted at all, and what is told about it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict, replace

import pytest

from cockpit.terminal.capabilities import FULL, Capabilities, read
from cockpit.terminal.choice import FLAGS, NUMBERS, choose
from cockpit.terminal.report import Answers, describe
from cockpit.terminal.usable import FEWEST, shows_glyphs, too_small, unusable

CAPABILITIES = ("cup", "hpa", "vpa", "el", "ech", "rep", "rmul", "bce", "colors")
ASK = """
import curses, json, sys
try:
    curses.setupterm(sys.argv[1], 1)
except curses.error:
    print("null")
else:
    flags, numbers = sys.argv[2].split(), sys.argv[3].split()
    ways = {**dict.fromkeys(flags, curses.tigetflag), **dict.fromkeys(numbers, curses.tigetnum)}
    found = {name: ways.get(name, curses.tigetstr)(name) for name in sys.argv[4:]}
    print(json.dumps({name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()}))
"""


class Entry:
    """The terminfo entry of a terminal, as this machine has it; read by another process because a process reads one only."""

    def __init__(self, term: str) -> None:
        command = [sys.executable, "-c", ASK, term, " ".join(FLAGS), " ".join(NUMBERS), *CAPABILITIES]
        found = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        if found is None:
            pytest.skip(f"terminfo of this machine has no {term}")
        self._found: dict[str, str | int | None] = found

    def __call__(self, name: str) -> bytes | int | None:
        value = self._found[name]
        return value.encode() if isinstance(value, str) else value


PLAIN = Capabilities()
MOVES = replace(PLAIN, to_column=True, to_row=True, ends_styles=True, colours=True)


@pytest.mark.parametrize(
    ("term", "able"),
    [
        ("xterm-256color", FULL),
        ("linux", replace(FULL, repeats=False)),
        ("screen-256color", MOVES),
        ("tmux-256color", MOVES),
        ("vt100", replace(PLAIN, erases=True)),
    ],
)
def test_a_known_terminal_gets_differences_with_what_its_entry_says(term: str, able: Capabilities) -> None:
    entry = Entry(term)
    assert read(entry) == able
    choice = choose("auto", entry, {"TERM": term})
    assert (choice.name, choice.reason, choice.capabilities) == ("difference", f"{term} is known", able)
    assert unusable(entry, {"TERM": term}) == ""


def test_a_terminal_that_terminfo_does_not_know_is_left_to_textual() -> None:
    choice = choose("auto", None, {"TERM": "unheard-of"})
    assert (choice.name, choice.reason) == ("textual", "terminfo knows no unheard-of")
    assert unusable(None, {"TERM": "unheard-of"}) == ""


def test_what_is_asked_for_is_taken() -> None:
    entry = Entry("xterm-256color")
    assert choose("textual", entry).name == "textual"
    assert choose("difference", entry).name == "difference"
    assert choose("difference", None).capabilities == PLAIN, "with the least that a terminal can do"


def test_a_terminal_that_cannot_be_opened_again_is_left_to_textual() -> None:
    choice = choose("auto", Entry("xterm-256color"), {"TERM": "xterm-256color"}, problem="permission denied")
    assert (choice.name, choice.reason) == ("textual", "permission denied")


def test_a_terminal_without_a_cursor_to_place_gets_one_sentence() -> None:
    sentence = unusable(Entry("dumb"), {"TERM": "dumb"})
    assert sentence.startswith("TERM=dumb says that this terminal cannot place its cursor")
    assert "\n" not in sentence


def test_sizes_are_enough_from_forty_by_twelve_on() -> None:
    assert too_small(*FEWEST) == ""
    assert "39x12 is too small" in too_small(39, 12)
    assert too_small(250, 80) == ""


@pytest.mark.parametrize(
    ("term", "encoding", "glyphs"),
    [
        ("xterm-256color", "utf-8", True),
        ("tmux-256color", "UTF-8", True),
        ("xterm-256color", "iso8859-1", False),
        ("xterm-256color", "ascii", False),
        ("linux", "utf-8", False),
        ("vt100", "utf-8", False),
        ("xterm-256color", None, True),
    ],
)
def test_glyphs_need_an_encoding_and_a_terminal_that_have_them(term: str, encoding: str | None, glyphs: bool) -> None:
    assert shows_glyphs({"TERM": term}, encoding) is glyphs


def suggestions(
    *, size: tuple[int, int] = (120, 40), answers: Answers | None = None, encoding: str = "utf-8", **environ: str
) -> str:
    """What is suggested in such a place, as one text."""
    environ = {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environ
    entry = Entry(environ["TERM"])
    said = answers or Answers(round_trip_ms=1.0, synchronized=True, shows_utf8=True)
    return " / ".join(describe(choose("auto", entry, environ), entry, said, size, encoding, environ).suggestions)


def test_where_nothing_stands_in_the_way_nothing_is_suggested() -> None:
    assert suggestions() == ""


def test_every_shortcoming_has_its_suggestion() -> None:
    assert "COLORTERM=truecolor" in suggestions(COLORTERM="")
    assert "LANG=C.UTF-8" in suggestions(encoding="ascii")
    assert "PYTHONIOENCODING=ascii" in suggestions(answers=Answers(shows_utf8=False))
    assert "80x24 shows every column" in suggestions(size=(60, 20))
    assert "40x12 is needed" in suggestions(size=(30, 10))
    assert "--refresh" in suggestions(answers=Answers(round_trip_ms=200.0))
    assert "ssh -C" not in suggestions(answers=Answers(round_trip_ms=200.0)), "nothing packs what goes over no SSH"
    assert "ssh -C" in suggestions(answers=Answers(round_trip_ms=200.0), SSH_CONNECTION="10.0.0.2 50000 10.0.0.1 22")
    assert "inside tmux it runs on" in suggestions(SSH_CONNECTION="10.0.0.2 50000 10.0.0.1 22")
    assert "tmux" not in suggestions(SSH_CONNECTION="10.0.0.2 50000 10.0.0.1 22", TMUX="socket,1,0")


def test_a_report_is_plain_data() -> None:
    entry = Entry("xterm-256color")
    environ = {"TERM": "xterm-256color"}
    line = describe(choose("auto", entry, environ), entry, Answers(), (120, 40), "utf-8", environ)
    assert json.loads(json.dumps(asdict(line)))["driver"] == "difference"
