"""The network thread ends when it is told to, and keeps nobody from ending."""

import asyncio
import threading

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
