"""How a file is written so that a crash, a full disk or a second writer never leaves half of it."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from cockpit.files.toml import bad
from cockpit.model.errors import BadInput

_SENTENCES = {
    errno.ENOSPC: "the disk is full; free some space and write again",
    errno.EDQUOT: "the disk quota is used up; free some space and write again",
    errno.EFBIG: "the disk or a limit on file sizes is full; free some space and write again",
    errno.EROFS: "the file system is read-only; choose another folder",
    errno.EACCES: "the folder may not be written to; choose another one or change its permissions",
    errno.EPERM: "the folder may not be written to; choose another one or change its permissions",
    errno.ENOENT: "the folder does not exist; make it first",
    errno.ENOTDIR: "a part of the path is no folder; check the path",
    errno.EISDIR: "is a folder; name a file",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


class FileThere(BadInput):
    """The file exists and must not be overwritten."""


def write_atomic(path: Path, text: str, *, private: bool = False, replace: bool = True) -> None:
    """Write `text` as UTF-8, whole or not at all, and durably: the file and its folder are synced.

    A `private` file is readable by its owner only. FileThere if the file exists and `replace` is False; BadInput with one
    sentence if it cannot be written, in which case nothing is left behind.
    """
    try:
        target = path.resolve() if replace and path.is_symlink() else path
        with _temporary_beside(target, text, private) as temporary:
            if replace:
                _keep_mode(temporary, target, private)
                temporary.replace(target)
            else:
                _place_new(temporary, target)
        _sync_folder(target.parent)
    except FileExistsError:
        raise FileThere(str(bad(str(path), "", "exists already; choose another name"))) from None
    except OSError as error:
        raise bad(str(path), "", f"cannot be written: {_reason(error)}") from None
    except RuntimeError:
        raise bad(str(path), "", "cannot be written: is a link to itself; remove it") from None
    except ValueError:
        raise bad(str(path), "", "cannot be written: the name holds characters that no file may have") from None


def write_numbered(path: Path, text: str, *, private: bool = False, most: int = 999) -> Path:
    """Write `text` to `path`, or to `stem-2`, `stem-3` … where files exist already; the path that was written."""
    for number in range(1, most + 1):
        candidate = path if number == 1 else path.with_name(f"{path.stem}-{number}{path.suffix}")
        with contextlib.suppress(FileThere):
            write_atomic(candidate, text, private=private, replace=False)
            return candidate
    raise bad(str(path), "", f"and {most - 1} numbered names beside it exist already; choose another folder")


@contextlib.contextmanager
def _temporary_beside(target: Path, text: str, private: bool) -> Iterator[Path]:
    if target.is_dir():
        raise OSError(errno.EISDIR, "is a folder")
    temporary = target.parent / f".{target.name[:100]}.{secrets.token_hex(6)}.tmp"
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    try:
        handle = os.open(temporary, flags, 0o600 if private else 0o666)
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        yield temporary
    finally:
        with contextlib.suppress(OSError, ValueError):
            temporary.unlink(missing_ok=True)


def _keep_mode(temporary: Path, target: Path, private: bool) -> None:
    if not private:
        with contextlib.suppress(OSError):
            temporary.chmod(target.stat().st_mode & 0o777)


def _place_new(temporary: Path, target: Path) -> None:
    try:
        os.link(temporary, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
            raise
        # A file system without hard links: claim the name first, then move the finished file onto it.
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        temporary.replace(target)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EBADF, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _reason(error: OSError) -> str:
    return _SENTENCES.get(error.errno or 0, (error.strerror or str(error)).lower())
