"""What an app asks of a terminal when it takes it over, and how it gives it back, also in a hurry."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import tty
from typing import Any

_MOUSE_ON = "\x1b[?1000h\x1b[?1002h\x1b[?1006h"
"""Clicks, drags and the wheel in numbers; not every movement, which is a stream of bytes up a slow line."""
_MOUSE_OFF = "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
_KEYS = 1 | 8 | 16
"""Kitty's keyboard protocol: keys told apart, all keys as sequences, with their text."""
_ABORT = "\x18"
"""CAN ends whatever sequence was cut in the middle."""
END_OF_PAINT = "\x1b[?2026l"


class Modes:
    """The modes of one terminal; `mouse` says whether the mouse is taken too."""

    def __init__(self, descriptor: int, *, mouse: bool) -> None:
        self._descriptor = descriptor
        self._mouse = mouse
        self._before: list[Any] | None = None
        self.taken = False

    def take(self) -> str:
        """Make the terminal's line raw; comes back with the sequences to send first."""
        self._before = termios.tcgetattr(self._descriptor)
        raw = termios.tcgetattr(self._descriptor)
        raw[tty.IFLAG] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP)
        raw[tty.OFLAG] &= ~termios.OPOST  # line feeds keep the column
        raw[tty.LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        raw[tty.CC][termios.VMIN] = 1
        raw[tty.CC][termios.VTIME] = 0
        termios.tcsetattr(self._descriptor, termios.TCSANOW, raw)
        self.taken = True
        mouse = _MOUSE_ON if self._mouse else ""
        return f"\x1b[?1049h{mouse}\x1b[?25l\x1b[?1004h\x1b[>{_KEYS}u\x1b[?2026$p\x1b[?2004h\x1b[?7l"

    def leave(self) -> str:
        """The sequences that undo those of `take`."""
        mouse = _MOUSE_OFF if self._mouse else ""
        return f"{_ABORT}{END_OF_PAINT}\x1b[m\x1b[?2004l\x1b[?7h{mouse}\x1b[?1004l\x1b[<u\x1b[?1049l\x1b[?25h"

    def release(self) -> None:
        """Make the terminal's line what it was; what was typed for the app is not left to the shell."""
        if self.taken and self._before is not None:
            self.taken = False
            with contextlib.suppress(termios.error, OSError):
                termios.tcflush(self._descriptor, termios.TCIFLUSH)
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

    def restore(self, seconds: float = 0.2) -> None:
        """Give the terminal back from anywhere, without the loop: in a stall what waits is thrown away first."""
        if not self.taken:
            return
        farewell = self.leave().encode()
        with contextlib.suppress(OSError, termios.error):
            if not select.select([], [self._descriptor], [], seconds)[1]:
                termios.tcflush(self._descriptor, termios.TCOFLUSH)
            os.write(self._descriptor, farewell)
        self.release()
