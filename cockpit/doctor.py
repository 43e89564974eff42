"""What `cockpit doctor` says: the terminal and its line, the cockpit's own files, the sources of the live market, what to do."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version

import msgspec

from cockpit import __version__
from cockpit.doctor_market import LiveMarket, look
from cockpit.files.config import load_config
from cockpit.files.paths import config_dir, default_store
from cockpit.model.text import sanitise
from cockpit.store.encoding import redact
from cockpit.terminal.choice import choose, terminfo
from cockpit.terminal.device import NoTerminal, find
from cockpit.terminal.report import Answers, Line, ask, describe
from cockpit.terminal.usable import output_encoding

PACKAGES = ("textual", "rich", "ccxt", "pandas", "SQLAlchemy")
NO_TERMINAL = "there is no terminal here: the cockpit cannot be opened; the verbs that print lines can be used"
WIDTH = 12


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found but passwords. `line` is None where there is no terminal; `suggestions` begin with the most needed."""

    line: Line | None
    config: str
    store: str
    market: LiveMarket
    versions: dict[str, str]
    suggestions: tuple[str, ...]

    def text(self, *, venues: bool = False) -> str:
        """One fact a line, for a person; with `venues` all that is known of each venue."""
        return "\n".join(f"{name:{WIDTH}}{sanitise(fact, limit=600)}" for name, fact in self._facts(venues))

    def _facts(self, venues: bool) -> Iterator[tuple[str, str]]:
        if self.line is not None:
            yield from _line_facts(self.line)
        yield "config", self.config
        yield "store", self.store
        yield "versions", ", ".join(f"{name} {number}" for name, number in self.versions.items())
        yield from self.market.facts(datetime.now(UTC), venues=venues)
        for suggestion in self.suggestions:
            yield "suggestion", suggestion
        if not self.suggestions:
            yield "suggestion", "none: nothing here stands in the way"


def examine(*, offline: bool = False) -> Diagnosis:
    """Look at the terminal of this process and at the cockpit's files, ask the sources unless `offline`, and change nothing.

    BadInput for a bad config file.
    """
    config = load_config()
    line = _line()
    market = look(config.live, ask=not offline)
    return Diagnosis(
        line=line,
        config=str(config_dir()),
        store=str(redact(config.store or default_store(make=False))),
        versions={"cockpit": __version__, "python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        market=market,
        suggestions=(*(line.suggestions if line is not None else (NO_TERMINAL,)), *market.suggestions()),
    )


def _line() -> Line | None:
    try:
        device = find()
    except NoTerminal:
        return None
    try:
        size = tuple(os.get_terminal_size(device.descriptor))
        lookup = terminfo()
        choice = choose("auto", lookup, problem=device.problem)
        answers = ask(device.descriptor) if not device.problem else Answers()
        return describe(choice, lookup, answers, (size[0], size[1]), output_encoding(), os.environ)
    finally:
        os.close(device.descriptor)


def _line_facts(line: Line) -> Iterator[tuple[str, str]]:
    yield (
        "terminal",
        f"{line.terminal or 'TERM is not set'}, {line.columns}x{line.rows}, {line.colours} colours, over {line.over}",
    )
    shown = {True: "the terminal shows it", False: "the terminal does not show it", None: "the terminal did not say"}
    glyphs = "bars and arrows are drawn" if line.glyphs else "plain characters are drawn"
    yield "encoding", f"{line.encoding}, {shown[line.answers.shows_utf8]}; {glyphs}"
    repeats = {True: "; repeats are proven", False: "; it does not repeat", None: ""}[line.answers.repeats]
    yield "driver", f"{line.driver}: {line.reason}{repeats}"
    trip = line.answers.round_trip_ms
    paints = {True: "shown at once", False: "shown as they come", None: "unknown"}[line.answers.synchronized]
    yield "line", f"{'no answer' if trip is None else f'round trip {trip:g} ms'}, paints {paints}"
