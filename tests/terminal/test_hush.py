"""A terminal that is lost changes no exit code, and one that is full is given back over a paint that waits in it."""

import os
import subprocess
import sys
import termios

import pytest

from cockpit.terminal.modes import Modes
from tests.pseudo_terminal import PATIENCE
from tests.terminal.ptys import pair

BUFFERED = {**os.environ, "PYTHONUNBUFFERED": ""}
"""What is printed waits until the end, as for everyone who does not ask Python otherwise."""
PAINTING = """
import os, signal, sys, threading, time
from pathlib import Path
from cockpit.terminal.hush import cut_off, hush
from cockpit.terminal.modes import Modes
signal.signal(signal.SIGTERM, lambda *_: None)
modes = Modes(int(sys.argv[1]))
modes.lend()
painting = threading.Thread(target=lambda: print("x" * 1_000_000, file=sys.stderr, flush=True), name="painting", daemon=True)
painting.start()
while Path(f"/proc/self/task/{painting.native_id}/wchan").read_text() != "wait_woken":
    time.sleep(0.01)
hush(whoever=True)
cut_off("painting")
modes.restore()
os._exit(143)
"""


def test_a_full_terminal_is_given_back_over_a_paint_that_waits_in_it() -> None:
    """Whoever waits in the middle of a write keeps everyone else from writing, and nobody reads any more."""
    with pair() as ends:
        before = termios.tcgetattr(ends.inner)
        shared = os.open(os.ttyname(ends.inner), os.O_RDWR | os.O_NOCTTY)  # one that waits, as a shell's
        done = subprocess.run(
            [sys.executable, "-c", PAINTING, str(ends.inner)],
            stdin=shared,
            stdout=shared,
            stderr=shared,
            pass_fds=[ends.inner],
            timeout=PATIENCE,
            check=False,
        )
        os.close(shared)
        assert done.returncode == 143
        lent = Modes(ends.inner)
        lent.lend()
        assert ends.rest().endswith(lent.leave().encode())
        assert termios.tcgetattr(ends.inner) == before


@pytest.mark.parametrize("hushed", [True, False])
def test_what_waits_for_a_terminal_that_is_gone_does_not_change_the_exit_code(hushed: bool) -> None:
    """Python says 120 where it cannot print at its end."""
    program = f"""
import sys
from cockpit.terminal.hush import gone, hush
assert not gone(1)
print("waits to be printed")
print("ready", file=sys.stderr, flush=True)
sys.stdin.readline()
assert gone(1)
assert not gone(2)
{"hush()" if hushed else ""}
print("is heard", file=sys.stderr)
sys.exit(129)
"""
    outer, inner = os.pipe()  # a pipe, for a terminal prints every line at once
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=inner, stderr=subprocess.PIPE, text=True, env=BUFFERED
    ) as run:
        os.close(inner)
        assert run.stderr is not None
        assert run.stderr.readline() == "ready\n"
        os.close(outer)
        _, told = run.communicate("now\n", timeout=PATIENCE)
    assert run.returncode == (129 if hushed else 120)
    assert told.startswith("is heard")
