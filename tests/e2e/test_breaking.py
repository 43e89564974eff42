"""Whatever breaks: the terminal is as it was, one sentence names the log, no variable's value is anywhere, and the code is 1."""

import re
import signal
import stat
import sys
from pathlib import Path

import pytest

from tests.e2e.breaking import SECRET
from tests.e2e.walking import NARROW, Home, Walk

pytestmark = pytest.mark.terminal
SENTENCE = re.compile(r"cockpit: stopped by an unexpected (\w+); details are in (\S+)\. Orders, stops and journal stand")


def breaking(home: Home, place: str, *arguments: str) -> Walk:
    return Walk(home, (sys.executable, "-m", "tests.e2e.breaking", place, *arguments), NARROW)


def log_of(home: Home) -> Path:
    return Path(home.env["XDG_STATE_HOME"]) / "rotation-cockpit" / "cockpit.log"


def check_told(cockpit: Walk, home: Home, kind: str, told_as: str = "") -> str:
    """The end of a crash as the trader finds it; the log's text."""
    assert cockpit.exit_code() == 1
    cockpit.settle()
    told = cockpit.raw.decode("utf-8", "replace").rpartition("\x1b[?1049l")[2].replace("\r\n", "\n")
    found = SENTENCE.findall(re.sub(r"\x1b\[[0-9;?=<>]*[a-zA-Z]", "", told))
    assert [each[0] for each in found] == [told_as or kind], told
    assert found[0][1] == str(log_of(home))
    assert "Traceback" not in told
    assert SECRET.encode() not in cockpit.raw
    log = log_of(home)
    text = log.read_text("utf-8")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert SECRET not in text
    assert kind in text
    assert all(character.isprintable() or character == "\n" for character in text)
    return text


@pytest.mark.parametrize("place", ["handler", "thread"])
def test_what_breaks_in_the_midst_ends_with_one_sentence(place: str, home: Home) -> None:
    with breaking(home, place) as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press("z")
        assert "in broken" in check_told(cockpit, home, "KeyError")
        cockpit.check_restored()


@pytest.mark.parametrize("place", ["compose", "mount", "render"])
def test_what_breaks_before_the_first_paint_ends_with_one_sentence(place: str, home: Home) -> None:
    with breaking(home, place) as cockpit:
        assert "in broken" in check_told(cockpit, home, "KeyError")
        cockpit.check_restored()


@pytest.mark.parametrize("place", ["unmount", "close all", "close"])
def test_what_breaks_on_the_way_out_ends_with_one_sentence(place: str, home: Home) -> None:
    with breaking(home, place) as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press_until("q", "stopped by an unexpected")
        assert "in broken" in check_told(cockpit, home, "KeyError")
        cockpit.check_restored()


def test_what_breaks_before_there_is_a_screen_ends_with_one_sentence(home: Home) -> None:
    with breaking(home, "desk") as cockpit:
        check_told(cockpit, home, "KeyError")
    with breaking(home, "style sheet") as cockpit:
        check_told(cockpit, home, "StylesheetParseError")


def test_a_verb_that_breaks_ends_with_one_sentence(home: Home) -> None:
    with breaking(home, "desk", "plan") as cockpit:
        check_told(cockpit, home, "KeyError")


@pytest.mark.parametrize("driver", ["difference", "textual"])
def test_input_that_breaks_ends_with_one_sentence(driver: str, home: Home) -> None:
    with breaking(home, "input", "--driver", driver) as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press("z")
        check_told(cockpit, home, "KeyError", "" if driver == "difference" else "error")
        cockpit.check_restored()


def test_what_breaks_in_the_desk_is_told_and_the_cockpit_goes_on(home: Home) -> None:
    with breaking(home, "desk call") as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press_until("z", "prices: unexpected KeyError; details are in")
        cockpit.press_until("7", "opened")
        cockpit.quit()
    assert SECRET not in log_of(home).read_text("utf-8")
    assert SECRET.encode() not in cockpit.raw


def test_an_interrupt_is_no_crash(home: Home) -> None:
    with breaking(home, "interrupt") as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press("z")
        assert cockpit.exit_code() == 128 + signal.SIGINT
        cockpit.settle()
        cockpit.check_restored()
    assert b"Traceback" not in cockpit.raw


def test_a_verb_that_is_interrupted_says_that_what_was_sent_stands(home: Home) -> None:
    with breaking(home, "verb", "plan") as cockpit:
        assert cockpit.exit_code() == 128 + signal.SIGINT
        cockpit.settle()
    assert b"cockpit: interrupted; what was sent before stands as stored" in cockpit.raw
    assert b"Traceback" not in cockpit.raw


def test_a_fault_below_the_interpreter_leaves_where_it_was_in_the_log(home: Home) -> None:
    with breaking(home, "fault") as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press("z")
        assert cockpit.exit_code() == -signal.SIGSEGV
    text = log_of(home).read_text("utf-8")
    assert "Segmentation fault" in text
    assert "in by_a_fault" in text


def test_without_a_log_the_sentence_says_so(home: Home) -> None:
    log_of(home).mkdir(parents=True)
    with breaking(home, "handler") as cockpit:
        cockpit.see("NAV 100,000.00", "rev 1")
        cockpit.press("z")
        assert cockpit.exit_code() == 1
        cockpit.settle()
        assert b"the log could not be written. Orders, stops and journal stand as stored" in cockpit.raw
        cockpit.check_restored()
    assert SECRET.encode() not in cockpit.raw
