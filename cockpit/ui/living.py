"""From the first paint to the exit code: an app in its terminal, which ends in good order whatever happens to either."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cockpit.model.errors import BadInput, CockpitError, ExitCode
from cockpit.terminal.choice import DriverName, choose, terminfo
from cockpit.terminal.departure import Departure, Ending
from cockpit.terminal.device import NoTerminal, find
from cockpit.terminal.hush import cut_off, gone, hush
from cockpit.terminal.modes import Modes
from cockpit.terminal.usable import unusable
from cockpit.ui.guarded import threads_watched
from cockpit.ui.parting import part

if TYPE_CHECKING:
    from cockpit.ui.app import CockpitApp

NO_TERMINAL = (
    "there is no terminal to paint on: start it in one (over SSH: ssh -t), or use the verbs that print, "
    "as cockpit plan; cockpit --help lists them"
)
NO_KEYBOARD = (
    "its input is no terminal, and only --driver difference reads keys elsewhere: start it without redirecting the input"
)

WRITER = "textual-output"
"""The thread in which Textual's own driver writes, and waits."""


def live(app: CockpitApp, *, mouse: bool, driver: DriverName) -> int:
    """Run the app until its end and come back with the exit code of the process; the desk is closed by then.

    BadInput if there is no terminal. Whoever is told to end by a signal or loses the terminal is gone within seconds, if need be
    without coming back from here; what was done stands in the store by then.
    """
    try:
        device = find()
    except NoTerminal:
        raise BadInput(NO_TERMINAL) from None
    modes = Modes(device.descriptor)
    lookup = terminfo()
    if problem := unusable(lookup, os.environ):
        raise BadInput(problem)
    choice = choose(driver, lookup, problem=device.problem)
    chosen = choice.driver(modes)
    if chosen is not None:
        app.driver_class = chosen
    elif not os.isatty(0):
        raise BadInput(NO_KEYBOARD)
    else:
        modes.lend()

    def leave(ending: Ending) -> None:
        hush()
        app.leave(ending.code)
        with contextlib.suppress(CockpitError):  # a store that fails now keeps nobody here
            app.desk.leaving(ending.reason, _unseen_since(app))

    def restore() -> None:
        if chosen is None:  # it waits in the middle of a paint, would go on with it, and then believe that it has given back
            modes.cut()
            hush(whoever=True)
            cut_off(WRITER)
        modes.restore()

    def broken(error: BaseException) -> None:
        if not gone(device.descriptor):  # a driver that waits in a thread learns there that its terminal is lost
            app.broken_in_thread(error)

    with Departure(device.descriptor, leave=leave, restore=restore) as departure:
        try:
            with threads_watched(broken):
                app.run(mouse=mouse)
            modes.returned()
        finally:
            modes.restore()
            departure.settle()
            app.desk.close()
            hush()
        if departure.ending is not None:
            return departure.ending.code
        part(app.desk.picture)
    return int(app.return_code or ExitCode.DONE)


def _unseen_since(app: CockpitApp) -> datetime | None:
    """When the far end last said that it has seen what was painted; None if it has seen all, or never says so."""
    silence = getattr(app._driver, "silence", 0.0)
    return datetime.now(UTC) - timedelta(seconds=silence) if silence else None
