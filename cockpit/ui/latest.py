"""Asks for what stands on a screen, one question at a time: the newest question wins, and no answer outlives its question."""

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from cockpit.model.errors import CockpitError
from cockpit.ui.port import Host

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Latest(Generic[Question, Answer]):
    """One question with its answer.

    At most one call is on its way. While it is, a newer question only replaces the wanted one; when the call comes back, what it
    brings is kept if it answers the present question, and dropped if not. `host` is asked for at the first question, `changed`
    is called, on the loop, after each answer.
    """

    def __init__(
        self, group: str, call: Callable[[Question], Answer], host: Callable[[], Host], changed: Callable[[], None]
    ) -> None:
        self._group, self._call, self._host, self._changed = group, call, host, changed
        self._wanted: Question | None = None
        self._on_its_way = False
        self._again = False
        self.answer: Answer | None = None
        """The answer to the present question; None while there is none."""
        self.failure = ""
        """Why the present question has no answer."""

    @property
    def question(self) -> Question | None:
        """What is asked now."""
        return self._wanted

    @property
    def busy(self) -> bool:
        """Whether a call is on its way."""
        return self._on_its_way

    def put(self, question: Question) -> None:
        """Ask this. An answer to the same question stays until the new one is there; any other is dropped at once."""
        if question != self._wanted:
            self._wanted, self.answer, self.failure = question, None, ""
        self._again = True
        self._go_on()

    def drop(self) -> None:
        """Ask nothing any more."""
        self._wanted, self.answer, self.failure, self._again = None, None, "", False

    def _go_on(self) -> None:
        question = self._wanted
        if self._on_its_way or not self._again or question is None:
            return
        self._on_its_way, self._again = True, False
        self._host().ask(self._group, partial(self._call, question), partial(self._keep, question), partial(self._fail, question))

    def _keep(self, question: Question, answer: Answer) -> None:
        self._on_its_way = False
        if question == self._wanted:
            self.answer, self.failure = answer, ""
        self._go_on()
        self._changed()

    def _fail(self, question: Question, error: CockpitError) -> None:
        self._on_its_way = False
        if question == self._wanted:
            self.answer, self.failure = None, str(error)
        self._go_on()
        self._changed()
