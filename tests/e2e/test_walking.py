"""Whoever watches a program that has ended says so at once."""

import sys

import pytest

from tests.e2e.walking import NARROW, Home, Walk

pytestmark = pytest.mark.terminal
ENDS = (sys.executable, "-c", "print('the last words'); raise SystemExit(3)")


def test_nothing_more_is_waited_for_once_the_program_has_ended(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.e2e.walking.PATIENCE", float("inf"))
    with Walk(home, ENDS, NARROW) as walk:
        walk.see("the last words")
        walk.wait_until(lambda: walk.over)
        with pytest.raises(AssertionError, match=r"never said.*ended with 3"):
            walk.see("never said")
        with pytest.raises(AssertionError, match="ended with 3"):
            walk.wait_until(lambda: False)
        with pytest.raises(AssertionError, match="ended with 3"):
            walk.press_until("1", "never said")


def test_what_it_wrote_last_is_read(home: Home) -> None:
    with Walk(home, ENDS, NARROW) as walk:
        assert walk.end_unread() == 3
        walk.see("the last words")
