"""A Textual driver for bad lines: it sends differences, merges what the line cannot take, and never blocks the loop."""

from __future__ import annotations

import asyncio
import errno
import os
import termios
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from textual import events
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

from cockpit.terminal.canvas import Canvas
from cockpit.terminal.capabilities import FULL, REPEATS, Capabilities
from cockpit.terminal.departure import HANG_UP
from cockpit.terminal.flow import ASK_AGAIN, QUESTION, Flow
from cockpit.terminal.inlet import Inlet
from cockpit.terminal.job import Job
from cockpit.terminal.modes import END_OF_PAINT, Modes
from cockpit.terminal.news import LineReturned, ProcessResumed
from cockpit.terminal.outlet import Outlet

if TYPE_CHECKING:
    from textual.app import App

MERGE = 0.008
"""Seconds between two paints at least; what the app paints meanwhile is one. The first after a rest goes at once."""
FAREWELL = 0.3
"""Seconds that the terminal has to take the last bytes."""
SILENCE = (0.5, 0.65)
"""Seconds that it has at least and at most to answer that it has read them; until then, what it sends is still for the app."""
WHOLE = 64
"""A difference shorter than this is not framed as one paint: the frame would be a quarter of it."""
RESIZE = 0.06
"""Seconds between two sizes that the app is told: a window that is dragged has hundreds, and each is a layout."""
AGAIN = 0.1
"""Seconds from the moment that a job goes on until it takes its terminal."""


class DifferenceDriver(Driver):
    """Keeps what the terminal shows and what it should show, and writes the difference.

    A subclass says whose terminal it is: `modes` of a non-blocking descriptor.
    """

    modes: Modes
    capabilities: Capabilities = FULL
    encoding = "utf-8"

    def __init__(self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        descriptor = self.modes.descriptor
        self._outlet = Outlet(descriptor, self._schedule, self._hung_up)
        self._inlet = Inlet(descriptor, self.process_message, self._answered, self._repeats, self._hung_up)
        self._job = Job(self._resized, self._stop, self._gone_on)
        self._canvas = Canvas(*self._terminal_size(), replace(self.capabilities, repeats=False))
        self._flow = Flow()
        self._paint: asyncio.TimerHandle | None = None
        self._sent_at = -MERGE
        self._question: asyncio.TimerHandle | None = None
        self._resizing: asyncio.TimerHandle | None = None
        self._told = Size(0, 0)

    @property
    def can_suspend(self) -> bool:
        return True

    def _terminal_size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self.modes.descriptor)
        except OSError:
            columns = rows = 0
        return columns or 80, rows or 24

    # What Textual calls

    def write(self, data: str) -> None:
        """Paints go onto the canvas, all else to the terminal in its place between them; in a stall it goes alone."""
        for other in self._canvas.feed(data):
            if self.modes.taken:
                self._send(self._canvas.difference() + other if self._outlet.clear else other)

    def flush(self) -> None:
        """The app has painted. After a rest that goes before anything else: what follows from a key may take long."""
        if self._paint is None and self._loop.time() - self._sent_at >= MERGE:
            self._show()
        else:
            self._schedule()

    def start_application_mode(self) -> None:
        """Take the terminal. termios.error if it is gone."""
        taken = self.modes.take(mouse=self._mouse)
        self._canvas.resize(*self._terminal_size())
        self._send(taken)
        if self._canvas.capabilities != self.capabilities:
            self._send(REPEATS)
        self._inlet.open()
        self._job.listen()
        self._tell_size()

    def disable_input(self) -> None:
        """Hear nothing more."""
        self._inlet.close()
        self._job.deafen()

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.disable_input()
        for timer in (self._paint, self._question, self._resizing):
            if timer is not None:
                timer.cancel()
        self._paint = self._question = self._resizing = None
        still = self._flow.still
        self._flow.forget()
        if not self.modes.taken:
            return
        self._send(self.modes.leave())
        if not self._outlet.finish(FAREWELL):
            self.modes.restore()
            return
        if self._flow.answers and not still:
            self.modes.silence(min(max(SILENCE[0], 3 * (self._flow.round_trip or 0)), SILENCE[1]))
        self.modes.release()

    @property
    def silence(self) -> float:
        """Seconds for which the far end has not said that it has seen what was painted; 0 where it has."""
        return self._flow.silence

    # The job

    def _stop(self) -> None:
        if self.modes.taken:
            self.stop_application_mode()
            self._stand(time.monotonic())

    def _stand(self, since: float) -> None:
        self._job.stand()
        self._loop.call_later(AGAIN, self._take_again, since)  # if it goes on only to be told to end, that comes first

    def _take_again(self, since: float) -> None:
        """The job goes on; in the background it is stopped once more, until it is in front."""
        if self._app._exit:
            return
        if not self.modes.in_front:
            self._stand(since)
            return
        try:
            self.start_application_mode()
        except termios.error as error:
            if error.args[0] == errno.EINTR:
                self._loop.call_later(AGAIN, self._take_again, since)
            else:
                self._hung_up()
            return
        self._schedule()
        self.send_message(self.SignalResume())
        self.send_message(ProcessResumed(time.monotonic() - since))

    def _gone_on(self) -> None:
        """The job was stopped without a word (SIGSTOP): who knows what was done to its terminal.

        In the background the kernel stops it again at the first look; if it goes on only to be told to end, that comes first.
        """
        if self.modes.in_front:
            self._take_back()
        else:
            self._loop.call_later(AGAIN, self._take_back)

    def _take_back(self) -> None:
        if self.modes.taken and not self._app._exit:
            try:
                self.modes.again()
            except termios.error:
                self._hung_up()
                return
            self._send(self.modes.on)
            self._flow.forget()
            self._resized()
            self.send_message(ProcessResumed(None))

    def _resized(self) -> None:
        """What is still painted in the old size is cut to the new one; the app is told at most one size at a time."""
        self._canvas.resize(*self._terminal_size())
        if self._resizing is None:
            self._resizing = self._loop.call_later(RESIZE, self._settle_size)
            self._tell_size()

    def _settle_size(self) -> None:
        """Paints have waited: what the app laid out meanwhile is worth one."""
        self._resizing = None
        self._show()
        if self._tell_size():
            self._resizing = self._loop.call_later(RESIZE, self._settle_size)

    def _tell_size(self) -> bool:
        """Tell the app how large the terminal is now; whether that is news."""
        size = Size(*self._terminal_size())
        if size == self._told:
            return False
        self._told = size
        self.send_message(events.Resize(size, size))
        return True

    # The line

    def _send(self, text: str) -> None:
        self._outlet.send(text.encode(self.encoding, "replace"))

    def _schedule(self) -> None:
        if self._paint is None and self._resizing is None and self._outlet.clear:
            self._paint = self._loop.call_at(self._sent_at + MERGE, self._show)

    def _show(self) -> None:
        self._paint = None
        if not (self._canvas.dirty and self._outlet.clear and self.modes.taken) or self._resizing is not None:
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
        self._sent_at = self._loop.time()
        data = (text + QUESTION).encode(self.encoding, "replace")
        self._outlet.send(data)
        self._flow.asked(len(data))

    def _ask_later(self) -> None:
        """Into a line that stands still only a question goes now and then; the answer to any of them opens it again.

        After a rest it goes at once: perhaps only an answer was lost.
        """
        if self._question is None:
            self._question = self._loop.call_at(self._sent_at + ASK_AGAIN, self._ask_again)

    def _ask_again(self) -> None:
        self._question = None
        if self._flow.still and self._outlet.clear:
            self._ask("")
            self._ask_later()

    def _answered(self) -> None:
        """The far end has seen what was sent before the question."""
        unseen = self._flow.unseen
        waited = self._flow.answered()
        if waited is not None:
            self.send_message(LineReturned(waited, unseen))
        self._schedule()

    def _repeats(self) -> None:
        """The terminal repeats not only by its name."""
        self._canvas.capabilities = self.capabilities

    def _hung_up(self) -> None:
        self._app.exit(return_code=HANG_UP.code)

    def send_message(self, message: Message) -> None:
        asyncio.run_coroutine_threadsafe(self._app._post_message(message), loop=self._loop)
