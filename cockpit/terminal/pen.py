"""What a cell looks like apart from its character, and the shortest way for a terminal from one look to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29",
        "51": "54", "52": "54", "53": "55"}  # fmt: skip
"""What ends each attribute; some end two of them."""
_DRAWN = frozenset({"4", "5", "6", "7", "9", "21", "51", "52", "53"})
"""The attributes that a blank shows too."""


@dataclass(frozen=True, eq=False, slots=True)
class Pen:
    """Colours and attributes as the parameters of SGR (ECMA-48, 8.3.117), and the link (OSC 8), "parameters;target" or "".

    Made by `pen_of`, one object for each look: pens are compared as objects, which a screen full of them needs.
    """

    foreground: str
    background: str
    attributes: tuple[str, ...]
    link: str
    erases: bool = field(init=False)
    """Whether a blank of this pen shows nothing but its background: such a one can be erased instead of written."""
    ground: Pen = field(init=False)
    """The pen that every blank has which looks like a blank of this pen: without what nobody sees of it."""

    def __post_init__(self) -> None:
        erases = not self.link and _DRAWN.isdisjoint(self.attributes)
        bare = not (erases and (self.foreground or self.attributes))
        object.__setattr__(self, "erases", erases)
        object.__setattr__(self, "ground", self if bare else pen_of(background=self.background))


_PENS: dict[tuple[str, str, tuple[str, ...], str], Pen] = {}


def pen_of(foreground: str = "", background: str = "", attributes: tuple[str, ...] = (), link: str = "") -> Pen:
    """The one pen that looks like this."""
    look = (foreground, background, attributes, link)
    found = _PENS.get(look)
    if found is None:
        found = _PENS[look] = Pen(*look)
    return found


PLAIN = pen_of()


@lru_cache(1024)
def colourless(pen: Pen) -> Pen:
    """The same pen on a terminal without colours."""
    return pen_of(attributes=pen.attributes, link=pen.link)


@lru_cache(4096)
def applied(old: Pen, parameters: str) -> Pen:
    """The pen after an SGR with these parameters; what no terminal has a standard for is left out."""
    foreground, background, on = old.foreground, old.background, list(old.attributes)
    codes = iter(parameters.split(";"))
    for code in codes:
        if code in ("", "0"):
            foreground = background = ""
            on = []
        elif code in ("38", "48"):
            colour = _colour(code, codes)
            if code == "38":
                foreground = colour
            else:
                background = colour
        elif code in _OFF:
            if code not in on:
                on.append(code)
        elif code in _OFF.values():
            on = [each for each in on if _OFF[each] != code]
        elif code == "39":
            foreground = ""
        elif code == "49":
            background = ""
        elif len(code) == 2 and code[0] in "39":
            foreground = code
        elif (len(code) == 2 and code[0] == "4") or (len(code) == 3 and code[:2] == "10"):
            background = code
    return pen_of(foreground, background, tuple(sorted(on)), old.link)


def _colour(code: str, rest: Iterator[str]) -> str:
    """The colour that follows 38 or 48: one of 256, or red, green and blue."""
    kind = next(rest, "")
    count = {"5": 1, "2": 3}.get(kind, 0)
    values = [next(rest, "0") or "0" for _ in range(count)]
    return ";".join((code, kind, *values)) if count else ""


@lru_cache(8192)
def change(old: Pen | None, new: Pen, *, partial: bool = True) -> str:
    """The shortest sequences that turn one pen into the other, "" if they are equal.

    `old` None is a pen that nobody knows. Without `partial` the terminal cannot end single attributes or colours.
    """
    if old is new:
        return ""
    link = "" if old is not None and old.link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    parts = None if old is None else _parts(old, new, partial=partial)
    if parts == []:
        return link
    whole = ";".join(each for each in ("0", new.foreground, new.background, *new.attributes) if each)
    shortest = "" if whole == "0" else whole
    if parts is not None:
        shortest = min(shortest, ";".join(parts), key=len)
    return f"\x1b[{shortest}m{link}"


def _parts(old: Pen, new: Pen, *, partial: bool) -> list[str] | None:
    """What has to be changed, part by part; None where something has to be ended that cannot be ended alone."""
    ended = {_OFF[each] for each in old.attributes if each not in new.attributes}
    if not partial and (ended or (old.foreground and not new.foreground) or (old.background and not new.background)):
        return None
    parts = sorted(ended)
    parts += [each for each in new.attributes if each not in old.attributes or _OFF[each] in ended]
    if old.foreground != new.foreground:
        parts.append(new.foreground or "39")
    if old.background != new.background:
        parts.append(new.background or "49")
    return parts
