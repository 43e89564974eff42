"""How a role looks under the theme in force: made from the theme's variables once, not as style-sheet classes of every widget.

A screen holds some two hundred of them otherwise, which cost a third of the time to the first frame.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rich.style import Style
from textual.color import Color

from cockpit.model.readings import Phase


class Look(NamedTuple):
    """The variables that colour a role, "" for none, and its text style."""

    colour: str = ""
    background: str = ""
    bold: bool = False
    reverse: bool = False
    italic: bool = False


LOOKS: dict[str, Look] = {
    "dim": Look("dim"),
    "head": Look("dim", italic=True),
    "title": Look("primary", bold=True),
    "strong": Look(bold=True),
    "good": Look("success"),
    "bad": Look("error"),
    "warn": Look("warning", bold=True),
    "accent": Look("accent"),
    "key": Look("accent", bold=True),
    "badge": Look(reverse=True),
    "alarm": Look("error", bold=True, reverse=True),
    "cursor": Look(reverse=True),
    "phase-a": Look("phase-a", bold=True),
    "phase-b": Look("phase-b", bold=True),
    "phase-c": Look("phase-c", bold=True),
    "phase-none": Look("warning", bold=True),
    **{step: Look("heat-text", step) for step in ("fall2", "fall1", "level", "rise1", "rise2")},
    **{step: Look("heat-text", step, bold=True) for step in ("fall3", "rise3")},
}
"""Every role that a span can have, beside the plain one "". A sign, a word or a glyph tells it first; the strongest steps of the
ramp are bold, because few colours leave them the same ground as the step before."""
_VARIABLES = tuple(sorted({name for look in LOOKS.values() for name in (look.colour, look.background) if name}))


def role_styles(variables: Mapping[str, str]) -> Mapping[str, Style]:
    """The style of every role, to be laid over a widget's own; `variables` are those of the theme in force."""
    return _styles(tuple(variables.get(name, "") for name in _VARIABLES))


@lru_cache(maxsize=8)
def _styles(values: tuple[str, ...]) -> Mapping[str, Style]:
    colours = {name: Color.parse(value).rich_color for name, value in zip(_VARIABLES, values, strict=True) if value}
    return {
        role: Style(
            color=colours.get(look.colour),
            bgcolor=colours.get(look.background),
            bold=look.bold or None,
            reverse=look.reverse or None,
            italic=look.italic or None,
        )
        for role, look in LOOKS.items()
    }


def phase_role(phase: Phase) -> str:
    """The role that colours a phase."""
    return "phase-none" if phase is Phase.UNDETERMINED else f"phase-{phase.value.lower()}"
