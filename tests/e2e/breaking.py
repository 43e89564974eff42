"""Runs the real cockpit with one thing in it that breaks, at z or at its start: `python -m tests.e2e.breaking PLACE [ARGUMENTS]`.

Every error carries a secret in its message and beside a local variable of that value, as a signed request would.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from textual._xterm_parser import XTermParser

from cockpit.desk import Desk
from cockpit.ui.app import CockpitApp
from cockpit.ui.widgets.header import Header
from tests.e2e.launching import Replaced, launch

SECRET = "hunter2-canary"


class Odd(Exception):
    """An error that no room knows, and that knows how to be printed in colours."""

    def __rich__(self) -> str:
        return f"[red]{self}"


def broken(*_: Any, **__: Any) -> NoReturn:
    """A step somewhere deep, with a secret in its hands."""
    api_secret = SECRET
    try:
        raise Odd(f"signed with {api_secret} \x1b]0;{api_secret}\x07")
    except Odd as error:
        raise KeyError(api_secret) from error


def odd(*_: Any) -> NoReturn:
    """An error of a kind that prints itself."""
    raise Odd(SECRET)


def endless(depth: int) -> int:
    """Deeper than the interpreter goes."""
    return endless(depth + 1) + 1


def no_memory(*_: Any) -> NoReturn:
    """As an allocation fails."""
    raise MemoryError(SECRET)


def stopped_by_hand(*_: Any) -> NoReturn:
    """As ctrl+c where it is a signal."""
    raise KeyboardInterrupt


async def late() -> None:
    """A task that nobody waits for."""
    await asyncio.sleep(0)
    broken()


def in_a_task(*_: Any) -> None:
    """It breaks where nobody waits for it."""
    task = asyncio.get_running_loop().create_task(late())
    task.add_done_callback(lambda _: None)


def in_the_loop(*_: Any) -> None:
    """It breaks in a callback of the loop."""
    asyncio.get_running_loop().call_soon(broken)


def in_a_thread(*_: Any) -> None:
    """It breaks in a thread of its own."""
    threading.Thread(target=broken, name="own").start()


def in_a_worker(app: Any) -> None:
    """It breaks in one of Textual's workers."""
    app.run_worker(late())


def in_a_desk_call(app: Any) -> None:
    """It breaks in the desk: the cockpit goes on and says so."""
    app.ask("prices", broken, lambda _: None)


def by_a_fault(*_: Any) -> None:
    """It breaks below the interpreter."""
    import faulthandler

    faulthandler._sigsegv()  # type: ignore[attr-defined]


def many_times(app: Any) -> None:
    """It breaks in a hundred places at once."""
    for _ in range(100):
        app.call_later(broken)
        asyncio.get_running_loop().call_soon(broken)


WITH_Z: dict[str, Callable[..., object]] = {
    "handler": broken,
    "odd": odd,
    "recursion": lambda *_: endless(0),
    "memory": no_memory,
    "interrupt": stopped_by_hand,
    "task": in_a_task,
    "loop": in_the_loop,
    "thread": in_a_thread,
    "worker": in_a_worker,
    "desk call": in_a_desk_call,
    "fault": by_a_fault,
    "many": many_times,
}


def at_z(_: XTermParser, data: str) -> Iterator[Any]:
    """It breaks while it reads what is typed."""
    if "z" in data:
        broken()
    return iter(())


PLACES: dict[str, Replaced] = {
    **{place: (CockpitApp, "action_zoom", instead) for place, instead in WITH_Z.items()},
    "compose": (CockpitApp, "compose", broken),
    "mount": (CockpitApp, "on_mount", broken),
    "style sheet": (CockpitApp, "CSS", f"Footer {{ colour: {SECRET}; }}"),
    "render": (Header, "render_line", broken),
    "input": (XTermParser, "feed", at_z),
    "unmount": (CockpitApp, "on_unmount", broken),
    "close all": (CockpitApp, "_close_all", broken),
    "desk": (Desk, "__init__", broken),
    "verb": (Desk, "__init__", stopped_by_hand),
    "close": (Desk, "close", broken),
}


if __name__ == "__main__":
    launch(PLACES)
