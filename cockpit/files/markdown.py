"""How text and tables become Markdown that shows them as they are (CommonMark with GitHub's tables)."""

import re
from collections.abc import Iterable, Sequence

from cockpit.model.text import sanitise

LONGEST = 600
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&#$@]|(?<=:)//|(?<=www)\.", re.IGNORECASE)
"""What begins emphasis, code, links, HTML, tables, entities, formulas, mentions, and what turns an address into a link."""


def escape(text: str) -> str:
    """`text` as one line that Markdown shows word for word, anywhere but at the start of a line.

    Control and invisible characters are left out.
    """
    return _SPECIAL.sub(lambda found: "\\" + found[0], sanitise(text, LONGEST))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, left: Iterable[int] = (0,)) -> list[str]:
    """A table whose cells are escaped; every column but those in `left` is aligned to the right."""
    words = set(left)
    rule = " | ".join(":---" if index in words else "---:" for index in range(len(columns)))
    return [_row(columns), f"| {rule} |", *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(escape(cell) for cell in cells)} |"
