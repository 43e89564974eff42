"""Told to end, a program is gone soon: in good order where it can, from outside its loop where it cannot."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from cockpit.terminal import driver
from cockpit.terminal.departure import DEADLINE, HANG_UP, INTERRUPTED, LOOK, TERMINATED, Departure, Ending
from cockpit.terminal.modes import HURRY
from tests.eventually import eventually
from tests.pseudo_terminal import PATIENCE
from tests.terminal.ptys import Pair, pair


class Watched:
    """A program that is told to leave, its clock, and what became of it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[Ending] = []
        self.leaving = threading.Event()
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.order: list[object] = []

    def clock(self) -> float:
        return self.now

    def leave(self, ending: Ending) -> None:
        self.told.append(ending)
        self.leaving.set()
        self.let_go.wait(PATIENCE)

    def restore(self) -> None:
        self.order.append("restored")

    def end(self, code: int) -> None:
        self.order.append(code)
        self.ended.set()


@contextmanager
def watched(program: Watched, ends: Pair) -> Iterator[Departure]:
    """A departure that is brought to its end, so that its thread does not outlive the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)}
    woken = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(woken)
    departure = Departure(ends.inner, leave=program.leave, restore=program.restore, clock=program.clock, end=program.end)
    try:
        with departure:
            yield departure
    finally:
        program.let_go.set()
        if departure.ending is not None:
            eventually(lambda: ended_by_now(program))
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)


def poke() -> None:
    """A signal that changes nothing any more, but is heard."""
    os.kill(os.getpid(), signal.SIGTERM)


def ended_by_now(program: Watched) -> bool:
    """Whether it has ended; if not, time goes on until the next look at the clock."""
    if not program.ended.is_set():
        program.now += LOOK
    return program.ended.is_set()


@pytest.mark.parametrize(("number", "ending"), [(1, HANG_UP), (15, TERMINATED), (2, INTERRUPTED)])
def test_a_signal_asks_the_program_to_leave_and_its_code_is_the_one_of_a_shell(number: int, ending: Ending) -> None:
    program = Watched()
    with pair() as ends, watched(program, ends) as departure:
        os.kill(os.getpid(), number)
        assert program.leaving.wait(PATIENCE)
        assert departure.ending == ending
        assert ending.code == 128 + number
    assert program.order == ["restored", ending.code]


def test_it_is_ended_from_outside_at_the_deadline_and_not_before() -> None:
    program = Watched()
    with pair() as ends, watched(program, ends):
        os.kill(os.getpid(), signal.SIGTERM)
        assert program.leaving.wait(PATIENCE)
        program.now = 1000 + LOOK
        poke()
        assert not program.ended.wait(2 * LOOK)
        eventually(lambda: ended_by_now(program))
        assert program.now > 1000 + DEADLINE - 0.001
        assert program.order == ["restored", 143]


def test_time_in_which_the_process_was_stopped_is_no_time_to_leave_in() -> None:
    """Its terminal is given back and its journal written by whoever goes on after it, with all the time that they have."""
    program = Watched()
    with pair() as ends, watched(program, ends) as departure:
        os.kill(os.getpid(), signal.SIGTERM)
        assert program.leaving.wait(PATIENCE)
        program.now += 1000 * DEADLINE
        eventually(lambda: departure._left < DEADLINE)
        assert departure._left == pytest.approx(DEADLINE - 2 * LOOK)
        assert not program.ended.is_set()


def test_the_deadlines_add_up_to_less_than_two_seconds() -> None:
    """The loop has time for its own farewell, and whoever does not come that far still gets the terminal back in time."""
    assert driver.FAREWELL + driver.SILENCE[1] + HURRY < DEADLINE
    assert DEADLINE + HURRY < 2


def test_the_first_reason_counts_and_the_program_is_told_once() -> None:
    program = Watched()
    with pair() as ends, watched(program, ends) as departure:
        os.kill(os.getpid(), signal.SIGTERM)
        assert program.leaving.wait(PATIENCE)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            os.kill(os.getpid(), number)
        ends.vanish()
        assert departure.ending is TERMINATED
    assert program.told == [TERMINATED]


def test_a_terminal_that_vanishes_is_heard_without_a_signal() -> None:
    program = Watched()
    with pair() as ends, watched(program, ends) as departure:
        ends.vanish()
        assert program.leaving.wait(PATIENCE)
        assert departure.ending is HANG_UP


def test_a_hang_up_signal_that_the_parent_ignores_stays_ignored_and_the_terminal_is_watched_all_the_same() -> None:
    program = Watched()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with pair() as ends, watched(program, ends):
            os.kill(os.getpid(), signal.SIGHUP)
            assert not program.leaving.wait(0.1)
            ends.vanish()
            assert program.leaving.wait(PATIENCE)
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


def test_the_end_is_put_off_until_what_leaving_has_to_do_is_done() -> None:
    program = Watched()
    settled = threading.Event()
    with pair() as ends, watched(program, ends) as departure:
        departure.settle()
        os.kill(os.getpid(), signal.SIGTERM)
        assert program.leaving.wait(PATIENCE)

        def wait() -> None:
            departure.settle()
            settled.set()

        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not settled.wait(0.1)
        program.let_go.set()
        assert settled.wait(PATIENCE)
        waiting.join()


def test_a_program_that_ends_by_itself_leaves_signals_as_they_were_and_no_thread() -> None:
    def handler(number: int, frame: object) -> None: ...

    program = Watched()
    before: Callable[..., object] | int | None = signal.signal(signal.SIGTERM, handler)
    try:
        with pair() as ends, Departure(ends.inner, leave=program.leave, restore=program.restore):
            assert signal.getsignal(signal.SIGTERM) is not handler
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not [thread for thread in threading.enumerate() if thread.name == "departure"]


def test_until_something_happens_its_thread_waits_without_end() -> None:
    program = Watched()
    with pair() as ends, Departure(ends.inner, leave=program.leave, restore=program.restore) as departure:
        assert departure._wait() is None
