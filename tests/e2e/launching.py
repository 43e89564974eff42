"""Starts the real cockpit with one part of it replaced, which the first argument names; the others are the command line's."""

import sys
from collections.abc import Mapping

Replaced = tuple[type, str, object]
"""A class, the name of one of its attributes, and what it is instead."""


def launch(places: Mapping[str, Replaced]) -> None:
    """Put the fault in its place, and go."""
    place, *arguments = sys.argv[1:]
    setattr(*places[place])
    from cockpit.cli import main

    main(arguments, prog_name="cockpit")
