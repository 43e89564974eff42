"""An app that ends with one sentence and a log file whatever breaks in it: handler, paint, worker, thread, task, input, end."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.worker import WorkerFailed

from cockpit.model.errors import ExitCode
from cockpit.ui.crash import crash_sentence, last_words
from cockpit.ui.crash_log import write_crash, write_entry

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.traceback import Trace


class Guarded(App[None]):
    """The part of the cockpit that breaks off: nothing that nobody expected lets it go on, for then its numbers may be wrong.

    `stopped` is set when the app is gone or going; `log_file` takes what happened. No value of a variable is shown or kept.
    """

    def __init__(self, log_file: Path | None) -> None:
        super().__init__()
        self.stopped = threading.Event()
        self._log_file = log_file
        self._last_words = ""
        self._told_to_leave: int | None = None

    @property
    def return_code(self) -> int | None:
        """1 after a crash, whatever was asked for before or after it."""
        return ExitCode.FAILED if self._last_words else super().return_code

    def on_load(self) -> None:
        """What breaks in a task or a callback of the loop reaches no handler of Textual."""
        asyncio.get_running_loop().set_exception_handler(self._broken_in_loop)
        if self._told_to_leave is not None:
            self.exit(return_code=self._told_to_leave)

    def leave(self, code: int) -> None:
        """From any thread: end in good order with this exit code, also where the app has hardly begun."""
        self._told_to_leave = code
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just closed
                loop.call_soon_threadsafe(self.exit, None, code)

    def _broken_in_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)
        else:
            write_entry(str(context.get("message", "the loop complains")), self._log_file)

    def broken_in_thread(self, error: BaseException) -> None:
        """From any thread: it ended by this error."""
        loop = self._loop
        if loop is not None and isinstance(error, Exception):
            with contextlib.suppress(RuntimeError):  # the loop has just closed
                loop.call_soon_threadsafe(self._handle_exception, error)
                return
        write_crash(error, self._log_file)

    def _handle_exception(self, error: Exception) -> None:
        cause = error.error if isinstance(error, WorkerFailed) else error
        self._break_off(cause, write_crash(cause, self._log_file))
        if self._exception is None:
            self._exception = error
            self._exception_event.set()

    def panic(self, *renderables: RenderableType) -> None:
        """What Textual's own driver calls when its input breaks, with the value of every variable; only the places are kept."""
        places = [line for each in renderables for line in _places(each)]
        self._break_off(None, write_entry("\n".join(("the terminal's input", *places)), self._log_file))

    def _break_off(self, error: BaseException | None, file: Path | None) -> None:
        """The first error is the one that is told: what follows are its consequences."""
        self.stopped.set()
        self._last_words = self._last_words or crash_sentence(error, file)
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        words, self._exit_renderables[:] = [each for each in self._exit_renderables if isinstance(each, str)], []
        last_words(*words, *([self._last_words] if self._last_words else []))

    async def _shutdown(self) -> None:
        self.stopped.set()
        try:
            await super()._shutdown()
        except Exception as error:  # noqa: BLE001 - an end that breaks is told as any other crash
            self._handle_exception(error)
            if self._driver is not None:
                self._driver.close()
            self._print_error_renderables()


@contextlib.contextmanager
def threads_watched(broken: Callable[[BaseException], None]) -> Iterator[None]:
    """Within it, a thread that ends by an error is told to `broken`, and nothing about it is printed over the screen."""

    def thread_broke(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            broken(told.exc_value)

    before, threading.excepthook = threading.excepthook, thread_broke
    try:
        yield
    finally:
        threading.excepthook = before


def _places(told: RenderableType) -> Iterator[str]:
    """Where a traceback was, if it is one; its class is heavy to import."""
    trace: Trace | None = getattr(told, "trace", None)
    for stack in trace.stacks if trace is not None else ():
        yield stack.exc_type
        for frame in stack.frames:
            yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
