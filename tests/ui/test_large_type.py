"""Large type is read at a glance and never stands for something else."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.plan import Action
from cockpit.terminal.lines import TWINS
from cockpit.ui.large_type import HEIGHT, large_type
from cockpit.ui.steps import large_words
from tests.ui import worked_example as example

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,−%"


def test_no_two_letters_look_alike() -> None:
    drawn = {letter: large_type(letter, 10) for letter in LETTERS}
    assert len(set(drawn.values())) == len(LETTERS)
    assert all(any(row.strip() for row in rows) for rows in drawn.values())


def test_every_cell_has_an_ascii_twin() -> None:
    cells = {cell for letter in LETTERS for row in large_type(letter, 10) for cell in row if not cell.isascii()}
    assert cells == {"▀", "▄", "█"}
    assert cells <= TWINS.keys()


@given(st.text(alphabet=LETTERS + " abc", min_size=1, max_size=30), st.integers(1, 120))
def test_it_fits_its_width_or_is_left_out(text: str, width: int) -> None:
    rows = large_type(text, width)
    assert rows == () or (len(rows) == HEIGHT and all(len(row) <= width for row in rows))


def test_what_has_no_letter_is_left_out_whole() -> None:
    """Half of an order in large type would be another order."""
    assert large_type("SELL 5 WETH-2", 200) == ()
    assert large_type("", 200) == ()


def test_the_worked_orders_fit_eighty_columns() -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    for step in plan.steps:
        assert large_type(large_words(step)[0], 75), large_words(step)


def test_a_reducing_order_has_shorter_words_that_still_say_which_side() -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    words = large_words(replace(plan.steps[5], action=Action.REDUCE_LONG))
    assert words == ("SELL TO REDUCE LONG 1,250 UNI", "REDUCE LONG 1,250 UNI")
