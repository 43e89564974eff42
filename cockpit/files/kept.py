"""How a text that the trader asked to keep (a copy, a picture, a report) becomes a new file."""

import unicodedata
from pathlib import Path

from cockpit.files.atomic import write_numbered
from cockpit.files.toml import bad

LONGEST = 100
"""Characters of a name, its ending included."""
_MARKS = frozenset("-_.")


def keep_text(name: str, text: str, folder: Path) -> Path:
    """Write `text` into a new file `name` of `folder`; where that exists a number is added. The path that was written.

    BadInput for a name that is not made of letters, digits, "-", "_" and "." with one of them not a mark in front, so that no
    name leaves the folder, hides itself or means a device.
    """
    return write_numbered(folder / safe_name(name), text)


def safe_name(name: str) -> str:
    """`name` if it is safe for a file on every system, else BadInput."""
    if not name or len(name) > LONGEST or not name[0].isalnum() or not name.isascii() or name.endswith("."):
        raise bad("", "", f'"{name}" cannot be the name of a file: use up to {LONGEST} letters, digits, "-", "_" and "."')
    if any(not (character.isalnum() or character in _MARKS) for character in name):
        raise bad("", "", f'"{name}" cannot be the name of a file: use only letters, digits, "-", "_" and "."')
    return name


def slug(text: str, longest: int = 40) -> str:
    """`text` as a part of a file's name: what is no letter or digit becomes "-"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain).split()
    return "-".join(words)[:longest].strip("-") or "unnamed"
