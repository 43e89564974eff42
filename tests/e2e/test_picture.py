"""The README's picture is drawn from the real cockpit by a script."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def words_of(picture: Path) -> str:
    """The text of an SVG picture, blanks folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", picture.read_text(encoding="utf-8"))).split())


def test_the_script_draws_the_overview_and_the_readme_shows_it(tmp_path: Path) -> None:
    drawn = tmp_path / "overview.svg"
    subprocess.run([sys.executable, str(ROOT / ".ci" / "picture"), str(drawn)], check=True, timeout=280)
    for words in ("PAPER", "SIMULATED", "B asks:", "2 positions", "3 phase", "4 signals", "leading", "lagging", "DEFI"):
        assert words in words_of(drawn)
    assert "(.ci/overview.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert words_of(drawn) == words_of(ROOT / ".ci" / "overview.svg"), "the picture is old: python .ci/picture"
