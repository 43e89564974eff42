"""What arrives on a real terminal line becomes messages, answers and an end, through the loop and without a thread."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import Awaitable, Callable
from contextlib import closing

from textual import events
from textual.message import Message

from cockpit.terminal.flood import CALM, Flood
from cockpit.terminal.inlet import Inlet
from tests.pseudo_terminal import PATIENCE
from tests.seconds import Seconds


class Heard:
    """An inlet on the far side of a pseudo-terminal, and everything that it said."""

    def __init__(self, descriptor: int) -> None:
        self.messages: list[Message] = []
        self.answers = 0
        self.repeats = 0
        self.gone = 0
        self.inlet = Inlet(descriptor, self.messages.append, self._answered, self._repeats, self._gone)
        self.inlet.open()

    def _answered(self) -> None:
        self.answers += 1

    def _repeats(self) -> None:
        self.repeats += 1

    def _gone(self) -> None:
        self.gone += 1

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.messages if isinstance(message, events.Key)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something was heard."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.005)


def listen(script: Callable[[Heard, int], Awaitable[None]]) -> None:
    """Run a script with an inlet and the terminal's own end of the line."""

    async def run() -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        os.set_blocking(slave, False)
        heard = Heard(slave)
        try:
            with closing(os.fdopen(master, "r+b", buffering=0)):
                await script(heard, master)
        finally:
            heard.inlet.close()
            os.close(slave)

    asyncio.run(run())


def test_keys_and_answers_are_told_apart() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"j\x1b[0n\x1b[B\x1b[0n")
        await heard.until(lambda: heard.answers == 2 and len(heard.keys) == 2)
        assert heard.keys == ["j", "down"]

    listen(script)


def test_the_proof_of_repeats_is_told_and_no_other_place_of_the_cursor() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"\x1b[2;2R\x1b[1;5R\x1b[2;50Rj\x1b[2;5Rk")
        await heard.until(lambda: heard.keys == ["j", "k"])
        assert heard.repeats == 1

    listen(script)


def test_invalid_utf8_presses_no_key_and_ends_nothing() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"\xff\xfe\xc3(\xf0\x9f\x1b[1114112u\x1b[99999999u\xe6\xbc")
        os.write(terminal, b"\xa2q")
        await heard.until(lambda: "q" in heard.keys)
        assert heard.keys == ["left_parenthesis", "漢", "q"]
        assert not heard.gone

    listen(script)


def test_an_escape_after_which_nothing_comes_is_the_key() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"\x1b")
        await heard.until(lambda: heard.keys == ["escape"])
        os.write(terminal, b"[A")
        await heard.until(lambda: len(heard.keys) == 3)
        assert heard.keys == ["escape", "left_square_bracket", "A"]

    listen(script)


def test_a_sequence_that_the_line_cut_in_two_is_one_key() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"\x1b[")
        await asyncio.sleep(0)
        os.write(terminal, b"A")
        await heard.until(lambda: bool(heard.keys))
        assert heard.keys == ["up"]

    listen(script)


def test_a_large_paste_is_one_event_and_the_key_after_it_is_heard() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        data = b"\x1b[200~" + b"y\r\x1b[C" * 20_000 + b"\x1b[201~z"
        await asyncio.to_thread(lambda: [os.write(terminal, data[at : at + 1024]) for at in range(0, len(data), 1024)])
        await heard.until(lambda: heard.keys == ["z"])
        assert [type(message) for message in heard.messages] == [events.Paste, events.Key]

    listen(script)


def test_the_crumbs_of_a_paste_that_no_terminal_framed_are_no_keys() -> None:
    """Wherever the line cuts it; a key after a moment of calm is one."""

    async def script(heard: Heard, terminal: int) -> None:
        seconds = Seconds()
        heard.inlet._flood = Flood(seconds)
        os.write(terminal, b"https://example.org/ 0.25 yes\r\x1b[C\r and whatever else stood there: it is long enough")
        await heard.until(lambda: bool(heard.messages))
        for crumb in (b"yes", b"\r", b"\x1b[C", b"\r", b"\x1b[0n"):
            os.write(terminal, crumb)
        await heard.until(lambda: bool(heard.answers))
        seconds.now += 2 * CALM
        os.write(terminal, b"j")
        await heard.until(lambda: bool(heard.keys))
        assert heard.keys == ["j"]

    listen(script)


def test_a_terminal_that_closes_is_told_once() -> None:
    async def run() -> None:
        master, slave = pty.openpty()
        tty.setraw(slave)
        heard = Heard(slave)
        os.close(master)
        await heard.until(lambda: heard.gone == 1)
        for _ in range(20):
            await asyncio.sleep(0)
        assert heard.gone == 1
        os.close(slave)

    asyncio.run(run())


def test_opened_again_it_knows_nothing_of_what_was_half_typed() -> None:
    async def script(heard: Heard, terminal: int) -> None:
        os.write(terminal, b"j\x1b[200~half a paste")
        await heard.until(lambda: bool(heard.keys))
        heard.inlet.close()
        heard.inlet.open()
        os.write(terminal, b"q")
        await heard.until(lambda: "q" in heard.keys)

    listen(script)
