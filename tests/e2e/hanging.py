"""Runs the real cockpit with one part in it that never comes back: `python -m tests.e2e.hanging PLACE [ARGUMENTS]`; z begins."""

import threading
import time
from typing import Any

from cockpit.desk import Desk
from cockpit.ui.app import CockpitApp
from tests.e2e.launching import Replaced, launch


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


PLACES: dict[str, Replaced] = {
    "loop": (CockpitApp, "action_zoom", never),
    "worker": (CockpitApp, "action_zoom", in_a_worker),
    "thread": (CockpitApp, "action_zoom", in_a_thread),
    "close": (Desk, "close", never),
    "leaving": (Desk, "leaving", never),
    "unmount": (CockpitApp, "on_unmount", never),
}


if __name__ == "__main__":
    launch(PLACES)
