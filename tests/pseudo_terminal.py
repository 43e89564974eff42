"""Drives a program in a real pseudo-terminal and reads its screen through a terminal emulator."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from cockpit.terminal.capabilities import REPEATED, REPEATS
from tests.terminal.emulator import Emulator, EmulatorStream

PATIENCE = 120.0
"""Seconds to wait for what must come; never what a test measures."""
LOOK = 0.02
"""Seconds of one look at what arrives."""
KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "space": " ",
}
ANSWERS = {
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",  # synchronized output: known, off
    b"\x1b[c": b"\x1b[?62;22c",  # the terminal's class
    b"\x1b[5n": b"\x1b[0n",  # ready; what stood before the question has been read
    REPEATS.encode(): REPEATED.encode(),  # the cursor after a repeat: the emulator repeats
}
"""What a terminal answers to which query."""


class Terminal:
    """A program on a pseudo-terminal of `columns` x `rows`; leaving the context ends it."""

    def __init__(
        self, command: Sequence[str], *, columns: int = 120, rows: int = 40, env: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Emulator(columns, rows)
        self._stream = EmulatorStream(self.screen)
        self.bytes_read = 0
        self.answers = dict(ANSWERS)
        self._asked = b""
        self.started = time.perf_counter()
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        gate, opened = os.pipe()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                os.close(opened)
                os.read(gate, 1)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], list(command), environment)
            finally:
                os._exit(127)  # a program that cannot be started leaves no second run of the tests behind
        self._lines = termios.tcgetattr(self._fd)
        os.write(opened, b"\0")  # the line was looked at before the program can change it
        os.close(gate)
        os.close(opened)
        self._status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What the screen shows, a line a row."""
        return "\n".join(self.screen.display)

    def receive(self, seconds: float) -> bytes:
        """What arrives within `seconds`, its queries answered; b"" once the program has gone or if nothing came."""
        if self._fd < 0:
            time.sleep(seconds)
            return b""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return b""
        self.bytes_read += len(data)
        seen = self._asked + data
        asked = re.finditer(b"|".join(map(re.escape, self.answers)), seen) if self.answers else ()
        for query in asked:  # in their order, as every terminal answers
            if query.end() > len(self._asked):
                self.reply(self.answers[query[0]])
        self._asked = seen[1 - max(map(len, ANSWERS)) :]
        return data

    def reply(self, answers: bytes) -> None:
        """Send what a terminal answers."""
        os.write(self._fd, answers)

    def pump(self, seconds: float) -> bool:
        """Read what arrives within `seconds`; False once the program has gone or nothing came."""
        data = self.receive(seconds)
        self._stream.feed(data)
        return bool(data)

    def wait_for(self, text: str, seconds: float = PATIENCE) -> float:
        """Wait until `text` stands on the screen; the time since the start. AssertionError with the screen otherwise."""
        limit = time.perf_counter() + seconds
        while time.perf_counter() < limit:
            if text in self.text:
                return time.perf_counter() - self.started
            self.pump(0.01)
        raise AssertionError(f"{text!r} did not appear within {seconds} s; the screen shows:\n{self.text}")

    def settle(self, quiet: float = 0.3, limit: float = 5) -> None:
        """Wait until nothing has come for `quiet` seconds of looking: whoever is held up between two looks has seen nothing."""
        looked, end = 0.0, time.perf_counter() + limit
        while looked < quiet:
            looked = 0.0 if self.pump(LOOK) else looked + LOOK
            if time.perf_counter() > end:
                return

    def press(self, *keys: str) -> None:
        """Type keys: a name of KEYS, or text as it is."""
        for key in keys:
            os.write(self._fd, KEYS.get(key, key).encode())
            self.pump(0.05)

    def type_ahead(self, *keys: str) -> None:
        """Type keys faster than any program reads them: they wait in the terminal, however slow the machine."""
        os.write(self._fd, "".join(KEYS.get(key, key) for key in keys).encode())

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program is told as by any terminal."""
        self.screen.resize(rows, columns)
        self.tell_size(columns, rows)

    def tell_size(self, columns: int, rows: int) -> None:
        """Tell the program a size that is not looked at."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    @property
    def unread(self) -> int:
        """Bytes that the program has written and nobody has read: as long as nobody reads, the terminal stands still."""
        return int.from_bytes(fcntl.ioctl(self._fd, termios.FIONREAD, bytes(4)), sys.byteorder)

    def vanish(self) -> None:
        """The terminal is gone, as a window that is closed or a line that is cut."""
        os.close(self._fd)
        self._fd = -1

    def end_unread(self, seconds: float = PATIENCE) -> int:
        """Wait for the end of the program without reading what it writes; its exit code."""
        limit = time.monotonic() + seconds
        while not self._ended():
            if time.monotonic() > limit:
                raise AssertionError(f"the program did not end within {seconds} s")
            time.sleep(0.02)
        return self.exit_code()

    def exit_code(self, seconds: float = PATIENCE) -> int:
        """Wait for the end of the program, read all that it wrote, give its exit code (negative: the signal that ended it)."""
        limit = time.perf_counter() + seconds
        while not self._ended() and time.perf_counter() < limit:
            self.pump(0.02)
        if self._status is None:
            raise AssertionError(f"the program did not end within {seconds} s; the screen shows:\n{self.text}")
        while self.pump(0):
            pass
        return os.waitstatus_to_exitcode(self._status)

    def close(self) -> None:
        """End the program if it still runs, and close the terminal."""
        for sent in (signal.SIGTERM, signal.SIGKILL):
            if self._ended():
                break
            os.kill(self.pid, sent)
            limit = time.perf_counter() + 3
            while not self._ended() and time.perf_counter() < limit:
                self.pump(0.02)
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)

    def _ended(self) -> bool:
        if self._status is None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self._status = status
        return self._status is not None
