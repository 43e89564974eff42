"""The way out: everything arrives in its order, however little the terminal takes at a time; nothing waits for it."""

import asyncio
import os
from collections.abc import Callable

from cockpit.terminal.outlet import MOST, Outlet
from tests.pseudo_terminal import PATIENCE
from tests.terminal.ptys import Pair, pair

LONG = b"".join(b"%07d\n" % number for number in range(20_000))


class Heard:
    """What an outlet told."""

    def __init__(self) -> None:
        self.drained = self.gone = 0

    def outlet(self, descriptor: int) -> Outlet:
        def drained() -> None:
            self.drained += 1

        def gone() -> None:
            self.gone += 1

        return Outlet(descriptor, drained, gone)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


async def read(ends: Pair, outlet: Outlet) -> bytes:
    """Read as a bad line does, a little at a time, until nothing waits; what had come by then."""
    data = b""
    async with asyncio.timeout(PATIENCE):
        os.set_blocking(ends.outer, False)
        while not outlet.clear:
            await asyncio.sleep(0)
            try:
                data += os.read(ends.outer, 1000)
            except BlockingIOError:
                await asyncio.sleep(0.001)
    return data + ends.rest()


async def test_what_a_full_terminal_does_not_take_at_once_follows_whole_and_in_order() -> None:
    heard = Heard()
    with pair() as ends:
        outlet = heard.outlet(ends.inner)
        outlet.send(LONG)
        assert not outlet.clear
        outlet.send(b"the end")
        assert heard.drained == 0
        assert await read(ends, outlet) == LONG + b"the end"
        assert (heard.drained, heard.gone) == (1, 0)
        assert outlet.sent == len(LONG) + 7


async def test_in_a_stall_memory_is_bounded_and_what_is_sent_is_sent_whole() -> None:
    with pair() as ends:
        outlet = Heard().outlet(ends.inner)
        ends.fill()
        bells = [b"\x1b]52;c;%07d\x07" % number for number in range(2 * MOST // 14)]
        for bell in bells:
            outlet.send(bell)
        assert MOST < len(outlet._waiting) <= MOST + len(bells[0])
        data = (await read(ends, outlet)).lstrip(b"x")
    assert b"".join(bells).startswith(data)
    assert data.endswith(b"\x07")


async def test_a_terminal_that_is_gone_is_told_once_and_nothing_is_kept_for_it() -> None:
    heard = Heard()
    with pair() as ends:
        outlet = heard.outlet(ends.inner)
        ends.fill()
        outlet.send(LONG)
        ends.vanish()
        await until(lambda: heard.gone > 0)
        outlet.send(LONG)
        assert outlet.clear
        assert heard.gone == 1
        assert outlet.finish(PATIENCE), "there is nothing to wait for"


async def test_a_closed_descriptor_is_a_terminal_that_is_gone() -> None:
    heard = Heard()
    with pair() as ends:
        inner = os.dup(ends.inner)
        outlet = heard.outlet(inner)
        os.close(inner)
        outlet.send(b"hello")
    assert heard.gone == 1


async def test_the_last_bytes_are_waited_for_and_given_up_in_a_stall() -> None:
    with pair() as ends:
        outlet = Heard().outlet(ends.inner)
        ends.fill()
        outlet.send(b"farewell")
        assert not outlet.finish(0.05)
        assert outlet.clear, "what was given up is not written later"
        ends.rest()
        outlet.send(b"farewell")
        assert outlet.finish(PATIENCE)
        assert ends.read(8) == b"farewell"
