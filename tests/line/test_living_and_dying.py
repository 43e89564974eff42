"""Over a real SSH line: what is lost, cut or stalled ends or goes on as it should, and no order is sent twice."""

import fcntl
import os
import signal
import sqlite3
import struct
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.walking import COCKPIT, SAMPLES, Home
from tests.given_back import check_given_back
from tests.line.relay import Relay
from tests.line.ssh import SshLine
from tests.line.sshd import Server

pytestmark = pytest.mark.terminal
HANG_UP, TERMINATED = 128 + signal.SIGHUP, 128 + signal.SIGTERM
BACKLOG = 128 * 1024
"""Bytes that may come after a stall: what was on its way when it began, and the newest screen."""
STALL = 8.0
"""Seconds of a stall that nobody can take for a slow moment."""


@pytest.fixture
def line(server: Server, home: Home) -> Iterator[SshLine]:
    """A cockpit on the worked example, over a line without faults of its own."""
    with Relay(server.port) as relay, SshLine(server, relay, home, COCKPIT) as opened:
        yield opened


def check_journal(home: Home) -> None:
    """The store is whole, and another program reads every event of it."""
    with sqlite3.connect(Path(home.env["XDG_STATE_HOME"]) / "rotation-cockpit" / "store.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        numbers = [number for (number,) in store.execute("SELECT seq FROM journal ORDER BY seq")]
    assert numbers == list(range(1, len(numbers) + 1))
    rows = home.journal()
    assert len(rows) == len(numbers)
    assert all(row["at"] and row["kind"] and row["message"] for row in rows)


def goes_on_at_step_2(home: Home) -> None:
    """The next start knows that step 1 was done, once, and waits with the second."""
    check_journal(home)
    assert home.confirmed() == [1]
    with home.open() as cockpit:
        cockpit.see("1 of 6 steps done")
        cockpit.press_until("r", "In execution")
        cockpit.press_until("enter", "Step 2 of 6")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()


def first_step_done(line: SshLine) -> None:
    line.rotation()
    line.press_until("enter", "Step 1 of 6")
    line.confirm(1)
    line.see("Step 2 of 6")


def repaint(line: SshLine, times: int) -> None:
    """Make the far program paint everything, again and again, as a window that is dragged does."""
    terminal = os.open(f"/proc/{line.remote}/fd/2", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        for number in range(times):
            columns = 120 - number % 2
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
            line.settle(quiet=1, limit=0.05)
    finally:
        os.close(terminal)


@pytest.mark.kills
@pytest.mark.parametrize("signalled", [True, False], ids=["hang-up signal", "no signal"])
@pytest.mark.parametrize("end", [SshLine.kill_client, lambda line: line.relay.cut()], ids=["client killed", "line cut"])
def test_a_lost_line_ends_the_cockpit_and_loses_nothing(server: Server, home: Home, end: object, signalled: bool) -> None:
    assert callable(end)
    with Relay(server.port) as relay, SshLine(server, relay, home, COCKPIT, signalled=signalled) as line:
        first_step_done(line)
        end(line)
        assert line.remote_exit_code() == HANG_UP
        line.check_nothing_left()
    goes_on_at_step_2(home)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda sent: sent.name)
def test_a_signal_ends_the_cockpit_and_gives_the_terminal_back(home: Home, line: SshLine, sent: signal.Signals) -> None:
    first_step_done(line)
    os.kill(line.remote, sent)
    assert line.exit_code() == 128 + sent
    line.settle()
    check_given_back(bytes(line.raw))
    line.check_nothing_left()
    check_journal(home)
    assert home.confirmed() == [1]


@pytest.mark.parametrize("driver", ["difference", "textual"])
@pytest.mark.parametrize("flooded", [False, True], ids=["little waits", "much waits"])
def test_sigterm_in_a_stall_ends_the_cockpit_without_the_line(server: Server, home: Home, flooded: bool, driver: str) -> None:
    with Relay(server.port) as relay, SshLine(server, relay, home, (*COCKPIT, "--driver", driver)) as line:
        line.answers[b"\x1b[?2048$p"] = b"\x1b[?2048;2$y"  # a terminal that can tell its size among the keys
        first_step_done(line)
        relay.pause()
        if flooded:
            repaint(line, 100)
        os.kill(line.remote, signal.SIGTERM)
        assert line.remote_exit_code() == TERMINATED
        relay.resume()
        assert line.exit_code() == TERMINATED
        line.settle()
        check_given_back(bytes(line.raw))
        line.check_nothing_left()
    goes_on_at_step_2(home)


def test_what_was_confirmed_before_a_stall_is_done_once_and_shown_after_it(home: Home, line: SshLine) -> None:
    line.rotation()
    line.press_until("enter", "[ Confirm this step ]")
    line.mark_confirm()
    arrived = line.relay.to_server.bytes
    line.press("enter")
    line.wait_until(lambda: line.relay.to_server.bytes > arrived)
    line.relay.pause()
    line.wait_until(lambda: any(row["kind"] == "transfer" for row in home.journal()))
    repaint(line, int(STALL / 0.05))
    shown = line.relay.to_client.bytes
    line.relay.resume()
    line.see("Step 2 of 6")
    line.see("stood still for", "1 transfer")
    assert line.relay.to_client.bytes - shown < BACKLOG
    line.press_until("escape", "s strategy")
    line.quit()
    assert home.confirmed() == [1]
    check_journal(home)


def test_keys_typed_blind_into_a_stall_confirm_nothing_that_was_not_read(home: Home, line: SshLine) -> None:
    """Whoever sees no answer presses again: all of it arrives at once, and only the step that stood there is confirmed."""
    line.rotation()
    line.press_until("enter", "[ Confirm this step ]")
    line.mark_confirm()
    line.relay.pause()
    line.press(*["enter"] * 8, *["right", "enter"] * 4)
    line.settle(quiet=STALL, limit=STALL)
    line.relay.resume()
    line.see("Step 2 of 6")
    line.settle(quiet=1)
    assert home.confirmed() == [1]


def test_a_line_that_never_comes_back_costs_no_processor_and_ends_with_its_cut(server: Server, home: Home) -> None:
    """A market that ticks, and prices that nobody sees."""
    portfolio = home.folder / "ticking.toml"
    portfolio.write_text(Path(SAMPLES["hundred_thousand"]).read_text("utf-8").partition("[prices]")[0], "utf-8")
    with (
        Relay(server.port) as relay,
        SshLine(server, relay, home, [*COCKPIT, "--portfolio", str(portfolio)], signalled=False) as line,
    ):
        line.rotation()
        line.settle(quiet=2)
        relay.pause()
        repaint(line, 40)
        line.settle(quiet=STALL, limit=STALL)
        used, began = line.cpu_seconds(), time.monotonic()
        line.settle(quiet=STALL, limit=STALL)
        assert line.cpu_seconds() - used < 0.4 * (time.monotonic() - began), "a core is burnt for a line that is gone"
        relay.cut()
        assert line.remote_exit_code() == HANG_UP
        line.check_nothing_left()
    check_journal(home)


def test_on_a_slow_line_keys_work_and_views_are_complete(server: Server, home: Home) -> None:
    """64 KB/s and 200 ms there and back."""
    with Relay(server.port, delay=0.1, rate=64_000) as relay, SshLine(server, relay, home, COCKPIT) as line:
        first_step_done(line)
        line.press_until("escape", "s strategy")
        for key, words in (("2", "No perpetual is open"), ("7", "opened"), ("1", "7 journal")):
            line.press_until(key, words)
        line.quit()
        check_given_back(bytes(line.raw))
    check_journal(home)
    assert home.confirmed() == [1]
