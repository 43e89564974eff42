"""The tools of these tests: what ends at the far end is seen here, and a lost line is heard there as sshd tells it."""

import sys

import pytest

from tests.e2e.walking import Home
from tests.line.relay import Relay
from tests.line.ssh import SshLine
from tests.line.sshd import Server

pytestmark = pytest.mark.terminal
WAITS_FOR_A_SIGNAL = (
    "import os, signal; signal.signal(signal.SIGHUP, lambda *_: os._exit(9)); print('ready', flush=True); signal.pause()"
)
READS = """
import os, signal
signal.signal(signal.SIGHUP, lambda *_: os._exit(9))
print("ready", flush=True)
try:
    input()
except (EOFError, OSError):
    os._exit(8)
"""


def test_the_far_exit_code_comes_back_over_the_line(server: Server, home: Home) -> None:
    with Relay(server.port) as relay, SshLine(server, relay, home, ["sh", "-c", "echo $TERM $COLORTERM; exit 7"]) as line:
        line.see("xterm-256color truecolor")
        assert line.exit_code() == 7
        assert line.remote_exit_code() == 7
    assert relay.to_client.bytes


def test_what_is_typed_here_is_read_there(server: Server, home: Home) -> None:
    with Relay(server.port) as relay, SshLine(server, relay, home, ["sh", "-c", "read it; echo got $it; cat"]) as line:
        line.press("word\r")
        line.see("got word")
        assert line.remote
        assert line.left_over()
        line.press("\x04")
        assert line.exit_code() == 0
        line.check_nothing_left()


def test_a_lost_line_is_a_hang_up_where_the_first_process_ends_with_it(server: Server, home: Home) -> None:
    with Relay(server.port) as relay, SshLine(server, relay, home, [sys.executable, "-c", WAITS_FOR_A_SIGNAL]) as line:
        line.see("ready")
        relay.cut()
        assert line.remote_exit_code() == 9


def test_a_lost_line_is_only_a_terminal_that_ends_where_the_shell_lives_on(server: Server, home: Home) -> None:
    command = [sys.executable, "-c", READS]
    with Relay(server.port) as relay, SshLine(server, relay, home, command, signalled=False) as line:
        line.see("ready")
        relay.cut()
        assert line.remote_exit_code() == 8
