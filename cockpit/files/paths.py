"""Where the cockpit keeps its own files: the XDG folders, private to their owner."""

import os
import stat
from pathlib import Path

import platformdirs

from cockpit.files.toml import bad

APP = "rotation-cockpit"


def config_dir() -> Path:
    """What a person edits: config, themes, strategies, keymap, and copies of the shipped settings. Not made by reading it."""
    return platformdirs.user_config_path(APP)


def state_dir() -> Path:
    """What the cockpit remembers: the store, logs. Made with mode 0700."""
    return private_dir(platformdirs.user_state_path(APP))


def default_store(*, make: bool = True) -> str:
    """The URL of the store where none is named: an SQLite file in the state folder, which is made if it must be there."""
    folder = state_dir() if make else platformdirs.user_state_path(APP)
    return f"sqlite:///{folder / 'store.db'}"


def market_dir(*, make: bool = True) -> Path:
    """Where the live market keeps what it fetched: a recorded market that can be fetched again. Made with mode 0700."""
    folder = platformdirs.user_cache_path(APP) / "market"
    return private_dir(folder) if make else folder


def may_hold_books(store: str) -> bool:
    """Whether there may be a book in the store of this URL already; False where its SQLite file is yet to be made."""
    if not store.startswith("sqlite"):
        return True
    try:
        return Path(store.partition("///")[2].partition("?")[0]).is_file()
    except OSError:
        return True  # who opens it is told why that cannot be


def private_dir(path: Path) -> Path:
    """`path` as a folder that only its owner can look into; BadInput with one sentence if that is not possible."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
        if status.st_uid != os.geteuid():
            raise bad(str(path), "", "belongs to another user; choose another folder through the XDG variables")
        if stat.S_IMODE(status.st_mode) & 0o077:
            path.chmod(0o700)
    except (FileExistsError, NotADirectoryError):
        raise bad(str(path), "", "cannot be made: a part of its path is no folder") from None
    except OSError as error:
        raise bad(str(path), "", f"cannot be made: {(error.strerror or str(error)).lower()}") from None
    return path
