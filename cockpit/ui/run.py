"""Opens the cockpit in this terminal and comes back with the exit code of the process."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from textual.theme import Theme

from cockpit.terminal.choice import DriverName
from cockpit.ui.app import CockpitApp
from cockpit.ui.crash_log import log_faults
from cockpit.ui.living import live
from cockpit.ui.pace import Pace
from cockpit.ui.port import DeskLike
from cockpit.ui.themes import suited_theme


def run(
    desk: DeskLike,
    *,
    mouse: bool,
    theme: str | None,
    themes: Iterable[Mapping[str, Any]] = (),
    descriptions: Mapping[str, str] | None = None,
    keymap: Mapping[str, str] | None = None,
    problems: Iterable[str] = (),
    log_file: Path | None = None,
    driver: DriverName = "auto",
    pace: Pace | None = None,
) -> int:
    """Open the cockpit and come back with the exit code of the process; the desk is closed at the end.

    `themes` are keyword arguments of Textual's Theme, `keymap` keys by action id (both checked already), `descriptions` say what
    a theme is for, `theme` None leaves the choice to the cockpit, `problems` are sentences to tell once it stands. `driver` says
    what paints, `pace` how often prices are shown.
    """
    log_faults(log_file)
    pace = pace or Pace()
    made = [Theme(**arguments) for arguments in themes]
    app = CockpitApp(
        desk,
        theme=theme or suited_theme({each.name for each in made}),
        themes=made,
        descriptions=descriptions,
        keymap=keymap,
        problems=problems,
        log_file=log_file,
        tick_seconds=pace.watched,
        pace=pace,
    )
    return live(app, mouse=mouse, driver=driver)
