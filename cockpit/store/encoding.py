"""How values lie in the tables: times as ISO text, decimals as plain strings, secrets never."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cockpit.model.money import plain
from cockpit.model.text import is_safe, sanitise
from cockpit.model.wire import builtins_of

_SECRET_KEY = re.compile(
    r"api.?key|secret|passphrase|password|signature|^sign$|token|authorization|cookie|private.?key", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"((?:api.?key|secret|passphrase|password|signature|sign|token|authorization|x-[a-z-]*(?:apikey|key|sign))[\"']?\s*[=:]\s*)"
    r"(?:Bearer\s+)?[\"']?[^\s&\"',;}]+",
    re.IGNORECASE,
)
_SECRET_URL = re.compile(r"(://[^/\s:@]*:)[^\s@]+@")
REDACTED = "[redacted]"


def time_text(at: datetime) -> str:
    """A time as sortable ISO text in UTC."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """The time of `time_text`."""
    return datetime.fromisoformat(text)


def words(data: Mapping[str, object]) -> dict[str, str]:
    """The numbers of an event as strings; None is left out."""
    return {key: _word(value) for key, value in redact(data).items() if value is not None}


def visible(text: str) -> str:
    """`text` of a row, which any program may have written, as visible characters; what is visible stays as it is."""
    return text if is_safe(text) else sanitise(text, limit=1000)


def redact(value: Any) -> Any:
    """`value` without credentials: keys that name one, `key=value` pairs and passwords of URLs inside of texts."""
    match value:
        case Mapping():
            return {key: REDACTED if _SECRET_KEY.search(str(key)) else redact(item) for key, item in value.items()}
        case list() | tuple():
            return [redact(item) for item in value]
        case str():
            return _SECRET_URL.sub(rf"\1{REDACTED}@", _SECRET_TEXT.sub(rf"\1{REDACTED}", value))
        case bytes():
            return redact(value.decode("utf-8", "replace"))
        case None | bool() | int() | float() | Decimal() | datetime():
            return value
        case _:
            return redact(builtins_of(value))


def _word(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return time_text(value) if isinstance(value, datetime) else str(value)
