"""The folder in which the live market keeps what it fetched: a recorded market, and what the venues list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

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
        """The value kept under a name; None where there is none that can be read."""
        try:
            return msgspec.json.decode((self.folder / name).read_bytes(), type=prepared(kind))
        except (OSError, msgspec.DecodeError):
            return None
