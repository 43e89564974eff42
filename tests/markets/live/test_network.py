"""The network thread ends when it is told to, and keeps nobody from ending."""

import asyncio
import gc
import threading
import warnings

import pytest

from cockpit.markets.live.network import Network


async def never() -> None:
    await asyncio.Event().wait()


async def deaf() -> None:
    """It does not heed that it is cancelled."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            continue


def test_what_is_registered_is_closed_whoever_does_not_end() -> None:
    closed = threading.Event()

    async def closer() -> None:
        closed.set()

    network = Network()
    network.start(deaf())
    network.at_end(never)
    network.at_end(closer)
    network.close()
    assert closed.is_set()


def test_a_loop_that_is_held_up_is_not_waited_for_and_leaves_nothing_that_never_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python tells of a coroutine that nobody awaited, on a terminal that has been given back by then."""
    monkeypatch.setattr("cockpit.markets.live.network.CLOSING", 0.05)
    monkeypatch.setattr("cockpit.markets.live.network.STOPPING", 0.05)
    network, begun, go_on, closed = Network(), threading.Event(), threading.Event(), threading.Event()

    async def held() -> None:
        begun.set()
        go_on.wait(60)

    async def closer() -> None:
        closed.set()

    network.at_end(closer)
    network.start(held())
    assert begun.wait(60)
    last = network.start(never())
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        network.close()
        assert not closed.is_set(), "the loop is held up"
        go_on.set()
        network._thread.join(60)
        gc.collect()
    assert closed.is_set()
    assert last.cancelled()
    assert [str(each.message) for each in told] == []


def test_nothing_is_started_on_a_network_that_is_closed() -> None:
    network = Network()
    network.close()
    with pytest.raises(RuntimeError, match="closed"):
        network.start(never())


def test_a_call_that_does_not_come_back_is_waited_for_by_nobody() -> None:
    """A name server that is silent: the interpreter waits for every thread at its end but for daemons."""
    network, begun, end = Network(), threading.Event(), threading.Event()

    def call() -> None:
        begun.set()
        end.wait()

    before = set(threading.enumerate())
    network.start(asyncio.to_thread(call))
    assert begun.wait(60)
    network.close()
    left = [thread for thread in set(threading.enumerate()) - before if not thread.daemon]
    end.set()
    assert left == []


def test_what_a_call_gives_or_raises_comes_back() -> None:
    network = Network()
    assert network.start(asyncio.to_thread(lambda: 7)).result(60) == 7
    failed = network.start(asyncio.to_thread(lambda: 1 / 0))
    assert isinstance(failed.exception(60), ZeroDivisionError)
    network.close()
