"""Makes a view when it is first asked for, so that the first frame waits for none of them."""

from functools import partial

from cockpit.ui.keys import AS_SHIPPED, Keymap
from cockpit.ui.panes.pane import Pane, View


def make_view(name: str, keymap: Keymap = AS_SHIPPED) -> View:
    """The view of that name, with the keys in its sentences as they are now."""
    match name:
        case "overview":
            from cockpit.ui.panes.overview import Overview

            return Overview(keymap)
        case "positions":
            from cockpit.ui.panes.positions import PositionsView

            return PositionsView()
        case "phase":
            from cockpit.ui.blocks.phase import phase

            return Pane(partial(phase, keymap=keymap), id=name, classes="view")
        case "signals":
            from cockpit.ui.panes.signals import SignalsView

            return SignalsView()
        case "rotation":
            from cockpit.ui.panes.rotation import RotationView

            return RotationView()
        case "whatif":
            from cockpit.ui.panes.whatif import WhatIfView

            return WhatIfView()
        case "journal":
            from cockpit.ui.panes.journal import JournalView

            return JournalView()
    raise ValueError(name)
