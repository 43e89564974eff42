"""What an app asks of a terminal when it takes it over, and how it gives it back, also in a hurry."""

from __future__ import annotations

import contextlib
import os
import re
import select
import termios
import threading
import time
import tty
from typing import Any

LAST_QUESTION = "\x1b[c"
"""Device attributes (ECMA-48, 8.3.24): asked at the end alone, so its answer comes after those to all that was asked before."""
_LAST_ANSWER = re.compile(rb"\x1b\[\?[0-9;]*c")
_LONGEST_ANSWER = 64
_MOUSE_ON = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"
"""Clicks, drags and the wheel in numbers; not every movement, which is a stream of bytes up a slow line."""
_MOUSE_OFF = "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
_FORGOTTEN = "\x1b[?1016l"
"""The mouse in pixels: a driver of Textual asks for it and leaves it on, and whoever asks for a mouse next would get that."""
_LENT_OFF = f"{_FORGOTTEN}\x1b[?1015l\x1b[?1003l\x1b[?2048l"
"""What a driver of Textual asks for beside that, for a terminal that is given back because that driver cannot."""
_KEYS = 1 | 8 | 16
"""Kitty's keyboard protocol: keys told apart, all keys as sequences, with their text."""
_ABORT = "\x18"
"""CAN ends whatever sequence was cut in the middle."""
END_OF_PAINT = "\x1b[?2026l"
HURRY = 0.2
"""Seconds that a terminal has to take something before what waits for it is thrown away."""
AT_ONCE = 0.005
"""Seconds between two tries, once it is in a hurry."""
AT_IT = 4 * HURRY
"""Seconds that a thread which is giving the terminal back has before another one no longer waits for it."""


class Modes:
    """The modes of the terminal behind a descriptor. `restore` may be called from any thread."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._mouse = True
        self._before: list[Any] | None = None
        self._lock = threading.Lock()
        self._giving = threading.Lock()
        self._taken = False
        self._lent = False
        self._cut = False

    @property
    def taken(self) -> bool:
        """Whether the terminal is an app's."""
        return self._taken

    def take(self, *, mouse: bool) -> str:
        """Make the terminal's line raw; comes back with the sequences to send first.

        A job in the background is stopped here until it is in front. termios.error if there is no terminal any more.
        """
        before = termios.tcgetattr(self.descriptor)
        self.again()
        self._before, self._mouse, self._taken = before, mouse, True
        return f"{self.on}\x1b[>{_KEYS}u\x1b[?2026$p"

    @property
    def on(self) -> str:
        """The sequences that make the screen an app's, also a second time."""
        return f"\x1b[?1049h{_MOUSE_ON if self._mouse else ''}\x1b[?25l\x1b[?1004h\x1b[?2004h\x1b[?7l"

    def lend(self) -> None:
        """Another driver takes the terminal: remember how its line is, so that `restore` can give it back."""
        self._before = termios.tcgetattr(self.descriptor)
        self._taken = self._lent = True

    def cut(self) -> None:
        """That driver is about to be cut off: from now on, what it gives back may never reach the terminal."""
        with self._lock:
            self._cut = True

    def returned(self) -> None:
        """A driver that the terminal was lent to, and that was not cut off, has given it back, but for what it forgets."""
        with self._lock:
            if not self._lent or self._cut:
                return
            self._taken = False
        with contextlib.suppress(OSError):
            os.write(self.descriptor, _FORGOTTEN.encode())

    def again(self) -> None:
        """Make the terminal's line raw; what it is when it is given back stays."""
        raw = termios.tcgetattr(self.descriptor)
        raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP)
        raw[tty.OFLAG] &= ~termios.OPOST  # line feeds keep the column
        raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        raw[tty.CC][termios.VMIN] = 1
        raw[tty.CC][termios.VTIME] = 0
        termios.tcsetattr(self.descriptor, termios.TCSANOW, raw)

    def leave(self) -> str:
        """The sequences that undo those of `take`."""
        mouse = (_MOUSE_OFF if self._mouse else "") + (_LENT_OFF if self._lent else "")
        return f"{_ABORT}{END_OF_PAINT}\x1b[m\x1b[?2004l\x1b[?7h{mouse}\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"

    def release(self) -> None:
        """Make the terminal's line what it was; what was typed for the app is not left to the shell."""
        with self._lock:
            if not self._taken:
                return
            self._taken = False
        with contextlib.suppress(termios.error, OSError):
            if self._before is not None and self.in_front:
                termios.tcsetattr(self.descriptor, termios.TCSAFLUSH if self._drained() else termios.TCSANOW, self._before)
                termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def restore(self) -> None:
        """Give the terminal back from anywhere, without a loop: in a stall what waits is thrown away first.

        Comes back when it is done, also where another thread is at it: what ends the process may follow.
        """
        if not self._giving.acquire(timeout=AT_IT):
            return
        try:
            if self._taken:
                self._give()
        finally:
            self._giving.release()

    def _give(self) -> None:
        with contextlib.suppress(OSError, termios.error):
            before = os.get_blocking(self.descriptor)
            os.set_blocking(self.descriptor, False)
            try:
                self._force(self.leave().encode())
            finally:
                os.set_blocking(self.descriptor, before)
        self.release()

    def _force(self, data: bytes) -> None:
        """Write this at once, instead of what waits where the terminal takes nothing.

        Another thread that is in the middle of a write keeps everyone else out until it is through, and fills what was emptied.
        """
        wait, until = HURRY, time.monotonic() + 2 * HURRY
        while data:
            if not self._drained(wait):
                termios.tcflush(self.descriptor, termios.TCOFLUSH)
            try:
                data = data[os.write(self.descriptor, data) :]
            except BlockingIOError:
                if time.monotonic() > until:  # asked after a try: a process that was stopped meanwhile has its try all the same
                    return
                time.sleep(AT_ONCE)
            wait = AT_ONCE

    def silence(self, seconds: float) -> None:
        """Ask whether the terminal has read everything, and drop what it sends until it says so: late answers and keys are
        not for the shell. For a terminal that is known to answer."""
        until = time.monotonic() + seconds
        heard = b""
        with contextlib.suppress(OSError):
            os.write(self.descriptor, LAST_QUESTION.encode())
            while not _LAST_ANSWER.search(heard):
                if not select.select([self.descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
                    return
                data = os.read(self.descriptor, 65536)
                if not data:
                    return
                heard = heard[-_LONGEST_ANSWER:] + data

    def _drained(self, seconds: float = 0) -> bool:
        """Whether the terminal takes bytes."""
        return bool(select.select([], [self.descriptor], [], seconds)[1])

    @property
    def in_front(self) -> bool:
        """Whether this job has the terminal: its settings are no business of one in the background."""
        try:
            return os.tcgetpgrp(self.descriptor) == os.getpgrp()
        except OSError:
            return True
