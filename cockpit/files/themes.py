"""The themes: those that ship, and the trader's own beside them. A broken one is named and left out."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from cockpit.files.paths import config_dir
from cockpit.files.settings import load
from cockpit.files.shipped import shipped_themes
from cockpit.files.symbols import COLOUR, NAME
from cockpit.files.toml import bad
from cockpit.model.errors import BadInput

LONGEST_DESCRIPTION = 100
"""Characters; more would not fit beside the name at 120 columns."""


class Colours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The colours of every widget; `dim` is for what stands back."""

    primary: str
    secondary: str
    accent: str
    warning: str
    error: str
    success: str
    foreground: str
    background: str
    surface: str
    panel: str
    dim: str


class PhaseColours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One colour for each phase."""

    A: str
    B: str
    C: str


class HeatColours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The heatmap's ramp from the deepest fall over level to the highest rise, and the text on it."""

    fall3: str
    fall2: str
    fall1: str
    level: str
    rise1: str
    rise2: str
    rise3: str
    text: str


class ThemeFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A theme file, whole. `description` says in one line what it is for; the chooser shows it."""

    schema: int
    name: str
    description: str = ""
    dark: bool
    colours: Colours
    phase: PhaseColours
    heat: HeatColours

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of Textual's Theme, with the variables of the cockpit's style sheet."""
        ramp = {name: getattr(self.heat, name) for name in HeatColours.__struct_fields__ if name != "text"}
        phases = {f"phase-{name.lower()}": getattr(self.phase, name) for name in PhaseColours.__struct_fields__}
        colours = {name: getattr(self.colours, name) for name in Colours.__struct_fields__ if name != "dim"}
        variables = {**phases, **ramp, "heat-text": self.heat.text, "dim": self.colours.dim}
        return {"name": self.name, "dark": self.dark, **colours, "variables": variables}


def theme_folders() -> tuple[Path, ...]:
    """The shipped themes first, then the trader's own: a file there with the same name takes the place of a shipped one."""
    return shipped_themes(), config_dir() / "themes"


def load_themes(folders: Iterable[Path] | None = None) -> tuple[list[ThemeFile], list[str]]:
    """Every usable theme, and a sentence (file, key, what to do) for each that is not.

    A name that a later folder has again takes the earlier one's place; of two files in one folder the first keeps it.
    """
    themes: dict[str, ThemeFile] = {}
    problems: list[str] = []
    for folder in theme_folders() if folders is None else folders:
        holders: dict[str, Path] = {}
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = load_theme(path)
                if theme.name in holders:
                    raise bad(str(path), "name", f'"{theme.name}" is what {holders[theme.name].name} is called too; rename one')
            except BadInput as error:
                problems.append(f"{error}; the theme is left out")
            else:
                holders[theme.name] = path
                themes[theme.name] = theme
    return list(themes.values()), problems


def descriptions(themes: Iterable[ThemeFile]) -> dict[str, str]:
    """What each theme is for, by its name; those that say nothing are not in it."""
    return {theme.name: theme.description for theme in themes if theme.description}


def load_theme(path: Path) -> ThemeFile:
    """One theme file; BadInput with one sentence where it cannot be used."""
    theme, source = load(path, ThemeFile), str(path)
    if not NAME.fullmatch(theme.name):
        raise bad(source, "name", f'"{theme.name}" is no name; use up to 40 letters, digits, - and _')
    if len(theme.description) > LONGEST_DESCRIPTION:
        raise bad(source, "description", f"is longer than {LONGEST_DESCRIPTION} characters; shorten it to one line")
    for table in ("colours", "phase", "heat"):
        part = getattr(theme, table)
        for name in part.__struct_fields__:
            if not COLOUR.fullmatch(getattr(part, name)):
                raise bad(source, f"{table}.{name}", f'"{getattr(part, name)}" is no colour; write it as "#4aa3b5"')
    return theme
