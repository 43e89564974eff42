"""The way in from the terminal: bytes to Textual's messages, with the terminal's answers taken out."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

ANSWER = "\x1b[0n"
"""What a terminal answers to `CSI 5 n`: it is there, and has taken everything before the question."""


class Inlet:
    """Reads a non-blocking descriptor in the loop that it was made in."""

    def __init__(
        self, descriptor: int, take: Callable[[Message], None], answered: Callable[[], None], gone: Callable[[], None]
    ) -> None:
        self._descriptor = descriptor
        self._take = take
        self._answered = answered
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._parser = XTermParser()
        self._rest = ""
        self._timer: asyncio.TimerHandle | None = None
        self._open = False

    def open(self) -> None:
        """Listen."""
        if not self._open:
            self._open = True
            self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Hear no more."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)
        if self._timer is not None:
            self._timer.cancel()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._gone()
            return
        self._feed(self._decode(data))

    def _feed(self, text: str) -> None:
        text = self._rest + text
        self._rest = ""
        while ANSWER in text:
            text = text.replace(ANSWER, "", 1)
            self._answered()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if text:
            for message in self._parser.feed(text):
                self._take(message)
        self._timer = self._loop.call_later(ESCAPE_DELAY + 0.01, self._tick)

    def _tick(self) -> None:
        """An escape after which nothing came is the escape key."""
        self._timer = None
        for message in self._parser.tick():
            self._take(message)
