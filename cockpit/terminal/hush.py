"""Makes what is still written to a terminal that is lost, or about to be given back, go nowhere."""

from __future__ import annotations

import os
import select
import signal
import threading


def gone(descriptor: int) -> bool:
    """Whether nobody is at the other end of a descriptor any more."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(seen & (select.POLLHUP | select.POLLERR) for _, seen in poll.poll(0))


def hush(*, whoever: bool = False) -> None:
    """What is printed where nobody is left goes nowhere from now on, and so fails no end of this process.

    `whoever` True: what is printed on any terminal too, for whoever goes on writing while it is given back.
    """
    for descriptor in (1, 2):
        if gone(descriptor) or (whoever and os.isatty(descriptor)):
            nowhere = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
            os.dup2(nowhere, descriptor)
            os.close(nowhere)


def cut_off(name: str) -> None:
    """A thread of this name that waits in the middle of a write is interrupted; after `hush`, it writes the rest nowhere.

    Until then it keeps everyone else from writing. A handler of SIGTERM must stand: it is what interrupts.
    """
    for thread in threading.enumerate():
        if thread.name == name and thread.ident is not None:
            signal.pthread_kill(thread.ident, signal.SIGTERM)
