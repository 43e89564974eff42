"""Decodes large JSON piece by piece: one call of a C parser over megabytes would hold the interpreter, and the screen with it."""

from __future__ import annotations

from typing import Any

import msgspec

WHOLE = 256 * 1024
"""Bytes up to which a text is decoded in one piece, a few milliseconds at most."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])


def decode(text: bytes | str | msgspec.Raw) -> Any:
    """The JSON value of `text`. msgspec.DecodeError where it is none."""
    raw = text.encode() if isinstance(text, str) else bytes(text)
    return _decode(raw)


def _decode(raw: bytes) -> Any:
    if len(raw) <= WHOLE:
        return msgspec.json.decode(raw)
    first = raw[:64].lstrip()[:1]
    if first == b"{":
        return {key: _decode(bytes(value)) for key, value in _object.decode(raw).items()}
    if first == b"[":
        return [_decode(bytes(value)) for value in _array.decode(raw)]
    return msgspec.json.decode(raw)
