"""An app that asks in worker threads and tells in notices: nothing slow runs on its loop, nothing that breaks there kills it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from textual.worker import get_current_worker

from cockpit.model.errors import CockpitError
from cockpit.ui.crash import unexpected
from cockpit.ui.guarded import Guarded
from cockpit.ui.messages import Answer
from cockpit.ui.notices import Notices
from cockpit.ui.tone import Tone

Result = TypeVar("Result")


class Asking(Guarded):
    """The part of the cockpit that waits: `ask` and `say`."""

    def __init__(self, log_file: Path | None) -> None:
        super().__init__(log_file)
        self.notices = Notices(self)

    def ask(
        self,
        group: str,
        call: Callable[[], Result],
        then: Callable[[Result], None],
        failed: Callable[[CockpitError], None] | None = None,
        *,
        exclusive: bool = False,
    ) -> None:
        """Call the desk in a worker thread; `then` or `failed` runs on the loop. Of an exclusive group only the last answers."""

        def run() -> None:
            worker = get_current_worker()
            outcome: Callable[[], None]
            try:
                result = call()
            except CockpitError as error:
                outcome = partial(failed or self.complain, error)
            except Exception as error:  # noqa: BLE001 - whatever breaks in a worker must become a sentence, not a dead screen
                told = CockpitError(unexpected(group, error, self._log_file))
                outcome = partial(failed or self.complain, told)
            else:
                outcome = partial(then, result)
            if not worker.is_cancelled and not self.stopped.is_set():
                self.post_message(Answer(outcome))

        self.run_worker(run, group=group, thread=True, exclusive=exclusive, exit_on_error=False)

    def on_notice_ready(self) -> None:
        """A screen that is opened tells what is being told."""
        self.notices.show()

    def complain(self, error: CockpitError) -> None:
        """Tell what did not work."""
        self.say(str(error), Tone.ERROR, seconds=12)

    def say(self, sentence: str, tone: Tone = Tone.PLAIN, seconds: float = 8) -> None:
        """Tell the trader for some seconds; foreign text in it is shown as it is, never read as markup."""
        self.notices.tell(sentence, tone, seconds)
