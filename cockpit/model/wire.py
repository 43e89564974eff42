"""How values look in files, JSON and SQL: decimals as plain strings, absent keys instead of None, times in UTC."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.model.money import plain


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
