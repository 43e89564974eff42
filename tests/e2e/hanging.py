"""Runs the real cockpit with one part in it that never comes back: `python -m tests.e2e.hanging PLACE [ARGUMENTS]`; z begins."""

import sys
import threading
import time
from typing import Any


def never(*_: Any, **__: Any) -> None:
    """It does not come back."""
    while True:
        time.sleep(3600)


def in_a_worker(app: Any) -> None:
    """A desk call that does not come back, in a thread that the interpreter waits for at its end."""
    app.ask("hanging", never, lambda _: None)


def in_a_thread(*_: Any) -> None:
    """A thread of its own that nobody ends."""
    threading.Thread(target=never, name="own").start()


def hang_at(place: str) -> None:
    """Put the fault in its place."""
    from cockpit.desk import Desk
    from cockpit.ui.app import CockpitApp

    if place == "loop":
        CockpitApp.action_zoom = never  # type: ignore[method-assign]
    elif place == "worker":
        CockpitApp.action_zoom = in_a_worker  # type: ignore[method-assign, assignment]
    elif place == "thread":
        CockpitApp.action_zoom = in_a_thread  # type: ignore[method-assign, assignment]
    elif place == "close":
        Desk.close = never  # type: ignore[method-assign]
    elif place == "leaving":
        Desk.leaving = never  # type: ignore[method-assign]
    elif place == "unmount":
        CockpitApp.on_unmount = never  # type: ignore[method-assign]
    else:
        raise ValueError(place)


if __name__ == "__main__":
    where, *arguments = sys.argv[1:]
    hang_at(where)
    from cockpit.cli import main

    main(arguments, prog_name="cockpit")
