"""How many colours a terminal shows, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from textual import constants


def colour_system(environ: Mapping[str, str]) -> str | None:
    """Rich's name for it, as Textual finds it: "truecolor", "256", "standard" (sixteen); None where there is none."""
    return Console(color_system=constants.COLOR_SYSTEM, force_terminal=True, _environ=environ).color_system  # type: ignore[arg-type]
