"""How grave something is that the cockpit tells."""

from enum import StrEnum


class Tone(StrEnum):
    """How grave a notice is; its glyph says it first."""

    PLAIN = "plain"
    WARNING = "warning"
    ERROR = "error"
