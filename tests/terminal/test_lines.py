"""Terminals without Unicode see every sign as one ASCII character, and what must differ still differs."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from cockpit.model import format as fmt
from cockpit.terminal.lines import TWINS, AsciiTwins
from tests.conftest import ROOT

NEVER_SHOWN = {"model/text.py", "files/toml.py", "files/journal_file.py"}
"""Their characters are those that they take out of foreign text."""


def written(path: Path) -> Iterator[str]:
    """The texts in a file's code; docstrings are for its readers."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def glyphs() -> dict[str, str]:
    """Every character beyond ASCII that the cockpit writes itself, and a file that does."""
    folder = ROOT / "cockpit"
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        name = path.relative_to(folder).as_posix()
        if name not in NEVER_SHOWN | {"terminal/lines.py", "terminal/difference.py", "terminal/typed.py"}:
            found.update({character: name for text in written(path) for character in text if not character.isascii()})
    return found


def test_every_glyph_is_one_cell_wide_and_has_a_twin() -> None:
    found = glyphs()
    assert {"−", "✓", "▲"} <= set(found), "the search finds what it looks for"
    assert {glyph: name for glyph, name in found.items() if cell_len(glyph) != 1} == {}
    assert {glyph: name for glyph, name in found.items() if glyph not in TWINS} == {}


def test_every_twin_is_one_visible_ascii_character() -> None:
    assert all(len(glyph) == len(twin) == 1 and twin.isascii() and twin.isprintable() for glyph, twin in TWINS.items())
    assert [glyph for glyph, twin in TWINS.items() if twin == " "] == ["\u2800"], "only the empty cell of a chart is a blank"


@pytest.mark.parametrize(
    "signs", ["▲▼", "✓✗", "+−", "◂▸", "↑↓", "→←", "≥≤", "▇·", "█░", "●·", "✓−", "✗−", "◆●", "▲▸", "·−"], ids=lambda signs: signs
)
def test_signs_that_say_different_things_have_different_twins(signs: str) -> None:
    one, other = (TWINS.get(sign, sign) for sign in signs)
    assert one != other


def test_screens_and_pipes_have_the_same_twins() -> None:
    assert {chr(code): twin for code, twin in fmt.ASCII.items()}.items() <= TWINS.items()


def test_the_filter_keeps_every_cell_and_its_style() -> None:
    style = Segment("x").style
    segments = [Segment("▲ LONG ", style), Segment("−1,210.00 ✓", style), Segment("plain", style), Segment("名", style)]
    made = AsciiTwins().apply(segments, Color(0, 0, 0))
    assert [segment.text for segment in made] == ["^ LONG ", "-1,210.00 +", "plain", "??"]
