"""When the driver paints: at once after a rest, and no more often than the line is worth while the app goes on painting."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from textual.app import App

from cockpit.terminal import driver, flow
from cockpit.terminal.driver import DifferenceDriver
from cockpit.terminal.flow import QUESTION, Flow
from cockpit.terminal.modes import Modes
from cockpit.terminal.typed import ANSWER
from tests.pseudo_terminal import PATIENCE
from tests.seconds import Seconds
from tests.terminal.ptys import Pair, pair

NEVER = 3600.0


@contextmanager
def driving(ends: Pair) -> Iterator[DifferenceDriver]:
    """A driver that has the terminal."""
    app: App[Any] = App()
    made = type("Driver", (DifferenceDriver,), {"modes": Modes(ends.inner)})(app)
    assert isinstance(made, DifferenceDriver)
    made.modes.take(mouse=False)
    try:
        yield made
    finally:
        made.stop_application_mode()


def paint(made: DifferenceDriver, text: str) -> None:
    made.write(f"\x1b[1;1H{text}")
    made.flush()


async def turns(count: int = 20) -> None:
    """Let the loop do what it has to."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_paint_after_a_rest_goes_at_once_and_the_next_ones_wait_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MERGE", NEVER)
    with pair() as ends, driving(ends) as made:
        paint(made, "first")
        assert b"first" in ends.rest()  # before the loop turns to what follows from the same key
        paint(made, "second")
        await turns()
        assert ends.rest() == b""


async def test_paints_that_waited_come_as_one_with_what_was_painted_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MERGE", NEVER)
    with pair() as ends, driving(ends) as made:
        paint(made, "first")
        assert b"first" in ends.rest()
        for text in ("alpha", "bravo", "gamma"):
            paint(made, text)
        assert made._paint is not None
        made._paint.cancel()
        made._paint = None
        monkeypatch.setattr(driver, "MERGE", 0.01)
        made._schedule()  # the time between two paints is over
        shown = b""
        async with asyncio.timeout(PATIENCE):
            while not shown:
                await asyncio.sleep(0.01)
                shown = ends.rest()
        assert b"gamma" in shown
        assert b"alpha" not in shown


async def test_where_an_answer_was_lost_a_paint_after_a_rest_asks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "MERGE", 0.0)
    with pair() as ends, driving(ends) as made:
        seconds = Seconds()
        made._flow = Flow(seconds)
        made.start_application_mode()
        paint(made, "first")
        ends.type(ANSWER.encode())
        async with asyncio.timeout(PATIENCE):
            while not made._flow.answers:
                await asyncio.sleep(0.01)
        paint(made, "second")  # whose answer is lost
        seconds.now += 2 * flow.PATIENCE
        made._sent_at -= NEVER  # and nothing was painted since
        ends.rest()
        paint(made, "third")
        await turns()
        assert ends.rest() == QUESTION.encode(), "the line may stand still: it is asked before it is painted into"
        ends.type(ANSWER.encode())
        shown = b""
        async with asyncio.timeout(PATIENCE):
            while b"third" not in shown:
                await asyncio.sleep(0.01)
                shown += ends.rest()
