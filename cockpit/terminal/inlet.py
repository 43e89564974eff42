"""The way in from the terminal: bytes to Textual's messages; answers are taken out, and what is no key becomes none."""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Callable, Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

from cockpit.terminal.capabilities import REPEATED
from cockpit.terminal.flood import Flood
from cockpit.terminal.typed import ANSWER, ESCAPE, Lexer, Pasted

READ = 65536
PASTE_ENDS = 2.0
"""Seconds of silence after which a paste whose end was lost is over: else every key from then on would belong to it."""


class Inlet:
    """Reads a non-blocking descriptor in the loop that it was made in.

    `take` gets Textual's messages, `answered` is called for every answer to a status query, `repeats` when the terminal has
    shown that it repeats, `gone` once when nobody can type any more.
    """

    def __init__(
        self,
        descriptor: int,
        take: Callable[[Message], None],
        answered: Callable[[], None],
        repeats: Callable[[], None],
        gone: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._take = take
        self._answered = answered
        self._repeats = repeats
        self._gone = gone
        self._loop = asyncio.get_running_loop()
        self._flood = Flood()
        self._timer: asyncio.TimerHandle | None = None
        self._open = False
        self._begin()

    def _begin(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._lexer = Lexer()
        self._parser = XTermParser()

    def open(self) -> None:
        """Listen, with nothing in mind of what was typed before."""
        if not self._open:
            self._begin()
            self._open = True
            self._loop.add_reader(self._descriptor, self._read)

    def close(self) -> None:
        """Hear no more."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._descriptor)
        self._stop_timer()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._gone()
            return
        self._stop_timer()
        self._hear(self._lexer.feed(self._decode(data)))
        if self._open and self._lexer.waiting:
            self._timer = self._loop.call_later(PASTE_ENDS if self._lexer.pasting else ESCAPE_DELAY, self._settle)

    def _settle(self) -> None:
        """Nothing followed: an escape is the escape key, half a sequence is none, a paste is over."""
        self._timer = None
        self._hear(self._lexer.settle())

    def _hear(self, typed: Iterable[str | Pasted]) -> None:
        for message in self._messages(typed):
            if not isinstance(message, events.InputEvent) or self._flood.takes():
                self._take(message)

    def _messages(self, typed: Iterable[str | Pasted]) -> Iterator[Message]:
        for piece in typed:
            if isinstance(piece, Pasted):
                yield events.Paste(piece.text)
                if not piece.framed:
                    self._flood.drown()
            elif piece == ANSWER:
                self._answered()
            elif piece == REPEATED:
                self._repeats()
            elif piece == ESCAPE:
                yield events.Key("escape", "\x1b")
            else:
                yield from self._parser.feed(piece)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
