"""Which driver paints in this terminal, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cockpit.terminal.capabilities import Capabilities, Lookup, read

if TYPE_CHECKING:
    from textual.driver import Driver

    from cockpit.terminal.modes import Modes

DriverName = Literal["auto", "difference", "textual"]
FLAGS = frozenset({"bce"})
"""The capabilities that are flags."""
NUMBERS = frozenset({"colors"})
"""Those that are numbers."""


@dataclass(frozen=True)
class Choice:
    """A driver by its name, the reason for it, and what the terminal can do where the reason depends on it."""

    name: Literal["difference", "textual"]
    reason: str
    capabilities: Capabilities

    def driver(self, modes: Modes) -> type[Driver] | None:
        """The class that paints into the terminal of these modes; None is Textual's own."""
        if self.name == "textual":
            return None
        from cockpit.terminal.driver import DifferenceDriver

        return type("ChosenDriver", (DifferenceDriver,), {"capabilities": self.capabilities, "modes": modes})


def terminfo() -> Lookup | None:
    """The terminfo entry of this terminal, None if there is none."""
    import curses

    try:
        curses.setupterm(fd=sys.__stderr__.fileno() if sys.__stderr__ is not None else -1)
    except curses.error:
        return None

    def lookup(name: str) -> bytes | int | None:
        if name in FLAGS:
            return curses.tigetflag(name)
        if name in NUMBERS:
            return curses.tigetnum(name)
        return curses.tigetstr(name)

    return lookup


def choose(asked: DriverName, lookup: Lookup | None, environ: Mapping[str, str] = os.environ, problem: str = "") -> Choice:
    """The driver that was asked for, or for "auto" the one that suits the terminal.

    `problem` says why nothing can be written to the terminal without waiting, "" where it can: Textual's own driver waits.
    """
    term = environ.get("TERM", "")
    if lookup is None:
        if asked == "difference" and not problem:
            return Choice("difference", "asked for, with the least that a terminal can do", Capabilities())
        return Choice("textual", "asked for" if asked == "textual" else f"terminfo knows no {term or 'TERM'}", Capabilities())
    able = read(lookup)
    if problem and asked != "textual":
        return Choice("textual", problem, able)
    if asked != "auto":
        return Choice(asked, "asked for", able)
    if not isinstance(cup := lookup("cup"), bytes) or not cup.startswith(b"\x1b[%i%p1%d;%p2%dH"):
        return Choice("textual", f"{term} does not place its cursor as ECMA-48 says", able)
    return Choice("difference", f"{term} is known", able)
