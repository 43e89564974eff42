"""Every mode that is taken is given back, and the terminal's line is exactly what it was."""

import os
import re
import termios
import threading

import pytest

from cockpit.terminal.modes import Modes
from tests.pseudo_terminal import PATIENCE
from tests.terminal.ptys import Pair, pair

SET = re.compile(r"\x1b\[\?([0-9]+)h")
UNSET = re.compile(r"\x1b\[\?([0-9]+)l")
SHOWS_CURSOR, WRAPS = "25", "7"
"""Modes that are on in a shell: an app turns them off."""
QUERY = b"\x1b[c"
ANSWER = b"\x1b[?62;22c"


@pytest.mark.parametrize("mouse", [True, False])
def test_leaving_undoes_all_that_taking_did(mouse: bool) -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        taken, left = modes.take(mouse=mouse), modes.leave()
    assert set(SET.findall(taken)) <= set(UNSET.findall(left))
    assert set(UNSET.findall(taken)) == {SHOWS_CURSOR, WRAPS} == set(SET.findall(left))
    assert ("1000" in SET.findall(taken)) == mouse
    assert len(re.findall(r"\x1b\[>[0-9]+u", taken)) == len(re.findall(r"\x1b\[<u", left)) == 1


@pytest.mark.parametrize("how", ["release", "restore"])
def test_the_line_is_exactly_what_it_was(how: str) -> None:
    with pair(raw=False) as ends:
        odd = termios.tcgetattr(ends.inner)
        odd[0] ^= termios.IXANY
        odd[6][termios.VINTR] = b"\x07"
        termios.tcsetattr(ends.inner, termios.TCSANOW, odd)
        before = termios.tcgetattr(ends.inner)
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        assert termios.tcgetattr(ends.inner) != before
        getattr(modes, how)()
        assert termios.tcgetattr(ends.inner) == before
        assert not modes.taken


def test_what_was_typed_ahead_is_not_left_to_the_shell() -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        ends.type(b"rm -rf /\r")
        modes.release()
        with pytest.raises(BlockingIOError):
            os.read(ends.inner, 100)


def test_in_a_stall_the_terminal_is_given_back_without_waiting() -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        ends.fill()
        modes.restore()
        assert not modes.taken
        assert ends.rest().endswith(modes.leave().encode())


@pytest.mark.parametrize("waits", [True, False])
def test_a_descriptor_that_waits_does_not_wait_while_it_gives_back(waits: bool) -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        ends.fill()
        os.set_blocking(ends.inner, waits)
        modes.restore()
        assert ends.rest().endswith(modes.leave().encode())
        assert os.get_blocking(ends.inner) == waits


def test_a_terminal_is_given_back_once() -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.restore()
        modes.take(mouse=True)
        modes.restore()
        modes.restore()
        assert ends.rest() == modes.leave().encode()


def test_a_terminal_that_is_gone_is_given_back_without_a_word() -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        ends.vanish()
        modes.restore()
        modes.silence(PATIENCE)
        assert not modes.taken


def test_a_terminal_that_another_driver_takes_can_be_given_back_too() -> None:
    with pair(raw=False) as ends:
        before = termios.tcgetattr(ends.inner)
        modes = Modes(ends.inner)
        modes.lend()
        Modes(ends.inner).take(mouse=True)
        modes.restore()
        assert termios.tcgetattr(ends.inner) == before


def test_what_only_the_other_driver_switches_is_switched_off_for_it() -> None:
    """Every movement of the mouse, in numbers of pixels, and sizes told among the keys."""
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.lend()
        assert {"1003", "1015", "1016", "2048"} <= set(UNSET.findall(modes.leave()))
        modes.returned()
        assert ends.rest() == b"\x1b[?1016l", "it gives back all but that"


def test_a_driver_of_our_own_forgets_nothing() -> None:
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        modes.returned()
        assert modes.taken, "it gives its terminal back itself"
        modes.restore()
        assert ends.rest() == modes.leave().encode()


def test_what_a_driver_gives_back_after_it_was_cut_off_does_not_count() -> None:
    """It wrote that nowhere, so the terminal is still to be given back."""
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.lend()
        ends.fill()
        modes.cut()
        modes.returned()
        modes.restore()
        assert not modes.taken
        assert ends.rest().endswith(modes.leave().encode())


def test_threads_that_give_back_at_once_do_it_once_and_wait_for_it() -> None:
    """Each of them may end the process as soon as it comes back."""
    with pair() as ends:
        modes = Modes(ends.inner)
        modes.take(mouse=True)
        ends.fill()
        began = threading.Barrier(2)
        taken = []

        def give_back() -> None:
            began.wait()
            modes.restore()
            taken.append(modes.taken)

        threads = [threading.Thread(target=give_back) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert taken == [False, False]
        assert ends.rest().count(modes.leave().encode()) == 1


def test_late_answers_and_keys_are_heard_out_before_the_shell_listens() -> None:
    def answer_late(ends: Pair) -> None:
        assert ends.read(len(QUERY)) == QUERY
        ends.type(b"\x1b[0ntyped\x1b[?2026;2$y")
        ends.type(ANSWER[:2])
        ends.type(ANSWER[2:])

    with pair() as ends:
        answering = threading.Thread(target=answer_late, args=(ends,))
        answering.start()
        Modes(ends.inner).silence(PATIENCE)
        answering.join()
        with pytest.raises(BlockingIOError):
            os.read(ends.inner, 100)


def test_a_terminal_that_answers_no_more_holds_nobody_up_for_long() -> None:
    with pair() as ends:
        Modes(ends.inner).silence(0.01)
        assert ends.read(len(QUERY)) == QUERY
