"""A view of lines paints again what changed, and all of that."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cockpit.ui.lines import Line, Span, text_of, width_of
from cockpit.ui.widgets.lines_view import NEAR, changed_cells

ROLES = st.sampled_from(["", "strong", "good"])
SPANS = st.lists(st.tuples(st.sampled_from(["1,000", "999", "▲", "–", "  ", "a name"]), ROLES), max_size=8)


def cells(row: Line, width: int) -> list[tuple[str, str]]:
    """Every cell with its role, blanks up to the width; as in a line of the screen."""
    found = [(glyph, span.role) for span in row for glyph in span.text]
    return found + [(" ", "")] * (width - len(found))


@given(SPANS, SPANS)
def test_every_cell_that_differs_lies_in_a_part_that_is_painted(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    old, new = (tuple(Span(*pair) for pair in pairs) for pairs in (before, after))
    parts = changed_cells(old, new)
    width = max(width_of(old), width_of(new))
    differing = {place for place, pair in enumerate(zip(cells(old, width), cells(new, width), strict=True)) if pair[0] != pair[1]}
    painted = {place for start, end in parts for place in range(start, end)}
    assert differing <= painted
    assert (not parts) == (old == new)
    assert all(second - first > NEAR for (_, first), (second, _) in pairwise(parts))


def test_a_changed_number_is_painted_without_the_rest_of_its_line() -> None:
    old = (Span("  ETH           "), Span("40,000"), Span(" " * 20), Span("−10,000", "strong"))
    new = (*old[:1], Span("40,001"), *old[2:])
    assert changed_cells(old, new) == [(16, 22)]
    assert text_of(new)[16:22] == "40,001"
    assert changed_cells(old, (*old, Span("more"))) == [(49, 53)]


def test_a_block_beside_one_that_changes_its_width_is_not_painted_again() -> None:
    """Two columns: the left one's figure grows by a digit, the gap after it gives way, the chart at the right stands."""
    chart = (Span("│", "dim"), Span("⢸⣆", "accent"))
    old = (Span("net "), Span("999.00"), Span(" " * 30), *chart)
    new = (Span("net "), Span("1,000.00"), Span(" " * 28), *chart)
    assert changed_cells(old, new) == [(4, 40)]
    assert changed_cells((*old[:2], Span(" " * 30)), (*old[:2], Span(" " * 30), *chart)) == [(40, 43)]
    assert changed_cells((), chart) == [(0, 3)]
