"""How text from outside becomes safe to show: no control, escape, bidirectional, zero-width or private characters."""

import re
import unicodedata
from functools import lru_cache

_ESCAPE = re.compile(
    r"""
    (?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?                     # CSI: colours, cursor, modes
    | (?:\x1b[\]P^_X]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?   # OSC, DCS, PM, APC, SOS with their text
    | \x1b[ -/]*[0-~]?                                    # the short ones
    """,
    re.VERBOSE,
)
_BLANKS = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Characters that count as letters or symbols and show nothing."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"})


@lru_cache(maxsize=4096)
def is_safe(text: str) -> bool:
    """Whether every character is visible, or an ordinary space, and stays in its cell."""
    return (text.isascii() and text.isprintable()) or not any(map(_hidden, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=4096)
def strip_unsafe(text: str) -> str:
    """`text` without escape sequences and hidden characters; spacing stays as it is."""
    if text.isascii() and text.isprintable():
        return text
    visible = unicodedata.normalize("NFC", _ESCAPE.sub("", text))
    return "".join(character for character in visible if not _hidden(character))


def sanitise(text: str, limit: int = 80) -> str:
    """`text` as one line of at most `limit` visible characters; white space of any kind becomes single spaces."""
    without_escapes = _ESCAPE.sub("", text) if not (text.isascii() and text.isprintable()) else text
    line = " ".join(strip_unsafe(" ".join(without_escapes.split())).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE or character in _BLANKS
