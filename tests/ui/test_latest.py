"""The newest question wins: an answer to an older one is dropped."""

from collections.abc import Callable

from cockpit.model.errors import BadInput, CockpitError
from cockpit.ui.latest import Latest
from cockpit.ui.port import Host


class Waiting:
    """A host whose worker answers when the test says so."""

    def __init__(self) -> None:
        self.calls: list[tuple[Callable[[], str], Callable[[str], None], Callable[[CockpitError], None]]] = []

    def ask(
        self,
        group: str,
        call: Callable[[], str],
        then: Callable[[str], None],
        failed: Callable[[CockpitError], None],
    ) -> None:
        self.calls.append((call, then, failed))

    def answer(self) -> None:
        call, then, failed = self.calls.pop(0)
        try:
            result = call()
        except CockpitError as error:
            failed(error)
        else:
            then(result)


def latest(host: Waiting) -> Latest[int, str]:
    def call(question: int) -> str:
        if question < 0:
            raise BadInput("below zero")
        return f"answer {question}"

    def as_host() -> Host:
        return host  # type: ignore[return-value]

    return Latest("test", call, as_host, lambda: None)


def test_an_answer_to_an_older_question_is_dropped_and_the_newest_is_asked_at_once() -> None:
    host = Waiting()
    found = latest(host)
    for question in (1, 2, 3):
        found.put(question)
    assert len(host.calls) == 1
    host.answer()
    assert found.answer is None
    host.answer()
    assert found.answer == "answer 3"
    assert host.calls == []


def test_an_answer_stays_while_the_same_question_is_asked_again_and_goes_with_another() -> None:
    host = Waiting()
    found = latest(host)
    found.put(1)
    host.answer()
    found.put(1)
    assert found.answer == "answer 1"
    found.put(-1)
    assert found.answer is None
    host.answer()
    host.answer()
    assert (found.answer, found.failure) == (None, "below zero")
    found.put(2)
    assert found.failure == ""


def test_nothing_is_kept_of_a_question_that_was_dropped() -> None:
    host = Waiting()
    found = latest(host)
    found.put(1)
    found.drop()
    host.answer()
    assert (found.answer, found.question, host.calls) == (None, None, [])
