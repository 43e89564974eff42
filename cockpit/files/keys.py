"""Where the key of an account at a venue is read from: a private file, or the credentials of the service manager.

What is wrong is told without a character of what the file holds.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cockpit.files.toml import bad
from cockpit.model.credentials import Credentials

DIRECTORY = "CREDENTIALS_DIRECTORY"
"""The variable by which systemd names the folder of a service's credentials."""
_MAX_BYTES = 64 * 1024
_NAMES = ("key", "secret", "password")
_PEM = "-----BEGIN "


def read_key_file(path: Path) -> Credentials:
    """The key of a TOML file with `key`, `secret` and, where the venue asks for one, `password`.

    BadInput where it is no regular file of this user with mode 0600 or stricter, or holds something else.
    """
    return _credentials(path, _private_text(path, of_service=False))


def service_key(venue: str, environ: Mapping[str, str] | None = None) -> Credentials | None:
    """The key for `venue` among the service's credentials, as cockpit-VENUE; None where there is none. Errors as `read_key_file`.

    The variable names the folder only: a key itself is never taken from the environment.
    """
    folder = (os.environ if environ is None else environ).get(DIRECTORY)
    path = Path(folder or ".") / f"cockpit-{venue}"
    if not folder or not path.exists():
        return None
    return _credentials(path, _private_text(path, of_service=True))


def checked(source: str, values: Mapping[str, Any]) -> Credentials:
    """Credentials of `values`; BadInput that names what is missing or cannot be, and no value."""
    if set(values) - set(_NAMES):
        raise bad(source, "", f"may hold {', '.join(_NAMES)} and nothing else")
    for name in ("key", "secret"):
        if not values.get(name):
            raise bad(source, name, "is missing; add it")
    for name, value in values.items():
        if not isinstance(value, str):
            raise bad(source, name, "must be text in quotes")
        if not _is_plain(value):
            raise bad(source, name, "holds characters that no key has; copy it again from the venue")
    return Credentials(**values)


def _private_text(path: Path, *, of_service: bool) -> str:
    source = str(path)
    try:
        stream = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - it is closed below, where its errors are others
    except (OSError, ValueError) as error:
        raise bad(source, "", f"cannot be read: {_reason(error)}") from None
    with stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise bad(source, "", "is not a regular file; keep the key in a file of its own")
        _refuse_open_to_others(source, status, of_service)
        if status.st_size > _MAX_BYTES:
            raise bad(source, "", "is too large for a key")
        text = _text(stream.read(_MAX_BYTES))
    if text is None:
        raise bad(source, "", "is not UTF-8 text; save it as UTF-8")
    return text


def _without_waiting(path: str, flags: int) -> int:
    """A pipe is refused, not waited for."""
    return os.open(path, flags | os.O_NONBLOCK)


def _text(content: bytes) -> str | None:
    """None where it is none: the error itself holds the content, and must not become the context of another."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refuse_open_to_others(source: str, status: os.stat_result, of_service: bool) -> None:
    """The service manager keeps its files as root and lets this user in by an access list, which shows as bits of the group."""
    owners = (os.geteuid(), 0) if of_service else (os.geteuid(),)
    if status.st_uid not in owners:
        raise bad(source, "", "belongs to another user; a key is read only from a file of your own")
    if stat.S_IMODE(status.st_mode) & (0o007 if of_service else 0o077):
        raise bad(source, "", f"may be read by others (mode {stat.S_IMODE(status.st_mode):04o}); run chmod 600 on it first")


def _credentials(path: Path, text: str) -> Credentials:
    table = _table(text)
    if table is None:
        raise bad(str(path), "", 'is not TOML; it holds key = "…", secret = "…" and perhaps password = "…"')
    return checked(str(path), table)


def _table(text: str) -> dict[str, Any] | None:
    """None where it is no TOML: what the parser says may quote the file."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_plain(value: str) -> bool:
    if value.startswith(_PEM):
        return value.isascii() and all(c.isprintable() or c == "\n" for c in value)
    return value.isascii() and value.isprintable() and " " not in value


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or "its name holds characters that no file may have"
    return text[:1].lower() + text[1:]
