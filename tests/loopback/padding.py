"""Coins that nobody knows, for listings as long as the vendors' own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec


def padded(padding: int, row: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    """So many rows of unknown coins that they fill `padding` bytes of JSON."""
    size = len(msgspec.json.encode(row("PAD00000"))) + 1
    return [row(f"PAD{number:05d}") for number in range(padding // size)]
