"""Type-ahead and held keys never get through the gate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.ui.screens.gate import PAUSE, Gate

GAPS = st.lists(st.floats(min_value=0.0, max_value=0.39), max_size=30)


def test_nothing_passes_before_the_paint() -> None:
    gate = Gate(0.4)
    assert not gate.takes(100.0)
    gate.painted(100.0)
    gate.shut()
    assert not gate.takes(200.0)


def test_what_stood_over_it_starts_the_quiet_time_again_and_opens_no_shut_gate() -> None:
    gate = Gate(0.4)
    gate.uncovered(50.0)
    assert not gate.takes(100.0)
    gate.painted(100.0)
    gate.uncovered(110.0)
    assert not gate.takes(110.3)
    gate.uncovered(105.0)
    assert not gate.takes(110.6)
    assert gate.takes(111.0)


def test_a_key_that_waited_in_the_queue_is_older_than_the_paint() -> None:
    gate = Gate(0.4)
    gate.painted(10.0)
    assert not gate.takes(9.0)
    assert gate.takes(10.5)


@given(GAPS)
def test_keys_that_follow_each_other_faster_than_the_quiet_time_never_pass(gaps: list[float]) -> None:
    gate = Gate(0.4)
    gate.painted(0.0)
    at = 0.0
    for gap in gaps:
        at += gap
        assert not gate.takes(at)
    assert gate.takes(at + 0.41)


def test_six_keys_at_300_ms_confirm_nothing() -> None:
    """Measured on a plain dialog: six keys at 30 to 300 ms confirmed four of four steps."""
    gate = Gate(0.4)
    gate.painted(0.0)
    assert not any(gate.takes(0.3 * n) for n in range(1, 7))


@given(st.lists(st.floats(min_value=0.0, max_value=0.14), min_size=1, max_size=30))
def test_what_comes_in_one_breath_is_not_alone(gaps: list[float]) -> None:
    """A paste that no terminal framed moves to what sends and presses it at once; hands make a pause."""
    gate = Gate(0.4)
    gate.painted(0.0)
    at = 10.0
    assert gate.takes(at, alone=True)
    for gap in gaps:
        at += gap
        assert not gate.takes(at, alone=True)
        assert gate.takes(at)
        assert gate.opens_in(at) == pytest.approx(PAUSE)
    assert gate.takes(at + PAUSE + 0.01, alone=True)
