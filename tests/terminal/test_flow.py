"""No more is on its way than the far end can show soon, and a line without answers is known to stand still."""

from cockpit.terminal.flow import PATIENCE, WINDOW, Flow
from tests.seconds import Seconds


def flowing() -> tuple[Flow, Seconds]:
    """A line that has answered once, after .25 s."""
    clock = Seconds()
    flow = Flow(clock)
    flow.asked(10)
    clock.now += 0.25
    assert flow.answered() is None
    return flow, clock


def test_a_terminal_that_never_answers_is_painted_as_before() -> None:
    clock = Seconds()
    flow = Flow(clock)
    for _ in range(100):
        flow.asked(WINDOW)
        clock.now += PATIENCE
        assert flow.open
        assert not flow.still


def test_the_round_trip_is_measured() -> None:
    flow, _ = flowing()
    assert flow.round_trip == 0.25


def test_several_paints_may_be_on_their_way_but_not_more_than_the_line_holds() -> None:
    flow, _ = flowing()
    for _ in range(4):
        assert flow.open
        flow.asked(WINDOW // 4)
    assert not flow.open
    assert flow.answered() is None
    assert flow.open


def test_without_an_answer_for_long_the_line_stands_still_and_the_answer_says_how_long() -> None:
    flow, clock = flowing()
    flow.asked(50)
    clock.now += PATIENCE
    assert flow.open
    clock.now += 39
    assert flow.still
    assert not flow.open
    assert flow.answered() == PATIENCE + 39
    assert flow.open
    assert not flow.still


def test_what_was_sent_after_the_last_paint_that_was_answered_may_not_have_been_seen() -> None:
    flow, clock = flowing()
    clock.now += 5
    flow.asked(50)
    clock.now += 60
    assert flow.silence == 60
    assert flow.unseen == 65.25
    assert flow.answered() == 60
    assert flow.unseen == 60


def test_answers_to_what_was_asked_into_the_silence_count_once() -> None:
    flow, clock = flowing()
    flow.asked(50)
    flow.asked(50)
    clock.now += 60
    assert flow.answered() == 60
    assert flow.answered() is None
    assert flow.open


def test_a_slow_line_is_not_a_dead_one() -> None:
    clock = Seconds()
    flow = Flow(clock)
    flow.asked(10)
    clock.now += 2.0
    flow.answered()
    flow.asked(10)
    clock.now += 7.0
    assert not flow.still
    clock.now += 1.5
    assert flow.still


def test_what_was_asked_before_the_terminal_was_given_away_is_not_waited_for() -> None:
    flow, clock = flowing()
    flow.asked(WINDOW)
    flow.forget()
    clock.now += 600
    assert flow.open
    assert flow.answered() is None
