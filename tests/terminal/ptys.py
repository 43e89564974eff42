"""A pseudo-terminal inside a test: what a program has at one end, what a person has at the other."""

from __future__ import annotations

import os
import pty
import select
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.pseudo_terminal import PATIENCE


@dataclass
class Pair:
    """`inner` is the program's end, not waiting; `outer` the person's."""

    outer: int
    inner: int
    closed: list[int] = field(default_factory=list)

    def read(self, count: int = 1) -> bytes:
        """So many bytes of what the program wrote, or more."""
        data = b""
        while len(data) < count:
            assert select.select([self.outer], [], [], PATIENCE)[0], f"{count} bytes were to come, {len(data)} came"
            data += os.read(self.outer, 65536)
        return data

    def rest(self) -> bytes:
        """What is there to be read."""
        data = b""
        while select.select([self.outer], [], [], 0.05)[0]:
            data += os.read(self.outer, 65536)
        return data

    def type(self, data: bytes) -> None:
        os.write(self.outer, data)

    def vanish(self) -> None:
        """The person's end is gone."""
        os.close(self.outer)
        self.closed.append(self.outer)

    def fill(self) -> None:
        """Write until the terminal takes not a byte more."""
        full = 0
        while full < 3:  # the kernel makes room for a moment as it hands on what it took
            try:
                os.write(self.inner, b"x")
                full = 0
            except BlockingIOError:
                full += 1
                time.sleep(0.02)


@contextmanager
def pair(*, raw: bool = True) -> Iterator[Pair]:
    """A pseudo-terminal, gone afterwards."""
    outer, inner = pty.openpty()
    if raw:
        tty.setraw(inner)
    os.set_blocking(inner, False)
    made = Pair(outer, inner)
    try:
        yield made
    finally:
        for descriptor in (outer, inner):
            if descriptor not in made.closed:
                os.close(descriptor)
