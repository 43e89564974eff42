"""The terminal is found wherever one is, opened a second time where that may be, and missed in one sentence."""

import fcntl
import os
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pseudo_terminal import PATIENCE
from tests.terminal.ptys import pair

NOBODY = 65534
FIND = """
import fcntl, os, sys
from cockpit.terminal.device import NoTerminal, find
with open(sys.argv[1], "w") as said:
    os.seteuid(int(sys.argv[2]))
    try:
        found = find()
    except NoTerminal:
        print("none", file=said)
    else:
        waits = not fcntl.fcntl(found.descriptor, fcntl.F_GETFL) & os.O_NONBLOCK
        print(os.ttyname(found.descriptor), waits, found.problem, sep=" | ", file=said)
"""


def found(folder: Path, *, stdin: int, stderr: int, prepare: Callable[[], None] | None = None, user: int | None = None) -> str:
    """What `find` says in a process of a session of its own, with these descriptors, of this user."""
    said = folder / "said"
    subprocess.run(
        [sys.executable, "-c", FIND, said, str(os.geteuid() if user is None else user)],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=prepare,
        check=True,
        timeout=PATIENCE,
    )
    return said.read_text("utf-8").strip()


def test_it_is_opened_a_second_time_so_that_the_shells_own_still_waits(tmp_path: Path) -> None:
    with pair() as ends:
        name = os.ttyname(ends.inner)
        os.set_blocking(ends.inner, True)
        assert found(tmp_path, stdin=subprocess.DEVNULL, stderr=ends.inner) == f"{name} | False |"
        assert found(tmp_path, stdin=ends.inner, stderr=subprocess.DEVNULL) == f"{name} | False |"
        assert os.get_blocking(ends.inner)


def test_the_one_that_controls_the_process_is_found_where_everything_is_redirected(tmp_path: Path) -> None:
    with pair() as ends:

        def control() -> None:
            fcntl.ioctl(ends.inner, termios.TIOCSCTTY, 0)

        assert found(tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, prepare=control).endswith("| False |")


@pytest.mark.skipif(os.geteuid() != 0, reason="needs the superuser's right to become somebody else")
def test_one_that_belongs_to_somebody_else_is_used_as_it_is_and_the_reason_is_told(tmp_path: Path) -> None:
    with pair() as ends:
        os.set_blocking(ends.inner, True)
        name = os.ttyname(ends.inner)
        Path(name).chmod(0o600)
        told = found(tmp_path, stdin=ends.inner, stderr=ends.inner, user=NOBODY)
    assert told == f"{name} | True | this terminal cannot be opened a second time: Permission denied"


def test_no_terminal_at_all_is_missed(tmp_path: Path) -> None:
    assert found(tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == "none"
