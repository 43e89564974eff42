"""How values look in files, JSON and SQL: decimals as plain strings, absent keys instead of None, times in UTC."""

import threading
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from cockpit.model.money import plain

T = TypeVar("T")

_prepared: set[object] = set()
_preparing = threading.Lock()


def prepared(kind: type[T]) -> type[T]:
    """`kind`, safe to decode in any thread: everything that is read into a type goes through here.

    msgspec (0.22) finds the fields of a type out when it first decodes one, and shares them before they are complete: a second
    thread that decodes the same type meanwhile ends the process with a segmentation fault. So one thread alone finds them out.
    """
    if kind not in _prepared:
        with _preparing:
            msgspec.json.Decoder(kind)
            _prepared.add(kind)
    return kind


def builtins_of(value: Any) -> Any:
    """`value` as dicts, lists, strings, numbers and UTC datetimes; keys whose value is None are left out."""
    return _plain(msgspec.to_builtins(value, builtin_types=(Decimal, datetime), str_keys=True))


def json_of(value: Any) -> str:
    """`value` as compact JSON; keys keep their order."""
    return msgspec.json.encode(builtins_of(value)).decode()


def canonical_json(value: Any) -> str:
    """`value` as compact JSON with sorted keys: equal values give equal text."""
    return msgspec.json.encode(builtins_of(value), order="sorted").decode()


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items() if item is not None}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return plain(value)
        case datetime():
            return value.astimezone(UTC)
        case _:
            return value
