"""Whether the cockpit can be drawn in a terminal, and the one sentence that says why not."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from cockpit.terminal.capabilities import Lookup

FEWEST = (40, 12)
"""Columns and rows below which a ticket cannot show what it asks."""
LINES_INSTEAD = "signals, phase, plan, show and apply print lines instead"
_POOR_FONTS = ("linux", "vt1", "vt2", "vt3", "ansi", "cons25")
"""Terminals whose own fonts have no braille, arrows or bars, whatever the locale says."""


def unusable(lookup: Lookup | None, environ: Mapping[str, str]) -> str:
    """Why this kind of terminal cannot show the cockpit, "" where it can; one that terminfo does not know is tried."""
    if lookup is None or lookup("cup") is not None:
        return ""
    term = environ.get("TERM", "")
    return (
        f"TERM={term} says that this terminal cannot place its cursor, so the cockpit cannot be drawn in it: "
        f"set TERM to what it really is (most are xterm-256color); {LINES_INSTEAD}"
    )


def too_small(columns: int, rows: int) -> str:
    """Why nothing can be read in a terminal of this size, "" where it can."""
    if columns >= FEWEST[0] and rows >= FEWEST[1]:
        return ""
    return f"{columns}x{rows} is too small: {FEWEST[0]}x{FEWEST[1]} is needed. Nothing is stopped by it."


def shows_glyphs(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether a terminal shows more than ASCII: by the encoding of the output, and by what kind it is."""
    return "utf" in (encoding or "utf-8").lower() and not environ.get("TERM", "").startswith(_POOR_FONTS)


def output_encoding() -> str | None:
    """The encoding of the real output, which Textual covers; None if there is none."""
    return sys.__stdout__.encoding if sys.__stdout__ is not None else None
