"""The cockpit's own theme as it stands where no file can be read, and the colours that every theme may set beside Textual's."""

import difflib
import os
from collections.abc import Collection, Mapping

from textual.theme import Theme

from cockpit.terminal.colours import colour_system

DEFAULTS = {
    "phase-a": "#6cb6ff",
    "phase-b": "#c9a0ff",
    "phase-c": "#f0b860",
    "fall3": "#b3402e",
    "fall2": "#8a3a2e",
    "fall1": "#57332d",
    "level": "#2a2f36",
    "rise1": "#24444a",
    "rise2": "#22626a",
    "rise3": "#19727a",
    "heat-text": "#ffffff",
    "dim": "#8794a1",
}
"""Variables that the style sheet uses and a theme may leave out: phases, and a ramp from red-brown to blue-green, told apart by
colour-blind eyes as well."""

COCKPIT = Theme(
    name="cockpit",
    primary="#4aa3b5",
    secondary="#7a8ca0",
    accent="#e0b050",
    warning="#e0b050",
    error="#e8725e",
    success="#5fb58a",
    foreground="#d5dbe0",
    background="#0f1317",
    surface="#151a20",
    panel="#1c232b",
    dark=True,
    variables=dict(DEFAULTS),
)
DEFAULT_THEME = COCKPIT.name
SIXTEEN_COLOURS = "sixteen"


def suited_theme(names: Collection[str], environment: Mapping[str, str] = os.environ) -> str:
    """The theme where nobody asked for one: the one made for sixteen colours on a terminal that has no more."""
    return SIXTEEN_COLOURS if colour_system(environment) == "standard" and SIXTEEN_COLOURS in names else DEFAULT_THEME


def no_such_theme(name: str, names: Collection[str], used: str) -> str:
    """The sentence for a theme that there is none of, with the nearest names, or all of them where none is near."""
    lowered = {known.lower(): known for known in names}
    near = [lowered[match] for match in difflib.get_close_matches(name.lower(), lowered, n=3, cutoff=0.5)]
    others = (
        f"the nearest {'is' if len(near) == 1 else 'are'} {', '.join(near)}" if near else f"there are {', '.join(sorted(names))}"
    )
    return f"There is no theme {name!r}: {used} is used; {others}."
