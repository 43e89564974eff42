"""A Textual driver for bad lines: it sends differences, merges what the line cannot take, and never blocks the loop."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

from cockpit.terminal.canvas import Canvas
from cockpit.terminal.capabilities import FULL, Capabilities
from cockpit.terminal.flow import ASK_AGAIN, QUESTION, Flow
from cockpit.terminal.inlet import Inlet
from cockpit.terminal.modes import END_OF_PAINT, Modes
from cockpit.terminal.news import LineReturned
from cockpit.terminal.outlet import Outlet

if TYPE_CHECKING:
    from textual.app import App

MERGE = 0.008
"""Seconds for which paints are gathered into one: an app paints several times for one key."""
FAREWELL = 1.0
"""Seconds that the terminal has to take the last bytes."""
WHOLE = 64
"""A difference shorter than this is not framed as one paint: the frame would be a quarter of it."""


def open_terminal() -> int:
    """A descriptor of the controlling terminal of its own, non-blocking: the flags of the shell's stay as they are."""
    for descriptor in (2, 1, 0):
        try:
            return os.open(os.ttyname(descriptor), os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            continue
    return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)


class DifferenceDriver(Driver):
    """Keeps what the terminal shows and what it should show, and writes the difference."""

    capabilities: Capabilities = FULL
    encoding = "utf-8"

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._descriptor = open_terminal()
        self._modes = Modes(self._descriptor, mouse=mouse)
        self._outlet = Outlet(self._descriptor, self._schedule, self._hung_up)
        self._inlet = Inlet(self._descriptor, self.process_message, self._answered, self._hung_up)
        self._canvas = Canvas(*self._terminal_size(), self.capabilities)
        self._flow = Flow()
        self._paint: asyncio.TimerHandle | None = None
        self._question: asyncio.TimerHandle | None = None

    @property
    def can_suspend(self) -> bool:
        return True

    def _terminal_size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._descriptor)
        except OSError:
            columns = rows = 0
        return columns or 80, rows or 24

    # What Textual calls

    def write(self, data: str) -> None:
        """Paints go onto the canvas, all else to the terminal in its place between them."""
        for other in self._canvas.feed(data):
            self._send(self._canvas.difference() + other)

    def flush(self) -> None:
        """The app has painted."""
        self._schedule()

    def start_application_mode(self) -> None:
        self._canvas.forget()
        self._send(self._modes.take())
        self._inlet.open()
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._resized()

    def disable_input(self) -> None:
        self._inlet.close()
        self._loop.remove_signal_handler(signal.SIGWINCH)

    def stop_application_mode(self) -> None:
        self.disable_input()
        self._flow.forget()
        for timer in (self._paint, self._question):
            if timer is not None:
                timer.cancel()
        self._paint = self._question = None
        if not self._modes.taken:
            return
        self._send(self._modes.leave())
        if self._outlet.finish(FAREWELL):
            self._modes.release()
        else:
            self._modes.restore()

    def close(self) -> None:
        os.close(self._descriptor)

    # The line

    def _send(self, text: str) -> None:
        self._outlet.send(text.encode(self.encoding, "replace"))

    def _schedule(self) -> None:
        if self._paint is None and self._outlet.clear:
            self._paint = self._loop.call_later(MERGE, self._show)

    def _show(self) -> None:
        self._paint = None
        if not (self._canvas.dirty and self._outlet.clear and self._modes.taken):
            return
        if not self._flow.open:
            self._ask_later()
            return
        difference = self._canvas.difference()
        if not difference:
            return
        if self._canvas.synchronized and len(difference) > WHOLE:
            difference = f"\x1b[?2026h{difference}{END_OF_PAINT}"
        self._ask(difference)

    def _ask(self, text: str) -> None:
        """Send something, and be told when the far end has seen it."""
        data = (text + QUESTION).encode(self.encoding, "replace")
        self._outlet.send(data)
        self._flow.asked(len(data))

    def _ask_later(self) -> None:
        """Into a line that stands still only a question goes now and then; the answer to any of them opens it again."""
        if self._question is None:
            self._question = self._loop.call_later(ASK_AGAIN, self._ask_again)

    def _ask_again(self) -> None:
        self._question = None
        if self._flow.still and self._outlet.clear:
            self._ask("")
            self._ask_later()

    def _answered(self) -> None:
        """The far end has seen what was sent before the question."""
        waited = self._flow.answered()
        if waited is not None:
            self.send_message(LineReturned(waited))
        self._schedule()

    def _hung_up(self) -> None:
        self._app.exit(return_code=129)

    def _resized(self) -> None:
        columns, rows = self._terminal_size()
        self._canvas.resize(columns, rows)
        self.send_message(events.Resize(Size(columns, rows), Size(columns, rows)))

    def send_message(self, message: Message) -> None:
        asyncio.run_coroutine_threadsafe(self._app._post_message(message), loop=self._loop)
