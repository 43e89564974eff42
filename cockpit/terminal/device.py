"""The terminal of this process as a descriptor of its own, so that the shell's stays as it is."""

from __future__ import annotations

import os
from dataclasses import dataclass

_OWN = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
CONTROLLING = "/dev/tty"


class NoTerminal(Exception):
    """The process has no terminal at all."""


@dataclass(frozen=True)
class Device:
    """`descriptor` stays open to the end; `problem` says why it is one that writes may block on, "" where they never do."""

    descriptor: int
    problem: str = ""


def find() -> Device:
    """The terminal that shows errors, else prints, else is typed at, else controls the process. NoTerminal if there is none.

    One that belongs to another user, as after su, or that has no name here, as in some containers, may not be opened again.
    """
    problem, shared = "", None
    for descriptor in (2, 1, 0):
        if os.isatty(descriptor):
            shared = descriptor if shared is None else shared
            try:
                return Device(os.open(os.ttyname(descriptor), _OWN))
            except OSError as error:
                problem = problem or error.strerror or type(error).__name__
    try:
        return Device(os.open(CONTROLLING, _OWN))
    except OSError as error:
        if shared is None:
            raise NoTerminal(error.strerror) from None
    return Device(os.dup(shared), f"this terminal cannot be opened a second time: {problem}")
