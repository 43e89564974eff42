"""What the line to this terminal is like: asked of terminfo, of the environment and of the terminal itself."""

from __future__ import annotations

import contextlib
import os
import re
import select
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from cockpit.terminal.capabilities import Lookup
from cockpit.terminal.choice import Choice
from cockpit.terminal.colours import colour_system
from cockpit.terminal.flow import QUESTION
from cockpit.terminal.typed import ANSWER
from cockpit.terminal.usable import shows_glyphs, too_small, unusable

ROUNDS = 5
"""Round trips; the median is told."""
PATIENCE = 2.0
"""Seconds for which one answer is waited for."""
SLOW = 0.15
"""A round trip from which on fewer paints are worth more than new ones."""
_COLOURS = {"truecolor": "16 million", "256": "256", "standard": "16", "windows": "16", None: "no"}
"""How many, by Rich's names."""


@dataclass(frozen=True)
class Answers:
    """What the terminal said of itself; None where it said nothing."""

    round_trip_ms: float | None = None
    synchronized: bool | None = None
    shows_utf8: bool | None = None
    repeats: bool | None = None


@dataclass(frozen=True)
class Line:
    """The line to a terminal; `unusable` is a sentence, "" where the cockpit can be drawn."""

    terminal: str
    columns: int
    rows: int
    colours: str
    encoding: str
    glyphs: bool
    driver: str
    reason: str
    over: str
    answers: Answers
    unusable: str
    suggestions: tuple[str, ...] = ()


def describe(
    choice: Choice,
    lookup: Lookup | None,
    answers: Answers,
    size: tuple[int, int],
    encoding: str | None,
    environ: Mapping[str, str],
) -> Line:
    """Everything together, with what would make it better."""
    shown = choice.name == "textual" or choice.capabilities.colours
    line = Line(
        terminal=environ.get("TERM", ""),
        columns=size[0],
        rows=size[1],
        colours=_COLOURS[colour_system(environ) if shown else None],
        encoding=encoding or "unknown",
        glyphs=shows_glyphs(environ, encoding),
        driver=choice.name,
        reason=choice.reason,
        over=_over(environ),
        answers=answers,
        unusable=unusable(lookup, environ) or too_small(*size),
    )
    return replace(line, suggestions=tuple(_suggestions(line, lookup, environ)))


def _over(environ: Mapping[str, str]) -> str:
    """What lies between the cockpit and the eyes, as the environment says."""
    parts = ["SSH"] if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY") else []
    parts += ["tmux"] if environ.get("TMUX") else ["screen"] if environ.get("STY") else []
    return " and ".join(parts) or "nothing in between"


def _suggestions(line: Line, lookup: Lookup | None, environ: Mapping[str, str]) -> Iterator[str]:
    if line.unusable:
        yield line.unusable
    if lookup is None:
        yield f"terminfo does not know TERM={line.terminal}: install its entry (ncurses-term), or set TERM=xterm-256color"
    if line.colours in ("256", "16") and line.terminal != "linux" and not environ.get("COLORTERM"):
        yield f"{line.colours} colours: if yours shows 16 million, set COLORTERM=truecolor (ssh: SendEnv COLORTERM)"
    if "utf" not in line.encoding.lower():
        yield f"the locale writes {line.encoding}: LANG=C.UTF-8 brings bars and arrows, if the terminal shows them"
    elif line.answers.shows_utf8 is False:
        yield "the locale says UTF-8, but the terminal does not show it: PYTHONIOENCODING=ascii draws with plain characters"
    if line.columns and (line.columns < 80 or line.rows < 24) and not line.unusable:
        yield f"{line.columns}x{line.rows} cuts numbers: 80x24 shows every column, 120x40 every pane"
    if line.answers.round_trip_ms is not None and line.answers.round_trip_ms >= SLOW * 1000:
        yield "a slow line: --refresh 5 shows prices less often, --quiet only what matters"
        if "SSH" in line.over:
            yield "ssh -C (Compression yes) packs what is sent: a view that was shown before takes a few hundred bytes"
    if line.over == "SSH":
        yield "a dropped line ends the cockpit (the book, orders and stops stand; the next start goes on): inside tmux it runs on"


def ask(descriptor: int) -> Answers:
    """Ask the terminal behind a descriptor: how long it takes to answer, and what it can; what is typed meanwhile is lost."""
    with _raw(descriptor):
        trips: list[float] = []
        for _ in range(ROUNDS):
            trip = _round_trip(descriptor)
            if trip is None:
                return Answers()
            trips.append(trip)
        synchronized = re.search(r"\x1b\[\?2026;([0-9])\$y", _reply(descriptor, f"\x1b[?2026$p{QUESTION}"))
        column = _column(_reply(descriptor, f"\r→\x1b[6n{QUESTION}"))
        repeated = _column(_reply(descriptor, f"\r \x1b[3b\x1b[6n{QUESTION}"))
        os.write(descriptor, b"\r\x1b[K")
    return Answers(
        round_trip_ms=round(sorted(trips)[len(trips) // 2] * 1000, 1),
        synchronized=synchronized is not None and synchronized[1] in "123",
        shows_utf8=None if column is None else column == 2,
        repeats=None if repeated is None else repeated == 5,
    )


def _column(answer: str) -> int | None:
    """Where the cursor stands by a terminal's answer, None if it gave none."""
    found = re.search(r"\x1b\[[0-9]+;([0-9]+)R", answer)
    return int(found[1]) if found else None


def _round_trip(descriptor: int) -> float | None:
    start = time.perf_counter()
    return time.perf_counter() - start if ANSWER in _reply(descriptor, QUESTION) else None


def _reply(descriptor: int, question: str) -> str:
    """What comes back until the status answer, which every terminal gives last."""
    os.write(descriptor, question.encode())
    until, heard = time.monotonic() + PATIENCE, ""
    while ANSWER not in heard and select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
        try:
            data = os.read(descriptor, 4096)
        except OSError:
            break
        if not data:
            break
        heard += data.decode("utf-8", "replace")
    return heard


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSANOW)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
