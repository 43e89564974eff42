"""What a terminal sends, cut into keys, mouse events, answers and pastes; what is none of them is left out.

Textual's parser turns sequences that it does not know into keys, reads escapes inside a paste, and fails on code points beyond
Unicode (`ESC[1114112u`). A cockpit whose keys send orders takes only what it knows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from cockpit.terminal.capabilities import REPEATED

LONGEST_PASTE = 4096
"""Characters of a paste that are kept: no field of a cockpit is longer."""
BURST = 64
"""So many characters at once, not a few that repeat, are no typing: a paste that no terminal framed, or noise."""
LONGEST_SEQUENCE = 4096
"""Nothing that a terminal sends is longer; what is, is noise."""
_BEGIN, _END = "\x1b[200~", "\x1b[201~"
ESCAPE = "\x1b"
ANSWER = "\x1b[0n"
"""What a terminal answers to a status query, `CSI 5 n`: it has taken everything before the question."""

_PIECE = re.compile(
    r"(?P<function>\x1b\[\[[ -~])"  # the Linux console's first function keys
    r"|\x1b\[M[^\x1b]{3}"  # a mouse event of a terminal that cannot count: not asked for
    r"|(?P<csi>\x1b\[(?P<body>[ -?]*)(?P<final>[@-Z\\-~]))"
    r"|(?P<ss3>\x1bO[ -~])"
    r"|\x1b[\]PX^_][^\x07\x18\x1b]*(?:\x07|\x18|\x1b\\)"  # answers in strings: not asked for
    r"|\x1b\[[ -?]*(?=[^ -~]|(?<=[ -?])\[)|\x1bO(?=[^ -~])|\x1b[\]PX^_][^\x07\x18\x1b]*(?=\x1b[^\\])"  # cut off by what follows
    r"|(?P<escape>\x1b)(?=[^\[O\]PX^_])"
    r"|(?P<plain>[^\x1b]+)"
)
_KEY = re.compile(
    r"(?:1(?:;[0-9]{1,3})?)?[ABCDEFHPQS]"  # arrows and functions, with modifiers
    r"|[0-9]{1,2}(?:;[0-9]{1,3})?~"
    r"|([0-9]{1,7})(?:;[0-9]{1,3}(?:;([0-9]{1,7}(?::[0-9]{1,7})*))?)?u"  # Kitty's: a code point, modifiers, the text
)
_MOUSE = re.compile(r"<[0-9]{1,4};[0-9]{1,4};[0-9]{1,4}")
_NUMBER = re.compile(r"[0-9]+")
_CONTROLS = frozenset(key for key in ANSI_SEQUENCES_KEYS if len(key) == 1)
_WORDWISE = frozenset(("\x1b\x7f", "\x1bb", "\x1bf"))
"""The keys with alt that a field knows; any other pair is the escape key and a key after it."""
_KEPT_IN_PASTES = frozenset("\n\t")


@dataclass(frozen=True)
class Pasted:
    """A paste; its text has no control characters but line ends and tabs. One that no terminal framed has no end either."""

    text: str
    framed: bool = True


class Lexer:
    """Cuts a stream; a piece is some plain characters, one whole sequence of a key, of the mouse or an answer, or a paste."""

    def __init__(self) -> None:
        self._rest = ""
        self._pasted: str | None = None

    @property
    def pasting(self) -> bool:
        """Whether a paste has begun and not ended."""
        return self._pasted is not None

    @property
    def waiting(self) -> bool:
        """Whether something has begun that `settle` ends if nothing follows."""
        return bool(self._rest) or self.pasting

    def feed(self, text: str) -> list[str | Pasted]:
        """The pieces that are whole now."""
        pieces: list[str | Pasted] = []
        text = self._rest + text
        while text:
            if self._pasted is not None:
                inside, end, text = text.partition(_END)
                if not end:
                    inside, text = _without_part_of(_END, inside)
                self._pasted = (self._pasted + inside)[: 2 * LONGEST_PASTE]
                if not end:
                    break
                pieces += self._paste()
            else:
                before, begin, after = text.partition(_BEGIN)
                text = self._cut(before, pieces)
                if not begin:
                    break
                self._pasted, text = "", after
        self._rest = text if len(text) < LONGEST_SEQUENCE else ""
        return _without_bursts(pieces)

    def settle(self) -> list[str | Pasted]:
        """Nothing followed for a while: an escape is the key, a paste is over, half a sequence is nothing."""
        rest, self._rest = self._rest, ""
        if self._pasted is not None:
            return self._paste()
        return [ESCAPE] if rest == ESCAPE else []

    def _paste(self) -> list[str | Pasted]:
        text, self._pasted = self._pasted or "", None
        return [Pasted(_visible(text))]

    def _cut(self, text: str, pieces: list[str | Pasted]) -> str:
        """Append the pieces of text without pastes; comes back with a sequence that is not whole yet."""
        at = 0
        while found := _PIECE.match(text, at):
            at = found.end()
            if found["plain"]:
                pieces += _typed(found["plain"])
            elif found["escape"]:
                two = text[at - 1 : at + 1]
                if two in _WORDWISE:
                    at += 1
                    pieces.append(two)
                elif at < len(text):  # on a slow line the escape key and the next one arrive together
                    pieces.append(ESCAPE)
            elif found["csi"]:
                pieces += _sequence(found["csi"], found["body"], found["final"])
            elif found[0] in ANSI_SEQUENCES_KEYS:
                pieces.append(found[0])
        return text[at:]


def _sequence(whole: str, body: str, final: str) -> list[str]:
    """A control sequence, if it is one that somebody expects."""
    if final == "n" and body in ("0", "3"):
        return [ANSWER]
    known = (
        whole in ANSI_SEQUENCES_KEYS
        or whole == REPEATED
        or (final in "IO" and not body)
        or (final in "Mm" and _MOUSE.fullmatch(body) is not None)
        or (final == "y" and body.startswith("?2026;") and body.endswith("$"))
        or ((key := _KEY.fullmatch(body + final)) and all(map(_is_character, _NUMBER.findall(f"{key[1] or ''} {key[2] or ''}"))))
    )
    return [whole] if known else []


def _is_character(number: str) -> bool:
    code = int(number)
    return 32 <= code < 0x80 or code in (8, 9, 13, 27) or (0xA0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF)


def _typed(text: str) -> list[str]:
    """The plain characters that are keys."""
    keys = "".join(each for each in text if each in _CONTROLS or _is_visible(each))
    return [keys] if keys else []


def _without_bursts(pieces: list[str | Pasted]) -> list[str | Pasted]:
    """The same pieces; where nobody can have typed them, they are a paste that nobody framed, and its escapes are no keys."""
    plain = "".join(piece for piece in pieces if isinstance(piece, str) and piece[0] != ESCAPE)
    if len(plain) < BURST or len(set(plain)) <= BURST // 16:
        return pieces
    kept = [piece for piece in pieces if isinstance(piece, Pasted) or piece == ANSWER]
    return [Pasted(_visible(plain), framed=False), *kept]


def _is_visible(character: str) -> bool:
    return character != "\ufffd" and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _visible(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in lines if each in _KEPT_IN_PASTES or _is_visible(each))[:LONGEST_PASTE]


def _without_part_of(end: str, text: str) -> tuple[str, str]:
    """A text, and how much of `end` it ends with."""
    for size in range(min(len(end) - 1, len(text)), 0, -1):
        if text.endswith(end[:size]):
            return text[:-size], text[-size:]
    return text, ""
