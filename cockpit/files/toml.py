"""How every TOML file is read and checked: strictly, with one sentence that names the file, the key and what to do."""

import difflib
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from math import isfinite
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
import tomli_w

from cockpit.model.errors import BadInput
from cockpit.model.money import plain
from cockpit.model.text import is_safe, sanitise
from cockpit.model.wire import builtins_of, prepared

T = TypeVar("T")

MAX_BYTES = 16 * 1024 * 1024
_DECIMAL = re.compile(r"-?(?:\d{1,30}(?:\.\d{1,120})?|\.\d{1,120})", re.ASCII)
_WHERE = re.compile(r"^(?P<what>.*?) \(at (?P<where>line \d+, column \d+|end of document)\)$", re.DOTALL)
_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<key>.*)`)?$", re.DOTALL)
_SORTS = {
    "object": "a table", "array": "a list", "str": "text in quotes", "int": "a whole number", "float": "a number",
    "bool": "true or false", "decimal": "a number in quotes", "datetime": "a time such as 2021-08-20T00:00:00Z",
    "null": "nothing",
}  # fmt: skip


def read(path: Path, kind: type[T], *, free_text: Iterable[str] = ()) -> T:
    """The file at `path` as a `kind`; top-level keys in `free_text` may hold any characters and are made safe to show.

    BadInput with one sentence if the file is missing, no regular file, unreadable, too large, not UTF-8, not TOML, or
    does not fit: an unknown key (with the nearest match), a missing key, a wrong type, a decimal that is no quoted plain
    number, NaN or infinity, a time without its offset, or hidden characters.
    """
    return parse(read_text(path), kind, source=str(path), free_text=free_text)


def parse(text: str, kind: type[T], *, source: str, free_text: Iterable[str] = ()) -> T:
    """`text` as a `kind`; `source` names it in messages. Errors as `read`."""
    return convert(parse_table(text, source), kind, source=source, free_text=free_text)


def parse_table(text: str, source: str) -> dict[str, Any]:
    """`text` as a TOML document; BadInput names the line."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except RecursionError:
        raise bad(source, "", "not TOML that can be read: it is nested too deeply") from None
    except (tomllib.TOMLDecodeError, ValueError) as error:
        found = _WHERE.match(str(error))
        where, what = (found["where"], found["what"]) if found else ("", str(error))
        hint = "; correct that line" if where.startswith("line") else ""
        raise bad(source, "", f"not TOML{f' at {where}' if where else ''}: {_lower(what)}{hint}") from None


def convert(table: dict[str, Any], kind: type[T], *, source: str, free_text: Iterable[str] = ()) -> T:
    """A TOML document as a `kind`. Errors as `read`."""
    cleaned = dict(table)
    for key in free_text:
        if isinstance(cleaned.get(key), str):
            cleaned[key] = sanitise(cleaned[key])
    _check(cleaned, kind, "", source)
    try:
        return msgspec.convert(cleaned, prepared(kind), strict=True)
    except msgspec.ValidationError as error:
        found = _AT.match(str(error))
        key, what = ((found["key"] or "").lstrip("."), found["what"]) if found else ("", str(error))
        raise bad(source, key, _explain(what)) from None


def read_text(path: Path) -> str:
    """The file as text, or BadInput with one sentence."""
    source = str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise bad(source, "", "is a folder; name a TOML file")
        if not stat.S_ISREG(status.st_mode):
            raise bad(source, "", "is not a regular file")
        if status.st_size > MAX_BYTES:
            raise bad(source, "", f"is larger than {MAX_BYTES // 1024 // 1024} MB; that is no file of this kind")
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise bad(source, "", "does not exist; check the path") from None
    except NotADirectoryError:
        raise bad(source, "", "does not exist: a part of its path is no folder") from None
    except PermissionError:
        raise bad(source, "", "may not be read; check its permissions") from None
    except UnicodeDecodeError as error:
        raise bad(source, "", f"is not UTF-8 text (byte {error.start + 1}); save it as UTF-8") from None
    except (OSError, ValueError) as error:
        raise bad(source, "", f"cannot be read: {_reason(error)}") from None


def there(path: Path) -> bool:
    """Whether there is something to read; what may not even be looked at counts, so that reading it says why."""
    try:
        return path.exists()
    except OSError:
        return True


def render(value: Any) -> str:
    """`value` as TOML: decimals as plain strings, absent keys for None, times with Z."""
    return tomli_w.dumps(_with_z(builtins_of(value)))


def bad(source: str, key: str, sentence: str) -> BadInput:
    """The error for `key` of `source`; everything in it is made safe to show."""
    return BadInput(sanitise(": ".join(part for part in (source, key, sentence) if part), limit=600))


def nearest(word: str, known: Iterable[str]) -> str:
    """ "; did you mean X?" for the closest of `known`, or all of them where nothing is close and they are few."""
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if not close:
        lowered = {name.lower(): name for name in names}
        close = [lowered[match] for match in difflib.get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)]
    if close:
        return f"; did you mean {close[0]}?"
    return f"; known are {', '.join(names)}" if 0 < len(names) <= 12 else ""


def _check(value: Any, kind: Any, key: str, source: str) -> None:
    """What msgspec does not check or says less well: unknown keys, quoted decimals, finite numbers, offsets, visible text."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        options = [option for option in args if option is not NoneType]
        if len(options) == 1:
            _check(value, options[0], key, source)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        _check_struct(value, kind, key, source)
    elif origin is dict and isinstance(value, dict):
        for name, item in value.items():
            _check(name, args[0], key, source)
            _check(item, args[1], _join(key, name), source)
    elif origin in (tuple, list) and isinstance(value, list):
        fixed = (origin is tuple and len(args) != 2) or (len(args) == 2 and args[1] is not Ellipsis)
        for index, item in enumerate(value):
            inner = args[index] if fixed and index < len(args) else args[0]
            _check(item, inner, f"{key}[{index}]", source)
    elif kind is Decimal:
        _check_decimal(value, key, source)
    elif kind is float and isinstance(value, float) and not isfinite(value):
        raise bad(source, key, "is not a finite number")
    elif kind is datetime and isinstance(value, datetime) and value.tzinfo is None:
        raise bad(source, key, "is a time without its offset; add Z for UTC")
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        _check_choice(value, kind, key, source)
    elif kind is str and not isinstance(value, str):
        raise bad(source, key, f"must be text in quotes, not {_sort(value)}")
    elif isinstance(value, str):
        _visible(value, key, source)


def _check_choice(value: Any, kind: type[StrEnum], key: str, source: str) -> None:
    if not isinstance(value, str):
        raise bad(source, key, f"must be text in quotes, not {_sort(value)}")
    options = [member.value for member in kind]
    if value not in options:
        raise bad(source, key, f'"{value}" is not known{nearest(value, options)}')


def _check_struct(value: Any, kind: type[msgspec.Struct], key: str, source: str) -> None:
    if not isinstance(value, dict):
        raise bad(source, key, f"must be a table, not {_sort(value)}")
    fields = _fields(kind)
    for name in value:
        if name not in fields and kind.__struct_config__.forbid_unknown_fields:
            raise bad(source, _join(key, name), f"is not a known key{nearest(name, fields)}")
    for name, field in fields.items():
        if name in value:
            _check(value[name], field.type, _join(key, name), source)
        elif field.required:
            raise bad(source, _join(key, name), "is missing; add it")


@cache
def _fields(kind: type[msgspec.Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    """By the key in the file; a file has many tables of one kind."""
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _check_decimal(value: Any, key: str, source: str) -> None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not isfinite(value):
            raise bad(source, key, "is not a finite number")
        raise bad(source, key, f'is a bare number; write it in quotes: "{plain(Decimal(str(value)))}"')
    if not isinstance(value, str):
        raise bad(source, key, f"must be a number in quotes, not {_sort(value)}")
    if not _DECIMAL.fullmatch(value):
        try:
            finite = Decimal(value).is_finite()
        except ArithmeticError:
            finite = True
        why = "is not a plain number" if finite else "is not a finite number"
        raise bad(source, key, f'{why}: "{sanitise(value, 40)}"; write it as "1234.5"')


def _visible(text: str, key: str, source: str) -> None:
    if not is_safe(text):
        raise bad(source, key, f'holds control or invisible characters near "{sanitise(text, 40)}"; remove them')


def _explain(what: str) -> str:
    expected = re.match(r"^Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`$", what)
    if expected:
        options = [_SORTS.get(w.strip(), w.strip()) for w in expected["wanted"].split("|") if w.strip() != "null"]
        return f"must be {' or '.join(options)}, not {_SORTS.get(expected['got'], expected['got'])}"
    missing = re.match(r"^Object missing required field `(.+)`$", what)
    if missing:
        return f"{missing[1]} is missing; add it"
    return _lower(what.replace("`", ""))


def _sort(value: Any) -> str:
    names = ((dict, "object"), (list, "array"), (str, "str"), (bool, "bool"), (int, "int"), (float, "float"))
    return next((_SORTS[name] for sort, name in names if isinstance(value, sort)), "a date or time")


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _reason(error: Exception) -> str:
    return _lower(getattr(error, "strerror", None) or str(error))


class _Utc(datetime):
    """A datetime that prints as RFC 3339 with Z, which is how plan files write times."""

    def __str__(self) -> str:
        return self.replace(tzinfo=None).isoformat() + "Z"


def _with_z(value: Any) -> Any:
    match value:
        case dict():
            return {key: _with_z(item) for key, item in value.items()}
        case list():
            return [_with_z(item) for item in value]
        case datetime():
            return _Utc.combine(value.date(), value.timetz())
        case _:
            return value
