"""Keeps what nobody expected in a private file of bounded size: where it happened in the code, never what the values were."""

import errno
import fcntl
import logging
import os
import stat
import traceback
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cockpit.model.errors import CockpitError
from cockpit.model.text import strip_unsafe

LIMIT = 256 * 1024
"""Bytes of the log; the log before it is kept once, under `.1`."""
LONGEST = 16 * 1024
"""Characters of one entry: its beginning and its end are kept."""
MOST_LINKS = 8
"""Errors of one chain of causes."""
_SAY_NO_VALUES = (
    AttributeError,
    NameError,
    ImportError,
    IndexError,
    TypeError,
    ArithmeticError,
    RecursionError,
    UnicodeDecodeError,
    UnicodeEncodeError,
)
"""Errors whose sentence, where the interpreter makes it, is of names and types. Others may hold a key, a name or an amount."""


def default_log_file() -> Path:
    """The log beside the store, in the user's state directory."""
    from platformdirs import user_state_path

    return user_state_path("rotation-cockpit") / "cockpit.log"


def write_crash(error: BaseException, file: Path | None) -> Path | None:
    """Append where `error` and its causes happened to `file` (0600), whole or not at all; None if that cannot be done."""
    try:
        return write_entry("\n".join(_chain(error)), file)
    except Exception:  # noqa: BLE001 - the last one who can say what happened must not be the next that breaks
        return None


def write_entry(text: str, file: Path | None) -> Path | None:
    """Append `text` with the time as visible lines; None if that cannot be done."""
    lines = [strip_unsafe(line) for line in _fitting(text).splitlines()]
    head = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} process {os.getpid()}"
    entry = ("\n".join((head, *lines, "")) + "\n").encode("utf-8", "backslashreplace")
    try:
        target = file or default_log_file()
        descriptor = _opened(target)
        try:
            if _grown(descriptor, target, len(entry)):
                os.close(descriptor)
                descriptor = _opened(target)
            _append(descriptor, entry)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    return target


BELOW = ("asyncio", "aiohttp", "ccxt")
"""What would otherwise print over the screen, or after the cockpit has left it."""


class _Errors(logging.Handler):
    """Writes down what the rooms below the screens have to say of errors that nobody expected."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(logging.ERROR)
        self._file = file

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            write_crash(record.exc_info[1], self._file)


def log_errors(file: Path | None) -> None:
    """From now on errors that the cockpit's rooms log are kept, and only there: nothing of them is printed over the screen."""
    for name in ("cockpit", *BELOW):
        logger = logging.getLogger(name)
        logger.handlers[:] = [_Errors(file)]
        logger.propagate = False


def log_faults(file: Path | None) -> None:
    """From now on the interpreter itself writes where it stood as it dies of a fault; nothing where it tells that elsewhere."""
    import faulthandler

    if not faulthandler.is_enabled():
        with suppress(OSError):
            faulthandler.enable(_opened(file or default_log_file()))


def _opened(target: Path) -> int:
    """The log, opened to append; nothing but a regular file is one."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(target, flags, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no regular file")
        with suppress(PermissionError):
            os.fchmod(descriptor, 0o600)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _grown(descriptor: int, target: Path, more: int) -> bool:
    """Whether the log was put aside because `more` would not fit; another process that does so at the moment is left to it."""
    if os.fstat(descriptor).st_size + more <= LIMIT:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if os.path.samestat(os.fstat(descriptor), target.stat()):
        target.replace(target.with_name(f"{target.name}.1"))
    return True


def _append(descriptor: int, entry: bytes) -> None:
    before = os.fstat(descriptor).st_size
    try:
        whole = os.write(descriptor, entry) == len(entry)
    except OSError:
        whole = False
    if not whole:  # a full disk: half an entry is taken back
        os.ftruncate(descriptor, before)
        raise OSError(errno.ENOSPC, "the entry does not fit")


def _chain(error: BaseException) -> Iterator[str]:
    """The error, then what it came from."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen and len(seen) < MOST_LINKS:
        if seen:
            yield "after"
        seen.add(id(link))
        yield _named(link)
        yield from _places(link)
        if isinstance(link, BaseExceptionGroup):
            for member in link.exceptions[:MOST_LINKS]:
                yield f"with {_named(member)}"
                yield from _places(member)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _named(error: BaseException) -> str:
    """What kind of error it is, and what it says where that cannot hold a value."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{name}: {os.strerror(error.errno)}"
    if isinstance(error, CockpitError) or (isinstance(error, _SAY_NO_VALUES) and not _worded(error)):
        return f"{name}: {error}"
    return f"{name} (what it says is left out: it may hold values)"


def _worded(error: BaseException) -> bool:
    """Whether somebody's `raise` made the error, and so its words, instead of the interpreter."""
    from dis import opmap

    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last is None or last.tb_frame.f_code.co_code[last.tb_lasti] == opmap["RAISE_VARARGS"]


def _places(error: BaseException) -> Iterator[str]:
    """File, line and function of every frame, the outermost first, with the line of code."""
    for entry in traceback.format_tb(error.__traceback__):
        yield entry.rstrip("\n")


def _fitting(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 3]}\n… {len(text) - LONGEST} characters are left out …\n{text[-(LONGEST - LONGEST // 3) :]}"
