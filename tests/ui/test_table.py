"""Whole columns give way before a digit does."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.ui.lines import text_of, width_of
from cockpit.ui.table import Column, Row, facts, table

COLUMNS = (Column("name", right=False, name=True), Column("kept"), Column("first to go", drop=2), Column("second", drop=1))
NUMBERS = st.integers(min_value=0, max_value=10**9).map(lambda n: f"{n:,}")


@given(
    st.lists(st.tuples(st.text("abcdef", min_size=1, max_size=40), NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=6),
    st.integers(24, 120),
)
def test_a_table_fits_and_shows_its_numbers_whole(rows: list[tuple[str, str, str, str]], width: int) -> None:
    lines = table(COLUMNS, [Row(row) for row in rows], width)
    assert all(width_of(line) <= width for line in lines)
    for row, line in zip(rows, lines[1:], strict=True):
        words = text_of(line).split()
        assert row[1] in words
        assert all(word in (*row[1:], row[0]) or word.endswith("…") for word in words)


def test_columns_give_way_in_their_order() -> None:
    rows = [Row(("asset", "1,000", "2,000", "3,000"))]
    assert "first to go" not in text_of(table(COLUMNS, rows, 25)[0])
    assert "second" in text_of(table(COLUMNS, rows, 25)[0])
    assert text_of(table(COLUMNS, rows, 60)[0]).split() == ["name", "kept", "first", "to", "go", "second"]


def test_named_values_wrap_between_values() -> None:
    rows = facts([("cash", "35,000.00"), ("futures wallet", "5,000.00"), ("margin", "0.00")], 30)
    assert [text_of(row) for row in rows] == ["cash 35,000.00", "futures wallet 5,000.00", "margin 0.00"]
