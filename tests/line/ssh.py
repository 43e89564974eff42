"""A program at the far end of an SSH line: its screen here, its process there, and a line that can be slowed, held and cut."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.e2e.walking import WIDE, Home, Walk
from tests.line.relay import Relay
from tests.line.sshd import Server
from tests.pseudo_terminal import PATIENCE

# The session's first process does not outlive a hang-up, as a shell that was told to run one program; then the kernel
# tells the rest. Within it a witness hears the same signals, waits for the program and writes down how it ended.
_FIRST = "sh -c {witness}; exit $?"
_WITNESS = "trap : HUP TERM INT QUIT; sh -c {program}; code=$?; echo $code > {file}.new; mv {file}.new {file}; exit $code"
# A shell that does outlive the hang-up: the program's terminal is gone, and no signal says so.
_DEAF = "trap : HUP; {first}"
MARK = "COCKPIT_TEST_LINE"
"""Variable in the environment of everything that runs at the far end."""
_PROGRAM = "echo $$ > {file}.new; mv {file}.new {file}; exec {command}"


class SshLine(Walk):
    """A program over SSH: the terminal of Walk is the client's, `relay` is the line, `remote` the far process.

    `signalled` False: the far shell outlives a lost line, so that no hang-up signal reaches the program.
    """

    def __init__(
        self,
        server: Server,
        relay: Relay,
        home: Home,
        command: Sequence[str],
        *,
        size: tuple[int, int] = WIDE,
        env: dict[str, str] | None = None,
        signalled: bool = True,
    ) -> None:
        self.relay = relay
        self._pid_file = _unused(home.folder, "pid")
        self._code_file = _unused(home.folder, "code")
        far = {"COLORTERM": "truecolor", "LANG": "C.UTF-8", **home.env, **(env or {}), MARK: str(self._pid_file)}
        program = _PROGRAM.format(file=shlex.quote(str(self._pid_file)), command=shlex.join(command))
        witness = _WITNESS.format(program=shlex.quote(program), file=shlex.quote(str(self._code_file)))
        first = _FIRST.format(witness=shlex.quote(witness))
        script = first if signalled else _DEAF.format(first=first)
        words = ["env", *(f"{name}={value}" for name, value in far.items()), "sh", "-c", script]
        super().__init__(home, server.client(relay.port, words), size)

    def __enter__(self) -> SshLine:
        return self

    @property
    def over(self) -> bool:
        """Whether neither the client nor anything at the far end goes on."""
        return super().over and not self._far()

    @property
    def remote(self) -> int:
        """The process id of the program at the far end, once it has started."""
        self.wait_until(self._pid_file.exists)
        return int(self._pid_file.read_text("ascii"))

    def remote_exit_code(self, seconds: float = PATIENCE) -> int:
        """Wait until the far program has ended; its exit code as its shell saw it (128 + the signal that ended it)."""
        limit = time.monotonic() + seconds
        while not self._code_file.exists():
            if time.monotonic() > limit:
                raise AssertionError(f"the far program did not end within {seconds} s: {self.left_over()}")
            self.pump(0.02)
        return int(self._code_file.read_text("ascii"))

    def left_over(self) -> list[str]:
        """What still runs at the far end: the program, its children, the shells around it."""
        return [f"{process.pid} {process.name()}" for process in self._far()]

    def check_nothing_left(self) -> None:
        """No process of the far end goes on."""
        self.wait_until(lambda: not self._far())

    def cpu_seconds(self) -> float:
        """Processor time that the far program has used."""
        used = psutil.Process(self.remote).cpu_times()
        return float(used.user + used.system)

    def kill_client(self) -> None:
        """SIGKILL to the client here: nobody says good-bye to the server."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.exit_code() == -signal.SIGKILL

    def close(self) -> None:
        """End the client, and whatever a failed test left at the far end."""
        self.relay.resume()
        super().close()
        for process in self._far():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def _far(self) -> list[psutil.Process]:
        return [process for process in psutil.process_iter() if _mark_of(process) == str(self._pid_file)]


def _mark_of(process: psutil.Process) -> str | None:
    """The line that a process was started over; None of one that has ended, or is none of ours."""
    try:
        return None if process.status() == psutil.STATUS_ZOMBIE else process.environ().get(MARK)
    except psutil.Error:
        return None


def _unused(folder: Path, name: str) -> Path:
    number = 1
    while (path := folder / f"{name}-{number}").exists():
        number += 1
    return path
