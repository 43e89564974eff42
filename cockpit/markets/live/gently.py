"""Decodes large JSON piece by piece: one call of a C parser over megabytes would hold the interpreter, and the screen with it."""

from __future__ import annotations

from typing import Any

import msgspec

WHOLE = 256 * 1024
"""Bytes up to which a text is decoded in one piece, a few milliseconds at most."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])
_plain = msgspec.json.Decoder()
_exact = msgspec.json.Decoder(float_hook=str)


def decode(text: bytes | str | msgspec.Raw, *, exact: bool = False, sieve: bytes | None = None) -> Any:
    """The JSON value of `text`. msgspec.DecodeError where it is none.

    `exact` keeps numbers with a point or an exponent as the text that they are. With a `sieve`, elements of a long list that do
    not contain these bytes are left out before they become values.
    """
    raw = text.encode() if isinstance(text, str) else bytes(text)
    return _decode(raw, _exact if exact else _plain, sieve)


def _decode(raw: bytes, decoder: msgspec.json.Decoder[Any], sieve: bytes | None) -> Any:
    if len(raw) <= WHOLE:
        return decoder.decode(raw)
    first = raw[:64].lstrip()[:1]
    if first == b"{":
        return {key: _decode(bytes(value), decoder, sieve) for key, value in _object.decode(raw).items()}
    if first == b"[":
        pieces = map(bytes, _array.decode(raw))
        return [_decode(piece, decoder, sieve) for piece in pieces if sieve is None or sieve in piece]
    return decoder.decode(raw)
