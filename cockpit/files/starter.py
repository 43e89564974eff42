"""The portfolio file that a newcomer starts from: commented, valid as it is, every example in it valid once uncommented."""

from pathlib import Path

from cockpit.files.atomic import write_atomic
from cockpit.files.shipped import shipped
from cockpit.files.toml import render
from cockpit.model.text import sanitise

_NAME = 'name = "My portfolio"'


def starter_text(name: str) -> str:
    """The file's text for a portfolio of that name."""
    named = render({"name": sanitise(name)}).rstrip("\n")
    return shipped("portfolio.toml").read_text(encoding="utf-8").replace(_NAME, named.ljust(len(_NAME)), 1)


def write_starter(path: Path) -> None:
    """Write the file to `path`, named after it and readable by its owner only; FileThere if something is there already."""
    write_atomic(path, starter_text(_name_of(path)), private=True, replace=False)


def _name_of(path: Path) -> str:
    """ "my_book.toml" is "My book"."""
    words = sanitise(" ".join(path.stem.replace("_", " ").replace("-", " ").split()))
    return words[:1].upper() + words[1:] if words else "My portfolio"
