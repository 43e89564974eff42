"""The folder in which the live market keeps what it fetched: a recorded market, and what the venues list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from cockpit.model.errors import BadInput
from cockpit.model.wire import prepared

T = TypeVar("T")
Write = Callable[[Path, str], None]
"""Writes a file whole and durably, or not at all."""


class Shelf:
    """A folder, and how a file gets into it. Whatever in it cannot be read counts as not there: it can be fetched again."""

    def __init__(self, folder: Path, write: Write) -> None:
        self.folder = folder
        self._write = write

    def put(self, name: str, text: str) -> None:
        """Keep a file; `name` may have a folder of its own before it. BadInput where it cannot be written."""
        path = self.folder / name
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadInput(f"{path.parent}: cannot be made: {(error.strerror or str(error)).lower()}") from None
        self._write(path, text)

    def keep(self, name: str, value: msgspec.Struct) -> None:
        """Keep a value as JSON."""
        self.put(name, msgspec.json.encode(value).decode())

    def kept(self, name: str, kind: type[T]) -> T | None:
        """The value kept under a name; None where there is none that can be read, or one with a number or a time that is none."""
        path = self.folder / name
        try:
            if not path.is_file():  # a pipe would be waited for
                return None
            value = msgspec.json.decode(path.read_bytes(), type=prepared(kind))
        except (OSError, RuntimeError, msgspec.DecodeError):  # RuntimeError: a link to itself, or nested without end
            return None
        return value if _sound(msgspec.to_builtins(value, builtin_types=(Decimal, datetime), str_keys=True)) else None


def _sound(value: Any) -> bool:
    """Whether every number in it is finite, and every time one of a zone."""
    match value:
        case dict():
            return all(map(_sound, value.values()))
        case list() | tuple():
            return all(map(_sound, value))
        case Decimal():
            return value.is_finite()
        case datetime():
            return value.tzinfo is not None
        case _:
            return True
